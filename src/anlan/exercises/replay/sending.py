"""Send a file's reports and counts to the inbox's own door, as outside systems do, each when it was due."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx

from anlan.exercises.replay.appointing import CASE_REPORTS, COUNTS, REPORTER
from anlan.exercises.replay.count_list import CountList, CountRow
from anlan.exercises.replay.ground import Ground, practising
from anlan.exercises.replay.line_list import Case
from anlan.exercises.replay.read import Listed
from anlan.foundation.clock import start_of
from anlan.foundation.ids import new_id
from anlan.foundation.inbox.door import Inbox
from anlan.foundation.models import Envelope, Fact
from anlan.foundation.runner import drain
from anlan.health.queries import count_form, due_at

MORNING = timedelta(hours=8)  # a day's case reports arrive at 08:00, counts by the deadline of their form
AT_ONCE = 50  # envelopes of one request
LONGEST_WAIT_SECONDS = 120.0
PAUSE_SECONDS = 0.02  # while another process's worker holds the rows


class NotSettled(RuntimeError):
    """Envelopes or facts were still waiting when patience ran out: is the worker stuck?"""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One envelope, and the rows of the file that it carries."""

    key: str
    area_code: str
    body: dict[str, Any]
    rows: tuple[int, ...]
    reports: int = 0  # how many case reports it makes
    lines: int = 0  # how many numbers it carries
    total: int = 0  # their sum
    record_id: UUID = field(default_factory=new_id)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one feed sends at one moment."""

    at: datetime
    day: date  # that it is about
    source: str
    role: str
    parcels: tuple[Parcel, ...]


def deliveries(ground: Ground, listed: Listed) -> list[Delivery]:
    """Return everything the file says, in the order in which it is sent."""
    if isinstance(listed, CountList):
        found = [*_reported_counts(ground, listed.counts), *_sheets(ground, listed.counts)]
    else:
        found = list(_reported_cases(ground, listed.cases))
    return sorted(found, key=lambda one: (one.at, one.source, one.role))


def _reported_cases(ground: Ground, cases: Iterable[Case]) -> Iterator[Delivery]:
    by_day: dict[date, list[Parcel]] = defaultdict(list)
    for case in cases:
        by_day[case.reported_on].append(_case(ground, case))
    for day, parcels in by_day.items():
        yield Delivery(start_of(day) + MORNING, day, CASE_REPORTS, REPORTER, tuple(parcels))


def _case(ground: Ground, case: Case) -> Parcel:
    house = (case.area, case.household)
    group = ground.group_of_place.get(case.place)
    body: dict[str, Any] = {
        "condition": case.condition,
        "onset_on": case.onset_on.isoformat() if case.onset_on else None,
        "building_id": _text(ground.building_of_house.get(house)),
        "household_id": _text(ground.household_of.get(house)),
        "facility_id": _text(ground.school_id) if group else None,
        "group_id": _text(group),
        "place_name": case.place,
        "sex": case.sex,
        "age_years": case.age_years,
    }
    return Parcel(f"{ground.code}-{case.case}", ground.grid_of_area[case.area], body, (case.row,), reports=1)


def _reported_counts(ground: Ground, counts: Iterable[CountRow]) -> Iterator[Delivery]:
    """A count of case reports is that many reports; none is a day without any."""
    by_day: dict[date, list[Parcel]] = defaultdict(list)
    for row in counts:
        if not row.door.form:
            for number in range(row.count):
                key, grid = f"{ground.code}-{row.row}-{number}", ground.grid_of_area[row.area]
                by_day[row.day].append(
                    Parcel(key, grid, {"condition": row.door.condition}, (row.row,), reports=1)
                )
    for day, parcels in by_day.items():
        yield Delivery(start_of(day) + MORNING, day, CASE_REPORTS, REPORTER, tuple(parcels))


def _sheets(ground: Ground, counts: Iterable[CountRow]) -> Iterator[Delivery]:
    """The numbers of one unit, form and day are one sheet."""
    sheets: dict[tuple[str, str, date], list[CountRow]] = defaultdict(list)
    for row in counts:
        if row.door.form:
            sheets[row.door.form, ground.grid_of_area[row.area], row.day].append(row)
    by_feed: dict[tuple[str, str, date], list[Parcel]] = defaultdict(list)
    for (form, grid, day), rows in sheets.items():
        by_feed[form, rows[0].door.relay, day].append(_sheet(ground, form, grid, rows))
    for (form, relay, day), parcels in by_feed.items():
        yield Delivery(due_at(count_form(form), day), day, COUNTS, relay, tuple(parcels))


def _sheet(ground: Ground, form: str, grid: str, rows: Sequence[CountRow]) -> Parcel:
    day = rows[0].day
    body = {
        "form": form,
        "on": day.isoformat(),
        "facility_id": _text(ground.unit_of.get((grid, form))),
        "lines": [{"item": row.door.item, "count": row.count} for row in rows],
    }
    numbers = tuple(row.row for row in rows)
    total = sum(row.count for row in rows)
    return Parcel(f"{grid}-{form}-{day}", grid, body, numbers, lines=len(rows), total=total)


def _text(value: object) -> str | None:
    return str(value) if value is not None else None


def send(ground: Ground, delivery: Delivery) -> int:
    """Send a delivery and return how many envelopes the inbox accepted (201)."""
    token = ground.tokens[delivery.source, delivery.role]
    envelopes = [
        {"key": one.key, "record_id": str(one.record_id), "area_code": one.area_code, "body": one.body}
        for one in delivery.parcels
    ]
    batches = [envelopes[first : first + AT_ONCE] for first in range(0, len(envelopes), AT_ONCE)]
    return asyncio.run(_send(delivery.source, token, batches))


async def _send(source: str, token: str, batches: list[list[dict[str, Any]]]) -> int:
    inbox = Inbox()
    accepted = 0
    try:
        transport = httpx.ASGITransport(app=inbox)  # type: ignore[arg-type]  # a plain dict of a scope
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://inbox", headers=headers) as client:
            for batch in batches:
                answer = await client.post(f"/inbox/{source}/", json={"envelopes": batch})
                answer.raise_for_status()
                accepted += sum(row.get("status") == 201 for row in answer.json()["answers"])
    finally:
        await inbox.close()
    return accepted


def settle(ground: Ground) -> None:
    """Apply what waits in this district, and what follows from it, until nothing waits."""
    deadline = time.monotonic() + LONGEST_WAIT_SECONDS
    while True:
        drain()
        with practising(ground):
            own = {"area_code__startswith": ground.code}
            waiting = Envelope.objects.filter(state=Envelope.State.WAITING, **own).exists()
            waiting = waiting or Fact.objects.filter(state=Fact.State.WAITING, **own).exists()
        if not waiting:
            return
        if time.monotonic() > deadline:
            raise NotSettled(ground.code)
        time.sleep(PAUSE_SECONDS)
