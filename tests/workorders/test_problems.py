"""A problem and its raiser: hears back in time, evaluates it, finds it again in the list."""

from datetime import timedelta

import pytest
from django.test import Client

from anlan.foundation.errors import NotAllowed
from anlan.foundation.scope import duty, scope
from anlan.workorders import actions
from anlan.workorders.models import WorkOrder
from anlan.workorders.rules import Act
from tests.workorders.test_stages import WHOLE, again, opened, take
from tests.world import GRID_A, GRID_C, World


def problem_of_wang(world: World) -> WorkOrder:
    wang = world.actor("wang")
    with scope(wang):
        return actions.raise_problem(
            actor=wang, area_code=GRID_A, category="waste", words="三栋后面积水", now=world.now
        )


def test_a_raiser_who_hears_nothing_for_a_day_is_marked_once_and_the_subdistrict_told(world: World) -> None:
    order, next_day = problem_of_wang(world), world.now + timedelta(hours=24)
    with duty("keep_clocks", ranges=WHOLE, cause="test"):
        actions.mark_overdue_orders(now=next_day)
        assert not order.steps.filter(act="no_reply").exists()
        for _ in range(2):
            actions.mark_overdue_orders(now=next_day + timedelta(minutes=1))
        assert order.steps.filter(act="no_reply").count() == 1

    assert again(order.pk).escalated_to == world.posts["qian"]


def test_a_raiser_who_has_heard_is_not_marked_and_reads_when(world: World) -> None:
    order = problem_of_wang(world)
    take(world, "kong", order, Act.FILE)
    with duty("keep_clocks", ranges=WHOLE, cause="test"):
        actions.mark_overdue_orders(now=world.now + timedelta(hours=25))
        assert not order.steps.filter(act="no_reply").exists()

    page = world.sign_in(Client(), "wang").get(f"/orders/{order.pk}/").content.decode()
    assert "给提出人的回音" in page


def test_nobody_evaluates_in_the_raisers_stead(world: World) -> None:
    order = opened(world, kind="resident_problem")
    for handle, act, note in (
        ("wang", Act.HANDLE, ""),
        ("wang", Act.FEED_BACK, "药已送到"),
        ("kong", Act.CHECK, ""),
        ("kong", Act.CLOSE, ""),
    ):
        take(world, handle, order, act, note)

    with pytest.raises(NotAllowed):
        take(world, "kong", order, Act.EVALUATE, satisfaction=5)


def test_the_list_is_narrowed_by_kind_area_and_words(world: World) -> None:
    order = problem_of_wang(world)
    kong = world.sign_in(Client(), "kong")

    def shown(**asked: str) -> bool:
        return str(order.pk) in kong.get("/orders/", {"view": "open", **asked}).content.decode()

    assert shown() and shown(q="积水") and shown(kind="resident_problem") and shown(area=GRID_A)
    assert not shown(q="停电") and not shown(kind="verify_signal") and not shown(area=GRID_C)
