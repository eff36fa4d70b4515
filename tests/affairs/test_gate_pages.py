"""The pages of the gate: ask, decide, read; give an order back and have it ruled on."""

from datetime import timedelta

from django.test import Client
from django.urls import reverse

from anlan.affairs.actions import HeldAtGate, mark_late_at_gate
from anlan.affairs.models import Admission, GateEntry, Objection
from anlan.affairs.rules import AdmissionState, Decision, ObjectionState
from anlan.foundation.clock import day_of
from anlan.foundation.runner.attempts import attempt
from anlan.foundation.runner.facts import drain_facts
from anlan.foundation.scope import duty, scope
from anlan.workorders.actions import open_order
from anlan.workorders.models import WorkOrder
from anlan.workorders.rules import Stage
from tests.affairs.test_gate import WHOLE, decide, emergency, send, survey
from tests.world import BRIDGE, GRID_A, NORTH, SPRING, World

FORM = {
    "row_id": "0190a0a0-0000-7000-8000-000000000001",
    "title": "高龄津贴核对",
    "list_item": "",
    "basis": "民发〔2026〕1号",
    "minutes": "45",
    "frequency": "once",
    "areas": [NORTH],
    "hand_back": "名单核对结果",
}


def order_of(world: World, admission: Admission) -> WorkOrder:
    with duty("react", ranges=WHOLE, cause="test"):
        return WorkOrder.objects.get(admission=admission, area_code=SPRING)


def test_a_department_asks_a_decider_admits_and_the_secretary_reads_it(world: World, client: Client) -> None:
    world.sign_in(client, "shen")
    form = {**FORM, "ends_on": day_of(world.now + timedelta(days=9)).isoformat()}

    first = client.post(reverse("admission_request"), form)
    again = client.post(reverse("admission_request"), form)
    assert first.status_code == again.status_code == 302
    assert first["Location"] == again["Location"]
    address = first["Location"]
    assert "高龄津贴核对" in client.get(reverse("gate")).content.decode()

    world.sign_in(client, "mei")
    said = {"decision": "admit", "version": "1", "reason": ""}
    assert client.post(f"{address}decide/", said).status_code == 302

    world.sign_in(client, "li")
    page = client.get(address).content.decode()
    assert "还有 9 天" in page
    assert "新桥社区" in page and "春泉社区" not in page
    assert "高龄津贴核对" in client.get(reverse("gate"), {"view": "in_force"}).content.decode()


def test_a_wrong_request_is_answered_at_its_fields(world: World, client: Client) -> None:
    world.sign_in(client, "shen")

    empty = client.post(reverse("admission_request"), {"row_id": FORM["row_id"]})
    past = client.post(reverse("admission_request"), {**FORM, "ends_on": "2020-01-01"})

    assert (empty.status_code, past.status_code) == (422, 422)
    assert "截止日期须在今天之后" in past.content.decode()


def test_a_refusal_without_a_reason_is_asked_for_it(world: World, client: Client) -> None:
    request = survey(world)
    world.sign_in(client, "mei")

    said = {"decision": "refuse", "version": "1", "reason": ""}
    answer = client.post(reverse("admission_decide", args=[request.pk]), said)

    assert answer.status_code == 422
    assert "请写明理由" in answer.content.decode()
    with duty("react", ranges=WHOLE, cause="test"):
        assert Admission.objects.get().state == AdmissionState.REQUESTED


def test_the_neighbour_finds_nothing_and_the_stranger_signs_in(world: World, client: Client) -> None:
    request = survey(world, SPRING)
    address = reverse("admission", args=[request.pk])

    assert client.get(address).status_code == 302
    assert world.sign_in(client, "li").get(address).status_code == 404


def test_the_log_shows_what_was_held_and_to_a_department_only_its_own(world: World, client: Client) -> None:
    assert isinstance(attempt(lambda: send(world)), HeldAtGate)  # undone, as a refused request is

    for handle, sees in (("kong", True), ("mei", True), ("shen", True), ("han", False), ("li", False)):
        page = world.sign_in(client, handle).get(reverse("gate_log")).content.decode()
        assert ("老年人月度摸底" in page) is sees, handle
    with duty("react", ranges=WHOLE, cause="test"):
        assert GateEntry.objects.count() == 1


def test_an_overdue_review_is_shown_late_until_it_is_confirmed(world: World, client: Client) -> None:
    admission = emergency(world)
    with duty("keep_clocks", ranges=WHOLE, cause="test"):
        mark_late_at_gate(now=world.now + timedelta(hours=73))
    world.sign_in(client, "mei")

    page = client.get(reverse("admission", args=[admission.pk])).content.decode()
    assert "复核超时" in page
    assert admission.title in client.get(reverse("gate"), {"view": "reviews"}).content.decode()

    said = {"decision": "confirm", "version": "1", "reason": ""}
    client.post(reverse("admission_decide", args=[admission.pk]), said)
    assert admission.title not in client.get(reverse("gate"), {"view": "reviews"}).content.decode()


def test_a_secretary_gives_an_order_back_and_the_subdistrict_takes_it_off(
    world: World, client: Client
) -> None:
    admission = decide(world, survey(world, SPRING), Decision.ADMIT)
    drain_facts()
    order = order_of(world, admission)
    world.sign_in(client, "kong")

    assert "非社区职责" in client.get(reverse("order", args=[order.pk])).content.decode()
    said = {"list_item": "repeated_tables", "note": "民政已有数据", "version": "1"}
    assert client.post(reverse("order_object", args=[order.pk]), {**said, "list_item": ""}).status_code == 422
    assert client.post(reverse("order_object", args=[order.pk]), said).status_code == 302
    assert client.post(reverse("order_object", args=[order.pk]), said).status_code == 409

    with duty("react", ranges=WHOLE, cause="test"):
        objection = Objection.objects.get()
    address = reverse("objection", args=[objection.pk])
    ruling = {"ruling": "upheld", "reason": "数据已有", "version": "1"}
    assert client.post(address, ruling).status_code == 403
    world.sign_in(client, "qian")
    assert client.post(address, {**ruling, "reason": ""}).status_code == 422
    assert client.post(address, ruling).status_code == 302
    drain_facts()

    assert order_of(world, admission).stage == Stage.CLOSED
    with duty("react", ranges=WHOLE, cause="test"):
        assert Objection.objects.get().state == ObjectionState.UPHELD


def test_a_rejected_objection_leaves_the_order_open_with_the_ruling_on_its_timeline(
    world: World, client: Client
) -> None:
    admission = decide(world, survey(world, SPRING), Decision.ADMIT)
    drain_facts()
    order = order_of(world, admission)
    said = {"list_item": "law_enforcement", "note": "", "version": "1"}
    world.sign_in(client, "kong").post(reverse("order_object", args=[order.pk]), said)
    with duty("react", ranges=WHOLE, cause="test"):
        address = reverse("objection", args=[Objection.objects.get().pk])

    ruling = {"ruling": "rejected", "reason": "属协助事项", "version": "1"}
    world.sign_in(client, "qian").post(address, ruling)
    drain_facts()

    assert order_of(world, admission).stage == Stage.DISPATCHED
    with duty("react", ranges=WHOLE, cause="test"):
        notes = [step.note for step in order.steps.order_by("at", "id")]
    assert notes[-1] == "街道裁定由社区办理：属协助事项"


def test_an_order_that_asks_nothing_of_a_community_cannot_be_given_back(world: World, client: Client) -> None:
    with scope(world.actor("wu")):
        order = open_order(
            kind="unit_measures", area_code=GRID_A, accountable=world.posts["chu"], task="消毒", now=world.now
        )

    answer = world.sign_in(client, "kong").post(
        reverse("order_object", args=[order.pk]), {"list_item": "law_enforcement", "version": "1"}
    )

    assert answer.status_code == 403


def test_the_lists_are_searched_by_words_and_by_list(world: World, client: Client) -> None:
    world.sign_in(client, "wang")

    found = client.get(reverse("lists"), {"q": "核实病情"}).content.decode()
    only = client.get(reverse("lists"), {"list": "certificate"}).content.decode()
    nothing = client.get(reverse("lists"), {"q": "不存在的事"}).content.decode()

    assert "核实病情、流行病学调查" in found and "调解邻里纠纷" not in found
    assert "居住情况证明" in only and "核实病情、流行病学调查" not in only
    assert "清单里没有找到" in nothing


def test_the_gate_page_takes_as_many_queries_for_ten_rows_as_for_one(
    world: World, client: Client, django_assert_max_num_queries: object
) -> None:
    world.sign_in(client, "mei")
    for _ in range(10):
        survey(world, SPRING, BRIDGE)
    client.get(reverse("gate"))

    with django_assert_max_num_queries(25):  # type: ignore[operator]
        client.get(reverse("gate"))
