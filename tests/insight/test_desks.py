"""The leaders' first screens: what waits, from their own ranges only."""

from datetime import timedelta

from django.test import Client

from anlan.affairs.presenting import citable_items
from anlan.affairs.rules import Decision
from anlan.foundation.actor import AreaRanges
from anlan.foundation.scope import duty, scope
from anlan.insight import desk_queries
from anlan.workorders.actions import object_to_order, open_order
from anlan.workorders.rules import Act, LegAct
from tests.affairs.test_gate import decide, send, survey
from tests.surveillance.test_loop import signed
from tests.workorders.test_calls import act, called, leg_of
from tests.workorders.test_problems import problem_of_wang
from tests.workorders.test_stages import take
from tests.world import BRIDGE, DISTRICT, GRID_A, GRID_C, GRID_D, NORTH, SPRING, World

LATER = timedelta(days=30)


def ask(world: World, *, kind: str, area: str, whom: str) -> None:
    with duty("open_order", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        open_order(
            kind=kind,
            area_code=area,
            accountable=world.posts[whom],
            asked_by_id=world.posts["qian"].pk,
            task="核对台账",
            now=world.now,
        )


def test_a_secretary_sees_new_and_late_orders_of_the_community_and_of_no_other(world: World) -> None:
    ask(world, kind="neighbour_co_response", area=GRID_A, whom="wang")
    ask(world, kind="neighbour_co_response", area=GRID_C, whom="hou")
    secretary = world.actor("kong")

    with scope(secretary):
        today = desk_queries.community_desk(secretary, world.now)
        later = desk_queries.community_desk(secretary, world.now + LATER)

    assert [order.area_code for order in today.new_orders] == [GRID_A] and today.late_count == 0
    assert [order.area_code for order in later.late_orders] == [GRID_A] and later.late_count == 1


def test_an_appeal_stands_there_once_it_has_waited_four_hours(world: World) -> None:
    ask(world, kind="resident_problem", area=GRID_A, whom="tao")
    secretary = world.actor("kong")

    with scope(secretary):
        waits = [
            desk_queries.community_desk(secretary, world.now + timedelta(hours=hours)).appeal_count
            for hours in (3, 5)
        ]

    assert waits == [0, 1]


def test_an_appeal_that_somebody_took_up_waits_no_more(world: World) -> None:
    order = problem_of_wang(world)
    secretary, later = world.actor("kong"), world.now + timedelta(hours=5)

    with scope(secretary):
        before = desk_queries.community_desk(secretary, later).appeal_count
    take(world, "kong", order, Act.FILE)
    with scope(secretary):
        after = desk_queries.community_desk(secretary, later).appeal_count

    assert (before, after) == (1, 0)


def desk_of(world: World, handle: str, address: str) -> str:
    answer = world.sign_in(Client(), handle).get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_an_order_names_its_asker_and_the_item_it_rests_on(world: World) -> None:
    admitted = decide(world, survey(world, SPRING), Decision.ADMIT)
    send(world, admitted)

    shown = desk_of(world, "kong", "/desk/community/")

    assert f"{world.posts['shen'].title}交办" in shown
    assert "老年人月度摸底" in shown


def test_a_request_to_one_community_is_accepted_or_refused_at_the_desk(world: World) -> None:
    own, wide = survey(world, SPRING), survey(world, NORTH)
    client = world.sign_in(Client(), "kong")
    shown = client.get("/desk/community/").content.decode()
    assert f"/gate/{own.pk}/decide/" in shown and "同意准入" in shown
    assert f"/gate/{wide.pk}/decide/" not in shown and "不由本岗位审核" in shown

    address = f"/gate/{own.pk}/decide/"
    unsaid = client.post(address, {"decision": "refuse", "version": own.version, "reason": ""})
    said = client.post(address, {"decision": "refuse", "version": own.version, "reason": "清单外"})

    assert (unsaid.status_code, said.status_code) == (422, 302)
    assert address not in client.get("/desk/community/").content.decode()


def test_a_neighbour_sees_nothing_of_another_communitys_gate(world: World) -> None:
    survey(world, SPRING)

    assert "老年人月度摸底" not in desk_of(world, "li", "/desk/community/")


def test_one_tap_calls_and_the_called_posts_stand_on_the_desk(world: World) -> None:
    assert 'href="/orders/call/"' in desk_of(world, "kong", "/desk/community/")
    called(world)

    shown = desk_of(world, "kong", "/desk/community/")

    assert "本社区的吹哨" in shown and world.posts["han"].title in shown and "已呼叫" in shown


def test_the_weeks_burden_stands_on_both_desks(world: World) -> None:
    decide(world, survey(world, NORTH), Decision.ADMIT)  # 90 minutes in each of two communities
    secretary, officer = world.actor("kong"), world.actor("qian")

    with scope(secretary):
        own = desk_queries.community_desk(secretary, world.now).burden_minutes
    with scope(officer):
        each = {
            line.area.code: line.burden_minutes for line in desk_queries.communities_of(officer, world.now)
        }

    assert own == 90 and each == {SPRING: 90, BRIDGE: 90}


def test_a_department_late_to_a_call_and_a_refusal_are_the_subdistricts(world: World) -> None:
    order = called(world)
    act(world, "shen", leg_of(order, "civil_affairs_officer").pk, LegAct.REFUSE, "不属民政职责")
    officer, elsewhere = world.actor("qian"), world.actor("bai")

    with scope(officer):
        soon = desk_queries.late_arrivals(officer, world.now)
        late = desk_queries.late_arrivals(officer, world.now + timedelta(minutes=31))
        refused = desk_queries.refusals_to_decide(officer)
    with scope(elsewhere):
        assert not desk_queries.called_legs(elsewhere).exists()

    assert soon == [] and [leg.post.role for leg in late] == ["police_officer"]
    assert [leg.post.role for leg in refused] == ["civil_affairs_officer"]
    shown = desk_of(world, "qian", "/desk/subdistrict/")
    assert "请您裁定" in shown and "不属民政职责" in shown


def test_an_objection_waits_for_the_subdistrict_and_for_nobody_else(world: World) -> None:
    order = send(world, decide(world, survey(world, SPRING), Decision.ADMIT))
    secretary, officer = world.actor("kong"), world.actor("qian")
    cited = citable_items()[0][0]
    with scope(secretary):
        object_to_order(
            actor=secretary,
            order_id=order.pk,
            cited=cited,
            note="不在清单",
            now=world.now,
            expected_version=order.version,
        )
        assert desk_queries.objections_to_decide(secretary) == []
    with scope(officer):
        found = desk_queries.objections_to_decide(officer)

    assert [row.order_id for row in found] == [order.pk]
    assert "非社区职责" in desk_of(world, "qian", "/desk/subdistrict/")


def test_a_subdistrict_sees_its_communities_those_with_red_clocks_first(world: World) -> None:
    ask(world, kind="neighbour_co_response", area=GRID_C, whom="hou")
    ask(world, kind="neighbour_co_response", area=GRID_D, whom="du")  # in another subdistrict
    officer = world.actor("qian")

    with scope(officer):
        lines = desk_queries.communities_of(officer, world.now + LATER)

    assert [line.area.code for line in lines] == [BRIDGE, SPRING]
    assert [(line.open_orders, line.late_orders) for line in lines] == [(1, 1), (0, 0)]


def test_a_late_order_of_a_department_is_named_and_one_of_the_own_house_is_not(world: World) -> None:
    ask(world, kind="department_support", area=GRID_A, whom="yang")
    ask(world, kind="neighbour_co_response", area=GRID_A, whom="wang")
    officer = world.actor("qian")

    with scope(officer):
        late = desk_queries.late_at_departments(officer, world.now + LATER)

    assert [order.accountable_id for order in late] == [world.posts["yang"].pk]


def test_places_that_have_not_answered_are_counted_and_named(world: World) -> None:
    signed(world)
    for handle in ("zhao", "qian"):
        actor = world.actor(handle)
        with scope(actor):
            found = desk_queries.silent_receivers(actor)
            assert found and all(row.acknowledged_at is None for row in found), handle
    assert "还没有应答的地方" in world.sign_in(Client(), "zhao").get("/desk/command/").content.decode()


def test_each_screen_opens_for_its_post(world: World) -> None:
    signed(world)
    ask(world, kind="neighbour_co_response", area=GRID_A, whom="wang")
    for handle, words in (("kong", "新派工单"), ("qian", "各社区"), ("zhao", "核实后的事件")):
        answer = world.sign_in(Client(), handle).get("/", follow=True)
        assert answer.status_code == 200 and words in answer.content.decode(), handle
