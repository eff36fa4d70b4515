"""Put two entries that may be one person side by side, masked as everywhere, with the reasons."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.functional import Promise

from anlan.foundation.actor import Actor
from anlan.foundation.scope import within
from anlan.people.actions.merge import FIELDS, HOME, differs, is_known
from anlan.people.likeness import Likeness, Reason, likeness
from anlan.people.models import Merge, PossibleTwin, Resident
from anlan.people.presenting import FIELD_WORDS, ResidentLine, resident_lines
from anlan.people.twins import traits_of

MOST_REASONS = 3  # in a row of the list
FIELD_OF = {  # by the first word of a piece of evidence
    "id": "id_number", "name": "name", "birth": "birth_on", "sex": "sex", "phone": "phone",
    "relation": "relation", "door": HOME, "building": HOME, "grid": HOME, "community": HOME, "place": HOME,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class TwinLine:
    """One parked pair as a row; of a merged one, the entry that was kept stands alone, with its merge."""

    twin: PossibleTwin
    one: ResidentLine
    other: ResidentLine | None
    reasons: list[str | Promise]
    merge: Merge | None = None


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field of two entries side by side, with what it says about their being one person."""

    name: str
    word: str | Promise
    one: str
    other: str
    reason: Reason | None
    is_choice: bool  # both know it, and differ

    @property
    def points(self) -> str:
        """Write the weight of the evidence with its sign."""
        return f"{self.reason.weight:+.0f}".replace("-", "−") if self.reason else ""


def likeness_of(one: UUID, other: UUID) -> Likeness | None:
    """Return how alike two residents are, under the scope in force; None where one is out of it."""
    entries = traits_of([one, other])
    return likeness(entries[one][1], entries[other][1]) if len(entries) == 2 else None


def twin_lines(actor: Actor, twins: Iterable[PossibleTwin], *, now: datetime) -> list[TwinLine]:
    """Return parked pairs as rows; a pair of which nobody is in the actor's ranges any more is left out."""
    rows = list(twins)
    ids = {person for row in rows for person in (row.one_id, row.other_id)}
    merges = {merge.gone_id: merge for merge in _merges(actor, ids)}
    wanted = ids | {merge.kept_id for merge in merges.values()}
    people = Resident.objects.filter(within(actor.ranges), pk__in=wanted)
    shown = resident_lines(actor, people.select_related("household__building"), now=now)
    lines = {line.resident.pk: line for line in shown}
    traits = traits_of(ids) if rows else {}
    found = []
    for row in rows:
        pair = (row.one_id, row.other_id)
        merge = merges.get(row.one_id) or merges.get(row.other_id)
        if merge and merge.kept_id in lines:
            found.append(TwinLine(row, lines[merge.kept_id], None, [], merge))
        elif not merge and all(person in lines and person in traits for person in pair):
            like = likeness(traits[row.one_id][1], traits[row.other_id][1])
            reasons = [reason.sentence for reason in like.reasons[:MOST_REASONS]]
            found.append(TwinLine(row, lines[row.one_id], lines[row.other_id], reasons))
    return found


def _merges(actor: Actor, ids: Iterable[UUID]) -> Iterable[Merge]:
    return Merge.objects.filter(within(actor.ranges), gone_id__in=list(ids), undone_at=None)


def field_rows(one: ResidentLine, other: ResidentLine, reasons: Sequence[Reason]) -> list[FieldRow]:
    """Return the fields of two entries side by side."""
    said = {FIELD_OF[reason.evidence.value.split("_")[0]]: reason for reason in reasons}
    left, right = one.resident, other.resident
    return [
        FieldRow(
            name=name,
            word=FIELD_WORDS[name],
            one=_shown(one, name),
            other=_shown(other, name),
            reason=said.get(name),
            is_choice=differs(left, right, name) and is_known(left, name) and is_known(right, name),
        )
        for name in FIELDS
    ]


def _shown(line: ResidentLine, name: str) -> str:
    """Return a field as the line shows it, masked."""
    if name == HOME:
        return f"{line.area} {line.door}"
    if name == "relation":
        return line.resident.relation
    shown: str = getattr(line, {"birth_on": "born"}.get(name, name))
    return shown if is_known(line.resident, name) else ""
