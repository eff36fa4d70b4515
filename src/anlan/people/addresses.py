"""Find the building or household somebody moves to, by words, in however large an area."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q, QuerySet

from anlan.foundation.actor import Actor
from anlan.foundation.scope import within
from anlan.organisation.models import Area, Building
from anlan.organisation.queries import in_force
from anlan.people.models import Household

FOUND_AT_MOST = 20
MOST_WORDS = 4
DOOR_PARTS = 3  # 3-2-501: building, stairs, room


def buildings_found(actor: Actor, words: str, *, now: datetime) -> list[Building]:
    """Return the buildings in range that all these words name, by number, name or area; at most 20.

    Without words the first of them, which in a grid are all.
    """
    rows = Building.objects.filter(within(actor.ranges), in_force(now))
    for word in words.split()[:MOST_WORDS]:
        rows = rows.filter(_names_building(actor, word, now, ""))
    return list(rows.order_by("area_code", "number", "pk")[:FOUND_AT_MOST])


def households_found(actor: Actor, words: str, *, now: datetime) -> list[Household]:
    """Return the households in range behind the doors these words name; none without words.

    A word is a door (3-2-501), a building, an area or a room.
    """
    said = words.split()[:MOST_WORDS]
    if not said:
        return []
    rows = Household.objects.filter(within(actor.ranges))
    for word in said:
        rows = rows.filter(_names_door(actor, word, now))
    rows = rows.select_related("building")
    return list(rows.order_by("area_code", "building__number", "unit", "room", "pk")[:FOUND_AT_MOST])


def others_at(household: Household | None, building: Building, unit: int, room: str) -> QuerySet[Household]:
    """Return the households, other than this one, behind a door."""
    rows = Household.objects.filter(building=building, unit=unit, room=room.strip())
    return rows.exclude(pk=household.pk) if household else rows


def _names_door(actor: Actor, word: str, now: datetime) -> Q:
    parts = word.split("-")
    if len(parts) == DOOR_PARTS and parts[1].isdecimal():
        number, unit, room = parts
        return Q(building__number=_number(number), unit=int(unit), room=room)
    return Q(room=word) | _names_building(actor, word, now, "building__")


def _names_building(actor: Actor, word: str, now: datetime, prefix: str) -> Q:
    named = Q(**{f"{prefix}number": _number(word)}) | Q(**{f"{prefix}name__icontains": word})
    areas = Area.objects.filter(within(actor.ranges, "code"), in_force(now), name__icontains=word)
    codes = list(areas.values_list("code", flat=True)[:FOUND_AT_MOST])
    return named | _below(codes)


def _below(codes: Iterable[str]) -> Q:
    wanted = Q(pk__in=[])
    for code in codes:
        wanted |= Q(area_code__startswith=code)
    return wanted


def _number(word: str) -> str:
    return word.removesuffix("号楼").removesuffix("号").removesuffix("栋").removesuffix("幢")
