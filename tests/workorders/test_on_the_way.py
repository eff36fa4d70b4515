"""An order worked on the way, as a phone brings it: taken up once, fed back, or refused whole."""

from typing import Any

import pytest

from anlan.foundation.actor import AreaRanges
from anlan.foundation.errors import Invalid, NotAllowed
from anlan.foundation.models import Envelope
from anlan.foundation.scope import duty, scope
from anlan.workorders.actions import ItemsOpen, OrderMoved, open_order
from anlan.workorders.intake import apply_order_work
from anlan.workorders.models import WorkOrder
from anlan.workorders.rules import Stage
from tests.world import DISTRICT, GRID_A, World


def given(world: World, kind: str = "neighbour_co_response") -> WorkOrder:
    with duty("open_order", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        return open_order(
            kind=kind,
            area_code=GRID_A,
            accountable=world.posts["wang"],
            asked_by_id=world.posts["wu"].pk,
            task="巡查楼栋",
            place_name="1号楼",
            now=world.now,
        )


def bring(world: World, order: WorkOrder, handle: str = "wang", **body: Any) -> WorkOrder:
    actor = world.actor(handle)
    envelope = Envelope(area_code=GRID_A, source="order-work")
    with scope(actor):
        apply_order_work(actor, envelope, {"order_id": str(order.pk), **body}, world.now)
        return WorkOrder.objects.get(pk=order.pk)


def items_of(order: WorkOrder, answer: str = "done") -> list[dict[str, str]]:
    with duty("open_order", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        return [{"key": item.key, "answer": answer} for item in order.items.all()]


def test_taking_up_twice_is_taking_up_once(world: World) -> None:
    order = given(world)

    first, again = bring(world, order), bring(world, order)

    assert (first.stage, again.stage) == (Stage.HANDLED, Stage.HANDLED)
    assert first.version == again.version


def test_work_done_is_taken_up_answered_and_fed_back_in_one(world: World) -> None:
    order = given(world)

    done = bring(world, order, items=items_of(order), finding="六项都办了")

    assert (done.stage, done.finding) == (Stage.FED_BACK, "六项都办了")


def test_an_open_item_refuses_the_whole_and_nothing_is_changed(world: World) -> None:
    order = given(world)

    with pytest.raises(ItemsOpen):
        bring(world, order, items=items_of(order)[:1], finding="办了")

    with duty("open_order", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        assert WorkOrder.objects.get(pk=order.pk).stage == Stage.DISPATCHED
        assert not order.items.exclude(answer="").exists()


def test_what_was_fed_back_or_is_anothers_is_refused(world: World) -> None:
    order = given(world, "resident_problem")
    bring(world, order, finding="药已送到")

    with pytest.raises(OrderMoved):
        bring(world, order, finding="药又送到")
    with pytest.raises(NotAllowed):
        bring(world, given(world), handle="shi")


@pytest.mark.parametrize("body", [{"stage": "closed"}, {"items": [{"key": "x", "answer": ""}]}])
def test_what_is_not_of_the_form_is_refused_with_the_names_of_the_fields(
    world: World, body: dict[str, Any]
) -> None:
    with pytest.raises(Invalid) as refused:
        bring(world, given(world), **body)

    assert list(refused.value.fields) in (["stage"], ["items.0.answer"])
