"""Every question about residents and households."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from anlan.foundation.actor import Actor, AreaRanges
from anlan.foundation.crypto import lookup_many
from anlan.foundation.errors import Invalid, NotFound
from anlan.foundation.models import FieldChange
from anlan.foundation.scope import within
from anlan.organisation.models import Building
from anlan.organisation.queries.patches import place_of
from anlan.people.likeness import name_evidence as name_evidence
from anlan.people.models import (
    Enrolment,
    Erasure,
    Household,
    LookUpAlarm,
    Merge,
    PossibleTwin,
    Resident,
    SearchToken,
)
from anlan.people.named import Namesake as Namesake
from anlan.people.named import NameSought as NameSought
from anlan.people.named import residents_named as residents_named
from anlan.people.queries.reach import Affected as Affected
from anlan.people.queries.reach import affected_by_groups as affected_by_groups
from anlan.people.queries.reach import affected_by_homes as affected_by_homes
from anlan.people.queries.reach import grids_of_groups as grids_of_groups
from anlan.people.rules import AgeBand, LikenessGrade, TokenKind, TwinState, born_within
from anlan.people.tokens import PREFIX_END, Wanted, read_words
from anlan.people.tokens import door_token as door_token
from anlan.people.twins import Candidate as Candidate
from anlan.people.twins import Sought as Sought
from anlan.people.twins import likely_same as likely_same

MOST_HITS = 50  # beyond it the searcher is asked for another word
FEWEST_LETTERS = 2  # of a beginning in Latin letters
# Words that name few people are looked up first, the others are then checked for those few.
BY_RARITY = (
    TokenKind.ID_NUMBER, TokenKind.PHONE, TokenKind.PHONE_TAIL, TokenKind.DOOR, TokenKind.NAME,
    TokenKind.INITIALS, TokenKind.PINYIN,
)  # fmt: skip


BEARERS = """
    SELECT found.token, found.resident_id
    FROM unnest(string_to_array(%s, ' ')) AS wanted (token)
    CROSS JOIN unnest(%s::text[], %s::text[]) AS range (low, beyond)
    JOIN people_searchtoken AS found ON found.kind = 'id' AND found.token = wanted.token COLLATE "C"
        AND found.area_code >= range.low COLLATE "C" AND found.area_code < range.beyond COLLATE "C"
"""


class SearchTooShort(Invalid):
    """Ask for another letter."""

    code = "search_too_short"
    sentence = _("请至少输入两个字母，或加上门牌。")


@dataclass(frozen=True, slots=True)
class ResidentFilter:
    """Which residents of one's ranges a list shows."""

    area_code: str = ""
    age_band: str = ""
    building_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Hits:
    """What a search found: residents in the order of their areas, and whether there were more."""

    residents: list[Resident]
    more: bool


def bearers_of(actor: Actor, id_numbers: Collection[str]) -> dict[str, list[UUID]]:
    """Return for each whole identity number the residents of the actor's ranges who bear it, if any do."""
    hashed = zip(id_numbers, lookup_many("id", id_numbers), strict=True)
    numbers = {token.hex(): number for number, token in hashed if token}
    lows, beyonds = ([bound[end] for bound in actor.ranges.bounds()] for end in (0, 1))
    found: dict[str, list[UUID]] = {}
    with connection.cursor() as cursor:
        cursor.execute(BEARERS, [" ".join(numbers), lows, beyonds])
        for token, resident_id in cursor.fetchall():
            found.setdefault(numbers[token], []).append(resident_id)
    return found


def visible_residents(actor: Actor, chosen: ResidentFilter, *, today: date) -> QuerySet[Resident]:
    """Return the residents in the actor's ranges that the filter lets through."""
    rows = Resident.objects.filter(within(actor.ranges), *below(actor, chosen.area_code))
    if chosen.age_band in AgeBand.values:
        first, beyond = born_within(chosen.age_band, today)
        rows = rows.filter(birth_on__gte=first, birth_on__lt=beyond)
    if chosen.building_id:
        rows = rows.filter(household__building_id=chosen.building_id)
    return rows.select_related("household__building")


def visible_households(
    actor: Actor, *, area_code: str = "", building_id: UUID | None = None
) -> QuerySet[Household]:
    """Return the households in the actor's ranges, each with the number of people it has."""
    rows = Household.objects.filter(within(actor.ranges), *below(actor, area_code))
    if building_id:
        rows = rows.filter(building_id=building_id)
    people = Resident.objects.filter(household=OuterRef("pk")).order_by().values("household")
    counted = Subquery(people.annotate(count=Count("pk")).values("count"))
    return rows.select_related("building").annotate(people=Coalesce(counted, 0))


def below(actor: Actor, place: str) -> list[Q]:
    """Return the condition that narrows to an area, or to a patch by its id; raise NotFound out of range."""
    return [within(AreaRanges.of(place_of(actor, place).codes))] if place else []


def access_resident(actor: Actor, resident_id: UUID) -> Resident:
    """Return the resident, or raise NotFound."""
    rows = Resident.objects.filter(within(actor.ranges)).select_related("household__building")
    found = rows.filter(pk=resident_id).first()
    if found is None:
        raise NotFound
    return found


def access_merge(actor: Actor, merge_id: UUID) -> Merge:
    """Return the record of a merge, or raise NotFound."""
    found = Merge.objects.filter(within(actor.ranges), pk=merge_id).first()
    if found is None:
        raise NotFound
    return found


def merges_of(resident: Resident) -> QuerySet[Merge]:
    """Return the merges in force by which others became this entry, the newest first."""
    return resident.merges.filter(undone_at=None).order_by("-merged_at", "-pk")


def kept_instead_of(actor: Actor, resident_id: UUID) -> UUID | None:
    """Return whom the id of an entry that was merged leads to, where the actor may see them."""
    merge = Merge.objects.filter(within(actor.ranges), gone_id=resident_id, undone_at=None).first()
    return merge.kept_id if merge else None


def visible_twins(actor: Actor, *, state: str = TwinState.OPEN, grade: str = "") -> QuerySet[PossibleTwin]:
    """Return the parked pairs in the actor's ranges, in one state, of one grade or all."""
    rows = PossibleTwin.objects.filter(within(actor.ranges))
    if state in TwinState.values:
        rows = rows.filter(state=state)
    return rows.filter(grade=grade) if grade in LikenessGrade.values else rows


def access_twin(actor: Actor, twin_id: UUID) -> tuple[PossibleTwin, Resident, Resident]:
    """Return a parked pair with both residents, or raise NotFound, also where one of them is out of range."""
    twin = PossibleTwin.objects.filter(within(actor.ranges), pk=twin_id).first()
    if twin is None:
        raise NotFound
    return twin, access_resident(actor, twin.one_id), access_resident(actor, twin.other_id)


def is_registered(actor: Actor, resident_id: UUID) -> bool:
    """Say whether somebody stands under this id in the actor's ranges."""
    return Resident.objects.filter(within(actor.ranges), pk=resident_id).exists()


def access_household(actor: Actor, household_id: UUID) -> Household:
    """Return the household, or raise NotFound."""
    rows = Household.objects.filter(within(actor.ranges)).select_related("building")
    found = rows.filter(pk=household_id).first()
    if found is None:
        raise NotFound
    return found


def visible_erasures(actor: Actor) -> QuerySet[Erasure]:
    """Return the record of erasures in the actor's ranges."""
    return Erasure.objects.filter(within(actor.ranges))


def access_building(actor: Actor, building_id: UUID) -> Building:
    """Return the building, or raise NotFound."""
    found = Building.objects.filter(within(actor.ranges), pk=building_id).first()
    if found is None:
        raise NotFound
    return found


def residents_of(household: Household) -> QuerySet[Resident]:
    """Return the people of a household, the oldest first."""
    return household.residents.order_by("birth_on", "pk")


def visible_look_up_alarms(actor: Actor) -> QuerySet[LookUpAlarm]:
    """Return who met the limit on looking people up in the actor's ranges."""
    return LookUpAlarm.objects.filter(within(actor.ranges))


def look_up_alarms_to_see(actor: Actor) -> QuerySet[LookUpAlarm]:
    """Return those the actor's post is to look into: nobody's has, and not one's own; the newest first."""
    waiting = visible_look_up_alarms(actor).filter(looked_at=None).exclude(member_id=actor.member_id)
    return waiting.order_by("-at", "id")


def access_look_up_alarm(actor: Actor, alarm_id: UUID) -> LookUpAlarm:
    """Return one such alarm, or raise NotFound."""
    alarm = visible_look_up_alarms(actor).filter(pk=alarm_id).first()
    if alarm is None:
        raise NotFound
    return alarm


def enrolments_of(resident: Resident) -> QuerySet[Enrolment]:
    """Return the classes and wards a resident belongs to."""
    return resident.enrolments.select_related("group__facility").order_by("starts_at", "pk")


def history_of(row: Resident | Household) -> QuerySet[FieldChange]:
    """Return what was changed about a row, the newest first; of entries merged into it too."""
    rows = [row.pk]
    if isinstance(row, Resident):
        rows += merges_of(row).values_list("gone_id", flat=True)
    return FieldChange.objects.filter(row_id__in=rows).order_by("-changed_at", "field")


def search(actor: Actor, text: str) -> Hits:
    """Return residents in the actor's ranges who fit every word of the text, at most MOST_HITS.

    Words are names, pinyin, initials, identity or phone numbers, the last four of a phone, or doors; they
    match whole or from their beginning. `people.actions.search_residents` is the door: it counts and audits.
    """
    words = sorted(read_words(text), key=_rarity)
    if not words:
        return Hits([], more=False)
    _refuse_too_short(words)
    found = _candidates(actor, words)
    rows = Resident.objects.filter(within(actor.ranges), pk__in=found[:MOST_HITS])
    residents = list(rows.select_related("household__building").order_by("area_code", "pk"))
    return Hits(residents, more=len(found) > MOST_HITS)


def _rarity(ways: list[Wanted]) -> int:
    return min((BY_RARITY.index(TokenKind(way.kind)) for way in ways), default=0)


def _refuse_too_short(words: list[list[Wanted]]) -> None:
    first = words[0]
    letters = all(way.kind in {TokenKind.PINYIN, TokenKind.INITIALS} for way in first)
    if first and letters and len(first[0].token) < FEWEST_LETTERS:
        raise SearchTooShort


def _candidates(actor: Actor, words: list[list[Wanted]]) -> list[UUID]:
    """Return ids of residents who fit the first word one way or another, and all further words."""
    first, *others = words
    parts = [
        _fitting_all(
            SearchToken.objects.filter(_matching(way), area_code__gte=low, area_code__lt=beyond), others
        )
        .values_list("resident_id", flat=True)
        .order_by("token", "area_code", "resident_id")[: MOST_HITS + 1]
        for way in first
        for low, beyond in actor.ranges.bounds()
    ]
    found: dict[UUID, None] = {}
    for part in parts:
        found.update(dict.fromkeys(part))
        if len(found) > MOST_HITS:
            break
    return list(found)


def _fitting_all(tokens: QuerySet[SearchToken], words: Iterable[list[Wanted]]) -> QuerySet[SearchToken]:
    for ways in words:
        fits = Q(resident_id__in=[])
        for way in ways:
            fits |= _matching(way)
        tokens = tokens.filter(Exists(SearchToken.objects.filter(fits, resident_id=OuterRef("resident_id"))))
    return tokens


def _matching(way: Wanted) -> Q:
    if way.is_prefix:
        return Q(kind=way.kind, token__gte=way.token, token__lt=way.token + PREFIX_END)
    return Q(kind=way.kind, token=way.token)
