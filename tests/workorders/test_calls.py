"""S07, thin: a community calls two departments; one is late, one refuses; the caller confirms arrival."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client

from anlan.foundation.actor import AreaRanges
from anlan.foundation.clock import utc_now
from anlan.foundation.errors import NotAllowed, NotFound
from anlan.foundation.scope import duty, scope
from anlan.organisation.actions import leave_seat
from anlan.workorders import actions
from anlan.workorders.models import OrderLeg, WorkOrder
from anlan.workorders.queries import my_orders
from anlan.workorders.rules import Act, LegAct, LegState, Stage
from tests.organisation.seating import found, seat
from tests.world import DISTRICT, GRID_A, GRID_B, GRID_C, GRID_D, World

WHOLE = AreaRanges.of([DISTRICT])
ROLE_OF = {"han": "police_officer", "shen": "civil_affairs_officer"}


def called(world: World) -> WorkOrder:
    kong = world.actor("kong")
    with scope(kong):
        return actions.call_departments(
            actor=kong, area_code=GRID_A, situation="violence", words="二栋有人动手", now=world.now
        )


def leg_of(order: WorkOrder, role: str) -> OrderLeg:
    with duty("detect", ranges=WHOLE, cause="test"):
        return OrderLeg.objects.select_related("post").get(order=order, post__role=role)


def act(world: World, handle: str, leg_id: UUID, verb: LegAct, note: str = "") -> OrderLeg:
    actor = world.actor(handle)
    with duty("detect", ranges=WHOLE, cause="test"):
        version = OrderLeg.objects.get(pk=leg_id).version
    with scope(actor):
        return actions.act_on_leg(
            actor=actor, leg_id=leg_id, act=verb, note=note, now=world.now, expected_version=version
        )


def feed_back(world: World, order: WorkOrder) -> WorkOrder:
    han = world.actor("han")
    for verb, note in ((Act.HANDLE, ""), (Act.FEED_BACK, "双方已劝开")):
        with scope(han):
            row = WorkOrder.objects.get(pk=order.pk)
            if verb is Act.HANDLE and row.stage != Stage.DISPATCHED:
                continue
            row = actions.advance_order(
                actor=han, order_id=row.pk, act=verb, note=note, now=world.now, expected_version=row.version
            )
    return row


def test_one_tap_calls_every_department_the_pack_names_with_its_clock(world: World) -> None:
    order = called(world)
    police, civil = leg_of(order, "police_officer"), leg_of(order, "civil_affairs_officer")

    assert police.is_lead and not civil.is_lead
    assert police.due_at == civil.due_at == world.now + timedelta(minutes=30)
    for handle in ("han", "shen"):
        with scope(world.actor(handle)):
            assert [row.pk for row in my_orders(world.actor(handle))] == [order.pk]


def test_a_late_department_is_marked_and_the_subdistrict_is_told(world: World) -> None:
    order = called(world)
    act(world, "shen", leg_of(order, "civil_affairs_officer").pk, LegAct.ACCEPT)
    act(world, "kong", leg_of(order, "civil_affairs_officer").pk, LegAct.ARRIVE)
    with duty("keep_clocks", ranges=WHOLE, cause="test"):
        actions.mark_overdue_orders(now=world.now + timedelta(minutes=31))

    late, there = leg_of(order, "police_officer"), leg_of(order, "civil_affairs_officer")
    assert late.late_at is not None and there.late_at is None
    with scope(world.actor("qian")):
        row = WorkOrder.objects.select_related("escalated_to").get(pk=order.pk)
        assert row.escalated_to == world.posts["qian"]
        assert row.steps.filter(act="leg_late").count() == 1


def test_a_refusal_needs_its_reason_and_is_decided_by_the_subdistrict(world: World) -> None:
    order = called(world)
    leg = leg_of(order, "civil_affairs_officer")
    with pytest.raises(actions.NoteNeeded):
        act(world, "shen", leg.pk, LegAct.REFUSE)
    act(world, "shen", leg.pk, LegAct.REFUSE, "不属民政职责")
    with pytest.raises(NotAllowed):
        act(world, "kong", leg.pk, LegAct.EXCUSE)

    act(world, "qian", leg.pk, LegAct.INSIST, "先到场再分责")
    assert leg_of(order, "civil_affairs_officer").state == LegState.ASKED
    act(world, "shen", leg.pk, LegAct.REFUSE, "已电话联系，无人受伤")
    assert act(world, "qian", leg.pk, LegAct.EXCUSE).state == LegState.EXCUSED


def test_arrival_is_confirmed_by_the_caller_and_by_nobody_else(world: World) -> None:
    leg = leg_of(called(world), "police_officer")
    for handle, error in (("han", NotAllowed), ("qian", NotAllowed), ("li", NotFound)):
        with pytest.raises(error):
            act(world, handle, leg.pk, LegAct.ARRIVE)

    assert act(world, "kong", leg.pk, LegAct.ARRIVE).arrived_at == world.now


def test_the_call_ends_when_all_have_answered_and_the_caller_confirms(world: World) -> None:
    order = called(world)
    police, civil = leg_of(order, "police_officer"), leg_of(order, "civil_affairs_officer")
    act(world, "shen", civil.pk, LegAct.REFUSE, "不属民政职责")
    with pytest.raises(actions.LegsOpen):
        feed_back(world, order)
    act(world, "qian", civil.pk, LegAct.EXCUSE)
    act(world, "kong", police.pk, LegAct.ARRIVE)
    act(world, "han", police.pk, LegAct.FINISH, "双方已劝开")
    feed_back(world, order)

    kong = world.actor("kong")
    for verb in (Act.CHECK, Act.CLOSE):
        with scope(kong):
            row = WorkOrder.objects.get(pk=order.pk)
            row = actions.advance_order(
                actor=kong, order_id=row.pk, act=verb, note="", now=world.now, expected_version=row.version
            )
    assert row.stage == Stage.CLOSED


def test_a_leg_decided_on_an_old_version_is_a_conflict(world: World) -> None:
    leg, han = leg_of(called(world), "police_officer"), world.actor("han")
    with scope(han):
        actions.act_on_leg(
            actor=han, leg_id=leg.pk, act=LegAct.ACCEPT, note="", now=world.now, expected_version=1
        )
        with pytest.raises(actions.OrderMoved):
            actions.act_on_leg(
                actor=han, leg_id=leg.pk, act=LegAct.FINISH, note="好了", now=world.now, expected_version=1
            )


def test_the_pages_make_a_call_and_carry_it(world: World) -> None:
    kong, han, li = (world.sign_in(Client(), handle) for handle in ("kong", "han", "li"))
    assert "燃气异味或一氧化碳" in kong.get("/orders/call/").content.decode()
    wrong = kong.post("/orders/call/", {"situation": "violence"})
    assert wrong.status_code == 422
    form = {
        "situation": "violence",
        "area_code": GRID_A,
        "words": "二栋有人动手",
        "order_id": "01a21761-a4fd-70de-9b50-70aa14c66abc",
    }
    page = kong.post("/orders/call/", form)["Location"]
    assert kong.post("/orders/call/", form)["Location"] == page  # pressed twice, called once
    leg = leg_of(WorkOrder(pk=UUID(form["order_id"])), "police_officer")

    assert han.post(f"/orders/legs/{leg.pk}/accept/", {"version": 1}).status_code == 302
    assert "已应答，前往" in kong.get(page).content.decode()
    assert kong.post(f"/orders/legs/{leg.pk}/arrive/", {"version": 2}).status_code == 302
    assert "已到场" in han.get(page).content.decode()
    assert li.get(page).status_code == 404


def test_a_called_post_cannot_be_done_before_the_caller_has_seen_it_come(world: World) -> None:
    leg = leg_of(called(world), "police_officer")
    act(world, "han", leg.pk, LegAct.ACCEPT)

    with pytest.raises(NotAllowed):
        act(world, "han", leg.pk, LegAct.FINISH, "已处理")

    act(world, "kong", leg.pk, LegAct.ARRIVE)
    assert act(world, "han", leg.pk, LegAct.FINISH, "已处理").state == LegState.DONE


def test_no_result_goes_back_before_each_assisting_post_has_given_its_own(world: World) -> None:
    order = called(world)
    for role in ("police_officer", "civil_affairs_officer"):
        act(world, "kong", leg_of(order, role).pk, LegAct.ARRIVE)
    with pytest.raises(actions.LegsOpen):
        feed_back(world, order)

    act(world, "shen", leg_of(order, "civil_affairs_officer").pk, LegAct.FINISH, "已安置")
    assert feed_back(world, order).stage == Stage.FED_BACK


def with_joint_parties(world: World) -> None:
    """Spring's standing list: its own two, the police, who heads a building in A, housing, which has left."""
    kong, body = world.actor("kong"), found(world, template="joint_parties")
    seat(world, body, "community", "kong", is_lead=True)
    for slot, who in (("community", "tao"), ("police", "han"), ("units", "shi")):
        seat(world, body, slot, who)
    left = seat(world, body, "property", "yang")
    with scope(kong):
        leave_seat(actor=kong, seat_id=left.pk, now=utc_now())


def reached(world: World, by: str, area_code: str, situation: str = "school_cluster") -> set[str]:
    """Call, and return the handles of whom it reached."""
    actor = world.actor(by)
    with scope(actor):
        order = actions.call_departments(
            actor=actor, area_code=area_code, situation=situation, words="请到场", now=utc_now()
        )
        ids = set(order.legs.values_list("post", flat=True))
    return {handle for handle, post in world.posts.items() if post.pk in ids}


def test_the_standing_list_of_the_community_comes_too_where_the_pack_says_so(world: World) -> None:
    departments = {"zheng", "zhu", "qin"}
    assert reached(world, "kong", GRID_A) == departments

    with_joint_parties(world)

    assert reached(world, "kong", GRID_A) == departments | {"han", "shi"}  # not those who call, nor who left
    assert reached(world, "kong", GRID_B) == departments | {"han"}  # the head of a building serves only A
    assert reached(world, "qian", GRID_A) == departments | {"han", "shi", "kong", "tao"}
    assert reached(world, "kong", GRID_A, "violence") == {"han", "shen"}
    assert reached(world, "qian", GRID_C) == departments  # another community's list is its own


def test_the_page_names_whom_a_call_would_reach_before_it_is_made(world: World) -> None:
    with_joint_parties(world)
    kong = world.sign_in(Client(), "kong")

    def coming(situation: str, area_code: str) -> str:
        page = kong.get("/orders/call/", {"situation": situation, "area_code": area_code}).content.decode()
        return re.sub(r"<[^>]+>|\s", "", page.partition('id="coming"')[2].partition("</div>")[0])

    assert coming("school_cluster", GRID_A).endswith(
        "将同时呼叫社区卫生服务中心防疫专干主办、教育局干部、市场监管局干部、楼栋长、公安民警"
    )
    for situation, area_code in (("school_cluster", GRID_D), ("school_cluster", ""), ("no_such", GRID_A)):
        assert "将同时呼叫" not in coming(situation, area_code)

    without_words = kong.post("/orders/call/", {"situation": "school_cluster", "area_code": GRID_A})
    assert without_words.status_code == 422
    assert "将同时呼叫" in without_words.content.decode()  # still told, with what is missing
