"""Move a household behind another door, or a person to another household, with what they are found by."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from anlan.foundation import audit
from anlan.foundation.actor import Actor
from anlan.foundation.clock import day_of
from anlan.foundation.errors import Conflict, Invalid
from anlan.foundation.history import keep_history
from anlan.foundation.live import announce_change
from anlan.foundation.outbox import publish
from anlan.foundation.scoped_models import follows, references_to
from anlan.organisation.models import Building
from anlan.people.actions.correct import ResidentChanged
from anlan.people.actions.register import PEOPLE, RegisteredAlready
from anlan.people.events import HouseholdMoved, ResidentMoved
from anlan.people.models import Household, Resident, SearchToken
from anlan.people.queries import access_building, access_household, access_resident
from anlan.people.rules import TokenKind
from anlan.people.tokens import door_token

SUBJECT = "people.Household"


class HouseholdChanged(Conflict):
    """Somebody changed the household first."""

    code = "household_changed"
    sentence = _("这一户刚被别人改过。请对照最新内容后再办。")


class DoorInvalid(Invalid):
    """Say what is wrong with the door."""

    code = "door_invalid"


def move_household(
    *,
    actor: Actor,
    household_id: UUID,
    building_id: UUID,
    unit: int,
    room: str,
    expected_version: int,
    now: datetime,
) -> Household:
    """Let a household live behind another door of one's ranges and return it.

    Raises NotFound for a household or building elsewhere, HouseholdChanged, DoorInvalid, RegisteredAlready.
    """
    with transaction.atomic():
        access_household(actor, household_id)
        building = access_building(actor, building_id)
        household = Household.objects.select_for_update(of=("self",)).get(pk=household_id)
        if household.version != expected_version:
            raise HouseholdChanged
        room = check_door(building, unit, room)
        old = {"building": household.building, "unit": household.unit, "room": household.room}
        from_area = household.area_code
        household.building, household.unit, household.room = building, unit, room
        household.area_code = building.area_code
        household.version += 1
        household.verified_on = day_of(now)
        household.save()
        with _one_number_a_grid():
            _take_the_people_along(household)
        keep_history(actor, household, old, source="page", now=now)
        audit.record("move", SUBJECT, [household.pk], area_code=household.area_code)
        publish(
            HouseholdMoved(
                area_code=household.area_code,
                occurred_at=now,
                household_id=household.pk,
                from_area_code=from_area,
            )
        )
        for area in {from_area, household.area_code}:
            announce_change(PEOPLE, area)
    return household


def check_door(building: Building, unit: int, room: str) -> str:
    """Return the room as it is kept; raise DoorInvalid where the building has no such door."""
    room = room.strip()
    if not room or not 1 <= unit <= building.unit_count:
        raise DoorInvalid(fields={"room": _("请填写门牌；单元号不能超过楼栋的单元数。")})
    return room


def move_resident(
    *, actor: Actor, resident_id: UUID, household_id: UUID, expected_version: int, now: datetime
) -> Resident:
    """Let a person live in another household of one's ranges and return the row.

    Raises NotFound for a person or household elsewhere, ResidentChanged, RegisteredAlready.
    """
    with transaction.atomic():
        access_resident(actor, resident_id)
        home = access_household(actor, household_id)
        resident = Resident.objects.select_for_update(of=("self",)).get(pk=resident_id)
        if resident.version != expected_version:
            raise ResidentChanged
        if resident.household_id == home.pk:
            return resident
        old, from_area = {"household_id": resident.household_id}, resident.area_code
        resident.household, resident.area_code = home, home.area_code
        resident.version += 1
        resident.verified_on = day_of(now)
        with _one_number_a_grid():
            resident.save()
            _settle([resident.pk], home)
        keep_history(actor, resident, old, source="page", now=now)
        audit.record("move", "people.Resident", [resident.pk], area_code=home.area_code)
        publish(
            ResidentMoved(
                area_code=home.area_code,
                occurred_at=now,
                resident_id=resident.pk,
                household_id=home.pk,
                from_area_code=from_area,
            )
        )
        for area in {from_area, home.area_code}:
            announce_change(PEOPLE, area)
    return resident


@contextmanager
def _one_number_a_grid() -> Iterator[None]:
    """Raise RegisteredAlready where the number of somebody who moves stands in the new grid already."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if "resident_once_per_grid" in str(error):
            raise RegisteredAlready from error
        raise


def _take_the_people_along(household: Household) -> None:
    """Give residents, enrolments and tokens the household's area and door."""
    people = [resident.pk for resident in household.residents.all()]
    Resident.objects.filter(pk__in=people).update(area_code=household.area_code, sought_version=0)
    _settle(people, household)
    for model, name in references_to(Household):
        if model is not Resident and follows(model):
            rows = model._default_manager.filter(**{name: household.pk})
            rows.update(area_code=household.area_code)


def let_follow(people: list[UUID], area_code: str) -> None:
    """Let what lies where its person lives lie in this area."""
    for model, name in references_to(Resident):
        if model is not SearchToken and follows(model):
            model._default_manager.filter(**{f"{name}__in": people}).update(area_code=area_code)


def _settle(people: list[UUID], household: Household) -> None:
    """Let people be enrolled from, and found at, the household's area and door."""
    let_follow(people, household.area_code)
    tokens = list(SearchToken.objects.filter(resident_id__in=people).exclude(kind=TokenKind.DOOR))
    SearchToken.objects.filter(resident_id__in=people).delete()
    for token in tokens:
        token.area_code = household.area_code
    building = household.building
    door = door_token(building.number, household.unit, household.room) if building else ""
    doors = [
        SearchToken(area_code=household.area_code, kind=TokenKind.DOOR, token=door, resident_id=person)
        for person in people
        if door
    ]
    SearchToken.objects.bulk_create([*tokens, *doors])
