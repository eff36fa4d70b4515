"""The pages of the loop: each does its work, refuses wrong input, hides what is not yours."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.test import Client

from anlan.foundation.actor import AreaRanges
from anlan.foundation.ids import new_id
from anlan.foundation.scope import duty, scope
from anlan.health.models import CaseReport
from anlan.surveillance.assessing import questions
from anlan.surveillance.models import Signal, WarningReceipt
from anlan.workorders.models import WorkOrder
from tests.pages import without_marks
from tests.surveillance.test_loop import answer as answer_notice
from tests.surveillance.test_loop import product_of, raise_signal, run_reactions
from tests.world import DISTRICT, GRID_A, GRID_B, World

SignedIn = Callable[[str], Client]


@pytest.fixture
def as_(world: World) -> SignedIn:
    def sign_in(handle: str) -> Client:
        return world.sign_in(Client(), handle)

    return sign_in


def report(world: World, **changes: object) -> dict[str, object]:
    onset_on = (world.now - timedelta(days=1)).date().isoformat()
    fields: dict[str, object] = {
        "report_id": str(new_id()),
        "symptoms": ["fever", "rash"],
        "onset_on": onset_on,
        "area_code": GRID_A,
    }
    return fields | changes


def reports() -> list[CaseReport]:
    with duty("detect", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        return list(CaseReport.objects.all())


def signal_of(signal_id: UUID) -> Signal:
    with duty("detect", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        return Signal.objects.get(pk=signal_id)


def test_a_grid_worker_reports_in_symptoms_and_reads_that_it_arrived(world: World, as_: SignedIn) -> None:
    answer = as_("wang").post("/report/", report(world), follow=True)

    assert [row.condition for row in reports()] == ["fever_rash"]
    assert "已收到" in answer.content.decode()


def test_a_report_may_name_the_building(world: World, as_: SignedIn) -> None:
    building = world.buildings[GRID_A][0]

    as_("wang").post("/report/", report(world, building=str(building.pk)))

    assert [row.building_id for row in reports()] == [building.pk]


def test_a_report_sent_twice_from_the_page_is_stored_once(world: World, as_: SignedIn) -> None:
    client, sent = as_("wang"), report(world)

    for _ in range(3):
        client.post("/report/", sent)

    assert len(reports()) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"symptoms": []},
        {"onset_on": "2999-01-01"},
        {"onset_on": "昨天"},
        {"area_code": GRID_B},
        {"age_years": "300"},
        {"symptoms": ["no such symptom"]},
        {"report_id": "1"},
    ],
)
def test_a_wrong_report_is_refused_and_nothing_is_stored(
    world: World, as_: SignedIn, wrong: dict[str, object]
) -> None:
    answer = as_("wang").post("/report/", report(world, **wrong))

    assert answer.status_code == 422
    assert reports() == []


def test_a_department_may_not_report(world: World, as_: SignedIn) -> None:
    assert as_("han").get("/report/").status_code == 403


@pytest.mark.parametrize(
    "page", ["/work/", "/report/", "/reports/", "/signals/", "/orders/", "/warnings/", "/command/"]
)
def test_a_stranger_is_asked_to_sign_in(page: str, standard_pack: None) -> None:
    answer = Client().get(page)

    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")


def test_absent_and_not_yours_are_the_same_bytes(world: World, as_: SignedIn) -> None:
    signal_id = raise_signal(world)
    with scope(world.actor("zhou")):
        order = WorkOrder.objects.first()
    assert order is not None

    for handle, own, base in (("zhao", signal_id, "/signals/"), ("wang", order.pk, "/orders/")):
        client = as_(handle)
        foreign, absent = client.get(f"{base}{own}/"), client.get(f"{base}{uuid4()}/")
        assert foreign.status_code == absent.status_code == 404
        assert without_marks(foreign.content) == without_marks(absent.content)


def walk_the_order(world: World, signal_id: UUID, does: Client, checks: Client) -> None:
    """Answer every item of the order about a signal, feed back, check and close it, by its pages."""
    with scope(world.actor("zheng")):
        order = WorkOrder.objects.get(subject_id=signal_id)
        answers = {f"answer_{key}": "done" for key in order.items.values_list("key", flat=True)}
    assert does.post(f"/orders/{order.pk}/items/answer/", answers).status_code == 302
    for client, act, note in (
        (does, "handle", ""),
        (does, "feed_back", "属实"),
        (checks, "check", ""),
        (checks, "close", ""),
    ):
        with scope(world.actor("zhou")):
            version = WorkOrder.objects.get(pk=order.pk).version
        answer = client.post(f"/orders/{order.pk}/{act}/", {"note": note, "version": version})
        assert answer.status_code == 302


def test_the_loop_is_walked_through_its_pages(world: World, as_: SignedIn) -> None:
    signal_id = raise_signal(world)
    zhou, wu, zheng, wang = as_("zhou"), as_("wu"), as_("zheng"), as_("wang")
    page = f"/signals/{signal_id}/"

    def send(client: Client, act: str, **fields: object) -> None:
        fields["version"] = signal_of(signal_id).version
        answer = client.post(f"{page}{act}/", fields)
        assert answer.status_code == 302, answer.content.decode()[:3000]

    assert zhou.get(page).status_code == 200
    send(zhou, "acknowledge")
    send(zhou, "verify", holds="yes", note="电话核实")
    answers: dict[str, object] = {f"q_{question.key}": 0 for question in questions()}
    send(zhou, "assess", grade="very_low", evidence="同班两例", products=["warning_notification"], **answers)
    send(
        zhou,
        "assess",
        grade="low",
        evidence="同班两例",
        products=["warning_notification"],
        differs_because="接种史不详",
        **answers,
    )
    notice = product_of(signal_id)
    sent = {"version": notice.version, "text": "附近班级出现聚集，请留意。", "said": ["0", "1", "2", "3"]}
    assert wu.post(f"/products/{notice.pk}/sign/", sent).status_code == 302
    with scope(world.actor("wang")):
        receipt = WarningReceipt.objects.get()
    assert "附近班级" in wang.get("/warnings/").content.decode()
    assert wang.post(f"/warnings/{receipt.pk}/acknowledge/").status_code == 302
    for handle in ("chu", "zheng", "zhu"):
        answer_notice(world, handle)
    run_reactions()
    walk_the_order(world, signal_id, zheng, zhou)
    send(zhou, "close", note="无新发")

    assert signal_of(signal_id).state == "closed"
    assert "已关闭" in zhou.get(page).content.decode()


def test_an_assessment_without_grounds_is_refused(world: World, as_: SignedIn) -> None:
    signal_id = raise_signal(world)
    zhou = as_("zhou")
    zhou.post(f"/signals/{signal_id}/acknowledge/", {"version": signal_of(signal_id).version})
    version = signal_of(signal_id).version

    answer = zhou.post(f"/signals/{signal_id}/verify/", {"version": version, "holds": "yes", "note": " "})

    assert answer.status_code == 422
    assert signal_of(signal_id).state == "verifying"


def test_the_command_map_shows_the_grade_and_never_a_count_to_leaders(world: World, as_: SignedIn) -> None:
    raise_signal(world)

    shown = as_("zhao").get("/command/map.json?level=grid").json()

    assert all(
        set(row["properties"]) - {"outline"} == {"code", "name", "grade", "href", "label"}
        for row in shown["features"]
    )
    assert {row["properties"]["grade"] for row in shown["features"]} == {0}
