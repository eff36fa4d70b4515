"""The same reports in any order, one after another or at once, stand as the same signals in the end."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid5

import pytest
from django.db import connection, transaction

from anlan.foundation.actor import AreaRanges
from anlan.foundation.scope import duty
from anlan.health.models import CaseReport, EventFile
from anlan.health.rules import EventKind
from anlan.surveillance.detection import consider_report
from anlan.surveillance.models import DailyCount, Signal
from anlan.surveillance.rules import OPEN_STATES
from anlan.workorders.models import WorkOrder
from tests.world import DISTRICT, GRID_A, GRID_B, GRID_C, GRID_D, World

WHOLE = AreaRanges.of([DISTRICT])
NAMESPACE = UUID(int=11)
GASTRO = ("norovirus", "diarrhoea_vomiting", "infectious_diarrhoea")


@dataclass(frozen=True)
class Sent:
    """One report on its way."""

    report_id: UUID
    facts: tuple[tuple[str, Any], ...]


def reports_of(world: World, random: Random) -> list[Sent]:
    """Make two dozen reports: a school with two classes, buildings, loose ones, several conditions."""
    sent = []
    for number in range(26):
        condition = random.choice([*GASTRO, *GASTRO, "measles", "mumps", "unknown_pneumonia"])
        grid = random.choice([GRID_A, GRID_A, GRID_B, GRID_C, GRID_D])
        facts: dict[str, Any] = {"condition": condition, "area_code": grid}
        facts["onset_on"] = (world.now - timedelta(days=random.randrange(9))).date()
        facts["reported_at"] = world.now - timedelta(minutes=random.randrange(5000))
        if random.random() < 0.6:
            facts |= {"facility": world.school, "group": random.choice(world.classes)}
        if random.random() < 0.5:
            facts["building"] = random.choice(world.buildings[grid])
            facts["household_id"] = random.choice(world.households[grid]).pk
        sent.append(Sent(uuid5(NAMESPACE, str(number)), tuple(facts.items())))
    return sent


def arrive(one: Sent, file: EventFile) -> None:
    CaseReport.objects.create(pk=one.report_id, event_file=file, source="page", **dict(one.facts))


def standing() -> set[tuple[Any, ...]]:
    """Return what stands: every open signal with all that is said of it."""
    rows = Signal.objects.filter(state__in=OPEN_STATES).prefetch_related("reasons")
    return {
        (
            *(row.matter, row.condition, row.place_kind, row.place_key, row.place_name, row.area_code),
            *(row.case_count, row.urgency, row.first_on, row.last_on),
            *(frozenset(row.report_ids), frozenset(row.places), frozenset(row.receives)),
            frozenset((r.rule, r.place, r.count, r.words_zh) for r in row.reasons.all()),
        )
        for row in rows
    }


@pytest.fixture
def file(world: World) -> EventFile:
    with duty("detect", ranges=WHOLE, cause="test"):
        return EventFile.objects.create(
            area_code=DISTRICT, key="t", kind=EventKind.choices[0][0], reason="t", starts_at=world.now
        )


@pytest.mark.parametrize("seed", range(4))
def test_any_order_of_reports_gives_the_same_signals(world: World, file: EventFile, seed: int) -> None:
    random = Random(seed)
    sent = reports_of(world, random)
    outcomes, totals = [], []

    for _order in range(3):
        random.shuffle(sent)
        with transaction.atomic(), duty("react", ranges=WHOLE, cause="test"):
            for one in sent:
                arrive(one, file)
                consider_report(report_id=one.report_id, now=world.now)
                if random.random() < 0.2:
                    consider_report(report_id=one.report_id, now=world.now)
            outcomes.append(standing())
            totals.append(set(DailyCount.objects.values_list("indicator", "area_code", "on", "count")))
            reports = [r for s in Signal.objects.filter(state__in=OPEN_STATES) for r in s.report_ids]
            assert len(reports) == len(set(reports)), "two open signals share a report"
            assert_orders_are_about_open_signals()
            transaction.set_rollback(True)

    assert outcomes[0], "the reports were to raise something"
    assert all(outcome == outcomes[0] for outcome in outcomes)
    assert all(total == totals[0] for total in totals)


def assert_orders_are_about_open_signals() -> None:
    open_ids = set(Signal.objects.filter(state__in=OPEN_STATES).values_list("pk", flat=True))
    assert set(WorkOrder.objects.values_list("subject_id", flat=True)) <= open_ids


@pytest.fixture
def committed(transactional_db: None) -> Iterator[World]:
    """The town, committed, for threads to see."""
    from tests.conftest import put_standard_pack_in_force
    from tests.world import build_world

    put_standard_pack_in_force()
    yield build_world()


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
@pytest.mark.parametrize("seed", range(3))
def test_reports_considered_at_the_same_moment_raise_one_signal(committed: World, seed: int) -> None:
    random = Random(seed)
    ids = [uuid5(NAMESPACE, f"{seed} {number}") for number in range(6)]
    with duty("detect", ranges=WHOLE, cause="test"), transaction.atomic():
        file = EventFile.objects.create(
            area_code=DISTRICT, key="t", kind=EventKind.choices[0][0], reason="t", starts_at=committed.now
        )
        for one in ids:
            facts: dict[str, object] = {
                "condition": "measles",
                "area_code": random.choice([GRID_A, GRID_B]),
            }
            facts |= {"reported_at": committed.now, "facility": committed.school}
            arrive(Sent(one, (*facts.items(), ("group", random.choice(committed.classes)))), file)
    barrier = threading.Barrier(len(ids))

    def consider(report_id: UUID) -> None:
        barrier.wait(30)
        try:
            with transaction.atomic(), duty("react", ranges=WHOLE, cause="test"):
                consider_report(report_id=report_id, now=committed.now)
        finally:
            connection.close()

    threads = [threading.Thread(target=consider, args=(one,)) for one in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    with duty("detect", ranges=WHOLE, cause="test"), transaction.atomic():
        signal = Signal.objects.get()
        assert set(signal.report_ids) == set(ids)
        assert signal.reasons.get(rule="measles_unit").count == len(ids)
        assert sum(DailyCount.objects.values_list("count", flat=True)) == len(ids)
