"""Find entries that may be one person, park them where both are seen, and keep what somebody decided."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from anlan.foundation import audit
from anlan.foundation.actor import Actor, AreaRanges
from anlan.foundation.errors import Conflict, Invalid
from anlan.foundation.scope import duty, require_scope, within
from anlan.people.actions.look import count_look_ups
from anlan.people.actions.register import DISTRICT_DIGITS, SUBJECT
from anlan.people.likeness import Likeness, Traits, likeness
from anlan.people.models import PossibleTwin, Resident
from anlan.people.queries import access_twin
from anlan.people.rules import LikenessGrade, LookUpKind, TwinsApart, TwinState, smallest_area_of
from anlan.people.twins import seek, traits_of

MOST_AT_ONCE = 5000  # a second or two of work; the rest waits for the next run
BATCH = 1000
SOUGHT = """
    UPDATE people_resident AS person SET sought_version = looked.version
    FROM unnest(%s::uuid[], %s::int[]) AS looked (id, version), (
        SELECT id FROM people_resident WHERE id = ANY(%s::uuid[]) FOR UPDATE SKIP LOCKED
    ) AS free WHERE person.id = looked.id AND person.id = free.id
"""  # whom somebody is just changing is sought again; nobody waits

# Each pair into the smallest area that holds both: the longest code, by level, that both begin with.
PLACE_AGAIN = """
    UPDATE people_possibletwin AS pair SET area_code = placed.code FROM (
        SELECT twin.id, CASE
            WHEN one.area_code = other.area_code THEN one.area_code
            WHEN left(one.area_code, 15) = left(other.area_code, 15) THEN left(one.area_code, 15)
            WHEN left(one.area_code, 12) = left(other.area_code, 12) THEN left(one.area_code, 12)
            WHEN left(one.area_code, 9) = left(other.area_code, 9) THEN left(one.area_code, 9)
            ELSE left(one.area_code, 6) END AS code
        FROM people_possibletwin AS twin
            JOIN people_resident AS one ON one.id = twin.one_id
            JOIN people_resident AS other ON other.id = twin.other_id
    ) AS placed WHERE pair.id = placed.id AND pair.area_code <> placed.code
"""

Entries = Mapping[UUID, tuple[int, Traits]]
Pairs = dict[tuple[UUID, UUID], tuple[str, Likeness]]


class DecidedAlready(Conflict):
    """Somebody decided about the pair first."""

    code = "decided_already"
    sentence = _("这一对已经有人处理过，请返回列表。")


class ApartInvalid(Invalid):
    """Ask how it is known."""

    code = "apart_invalid"
    sentence = _("请选择怎么知道不是同一人。")


def place_pairs_again(*, codes: Collection[str]) -> int:
    """After a redraw of these areas, let each pair lie in the smallest area that holds both; return how many.

    Safe to run twice.
    """
    districts = AreaRanges.of(code[:DISTRICT_DIGITS] for code in codes)
    with (
        transaction.atomic(),
        duty("find_twins", ranges=districts, cause="redraw"),
        connection.cursor() as cursor,
    ):
        cursor.execute(PLACE_AGAIN)
        moved: int = cursor.rowcount
    return moved


def find_twins(*, now: datetime) -> int:
    """Seek others like each entry that is new or changed since it was sought last; return how many were.

    A duty of the schedule. Pairs are parked in the smallest area that holds both entries; one that was told
    apart is parked again only where the evidence is another now.
    """
    ranges = require_scope().ranges
    with duty("find_twins", ranges=ranges, cause="schedule"):
        waiting = Resident.objects.filter(within(ranges), ~Q(sought_version=F("version")))
        people = list(waiting.order_by("area_code", "pk").values_list("pk", flat=True)[:MOST_AT_ONCE])
        for first in range(0, len(people), BATCH):
            _seek_others(people[first : first + BATCH], now)
    return len(people)


def _seek_others(people: list[UUID], now: datetime) -> None:
    entries = traits_of(people)
    _park(entries, _pairs_of(entries), now)
    with connection.cursor() as cursor:
        ids = list(entries)
        cursor.execute(SOUGHT, [ids, [version for version, _traits in entries.values()], ids])


def _pairs_of(entries: Entries) -> Pairs:
    """Return the pairs found from these entries: lesser id, greater id, with their area and likeness."""
    ids = list(entries)
    traits = {ref: entries[person][1] for ref, person in enumerate(ids)}
    pairs: Pairs = {}
    for ref, candidates in seek(traits, _district_of).items():
        for found in candidates:
            area = smallest_area_of(traits[ref].area_code, found.area_code)
            if found.resident_id != ids[ref] and area:
                pairs[_in_order(ids[ref], found.resident_id)] = area, found.likeness
    return pairs


def _district_of(traits: Traits) -> AreaRanges:
    return AreaRanges.of([traits.area_code[:DISTRICT_DIGITS]])


def _in_order(one: UUID, other: UUID) -> tuple[UUID, UUID]:
    return (one, other) if one < other else (other, one)


def _park(entries: Entries, pairs: Pairs, now: datetime) -> None:
    """Park new pairs, bring known ones up to date, and let go of those that are no longer alike."""
    named = Q(one_id__in=list(entries)) | Q(other_id__in=list(entries))
    known = {
        (row.one_id, row.other_id): row for row in PossibleTwin.objects.select_for_update().filter(named)
    }
    pairs |= _still_alike(row for pair, row in known.items() if pair not in pairs)
    for pair, row in known.items():
        if pair in pairs:
            _bring_up_to_date(row, *pairs[pair], now)
        elif row.state == TwinState.OPEN:
            row.delete()
    PossibleTwin.objects.bulk_create(
        PossibleTwin(
            area_code=area,
            one_id=one,
            other_id=other,
            grade=like.grade,
            score=like.score,
            found_at=now,
        )
        for (one, other), (area, like) in pairs.items()
        if (one, other) not in known
    )


def _still_alike(rows: Iterable[PossibleTwin]) -> Pairs:
    """Return those of known pairs that this search did not meet, but that are alike all the same."""
    missed = list(rows)
    entries = traits_of({id_ for row in missed for id_ in (row.one_id, row.other_id)}) if missed else {}
    pairs: Pairs = {}
    for row in missed:
        if row.one_id in entries and row.other_id in entries:
            one, other = entries[row.one_id][1], entries[row.other_id][1]
            like, area = likeness(one, other), smallest_area_of(one.area_code, other.area_code)
            if area and like.grade != LikenessGrade.DIFFERENT:
                pairs[row.one_id, row.other_id] = area, like
    return pairs


def _bring_up_to_date(row: PossibleTwin, area: str, like: Likeness, now: datetime) -> None:
    is_other_evidence = row.score != like.score
    if row.state == TwinState.DIFFERENT and not is_other_evidence and row.area_code == area:
        return
    if row.state != TwinState.OPEN and is_other_evidence:
        row.state, row.found_at = TwinState.OPEN, now
    row.area_code, row.grade, row.score = area, like.grade, like.score
    row.save()


def let_go(people: Collection[UUID], area_codes: Iterable[str]) -> None:
    """Let go of the pairs of entries that leave the register; these lie in areas wider than the entries'."""
    districts = AreaRanges.of({code[:DISTRICT_DIGITS] for code in area_codes})
    with duty("find_twins", ranges=districts, cause="left"):
        PossibleTwin.objects.filter(Q(one_id__in=people) | Q(other_id__in=people)).delete()


def open_twin(*, actor: Actor, twin_id: UUID, now: datetime) -> tuple[PossibleTwin, Resident, Resident]:
    """Return a pair that is to be shown: two people are opened. Raises NotFound, LookUpLimitExceeded."""
    twin, one, other = access_twin(actor, twin_id)
    count_look_ups(actor, LookUpKind.OPENED, [one.pk, other.pk], now=now)
    audit.record("open", SUBJECT, [one.pk, other.pk], area_code=twin.area_code)
    return twin, one, other


def tell_apart(*, actor: Actor, twin_id: UUID, why: str, now: datetime) -> PossibleTwin:
    """Decide that two entries are two people; they are not asked about again unless a record changes.

    Raises NotFound, DecidedAlready, ApartInvalid.
    """
    with transaction.atomic():
        access_twin(actor, twin_id)
        twin = PossibleTwin.objects.select_for_update().get(pk=twin_id)
        if twin.state != TwinState.OPEN:
            raise DecidedAlready
        if why not in TwinsApart.values:
            raise ApartInvalid
        twin.state, twin.why, twin.decided_at = TwinState.DIFFERENT, why, now
        twin.decided_title, twin.decided_name = actor.post_title, actor.member_name
        twin.save()
        audit.record("tell_apart", SUBJECT, [twin.one_id, twin.other_id], area_code=twin.area_code, why=why)
    return twin
