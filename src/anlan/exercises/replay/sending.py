"""Send a day's cases to the inbox's own door, as an outside system does, and wait until they are applied."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import httpx

from anlan.exercises.replay.ground import SOURCE, Ground, practising
from anlan.exercises.replay.line_list import Case
from anlan.foundation.ids import new_id
from anlan.foundation.inbox.door import Inbox
from anlan.foundation.models import Envelope, Fact
from anlan.foundation.runner import drain

AT_ONCE = 50  # envelopes of one request
LONGEST_WAIT_SECONDS = 120.0
PAUSE_SECONDS = 0.02  # while another process's worker holds the rows


class NotSettled(RuntimeError):
    """Envelopes or facts were still waiting when patience ran out: is the worker stuck?"""


def send_cases(ground: Ground, cases: Sequence[Case]) -> int:
    """Send these cases and return how many the inbox accepted (201)."""
    envelopes = [_envelope(ground, case) for case in cases]
    batches = [envelopes[first : first + AT_ONCE] for first in range(0, len(envelopes), AT_ONCE)]
    return asyncio.run(_send(ground, batches))


async def _send(ground: Ground, batches: list[list[dict[str, Any]]]) -> int:
    inbox = Inbox()
    accepted = 0
    try:
        transport = httpx.ASGITransport(app=inbox)  # type: ignore[arg-type]  # a plain dict of a scope
        headers = {"Authorization": f"Bearer {ground.token}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://inbox", headers=headers) as client:
            for batch in batches:
                answer = await client.post(f"/inbox/{SOURCE}/", json={"envelopes": batch})
                answer.raise_for_status()
                accepted += sum(row.get("status") == 201 for row in answer.json()["answers"])
    finally:
        await inbox.close()
    return accepted


def _envelope(ground: Ground, case: Case) -> dict[str, Any]:
    house = (case.area, case.household)
    group = ground.group_of_place.get(case.place)
    body: dict[str, Any] = {
        "condition": case.condition,
        "onset_on": case.onset_on.isoformat() if case.onset_on else None,
        "building_id": _text(ground.building_of_house.get(house)),
        "household_id": _text(ground.household_of.get(house)),
        "facility_id": _text(ground.facility_id) if group else None,
        "group_id": _text(group),
        "place_name": case.place,
        "sex": case.sex,
        "age_years": case.age_years,
    }
    return {
        "key": f"{ground.code}-{case.case}",
        "record_id": str(new_id()),
        "area_code": ground.grid_of_area[case.area],
        "body": body,
    }


def _text(value: object) -> str | None:
    return str(value) if value is not None else None


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
