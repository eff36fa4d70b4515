"""What the foundation must be told by the house above it, in one typed value (wiring/ports.py fills it)."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import cast
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from anlan.foundation.actor import Actor
from anlan.foundation.known_settings import KnownSetting
from anlan.foundation.outbox import Event

Intake = Callable[..., object]  # (actor, envelope, body, now), given by name
Consequence = Callable[..., object]  # (event, now=…)
ScheduledDuty = Callable[..., object]  # (now=…)


@dataclass(frozen=True, slots=True)
class Ports:
    """The doors' tables and the questions only the organisation can answer.

    `sender_right` names a view (appointment_id, account_id, post_id, low, high, held_since, starts_at,
    ends_at, is_practice, purposes): who may send what from where, when, and what for. `former_right` names
    one like it for areas a post was taken from by a redraw, with `now_code`, where it is now.
    `area_in_force` names a view (code), `forwarded_code` a table (code, now_code) of codes that ended.
    """

    sources: Mapping[str, Intake]
    phone_sources: frozenset[str]  # those a signed-in session may send to; the others need a credential
    reactions: Mapping[type[Event], Sequence[Consequence]]
    schedule: Sequence[tuple[int, ScheduledDuty]]
    posts_of_account: Callable[..., list[Actor]]
    actor_as_of: Callable[[UUID, datetime], Actor | None]
    sender_right: str
    area_in_force: str
    former_right: str
    forwarded_code: str
    codes_now: Callable[[Iterable[str]], Mapping[str, str]]  # of codes that ended: where each leads
    names_of: Callable[[Iterable[UUID]], dict[UUID, str]]  # of members and posts, for audit pages
    grid_totals: Callable[[Actor, Collection[str]], Mapping[str, tuple[int, int]]]  # households, residents
    unhurried: frozenset[type[Event]] = frozenset()  # facts that take long: carried out beside the others
    known_settings: Sequence[KnownSetting] = ()  # what a district may set


@cache
def _read(path: str) -> Ports:
    return cast("Ports", import_string(path))


def ports() -> Ports:
    """Return the ports this process was configured with."""
    return _read(settings.ANLAN_PORTS)
