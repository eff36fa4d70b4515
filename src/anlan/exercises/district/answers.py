"""Answers the checklists of the pack for grids, communities and units: some not met, some long ago."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from anlan.exercises.district.furnished import Furnished
from anlan.exercises.district.loading import load_rows
from anlan.foundation.clock import day_of
from anlan.organisation.pack import Checklist, ChecklistItem
from anlan.organisation.queries.checklists import checklists
from anlan.organisation.rules import AreaLevel

ANSWERED = 0.7  # of the grids, communities and units
STALE = 0.15  # of the answered: longer ago than the list allows
UNMET, LEFT_OUT = 0.04, 0.02  # of the items
MOST_SUBJECTS = 1_000  # of one list: of a large district a smaller share is answered for
DEFAULT_DAYS = 180
EVIDENCE = {
    "document": "一页纸处置卡（2026 年修订）",
    "note": "社区服务站二楼活动室，可放 20 张床",
    "number": "12",
}
NOTE = "已报社区，月底前补上"


class Asked(NamedTuple):
    """An area, or a facility in it, that a list is answered for."""

    code: str
    facility_id: str | None = None


def store_answers(ground: Furnished) -> int:
    """Store answers to every checklist of areas and facilities; return how many items were answered."""
    return load_rows(
        "organisation_checklistanswer",
        "id area_code checklist pack_version facility_id item is_met evidence evidence_kind note answered_at"
        " post_title member_name sending",
        (
            row
            for listed in checklists().values()
            for subject in ground.thinned(
                list(_subjects(ground, listed)), share=ANSWERED, about=MOST_SUBJECTS
            )
            for row in _answers(ground, listed, subject)
        ),
    )


def _subjects(ground: Furnished, listed: Checklist) -> Iterator[Asked]:
    if listed.used_for == "facility":
        for unit in ground.units.facilities:
            if not listed.facility_kinds or unit.kind in listed.facility_kinds:
                yield Asked(unit.code, unit.id)
    else:
        for area in ground.areas_of(AreaLevel(listed.used_for)):
            if ground.is_ordinary(area):
                yield Asked(area.code)


def _answers(ground: Furnished, listed: Checklist, subject: Asked) -> Iterator[tuple[object, ...]]:
    """Yield the items of one form, as whoever answers it there sent it."""
    rng, roles = ground.rng, listed.answered_by or ["community_worker"]
    holder = next(ground.posts.holders(roles, subject.code), None)
    if holder is None or holder.post is None:
        return
    renew, sending = listed.renew_days or DEFAULT_DAYS, ground.new_id()
    days = rng.integers(renew + 5, renew + 60) if rng.random() < STALE else rng.integers(1, renew * 4 // 5)
    at = ground.ago(int(days))
    for item in listed.items:
        if rng.random() < LEFT_OUT:
            continue
        is_met = bool(rng.random() >= UNMET)
        yield (
            ground.new_id(), subject.code, listed.key, ground.version, subject.facility_id, item.key, is_met,
            _evidence(item, at) if is_met else "", item.evidence, "" if is_met else NOTE, at,
            holder.post.title, holder.member.name, sending,
        )  # fmt: skip


def _evidence(item: ChecklistItem, at: datetime) -> str:
    if item.evidence == "date":
        return (day_of(at) - timedelta(days=3)).isoformat()
    return EVIDENCE.get(item.evidence, "")
