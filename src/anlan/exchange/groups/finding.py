"""Looks for whom a line means by other words: a door, a name, a number."""

from datetime import datetime
from typing import Any
from uuid import UUID

from anlan.exchange.groups.homes import Homes
from anlan.exchange.groups.places import place_of
from anlan.exchange.groups.presenting import Target, targets_of
from anlan.exchange.groups.said_doors import take_door
from anlan.exchange.groups.words import readable
from anlan.exchange.models import GroupList
from anlan.foundation.actor import Actor
from anlan.foundation.errors import Invalid
from anlan.people.actions import note_listed, search_residents

MOST_HOMES = 20


def found(actor: Actor, listed: GroupList, words: str, *, now: datetime) -> dict[str, Any]:
    """Return the households behind a door of the place, and the residents in range whom the words name.

    The search is counted and audited as every search is. Raises LookUpLimitExceeded.
    """
    homes = _homes_at(actor, listed, words, now)
    try:
        hits = search_residents(actor=actor, text=words, now=now)
    except Invalid as refusal:
        if not homes:
            return {"refusal": refusal, "searched": True}
        people, more = [], False
    else:
        people, more = [resident.pk for resident in hits.residents], hits.more
    note_listed(actor=actor, subject="people.Household", ids=homes, now=now)
    targets: list[Target] = list(targets_of(actor, people, homes, now=now).values())
    targets.sort(key=lambda target: target.is_person)
    return {"targets": targets, "more": more, "searched": True}


def _homes_at(actor: Actor, listed: GroupList, words: str, now: datetime) -> list[UUID]:
    door, _rest = take_door(readable(words))
    if door is None or not door.room:
        return []
    behind = Homes(actor, place_of(listed), [door], now=now).behind(door)
    return [home.id for home in behind[:MOST_HOMES]]
