"""The gate and a response kept without a mouse, at a desk and on a phone: each focus seen, no trap."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import transaction
from playwright.sync_api import Browser, Locator, expect

from anlan.affairs.models import Admission
from anlan.foundation.clock import day_of, utc_now
from anlan.surveillance.models import Signal
from tests.affairs.test_gate import survey
from tests.journeys.browser import DESK, PHONE
from tests.journeys.keyboard import go_to, walk, walk_back
from tests.journeys.person import Person, in_the_house, wrong_with
from tests.journeys.town import Town
from tests.response.steps import NOTICE, proposed
from tests.world import SPRING, World

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases=["default", "owner"]),
]
SURVEY = "老年人月度摸底"
SIZES = [pytest.param(DESK, id="desk"), pytest.param(PHONE, id="phone")]


@pytest.fixture
def response(world: World) -> UUID:
    """A plan for an assessed signal, to be decided."""
    with transaction.atomic():
        return proposed(world)


@pytest.fixture
def request_at_the_gate(world: World) -> Admission:
    """A department's request, to be decided."""
    with transaction.atomic():
        return survey(world, SPRING)


def walks_over(person: Person) -> None:
    """Look the page over and walk it by Tab; what falls short is kept with the person's faults."""
    person.look_over()
    walked = walk(person.page)
    assert len(walked.stops) > 5
    where = f"{person.handle} {person.page.url.removeprefix(person.base)}"
    person.faults += [f"{where}: {fault}" for fault in walked.faults]
    if (back := walk_back(person.page)) != walked.stops[::-1]:
        person.faults.append(f"{where}: Shift+Tab does not go back the way: {back}")


def enter(control: Locator) -> None:
    """Go to a link or a button by Tab and press Enter; it leads to another page."""
    go_to(control)
    with control.page.expect_navigation():
        control.page.keyboard.press("Enter")


def write(field: Locator, words: str) -> None:
    """Go to a field by Tab and write into it, over what stands there."""
    go_to(field)
    field.page.keyboard.press("Control+A")
    field.page.keyboard.insert_text(words)


def opens_and_closes(person: Person, opener: Locator, box: Locator) -> None:
    """Open a dialog by Enter; Tab stays in it, Escape closes it and gives the focus back."""
    keyboard = person.page.keyboard
    go_to(opener)
    keyboard.press("Enter")
    expect(box).to_be_visible()
    person.look_over()
    for key in ("Tab", "Tab", "Tab", "Shift+Tab", "Shift+Tab", "Shift+Tab", "Shift+Tab"):
        keyboard.press(key)
        assert box.evaluate("box => box.contains(document.activeElement)"), key
    keyboard.press("Escape")
    expect(box).to_be_hidden()
    expect(opener).to_be_focused()


def finds_the_way_about(person: Person, *, on_phone: bool) -> None:
    """The menu of the account, and on a phone the rail that is folded away behind 更多."""
    page = person.page
    menu = page.locator("details.menu")
    go_to(menu.locator("summary"))
    page.keyboard.press("Enter")
    expect(menu).to_have_attribute("open", "")
    page.keyboard.press("Tab")
    assert menu.evaluate("menu => menu.contains(document.activeElement)")
    page.keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", "")
    if on_phone:
        opens_and_closes(person, page.get_by_role("button", name="更多", exact=True), page.locator("#rail"))


def decides_at_the_gate(mei: Person, *, admits: bool) -> None:
    """The item is found by the tabs and its row; a refusal without its reason comes back to the field."""
    page = mei.at("/gate/").page
    walks_over(mei)
    enter(page.get_by_role("link", name="在册事项"))
    enter(page.locator(".segmented").get_by_role("link", name="待审核"))
    enter(page.get_by_role("link", name=SURVEY))
    walks_over(mei)
    enter(page.get_by_role("button", name="不予准入"))
    expect(page.locator(".has-error textarea")).to_be_focused()
    walks_over(mei)
    card = page.locator(".card", has=page.get_by_role("button", name="同意准入" if admits else "不予准入"))
    write(card.get_by_role("textbox"), "符合标准" if admits else "已有同类数据")
    enter(card.get_by_role("button"))
    mei.sees("已准入" if admits else "已有同类数据")
    walks_over(mei)


def starts_a_response(wu: Person) -> None:
    """The plan is read, its scope changed with the arrows and changed back, and started."""
    page = wu.at("/responses/").page
    walks_over(wu)
    enter(page.locator("a.row-link"))
    walks_over(wu)
    chosen = page.locator("[name=layer]:checked")
    advised = chosen.get_attribute("value")
    go_to(chosen)
    page.keyboard.press("ArrowRight")
    assert chosen.get_attribute("value") != advised
    page.keyboard.press("ArrowLeft")
    assert chosen.get_attribute("value") == advised
    write(page.locator("#approve-notice_text"), NOTICE)
    enter(page.get_by_role("button", name="批准启动"))
    wu.sees("响应中")
    walks_over(wu)


def ends_a_response(wu: Person) -> None:
    """Every condition is ticked with Space, the reason written; thought over with Escape, then ended."""
    page = wu.page
    for tick in page.locator("[name=confirmed]").all():
        go_to(tick)
        page.keyboard.press("Space")
        expect(tick).to_be_checked()
    write(page.locator("#lift-reason"), "末例后满最长潜伏期，无新发")
    lift, question = page.get_by_role("button", name="解除响应"), page.get_by_role("alertdialog")
    opens_and_closes(wu, lift, question)
    page.keyboard.press("Enter")
    enter(question.get_by_role("button", name="解除"))
    wu.sees("已解除")
    walks_over(wu)


@pytest.mark.parametrize("size", SIZES)
def test_the_gate_and_a_response_are_kept_without_a_mouse(
    request_at_the_gate: Admission, response: UUID, town: Town, browser: Browser, size: tuple[int, int]
) -> None:
    mei, wu = (Person(browser, town, handle, size) for handle in ("mei", "wu"))

    decides_at_the_gate(mei, admits=size == DESK)
    finds_the_way_about(mei, on_phone=size == PHONE)
    starts_a_response(wu)
    long_ago = day_of(utc_now()) - timedelta(days=40)
    in_the_house(lambda: Signal.objects.update(last_on=long_ago, first_on=long_ago))
    wu.at(f"/responses/{response}/")
    ends_a_response(wu)

    wrong = wrong_with(mei, wu)
    assert wrong == [], "\n".join(wrong)


@pytest.mark.parametrize("size", SIZES)
def test_a_department_asks_and_sends_without_a_mouse(
    town: Town, browser: Browser, size: tuple[int, int]
) -> None:
    shen = Person(browser, town, "shen", size)
    page = shen.at("/gate/request/").page
    walks_over(shen)
    enter(page.get_by_role("button", name="提交审核"))  # with nothing filled in
    expect(page.get_by_label("事项名称")).to_be_focused()
    walks_over(shen)

    shen.at("/orders/task/")
    walks_over(shen)
    for choice in ("没有准入事项", "春泉社区"):
        go_to(page.get_by_label(choice))
        page.keyboard.press("Space")
    write(page.get_by_label("一句话说明"), "每月上报老年人台账")
    enter(page.get_by_role("button", name="派出"))
    shen.sees("准入关口没有放行")
    walks_over(shen)

    wrong = wrong_with(shen)
    assert wrong == [], "\n".join(wrong)
