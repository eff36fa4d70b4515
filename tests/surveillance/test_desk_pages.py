"""The desks, the list and the pages of signals and products: what they show, refuse and hide."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from anlan.foundation.actor import AreaRanges
from anlan.foundation.scope import duty
from anlan.surveillance import actions
from anlan.surveillance.assessing import questions
from anlan.surveillance.models import Signal
from tests.surveillance.test_clocks import signal_of
from tests.surveillance.test_loop import as_zhou, assessed, product_of, raise_signal, signed, verified
from tests.surveillance.test_visibility import warned
from tests.world import DISTRICT, GRID_D, SPRING, World

WHOLE = AreaRanges.of([DISTRICT])
SignedIn = Callable[[str], Client]


@pytest.fixture
def as_(world: World) -> SignedIn:
    def sign_in(handle: str) -> Client:
        return world.sign_in(Client(), handle)

    return sign_in


def text_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


def test_the_duty_officer_begins_at_the_desk(as_: SignedIn) -> None:
    assert as_("zhou").get("/")["Location"] == "/desk/"
    assert as_("wu").get("/")["Location"] == "/desk/control/"


@pytest.mark.parametrize("handle", ["zheng", "wu", "zhao", "kong", "wang", "chu", "xu"])
def test_the_duty_desk_is_the_duty_officers(as_: SignedIn, handle: str) -> None:
    assert as_(handle).get("/desk/").status_code == 403


def test_the_desk_shows_evidence_gauge_legal_clock_and_shift(world: World, as_: SignedIn) -> None:
    raise_signal(world)

    page = text_of(as_("zhou"), "/desk/")

    assert "报告麻疹 2 例，达到 2 例的标准" in page
    assert "2/10：尚未达到突发公共卫生事件报告标准；达到 10 例，2 小时内报告" in page
    assert "法定时限：尚未网络直报" in page and page.count('href="/reports/') >= 2
    assert "交班" in page


def test_an_empty_desk_says_what_will_come(as_: SignedIn) -> None:
    assert "没有在办信号" in text_of(as_("zhou"), "/desk/")
    assert "没有待签发的产品" in text_of(as_("wu"), "/desk/control/")


def test_two_hour_diseases_stand_first(world: World, as_: SignedIn) -> None:
    warned(world, "C")
    with duty("react", ranges=WHOLE, cause="test"):
        Signal.objects.create(
            area_code=GRID_D,
            condition="unknown_pneumonia",
            place_kind="grid",
            place_key=GRID_D,
            place_name="青田第一网格",
            urgency="two_hour",
            receives=["cdc_duty_officer"],
            first_on=world.now.date(),
            last_on=world.now.date(),
            raised_at=world.now,
            state_entered_at=world.now,
            due_at=world.now + timedelta(days=1),
        )

    page = text_of(as_("zhou"), "/desk/")

    assert page.index("青田第一网格") < page.index("春泉第一网格")


def test_the_desk_asks_as_much_for_many_signals_as_for_one(world: World, as_: SignedIn) -> None:
    client = as_("zhou")
    warned(world, "C")
    client.get("/desk/")
    with CaptureQueriesContext(
        connection,
    ) as one:
        client.get("/desk/")
    with duty("react", ranges=WHOLE, cause="test"):
        for number in range(12):
            Signal.objects.create(
                area_code=GRID_D,
                condition="norovirus",
                place_kind="building",
                place_key=f"b{number}",
                urgency="same_day",
                receives=["cdc_duty_officer"],
                first_on=world.now.date(),
                last_on=world.now.date(),
                raised_at=world.now,
                state_entered_at=world.now,
            )
    with CaptureQueriesContext(connection) as many:
        client.get("/desk/")

    assert len(many) <= len(one), Counter(q["sql"][:60] for q in many) - Counter(q["sql"][:60] for q in one)


def test_the_department_sees_what_to_sign_then_who_has_not_answered(world: World, as_: SignedIn) -> None:
    signal_id = assessed(world)
    wu, product = as_("wu"), product_of(signal_id)

    assert f"/products/{product.pk}/" in text_of(wu, "/desk/control/")
    signed_now = {"version": product.version, "text": "附近有聚集，请留意。", "said": ["0", "1", "2", "3"]}
    assert wu.post(f"/products/{product.pk}/sign/", signed_now).status_code == 302
    page = text_of(wu, "/desk/control/")

    assert "没有待签发的产品" in page and "4 个接收方，已应答 0，已反馈 0" in page


def test_what_was_escalated_stands_at_the_department(world: World, as_: SignedIn) -> None:
    raise_signal(world)
    assert "超时上报到本岗位" not in text_of(as_("wu"), "/desk/control/")

    with duty("keep_clocks", ranges=WHOLE, cause="test"):
        actions.mark_overdue_signals(now=world.now + timedelta(hours=2))

    assert "超时上报到本岗位" in text_of(as_("wu"), "/desk/control/")


def test_a_signature_without_every_point_ticked_is_refused(world: World, as_: SignedIn) -> None:
    product = product_of(assessed(world))
    sent = {"version": product.version, "text": product.text, "said": ["0", "1"]}

    answer = as_("wu").post(f"/products/{product.pk}/sign/", sent)

    assert answer.status_code == 422 and "每一项都要写明并勾选" in answer.content.decode()
    assert product_of(product.signal_id).signed_at is None


def test_a_forbidden_word_is_shown_at_its_field(world: World, as_: SignedIn) -> None:
    product = product_of(assessed(world))
    sent = {"version": product.version, "text": "有 2 例发热。", "said": ["0", "1", "2", "3"]}

    answer = as_("wu").post(f"/products/{product.pk}/sign/", sent)

    assert answer.status_code == 422 and "不得写出小于 5 的人数" in answer.content.decode()


def test_the_places_are_written_on_the_page(world: World, as_: SignedIn) -> None:
    product = product_of(assessed(world))
    zhou = as_("zhou")
    page = text_of(zhou, f"/products/{product.pk}/")
    assert "写入内容" in page and "签发并传递" not in page

    sent = {"version": product.version, "place_3": "提醒家长"} | {f"place_{n}": "照办" for n in range(8)}
    assert zhou.post(f"/products/{product.pk}/write/", sent).status_code == 302

    assert "照办" in product_of(product.signal_id).text_broadcast


def test_a_receiver_answers_and_feeds_back_on_the_page(world: World, as_: SignedIn) -> None:
    signal_id = signed(world)
    wang = as_("wang")
    page = text_of(wang, "/warnings/?view=open")
    receipt_id = page.split("/warnings/")[-1].split("/acknowledge/")[0]
    receipt_id = page[page.index("/acknowledge/") - 36 : page.index("/acknowledge/")]

    assert wang.post(f"/warnings/{receipt_id}/acknowledge/").status_code == 302
    assert "提交反馈" in text_of(wang, "/warnings/")
    assert wang.post(f"/warnings/{receipt_id}/feedback/", {"words": "已提醒三栋楼"}).status_code == 302

    shown = text_of(as_("zhou"), f"/products/{product_of(signal_id).pk}/")
    assert "已提醒三栋楼" in shown and "王芳" in shown and "教育局" in shown
    assert "没有待应答的通报" in text_of(wang, "/warnings/?view=open")


def test_reminding_is_shown_to_the_receiver(world: World, as_: SignedIn) -> None:
    product = product_of(signed(world))

    assert as_("wu").post(f"/products/{product.pk}/remind/").status_code == 302

    assert "已催办 1 次" in text_of(as_("wang"), "/warnings/")


def test_the_assessment_page_asks_every_question_and_keeps_its_history(world: World, as_: SignedIn) -> None:
    signal_id = verified(world)
    zhou = as_("zhou")
    address = f"/signals/{signal_id}/assess/"
    page = text_of(zhou, address)
    assert all(question.title.zh in page for question in questions()) and "风险矩阵" in page
    sent: dict[str, object] = {f"q_{question.key}": len(question.choices) - 1 for question in questions()}
    sent |= {"version": signal_of(signal_id).version, "evidence": "同班多例", "grade": "low"}

    without_product = zhou.post(address, sent)
    without_reason = zhou.post(address, sent | {"products": ["warning_notification"]})
    assert (without_product.status_code, without_reason.status_code) == (422, 422)
    assert "至少形成一种预警产品" in without_product.content.decode()
    assert "与风险矩阵不同" in without_reason.content.decode()

    whole = sent | {"products": ["warning_notification"], "differs_because": "已停课"}
    assert zhou.post(address, whole).status_code == 302
    assert "已停课" in text_of(zhou, address)
    assert "同班多例" in text_of(zhou, f"/signals/{signal_id}/")


def test_the_signal_page_shows_clocks_gauge_reports_and_map(world: World, as_: SignedIn) -> None:
    signal_id = verified(world)

    page = text_of(as_("zhou"), f"/signals/{signal_id}/")

    assert all(words in page for words in ("信号接收", "初步核实", "现场核实", "距突发公共卫生事件标准"))
    assert 'data-src="/areas/' in page and "信号背后的报告" in page


def test_a_further_product_is_formed_from_the_signal_page(world: World, as_: SignedIn) -> None:
    signal_id = assessed(world)
    sent = {"version": signal_of(signal_id).version, "kind": "decision_advice"}

    assert as_("zhou").post(f"/signals/{signal_id}/form/", sent).status_code == 302

    assert "预警决策建议" in text_of(as_("zhou"), f"/signals/{signal_id}/")


def shown(client: Client, query: str, signal_id: UUID) -> bool:
    return str(signal_id) in text_of(client, f"/signals/?{query}")


def test_the_list_is_narrowed_by_state_condition_rule_area_and_words(world: World, as_: SignedIn) -> None:
    signal_id = raise_signal(world)
    zhou = as_("zhou")
    with duty("detect", ranges=WHOLE, cause="test"):
        rule = signal_of(signal_id).reasons.latest("at").rule

    found = ("state=raised", "condition=measles", f"rule={rule}", f"area={SPRING}", "q=春泉小学", "q=麻疹")
    for query in found:
        assert shown(zhou, query, signal_id), query
    for query in ("state=closed", "condition=rubella", "rule=none", f"area={GRID_D}", "q=没有"):
        assert not shown(zhou, query, signal_id), query
    assert "没有符合条件的信号" in text_of(zhou, "/signals/?q=没有")


def test_a_closed_signal_stands_under_all(world: World, as_: SignedIn) -> None:
    signal_id = raise_signal(world)
    as_zhou(world, "acknowledge_signal", signal_id)
    as_zhou(world, "verify_signal", signal_id, holds=False, note="药疹")

    assert not shown(as_("zhou"), "view=open", signal_id)
    assert shown(as_("zhou"), "view=all", signal_id)


@pytest.mark.parametrize("page", ["/desk/", "/desk/control/", "/desk/shifts/", "/desk/shifts/give/"])
def test_a_stranger_is_asked_to_sign_in(page: str, standard_pack: None) -> None:
    answer = Client().get(page)

    assert answer.status_code == 302 and answer["Location"].startswith("/accounts/login/")
