"""Orders, signals, counts and envelopes over the API: what the post's pages show, and no more."""

import json
from typing import Any

import pytest
from django.db import transaction

from anlan.foundation.actor import AreaRanges
from anlan.foundation.clock import day_of
from anlan.foundation.ids import new_id
from anlan.foundation.models import AuditEntry, Envelope
from anlan.foundation.scope import duty
from anlan.health.models import CountSheet
from anlan.health.queries import count_form
from tests.api.calling import said, system
from tests.surveillance.test_loop import raise_signal
from tests.world import DISTRICT, GRID_A, World


@pytest.fixture
def signal_id(world: World) -> str:
    return str(raise_signal(world))


def test_a_signal_is_shown_to_the_roles_it_goes_to(world: World, signal_id: str) -> None:
    zhou = system(world, "zhou")

    listed = zhou.get("/signals")["rows"]
    shown = zhou.get(f"/signals/{signal_id}")

    assert [row["id"] for row in listed] == [signal_id]
    assert (shown["state"], shown["cases"]) == ("raised", listed[0]["cases"])
    assert shown["reasons"] and shown["steps"][0]["act"] == "raise"
    assert zhou.get("/signals?state=closed")["rows"] == []
    with transaction.atomic(), duty("answer_audit", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        assert AuditEntry.objects.filter(verb="read_signal").count() == 1


def test_a_raw_signal_is_absent_to_those_who_lead(world: World, signal_id: str) -> None:
    qian = system(world, "qian")

    told = [qian.ask("GET", f"/signals/{one}") for one in (signal_id, new_id())]

    assert [said(one) for one in told] == [(404, "not_found")] * 2
    assert told[0].content == told[1].content
    assert qian.get("/signals")["rows"] == []


def test_an_order_is_shown_with_its_timeline_to_its_post(world: World, signal_id: str) -> None:
    zheng = system(world, "zheng")

    row = zheng.get("/orders")["rows"][0]
    shown = zheng.get(f"/orders/{row['id']}")

    assert (row["stage"], row["is_late"]) == ("dispatched", False)
    assert [step["act"] for step in shown["steps"]] == ["open"]
    assert zheng.get("/orders?view=closed")["rows"] == []
    assert said(system(world, "wang").ask("GET", f"/orders/{row['id']}")) == (404, "not_found")


def absence(world: World, count: int, **more: Any) -> dict[str, Any]:
    group = str(world.classes[0].pk)
    line = {"item": count_form("school_absence").items[0], "count": count, "group_id": group, "of": 40}
    today = day_of(world.now).isoformat()
    return {
        "form": "school_absence",
        "on": today,
        "facility_id": str(world.school.pk),
        "lines": [line],
        **more,
    }


def sheets() -> list[CountSheet]:
    with duty("record_counts", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        return list(CountSheet.objects.all())


def test_counts_are_handed_in_amended_and_read_again(world: World) -> None:
    chu = system(world, "chu")

    first = chu.ask("POST", "/counts", absence(world, 2, expected_version=0))
    again = chu.ask("POST", "/counts", absence(world, 2, expected_version=0))
    behind = chu.ask("POST", "/counts", absence(world, 3, expected_version=0))
    amended = chu.ask("POST", "/counts", absence(world, 3, expected_version=1))

    assert (first.status_code, first.content) == (200, again.content), first.content
    assert said(behind) == (409, "sheet_moved")
    row = json.loads(amended.content)
    shown = chu.get(f"/counts/{row['id']}")
    assert (row["version"], shown["lines"][0]["count"]) == (2, 3)
    assert [sheet.source for sheet in sheets()] == ["api"]
    health = system(world, "zhou").get(f"/counts?on={shown['on']}&form=school_absence")
    assert [one["id"] for one in health["rows"]] == [row["id"]]


def test_another_unit_is_as_unknown_as_none(world: World) -> None:
    wei = system(world, "wei")
    body = absence(world, 1)

    told = [
        wei.ask("POST", "/counts", {**body, "facility_id": one, "lines": []})
        for one in (str(world.school.pk), str(new_id()))
    ]

    assert [said(one) for one in told] == [(422, "unknown_unit")] * 2
    assert told[0].content == told[1].content
    assert sheets() == []


def test_wrong_counts_are_refused_by_field(world: World) -> None:
    chu = system(world, "chu")

    more = chu.ask("POST", "/counts", absence(world, 41))
    bent = chu.ask("POST", "/counts", absence(world, "2"))  # type: ignore[arg-type]
    early = chu.ask("POST", "/counts", {**absence(world, 1), "on": "0001-01-01"})
    never = chu.ask("POST", "/counts", {**absence(world, 1), "on": "2026-02-30"})

    assert [said(one) for one in (more, bent, early, never)] == [
        (422, "wrong_count"), (400, "wrong_shape"), (422, "not_countable"), (422, "invalid"),
    ]  # fmt: skip
    assert sheets() == []


def test_ends_of_the_calendar_break_no_list(world: World) -> None:
    zhou = system(world, "zhou")

    assert [zhou.get(f"/counts?on={on}")["rows"] for on in ("0001-01-01", "9999-12-31")] == [[], []]
    assert said(zhou.ask("GET", "/counts?on=5")) == (422, "invalid")


def test_only_the_sender_learns_what_became_of_an_envelope(world: World) -> None:
    wang = world.actor("wang")
    with duty("accept_envelope", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        row = Envelope.objects.create(
            source="problems", key="k/1", record_id=new_id(), account_id=wang.account_id,
            appointment_id=wang.appointment_id, post_id=wang.post_id, area_code=GRID_A, body=b"x",
            body_hash=b"y", state="review", problem="outside_the_post",
        )  # fmt: skip

    shown = system(world, "wang").get("/envelopes?key=k/1")

    assert (shown["record_id"], shown["state"], shown["problem"]) == (
        str(row.record_id), "review", "outside_the_post",
    )  # fmt: skip
    told = [system(world, "kong").ask("GET", f"/envelopes?key={key}") for key in ("k/1", "none")]
    assert [said(one) for one in told] == [(404, "not_found")] * 2
    assert told[0].content == told[1].content
    assert said(system(world, "wang").ask("GET", "/envelopes?key=%20"))[0] == 422
