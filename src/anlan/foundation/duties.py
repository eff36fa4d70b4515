"""The declared list of duties under which code may write beyond an actor's own ranges."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Duty:
    """A named reason to act beyond one's ranges, with the purposes it lends."""

    name: str
    why: str
    purposes: frozenset[str] = frozenset()
    keeps_own_purposes: bool = True


def _duty(name: str, why: str, *purposes: str, keeps_own_purposes: bool = True) -> tuple[str, Duty]:
    return name, Duty(name, why, frozenset(purposes), keeps_own_purposes)


IMPORT_PURPOSES = ("grid_work", "health", "privacy", "reporting")

DUTIES: dict[str, Duty] = dict(
    [
        _duty("accept_envelope", "The inbox stores what arrives, its sender's right checked."),
        _duty("apply_envelope", "An accepted envelope is applied for its sender by the inbox worker."),
        _duty("record_case_report", "A reporter without the purpose health hands a report over.", "health"),
        _duty(
            "record_counts", "A unit's post, or who relays for it, hands the counts of a day over.", "health"
        ),
        _duty("read_own_counts", "A unit's post reads what its own unit has sent.", "health"),
        _duty("read_own_reply", "A reporter reads what became of what they reported.", "health"),
        _duty("detect", "Rules read the counts of a whole district and raise signals.", "health"),
        _duty(
            "foresee",
            "The days of the reports behind a running event are counted for those who lead; no row is shown.",
            "health",
        ),
        _duty("open_order", "An order is opened at the post that must do it, outside the asker's area."),
        _duty("keep_gate", "What is asked of a community, or tried, is recorded at the gate of that place."),
        _duty("notify_neighbours", "A warning is handed to areas that border on the place.", "health"),
        _duty(
            "activate_plan",
            "A plan is prepared, sent out or ended for all whom its scope concerns.",
            "health",
            "lead",
        ),
        _duty("react", "A consequence of a fact is carried out.", "health", "lead"),
        _duty("keep_clocks", "The clock marks what is late and ends what has expired.", "health", "lead"),
        _duty("tell_sender", "A phone is told which of its own person's envelopes were set aside."),
        _duty("purge_inbox", "Envelopes older than their keys are kept are deleted."),
        _duty(
            "build_district", "A district is set up from its pack or a line list.", "health", "lead", "audit"
        ),
        _duty("practise", "Scripted staff act in a practice district.", "health", "lead"),
        _duty("seal_audit", "Finished audit entries are sealed each minute; a check reads them.", "audit"),
        _duty(
            "expire_files",
            "Files past their end are removed, whatever work they served.",
            *("audit", "department", "grid_work", "health", "lead", "org", "privacy", "reporting"),
            *("security", "system"),
        ),
        _duty("answer_audit", "The audit of one record is shown to those entitled to it.", "audit"),
        _duty(
            "undo_import",
            "Whether a report refers to whom or what an import entered; nothing of it is shown.",
            "health",
        ),
        _duty("end_export", "Why an export was not made is put down, also when its asker's post has ended."),
        _duty("expire_imports", "Files and rows of imports past their end are removed.", *IMPORT_PURPOSES),
        _duty("expire_group_lists", "Lists out of group texts past their end are removed.", "grid_work"),
        _duty("keep_erased", "The id of an erased person is not given to anybody again.", "privacy"),
        _duty("erase_again", "Who was erased since a backup is erased again after its restore.", "privacy"),
        _duty(
            "tell_security",
            "Those who mind security and data protection are told of unusual looking-up.",
            "security",
        ),
        _duty(
            "merge_people",
            "What hangs on a person entered twice is hung on the entry that is kept, wherever it lies.",
            *("grid_work", "health", "lead", "privacy", "reporting"),
        ),
        _duty(
            "find_twins",
            "Entries that may be one person are found across areas and parked where both are seen.",
            *("grid_work", "privacy"),
        ),
        _duty(
            "count_grids",
            "Roll-ups of the register are counted again: numbers, no row is shown.",
            "grid_work",
        ),
        _duty(
            "redraw",
            "What lies in areas that are split, merged or moved is hung where it belongs; no row is shown.",
            *("department", "grid_work", "health", "lead", "org", "privacy", "reporting"),
        ),
        _duty(
            "serve_body", "A member of a body answers its call or settles its decision where the body lies."
        ),
        _duty(
            "size_grids",
            "Households and people are counted by grid for whoever delineates; no row is shown.",
            "grid_work",
            keeps_own_purposes=False,
        ),
        _duty("verify_grant", "What a certificate says is read by its number; its number alone opens it."),
        _duty("describe_area", "Who answers for an area is shown to all staff; no resident is."),
    ]
)
