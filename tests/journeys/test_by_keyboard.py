"""Pages of responses and of the gate by keyboard alone, at a desk and on a phone; axe on each."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import transaction
from playwright.sync_api import Browser, expect

from anlan.affairs.actions import HeldAtGate
from anlan.affairs.models import Objection
from anlan.affairs.queries import CITABLE, list_items
from anlan.affairs.rules import Decision
from anlan.foundation.clock import day_of, utc_now
from anlan.foundation.runner.facts import drain_facts
from anlan.foundation.scope import scope
from anlan.surveillance.models import Signal
from anlan.workorders.actions import object_to_order
from anlan.workorders.models import WorkOrder
from tests.affairs.test_gate import decide, emergency, survey
from tests.affairs.test_gate import send as send_to
from tests.journeys.browser import DESK, PHONE, open_browser
from tests.journeys.keyboard import focus_by_tab, walk_by_tab
from tests.journeys.person import Person, in_the_house, wrong_with
from tests.journeys.town import Town, running
from tests.response.steps import NOTICE, proposed
from tests.world import SPRING, World

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases=["default", "owner"]),
]
SIZES = [pytest.param(DESK, id="desk"), pytest.param(PHONE, id="phone")]


@pytest.fixture
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


@pytest.fixture
def town(world: World) -> Iterator[Town]:
    with running(world) as house:
        yield house


@pytest.fixture
def response(world: World) -> UUID:
    """A plan for an assessed signal, to be decided."""
    with transaction.atomic():
        return proposed(world)


@pytest.fixture
def at_the_gate(world: World) -> dict[str, UUID]:
    """A request that waits, an item in force with its orders, a held attempt, an objection, a review."""
    with transaction.atomic():
        decide(world, survey(world), Decision.ADMIT)
        drain_facts()
        with pytest.raises(HeldAtGate):
            send_to(world)
        return {
            "waiting": survey(world, SPRING).pk,
            "review": emergency(world).pk,
            "objection": object_to_task(world),
        }


def object_to_task(world: World) -> UUID:
    kong = world.actor("kong")
    with scope(kong):
        order = WorkOrder.objects.get(kind="community_task", area_code=SPRING)
        object_to_order(
            actor=kong,
            order_id=order.pk,
            cited=list_items(lists=CITABLE)[0].key,
            note="由部门办理",
            now=world.now,
            expected_version=order.version,
        )
        return Objection.objects.get().pk


def walked(person: Person) -> list[str]:
    """Look the page over, walk it by Tab, and return what falls short."""
    person.look_over()
    walk = walk_by_tab(person.page)
    assert len(walk.stops) > 5
    return [f"{person.page.url.removeprefix(person.base)}: {fault}" for fault in walk.faults]


def write(person: Person, label: str, words: str) -> None:
    """Go to a field by Tab and write into it, over what stands there."""
    focus_by_tab(person.page, label)
    person.page.keyboard.press("Control+A")
    person.page.keyboard.insert_text(words)


def enter(person: Person, name: str) -> None:
    """Go to a button by Tab and press Enter."""
    focus_by_tab(person.page, name)
    with person.page.expect_navigation():
        person.page.keyboard.press("Enter")
    person.look_over()


@pytest.mark.parametrize("size", SIZES)
def test_a_response_is_begun_and_ended_without_a_mouse(
    response: UUID, town: Town, browser: Browser, size: tuple[int, int]
) -> None:
    wu = Person(browser, town, "wu", size)
    faults = walked(wu.at("/responses/"))
    faults += walked(wu.at(f"/responses/{response}/"))

    write(wu, "警示信息通报正文（随方案一并签发）", NOTICE)
    enter(wu, "批准启动")
    wu.sees("响应中")
    faults += walked(wu)

    long_ago = day_of(utc_now()) - timedelta(days=40)
    in_the_house(lambda: Signal.objects.update(last_on=long_ago, first_on=long_ago))
    wu.at(f"/responses/{response}/")
    lift_by_keyboard(wu)
    wu.sees("已解除")
    faults += walked(wu)
    faults += walked(wu.at("/lifting/"))

    assert faults == [], faults
    wrong = wrong_with(wu)
    assert wrong == [], wrong


def lift_by_keyboard(wu: Person) -> None:
    """Tick what is confirmed, say why, think better of it with Escape, then lift."""
    page = wu.page
    ticks = page.locator("input[name=confirmed]")
    for number in range(ticks.count()):
        ticks.nth(number).focus()
        page.keyboard.press("Space")
    write(wu, "理由", "末例后满最长潜伏期，无新发")
    focus_by_tab(page, "解除响应")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("alertdialog")
    expect(dialog).to_be_visible()
    wu.look_over()
    for _press in range(5):
        page.keyboard.press("Tab")
        assert dialog.evaluate("box => box.contains(document.activeElement)")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("button", name="解除响应")).to_be_focused()
    expect(page.get_by_text("响应中").first).to_be_visible()
    page.keyboard.press("Enter")
    enter(wu, "解除")


@pytest.mark.parametrize("size", SIZES)
def test_the_gate_is_kept_without_a_mouse(
    at_the_gate: dict[str, UUID], town: Town, browser: Browser, size: tuple[int, int]
) -> None:
    mei = Person(browser, town, "mei", size)
    pages = ["/gate/", *(f"/gate/?view={view}" for view in ("in_force", "reviews", "refused"))]
    pages += ["/gate/log/", "/gate/objections/", f"/gate/{at_the_gate['review']}/", "/lists/"]
    faults = [fault for path in pages for fault in walked(mei.at(path))]
    faults += walked(mei.at(f"/gate/{at_the_gate['waiting']}/"))

    enter(mei, "不予准入")  # without the reason it needs
    faults += walked(mei)
    enter(mei, "同意准入")
    mei.sees("已准入")
    faults += walked(mei)
    qian = Person(browser, town, "qian", size)
    faults += walked(qian.at(f"/gate/objections/{at_the_gate['objection']}/"))

    assert faults == [], faults
    wrong = wrong_with(mei, qian)
    assert wrong == [], wrong


@pytest.mark.parametrize("size", SIZES)
def test_a_department_asks_and_sends_without_a_mouse(
    town: Town, browser: Browser, size: tuple[int, int]
) -> None:
    shen = Person(browser, town, "shen", size)
    faults = walked(shen.at("/gate/request/"))
    enter(shen, "提交审核")  # with nothing filled in
    faults += walked(shen)
    faults += walked(shen.at("/orders/task/"))
    for choice in ("没有准入事项", "春泉社区"):
        focus_by_tab(shen.page, choice)
        shen.page.keyboard.press("Space")
    write(shen, "一句话说明", "每月上报老年人台账")
    enter(shen, "派出")
    shen.sees("没有派出")
    faults += walked(shen)

    assert faults == [], faults
    wrong = wrong_with(shen)
    assert wrong == [], wrong
