"""Each clock of a signal and of a product: how long by day, by night, for two-hour diseases; who is told."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from anlan.foundation.actor import AreaRanges
from anlan.foundation.models import Fact
from anlan.foundation.scope import duty, scope
from anlan.surveillance import actions
from anlan.surveillance.clocks import clocks_of, clocks_of_products
from anlan.surveillance.models import Signal, SignalStep, WarningProduct, WarningReceipt
from anlan.surveillance.queries import due_at, open_signals, visible_signals
from anlan.surveillance.rules import SignalState
from tests.surveillance.test_loop import (
    answer,
    as_zhou,
    assessed,
    finish_order,
    product_of,
    raise_signal,
    run_reactions,
    sign,
    signed,
    verified,
)
from tests.world import DISTRICT, World

WHOLE = AreaRanges.of([DISTRICT])
NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)  # 12:00 in the district
NIGHT = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)  # 23:00
MORNING = datetime(2026, 11, 24, 21, 59, tzinfo=UTC)  # 05:59


def signal_of(signal_id: UUID) -> Signal:
    with duty("detect", ranges=WHOLE, cause="test"):
        return Signal.objects.get(pk=signal_id)


def steps_of(signal_id: UUID, act: str) -> list[SignalStep]:
    with duty("detect", ranges=WHOLE, cause="test"):
        return list(SignalStep.objects.filter(signal_id=signal_id, act=act))


def by_the_clock(now: datetime) -> int:
    with duty("keep_clocks", ranges=WHOLE, cause="test"):
        return actions.mark_overdue_signals(now=now) + actions.mind_product_clocks(now=now)


@pytest.mark.parametrize(
    ("state", "urgency", "since", "minutes"),
    [
        (SignalState.RAISED, "same_day", NOON, 30),
        (SignalState.RAISED, "same_day", NIGHT, 60),
        (SignalState.RAISED, "same_day", MORNING, 60),
        (SignalState.RAISED, "same_day", MORNING + timedelta(minutes=1), 30),
        (SignalState.RAISED, "two_hour", NOON, 15),
        (SignalState.RAISED, "two_hour", NIGHT, 15),
        (SignalState.VERIFYING, "same_day", NOON, 120),
        (SignalState.VERIFYING, "two_hour", NIGHT, 120),
        (SignalState.VERIFIED, "same_day", NOON, 240),
        (SignalState.VERIFIED, "two_hour", NOON, 60),
    ],
)
def test_each_state_has_the_packs_clock(
    standard_pack: None, state: str, urgency: str, since: datetime, minutes: int
) -> None:
    assert due_at(state, urgency, since) == since + timedelta(minutes=minutes)


def test_a_state_without_a_clock_is_never_late(standard_pack: None) -> None:
    assert due_at(SignalState.WARNED, "same_day", NOON) is None


def test_a_signal_not_taken_up_in_time_is_told_to_the_department_once(world: World) -> None:
    signal_id = raise_signal(world)
    wu = world.actor("wu")
    late = signal_of(signal_id).raised_at + timedelta(minutes=61)
    with scope(wu):
        assert not visible_signals(wu).exists()

    assert by_the_clock(late) >= 1
    assert by_the_clock(late + timedelta(minutes=1)) == 0

    signal = signal_of(signal_id)
    assert signal.escalated_to == "disease_control_officer"
    assert [step.note for step in steps_of(signal_id, "overdue")] == ["acknowledge"]
    with scope(wu):
        assert open_signals(wu).filter(escalated_to=wu.role).count() == 1
    with scope(world.actor("zhao")):
        assert (
            visible_signals(world.actor("zhao")).filter(pk=signal_id).exists()
        )  # leaders see what is overdue
    with duty("detect", ranges=WHOLE, cause="test"):
        assert Fact.objects.filter(name__contains="SignalOverdue").count() == 1


def test_a_signal_within_its_time_is_told_to_nobody(world: World) -> None:
    signal_id = raise_signal(world)

    by_the_clock(signal_of(signal_id).raised_at + timedelta(minutes=14))

    assert signal_of(signal_id).overdue_at is None
    with scope(world.actor("zhao")):
        assert not visible_signals(world.actor("zhao")).exists()


def test_the_next_state_has_a_clock_of_its_own(world: World) -> None:
    signal_id = raise_signal(world)
    by_the_clock(world.now + timedelta(hours=2))
    as_zhou(world, "acknowledge_signal", signal_id)
    by_the_clock(world.now + timedelta(hours=3))

    assert [step.note for step in steps_of(signal_id, "overdue")] == ["acknowledge", "verify"]


def test_a_late_step_is_marked_late(world: World) -> None:
    signal_id = raise_signal(world)
    actor, version = world.actor("zhou"), signal_of(signal_id).version

    with scope(actor):
        actions.acknowledge_signal(
            actor=actor, signal_id=signal_id, now=world.now + timedelta(hours=2), expected_version=version
        )

    assert [step.was_late for step in steps_of(signal_id, "acknowledge")] == [True]


def test_the_look_on_the_spot_has_a_day_from_being_taken_up(world: World) -> None:
    signal_id = verified(world)
    assert signal_of(signal_id).field_due_at == world.now + timedelta(hours=24)

    by_the_clock(world.now + timedelta(hours=25))

    assert "field" in [step.note for step in steps_of(signal_id, "overdue")]


def test_the_order_fed_back_ends_the_clock_of_the_look_on_the_spot(world: World) -> None:
    signal_id = verified(world)

    finish_order(world)
    run_reactions()
    run_reactions()

    assert signal_of(signal_id).field_due_at is None
    assert len(steps_of(signal_id, "field")) == 1


def test_the_duty_officer_may_write_down_the_look_on_the_spot(world: World) -> None:
    signal_id = verified(world)

    as_zhou(world, "record_field_visit", signal_id, note="到校看过，两人已离校")

    assert signal_of(signal_id).field_due_at is None
    with pytest.raises(actions.WordsNeeded):
        as_zhou(world, "record_field_visit", signal_id, note=" ")


def test_the_page_shows_each_clock_that_has_begun(world: World) -> None:
    signal_id = verified(world)
    with scope(world.actor("zhou")):
        signal = Signal.objects.get(pk=signal_id)
        lines = clocks_of(signal, signal.steps.all(), world.now + timedelta(hours=5))

    assert [line.title.zh for line in lines] == ["信号接收", "初步核实", "现场核实", "风险评估"]
    assert [line.done_at is None for line in lines] == [False, False, True, True]
    assert [line.is_late for line in lines] == [False, False, False, True]


def test_a_product_not_signed_in_time_is_told_to_the_commander(world: World) -> None:
    signal_id = assessed(world)
    product = product_of(signal_id)
    assert product.sign_due_at is not None

    by_the_clock(product.sign_due_at + timedelta(minutes=1))

    assert product_of(signal_id).late_at is not None
    assert [step.note for step in steps_of(signal_id, "unsigned")] == ["warning_notification"]
    with duty("detect", ranges=WHOLE, cause="test"):
        assert Fact.objects.get(name__contains="ProductOverdue").payload["told"] == "district_commander"


def reminders() -> dict[tuple[str, str], int]:
    with duty("detect", ranges=WHOLE, cause="test"):
        return {(row.area_code, row.role): row.reminders for row in WarningReceipt.objects.all()}


def test_receivers_are_reminded_before_their_day_is_over_and_again_when_it_is(world: World) -> None:
    signal_id = signed(world)
    answer(world, "wang")

    by_the_clock(world.now + timedelta(hours=18))
    assert set(reminders().values()) == {0}
    by_the_clock(world.now + timedelta(hours=20))
    by_the_clock(world.now + timedelta(hours=21))
    assert sorted(reminders().values()) == [0, 1, 1, 1]  # who has answered is left in peace
    by_the_clock(world.now + timedelta(hours=25))
    by_the_clock(world.now + timedelta(hours=26))

    assert sorted(reminders().values()) == [0, 2, 2, 2]
    assert len(steps_of(signal_id, "unanswered")) == 1


def test_the_clocks_of_a_product_are_to_be_signed_and_to_be_answered(world: World) -> None:
    signal_id = assessed(world)
    sign(world, signal_id)
    with scope(world.actor("wu")):
        product = WarningProduct.objects.select_related("signal").get(signal_id=signal_id)
        ((_product, lines),) = clocks_of_products(product.signal, [product], world.now + timedelta(hours=25))

    assert [(line.title.zh, line.done_at is None, line.is_late) for line in lines] == [
        ("预警产品签发", False, False),
        ("预警产品应答", True, True),
    ]
