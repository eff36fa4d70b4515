"""An order through its stages: who may, what must be answered first, what the clock does."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from anlan.foundation.actor import AreaRanges
from anlan.foundation.clock import SHANGHAI
from anlan.foundation.errors import NotAllowed, NotFound
from anlan.foundation.pack_store import section
from anlan.foundation.scope import duty, scope
from anlan.organisation.models import Holiday
from anlan.organisation.queries.work_calendar import is_working_day, worktime_after
from anlan.organisation.rules import end_of_worktime
from anlan.workorders import actions
from anlan.workorders.actions import ItemReply
from anlan.workorders.models import WorkOrder
from anlan.workorders.pack import OrderKind, OrderStage
from anlan.workorders.presenting import order_steps, stage_title
from anlan.workorders.queries import due_after, extensions_left, order_kind, visible_orders
from anlan.workorders.rules import Act, ItemAnswer, Stage
from tests.world import DISTRICT, GRID_A, GRID_C, World

WHOLE = AreaRanges.of([DISTRICT])
OFFICE = ((time(8, 30), time(12)), (time(14), time(17, 30)))
FIRST = datetime(2025, 1, 1, tzinfo=UTC)
A_DAY = 7 * 60  # minutes of one working day


def opened(
    world: World, kind: str = "neighbour_co_response", whom: str = "wang", **more: object
) -> WorkOrder:
    with duty("open_order", ranges=WHOLE, cause="test"):
        return actions.open_order(
            kind=kind,
            area_code=GRID_A,
            accountable=world.posts[whom],
            task="协防",
            now=world.now,
            asked_by_id=world.posts["wu"].pk,
            **more,  # type: ignore[arg-type]
        )


def again(order_id: UUID) -> WorkOrder:
    with duty("detect", ranges=WHOLE, cause="test"):
        return WorkOrder.objects.select_related("accountable", "escalated_to").get(pk=order_id)


def take(world: World, handle: str, order: WorkOrder, act: Act, note: str = "", **more: object) -> WorkOrder:
    actor = world.actor(handle)
    with scope(actor):
        return actions.advance_order(
            actor=actor,
            order_id=order.pk,
            act=act,
            note=note,
            now=more.pop("now", world.now),  # type: ignore[arg-type]
            expected_version=again(order.pk).version,
            **more,  # type: ignore[arg-type]
        )


def answer_all(world: World, handle: str, order: WorkOrder) -> None:
    actor = world.actor(handle)
    with scope(actor):
        replies = [ItemReply(item.key, ItemAnswer.DONE) for item in order.items.all()]
        actions.answer_items(actor=actor, order_id=order.pk, replies=replies, now=world.now)


def test_an_order_carries_its_kinds_checklist_and_takes_no_result_before_each_item_is_answered(
    world: World,
) -> None:
    order = opened(world)
    with scope(world.actor("wang")):
        assert order.items.count() == 6
    take(world, "wang", order, Act.HANDLE)
    with pytest.raises(actions.ItemsOpen):
        take(world, "wang", order, Act.FEED_BACK, "已办")

    answer_all(world, "wang", order)

    assert take(world, "wang", order, Act.FEED_BACK, "六项已办").stage == Stage.FED_BACK


def test_an_item_that_cannot_be_done_says_why_and_then_nothing_of_the_sheet_is_lost(world: World) -> None:
    order, actor = opened(world), world.actor("wang")
    with scope(actor):
        first, second = list(order.items.order_by("position")[:2])
        replies = [ItemReply(first.key, ItemAnswer.DONE), ItemReply(second.key, ItemAnswer.NOT_POSSIBLE)]
        with pytest.raises(actions.NoteNeeded):
            actions.answer_items(actor=actor, order_id=order.pk, replies=replies, now=world.now)
        assert not order.items.exclude(answer="").exists()


def test_only_the_post_that_answers_for_it_answers_items(world: World) -> None:
    order = opened(world)
    for handle, error in (("kong", NotAllowed), ("hou", NotFound)):
        with scope(world.actor(handle)), pytest.raises(error):
            actions.answer_items(actor=world.actor(handle), order_id=order.pk, replies=[], now=world.now)


def test_an_order_that_is_not_ones_own_goes_back_and_is_dispatched_anew(world: World) -> None:
    order = opened(world, kind="resident_problem", whom="tao")

    assert take(world, "tao", order, Act.SEND_BACK, "属于网格员").stage == Stage.FILED
    given = take(world, "kong", order, Act.DISPATCH, post_id=world.posts["wang"].pk)

    assert (given.stage, given.accountable_id) == (Stage.DISPATCHED, world.posts["wang"].pk)


def test_an_order_is_handed_over_with_a_reason_to_a_post_of_its_kind_only(world: World) -> None:
    order = opened(world, kind="resident_problem", whom="tao")
    with pytest.raises(actions.PostNeeded):
        take(world, "tao", order, Act.HAND_OVER, "请代办", post_id=world.posts["han"].pk)
    with pytest.raises(actions.NoteNeeded):
        take(world, "tao", order, Act.HAND_OVER, "", post_id=world.posts["wang"].pk)

    take(world, "tao", order, Act.HAND_OVER, "请代办", post_id=world.posts["wang"].pk)

    assert again(order.pk).accountable_id == world.posts["wang"].pk
    with pytest.raises(NotAllowed):
        take(world, "tao", order, Act.HANDLE)


def test_more_time_is_asked_for_decided_by_who_checks_and_only_so_often(world: World) -> None:
    order = opened(world, kind="resident_problem", whom="tao")
    tao, kong = world.actor("tao"), world.actor("kong")
    with scope(tao):
        actions.ask_extension(
            actor=tao, order_id=order.pk, minutes=600, reason="等配件", now=world.now, expected_version=1
        )
        with pytest.raises(actions.NoExtensionLeft):
            actions.ask_extension(
                actor=tao, order_id=order.pk, minutes=600, reason="再等", now=world.now, expected_version=1
            )
    with scope(kong):
        actions.decide_extension(
            actor=kong, order_id=order.pk, granted=True, now=world.now, expected_version=1
        )
    later = again(order.pk)

    assert later.due_at == (order.due_at or world.now) + timedelta(minutes=600)
    with scope(kong):
        assert extensions_left(later) == 0


def test_an_overdue_order_is_told_once_to_the_next_in_line(world: World) -> None:
    order = opened(world)
    late = (order.due_at or world.now) + timedelta(minutes=1)
    with duty("keep_clocks", ranges=WHOLE, cause="test"):
        assert actions.mark_overdue_orders(now=late) == 1
        assert actions.mark_overdue_orders(now=late) == 0

    told = again(order.pk)
    assert told.escalated_to is not None and told.escalated_to.role == "community_secretary"
    kong = world.actor("kong")
    with scope(kong):
        actions.remind(actor=kong, order_id=order.pk, note="请抓紧", now=late)
        assert list(order.steps.order_by("at").values_list("act", flat=True)) == ["open", "overdue", "remind"]


def test_an_order_ends_by_itself_the_day_after_its_last(world: World) -> None:
    today = world.now.astimezone(SHANGHAI).date()
    order = opened(world, ends_on=today)
    with duty("keep_clocks", ranges=WHOLE, cause="test"):
        assert actions.end_expired_orders(now=world.now) == 0
        assert actions.end_expired_orders(now=world.now + timedelta(days=1)) == 1
        assert actions.end_expired_orders(now=world.now + timedelta(days=1)) == 0

    assert again(order.pk).stage == Stage.CLOSED


def test_whoever_asked_says_how_the_matter_went(world: World) -> None:
    order = opened(world, kind="resident_problem")
    for handle, act, note in (
        ("wang", Act.HANDLE, ""),
        ("wang", Act.FEED_BACK, "药已送到"),
        ("kong", Act.CHECK, ""),
        ("kong", Act.CLOSE, ""),
    ):
        take(world, handle, order, act, note)
    with pytest.raises(actions.NotSatisfied):
        take(world, "wu", order, Act.EVALUATE)

    assert take(world, "wu", order, Act.EVALUATE, satisfaction=5).stage == Stage.EVALUATED


def test_a_problem_waits_to_be_filed_and_dispatched_and_its_raiser_reads_on(world: World) -> None:
    wang, sent = world.actor("wang"), UUID("01a21761-a4fd-70de-9b50-70aa14c6617a")
    with scope(wang):
        for _ in range(2):
            order = actions.raise_problem(
                actor=wang,
                area_code=GRID_A,
                category="waste",
                words="三栋后面积水",
                now=world.now,
                order_id=sent,
            )
        assert visible_orders(wang).filter(kind="resident_problem").count() == 1
        with pytest.raises(NotAllowed):
            actions.raise_problem(
                actor=wang, area_code=GRID_C, category="waste", words="不在本网格", now=world.now
            )
    assert order.stage == Stage.COLLECTED
    take(world, "kong", order, Act.FILE)
    take(world, "kong", order, Act.DISPATCH, post_id=world.posts["tao"].pk)
    page = world.sign_in(Client(), "wang").get(f"/orders/{order.pk}/").content.decode()

    assert "立案" in page and "派遣" in page


def test_a_hotline_order_runs_under_its_own_names(world: World) -> None:
    order = opened(world, kind="hotline_advice", whom="qian")
    with scope(world.actor("qian")):
        labels = [step["label"] for step in order_steps(order, world.now)]

        assert labels == ["受理", "派单", "办理", "答复", "回访", "督办"]
        assert stage_title(order) == "派单"


def test_every_kind_has_a_clock_in_every_open_stage_its_template_times(world: World) -> None:
    for kind in section(OrderKind):
        for stage in (Stage.DISPATCHED, Stage.HANDLED, Stage.FED_BACK, Stage.CHECKED):
            assert due_after(kind, stage, world.now) is not None, (kind.key, stage)


def test_every_state_has_one_name_in_every_template(world: World) -> None:
    for template in ("seven_stages", "hotline"):
        named = [state for row in section(OrderStage) if row.template == template for state in row.names]
        assert sorted(named) == sorted(Stage.values), template


def test_worktime_skips_nights_weekends_and_holidays(world: World) -> None:
    friday = datetime(2026, 9, 25, 17, 0, tzinfo=SHANGHAI)  # Mid-autumn that year: the Friday is a holiday

    assert worktime_after(friday, 30) == datetime(2026, 9, 28, 9, 0, tzinfo=SHANGHAI)
    assert worktime_after(datetime(2026, 9, 28, 11, 45, tzinfo=SHANGHAI), 30) == datetime(
        2026, 9, 28, 14, 15, tzinfo=SHANGHAI
    )


def test_the_districts_own_table_comes_before_the_published_calendar(world: World) -> None:
    sunday = date(2026, 11, 29)
    assert not is_working_day(sunday)
    Holiday.objects.create(on=sunday, is_workday=True)
    assert is_working_day(sunday)
    assert is_working_day(date(2031, 1, 6)) and not is_working_day(date(2031, 1, 5))  # years not published


@given(
    start=st.integers(0, 700 * 24 * 60).map(
        lambda n: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=n)
    ),
    minutes=st.integers(1, 20 * A_DAY),
    more=st.integers(1, 600),
)
def test_worktime_adds_up_and_always_ends_inside_office_hours(
    start: datetime, minutes: int, more: int
) -> None:
    def after(moment: datetime, span: int) -> datetime:
        return end_of_worktime(moment, span, hours=OFFICE, is_working=lambda on: on.weekday() < 5)

    end = after(start, minutes)
    here = end.astimezone(SHANGHAI)

    assert end > start and after(end, more) == after(start, minutes + more)
    assert here.weekday() < 5 and any(opens < here.time() <= closes for opens, closes in OFFICE)


def test_without_office_hours_the_calendar_is_wrong_and_says_so() -> None:
    with pytest.raises(ValueError, match="office hours"):
        end_of_worktime(datetime(2026, 1, 1, tzinfo=UTC), 5, hours=(), is_working=lambda _on: True)


def test_a_kind_counted_in_worktime_is_due_on_a_working_day(world: World) -> None:
    saturday = datetime(2026, 11, 28, 10, 0, tzinfo=SHANGHAI)
    due = due_after(order_kind("resident_problem"), Stage.DISPATCHED, saturday)

    assert due == datetime(2026, 11, 30, 10, 30, tzinfo=SHANGHAI)
