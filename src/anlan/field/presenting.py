"""How a day and a symptom are put before a grid worker, on the page and on the phone."""

from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import get_language

from anlan.field.queries import (
    Day,
    long_ended_appointments,
    may_raise_problem,
    own_appointments,
    own_buildings,
    own_grids,
)
from anlan.field.rules import SHOWN, phone_key
from anlan.foundation.actor import Actor
from anlan.foundation.inbox.asides import asides_of_sender, problem_words
from anlan.health.pack import Symptom
from anlan.health.presenting import REPLIES
from anlan.organisation.models import Building
from anlan.workorders.pack import ProblemCategory
from anlan.workorders.presenting import OrderLine, in_language, item_lines, order_lines, stage_title
from anlan.workorders.queries import problem_categories
from anlan.workorders.rules import Stage

ICON_OF_GROUP = {
    "general": "temperature",
    "respiratory": "lungs",
    "digestive": "toilet-paper",
    "skin": "hand-finger",
    "nervous": "brain",
    "eye": "eye",
    "bleeding": "droplet",
    "other": "mood-sick",
}


@dataclass(frozen=True, slots=True)
class DayLine:
    """One thing to do: what, where, until when, how long it takes."""

    line: OrderLine
    minutes: int
    is_late: bool


@dataclass(frozen=True, slots=True)
class Echo:
    """What became of one thing the post reported."""

    at: datetime
    words: str
    place: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class SymptomTile:
    """One symptom to press, in plain words."""

    key: str
    words: str
    icon: str
    urgent: bool


@dataclass(frozen=True, slots=True)
class ProblemTile:
    """One kind of problem to press, with what belongs to it."""

    key: str
    words: str
    note: str
    icon: str


def day_lines(day: Day, now: datetime) -> list[DayLine]:
    """Return the lines of a day."""
    return [
        DayLine(line, day.minutes[line.order.pk], line.state_kind == "overdue")
        for line in order_lines(day.orders, now)
    ]


def echoes(day: Day) -> list[Echo]:
    """Return what became of what the post reported, the newest first; of illness never which."""
    told = [Echo(row.reported_at, str(REPLIES.get(row.reply, "")), row.place_name) for row in day.replies]
    titles = {row.key: in_language(row.title) for row in problem_categories()}
    for order in day.problems:
        words = f"{titles.get(order.category, order.category)} · {stage_title(order)}"
        told.append(Echo(order.opened_at, words, order.place_name, reverse("order", args=[order.pk])))
    return sorted(told, key=lambda echo: echo.at, reverse=True)[:SHOWN]


def symptom_tiles(symptoms: Iterable[Symptom]) -> list[SymptomTile]:
    """Return the tiles of the symptoms, in the reader's language."""
    english = get_language() == "en"
    return [
        SymptomTile(
            key=row.key,
            words=row.plain_words.en if english else row.plain_words.zh,
            icon=ICON_OF_GROUP[row.group],
            urgent=row.urgent,
        )
        for row in symptoms
    ]


def problem_tiles(categories: Iterable[ProblemCategory]) -> list[ProblemTile]:
    """Return the tiles of what a problem may be about, in the reader's language."""
    return [
        ProblemTile(row.key, in_language(row.title), in_language(row.hint), row.icon) for row in categories
    ]


def phone_posts(account_id: UUID, now: datetime) -> list[dict[str, str]]:
    """Return the posts a phone may still send for: mark, appointment and the key of each."""
    keys = [(row.pk, phone_key(account_id, row.pk)) for row in own_appointments(account_id, now)]
    return [
        {"mark": key.mark, "appointment_id": str(pk), "key": b64encode(key.key).decode()} for pk, key in keys
    ]


def phone_outcomes(account_id: UUID, now: datetime) -> dict[str, Any]:
    """Return what a phone must take back: marks of posts long ended, and what the house could not use."""
    return {
        "ended": [phone_key(account_id, row.pk).mark for row in long_ended_appointments(account_id, now)],
        "asides": [
            {"id": str(row.record_id), "problem": str(problem_words(row))}
            for row in asides_of_sender(account_id, now)
        ],
    }


def phone_day(day: Day, actor: Actor, now: datetime) -> dict[str, Any]:
    """Return what of a day a phone may keep: kinds of work, places, what is to be ticked off.

    No name, no task, no health order.
    """
    return {
        "lines": [_phone_line(row, actor) for row in day_lines(day, now) if not row.line.order.purpose],
        "more": day.more_count,
        "minutes": day.minutes_left,
        "notices": len(day.warnings),
    }


def _phone_line(row: DayLine, actor: Actor) -> dict[str, Any]:
    order = row.line.order
    return {
        "id": str(order.pk),
        "area": order.area_code,
        "what": row.line.title,
        "where": order.place_name,
        "due_at": order.due_at.isoformat() if order.due_at else "",
        "minutes": row.minutes,
        "href": reverse("order", args=[order.pk]),
        "mine": order.accountable_id == actor.post_id,
        "begun": order.stage != Stage.DISPATCHED,
        "items": [{"key": item.key, "words": words} for item, words in item_lines(order.items.all())],
    }


def phone_places(actor: Actor, now: datetime) -> dict[str, Any]:
    """Return the grids and buildings a report may be about, and whether the post may raise a problem."""
    return {
        "area": {"code": actor.area_code, "name": actor.area_name},
        "grids": [{"code": code, "name": name} for code, name in own_grids(actor, now)],
        "buildings": [_building(row) for row in own_buildings(actor, now)],
        "raises_problems": may_raise_problem(actor),
    }


def _building(row: Building) -> dict[str, Any]:
    return {"id": str(row.pk), "area": row.area_code, "name": str(row), "floors": row.floor_count}
