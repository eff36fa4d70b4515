"""The inbox's door for counts: applied, applied twice, amended, set aside with its reason."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from anlan.foundation.actor import AreaRanges
from anlan.foundation.clock import day_of
from anlan.foundation.errors import Invalid, NotAllowed
from anlan.foundation.models import Envelope, Fact
from anlan.foundation.scope import duty, scope
from anlan.health.actions.counts import SheetAwaited, SheetMoved
from anlan.health.models import CaseReport, CountSheet
from anlan.wiring.feeds import PHONE_SOURCES, SOURCES
from tests.world import DISTRICT, SCHOOL_GRID, World

WHOLE = AreaRanges.of([DISTRICT])


def apply(
    world: World,
    body: dict[str, Any],
    handle: str = "chu",
    area_code: str = SCHOOL_GRID,
    received: timedelta = timedelta(0),
) -> None:
    actor = world.actor(handle)
    envelope = Envelope(
        source="counts", record_id=uuid4(), area_code=area_code, received_at=world.now + received
    )
    with scope(actor):
        SOURCES["counts"](actor=actor, envelope=envelope, body=body, now=world.now)


def body(world: World, count: int = 6, **more: Any) -> dict[str, Any]:
    line = {"item": "vomiting", "count": count, "group_id": str(world.classes[0].pk), "of": 40}
    sheet = {"form": "school_absence", "on": day_of(world.now).isoformat(), "lines": [line]}
    return sheet | {"facility_id": str(world.school.pk)} | more


def standing() -> list[tuple[int, list[int]]]:
    with duty("detect", ranges=WHOLE, cause="test"):
        return [(row.version, [line.count for line in row.lines.all()]) for row in CountSheet.objects.all()]


def test_the_same_envelope_twice_is_one_sheet(world: World) -> None:
    apply(world, body(world))
    apply(world, body(world))

    assert standing() == [(1, [6])]
    assert "counts" in PHONE_SOURCES


def test_another_number_of_the_same_day_amends(world: World) -> None:
    apply(world, body(world, 6))
    apply(world, body(world, 7))

    assert standing() == [(2, [7])]


def test_what_was_queued_offline_does_not_replace_what_was_amended_since(world: World) -> None:
    apply(world, body(world, 6))
    apply(world, body(world, 7, expected_version=1))

    with pytest.raises(SheetMoved):
        apply(world, body(world, 6, expected_version=0))
    assert standing() == [(2, [7])]


def test_a_correction_that_comes_before_what_it_corrects_waits(world: World) -> None:
    with pytest.raises(SheetAwaited):
        apply(world, body(world, 7, expected_version=1))
    assert standing() == []

    apply(world, body(world, 6))
    apply(world, body(world, 7, expected_version=1))

    assert standing() == [(2, [7])]


def test_what_was_received_earlier_and_is_applied_later_is_history(world: World) -> None:
    apply(world, body(world, 7))
    apply(world, body(world, 6), received=-timedelta(minutes=5))  # its first tries had failed

    assert standing() == [(3, [7])]
    with duty("detect", ranges=WHOLE, cause="test"):
        (sheet,) = CountSheet.objects.all()
        said = [(row.version, row.lines[0][2]) for row in sheet.amendments.order_by("version")]
        facts = Fact.objects.filter(name="health.CountsReported").order_by("id")
        assert said == [(1, 7), (2, 6)]
        assert [fact.payload["version"] for fact in facts] == [1, 2]
        assert sheet.first_reported_at == world.now - timedelta(minutes=5)


def test_a_legal_clock_runs_from_receipt_whenever_the_worker_comes_to_it(world: World) -> None:
    received = world.now - timedelta(hours=1)
    envelope = Envelope(source="case-reports", record_id=uuid4(), area_code=SCHOOL_GRID, received_at=received)

    with scope(world.actor("chu")):
        SOURCES["case-reports"](
            actor=world.actor("chu"), envelope=envelope, body={"condition": "plague"}, now=world.now
        )

    with duty("detect", ranges=WHOLE, cause="test"):
        report = CaseReport.objects.get()
        assert (report.reported_at, report.card_due_at) == (received, received + timedelta(hours=2))


def test_topics_of_the_hotline_are_counted_where_the_envelope_lies(world: World) -> None:
    topics = {
        "form": "hotline_topics",
        "on": day_of(world.now).isoformat(),
        "lines": [{"item": "topic_food", "count": 2}],
    }
    apply(world, topics, "jiang", DISTRICT)

    assert standing() == [(1, [2])]


@pytest.mark.parametrize(
    "change", [{"form": "nothing"}, {"on": "soon"}, {"lines": [{"item": "fever"}]}, {"pupil": "name"}]
)
def test_a_body_that_does_not_fit_is_refused(world: World, change: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        apply(world, body(world) | change)


def test_a_stranger_to_the_unit_is_refused(world: World) -> None:
    with pytest.raises((NotAllowed, Invalid)):
        apply(world, body(world), "wei")
