"""Move a household behind another door, with its people and what they are found by."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from anlan.foundation import audit
from anlan.foundation.actor import Actor
from anlan.foundation.clock import day_of
from anlan.foundation.errors import Conflict, Invalid
from anlan.foundation.live import announce_change
from anlan.foundation.outbox import publish
from anlan.people.actions.correct import keep_history
from anlan.people.actions.register import PEOPLE
from anlan.people.events import HouseholdMoved
from anlan.people.models import Enrolment, Household, Resident, SearchToken
from anlan.people.queries import access_building, access_household
from anlan.people.rules import TokenKind
from anlan.people.tokens import door_token

SUBJECT = "people.Household"


class HouseholdChanged(Conflict):
    """Somebody changed the household first."""

    code = "household_changed"


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

    Raises NotFound for a household or building elsewhere, HouseholdChanged, DoorInvalid.
    """
    with transaction.atomic():
        access_household(actor, household_id)
        building = access_building(actor, building_id)
        household = Household.objects.select_for_update(of=("self",)).get(pk=household_id)
        if household.version != expected_version:
            raise HouseholdChanged
        room = room.strip()
        if not room or not 1 <= unit <= building.unit_count:
            raise DoorInvalid(fields={"room": _("请填写门牌；单元号不能超过楼栋的单元数。")})
        old = {"building_id": household.building_id, "unit": household.unit, "room": household.room}
        from_area = household.area_code
        household.building, household.unit, household.room = building, unit, room
        household.area_code = building.area_code
        household.version += 1
        household.verified_on = day_of(now)
        household.save()
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


def _take_the_people_along(household: Household) -> None:
    """Give residents, enrolments and tokens the household's area and door."""
    people = [resident.pk for resident in household.residents.all()]
    Resident.objects.filter(pk__in=people).update(area_code=household.area_code)
    Enrolment.objects.filter(resident_id__in=people).update(area_code=household.area_code)
    tokens = list(SearchToken.objects.filter(resident_id__in=people).exclude(kind=TokenKind.DOOR))
    SearchToken.objects.filter(resident_id__in=people).delete()
    for token in tokens:
        token.area_code = household.area_code
    assert household.building is not None
    door = door_token(household.building.number, household.unit, household.room)
    doors = [
        SearchToken(area_code=household.area_code, kind=TokenKind.DOOR, token=door, resident_id=person)
        for person in people
    ]
    SearchToken.objects.bulk_create([*tokens, *doors])
