"""The scripts every page loads, in a real browser: dialogs, forms, live areas, tables, maps and charts."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from anlan.foundation.design import design_language
from tests.journeys.axe import violations
from tests.journeys.browser import DESK, PHONE, listen, new_context, overflow_px
from tests.journeys.scripts.pages_house import STATIC, House, page_with, request, visit

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("size", [DESK, PHONE])
def test_the_design_language_is_accessible_and_keeps_the_policy(
    browser: Browser, house: str, size: tuple[int, int]
) -> None:
    House.pages["/design/"] = design_language(request()).content.decode()
    page = new_context(browser, size).new_page()
    complaints = listen(page)

    page.goto(f"{house}/design/")
    page.wait_for_selector(".chart canvas")

    assert [str(found) for found in violations(page)] == []
    assert complaints == []
    assert overflow_px(page) <= 0


def test_a_sheet_holds_the_focus_and_gives_it_back(browser: Browser, house: str) -> None:
    House.pages["/design/"] = design_language(request()).content.decode()
    page = visit(browser, f"{house}/design/", PHONE)
    opener = page.locator("[data-opens=sample-sheet]")

    opener.click()
    for _press in range(12):
        page.keyboard.press("Tab")
        assert page.evaluate("document.querySelector('#sample-sheet').contains(document.activeElement)")
    page.keyboard.press("Escape")

    expect(page.locator("#sample-sheet")).to_be_hidden()
    expect(opener).to_be_focused()


def test_the_last_persons_answers_are_gone_when_a_sheet_opens_again(browser: Browser, house: str) -> None:
    House.pages["/design/"] = design_language(request()).content.decode()
    page = visit(browser, f"{house}/design/", PHONE)
    page.locator("[data-opens=sample-sheet]").click()
    page.locator("#sample-sheet .choice-tile").first.click()
    token = page.locator("#sample-sheet [name=form_token]").input_value()
    assert page.locator("#sample-sheet input:checked").count() == 1

    page.keyboard.press("Escape")
    page.locator("[data-opens=sample-sheet]").click()

    assert page.locator("#sample-sheet input:checked").count() == 0
    assert page.locator("#sample-sheet .is-chosen").count() == 0
    assert page.locator("#sample-sheet [name=form_token]").input_value() != token


def test_an_act_waits_until_the_person_has_agreed(browser: Browser, house: str) -> None:
    House.pages["/"] = page_with(
        '<c-form action="/act/"><c-button kind="danger" type="submit" data-confirm="排除这条信号？"'
        " data-confirm-danger>排除</c-button></c-form>"
    )
    page = visit(browser, f"{house}/")

    page.get_by_role("button", name="排除").click()
    page.get_by_role("alertdialog").get_by_role("button", name="取消").click()
    assert House.posts == []
    page.get_by_role("button", name="排除").click()
    page.get_by_role("alertdialog").get_by_role("button", name="排除").click()
    page.wait_for_url("**/act/")

    assert len(House.posts) == 1


def test_a_form_pressed_twice_is_sent_once(browser: Browser, house: str) -> None:
    House.pages["/"] = page_with('<c-form action="/act/" submit="交" />')
    page = visit(browser, f"{house}/")

    page.evaluate("""() => {
        const form = document.querySelector('form.form');
        form.requestSubmit(); form.requestSubmit();
    }""")
    page.wait_for_url("**/act/")

    assert len(House.posts) == 1
    assert "form_token=" in House.posts[0]


def test_a_live_area_fetches_itself_when_its_topic_changes_and_only_then(
    browser: Browser, house: str
) -> None:
    House.pages["/"] = page_with(
        '<c-live-mark /><div id="own" data-live-topics="orders" hx-get="/own/" hx-trigger="live-change" '
        'hx-swap="outerHTML">旧</div><div id="other" data-live-topics="people" hx-get="/other/" '
        'hx-trigger="live-change">旧</div>'
    )
    House.pages["/own/"] = '<div id="own" data-live-topics="orders" hx-get="/own/">新</div>'
    page = visit(browser, f"{house}/")
    expect(page.locator(".live-mark")).to_have_attribute("data-state", "live")

    House.live.put("orders:42")

    expect(page.locator("#own")).to_have_text("新")
    assert "/other/" not in House.visits


def test_a_lost_connection_is_a_state_and_everything_is_fetched_when_it_returns(
    browser: Browser, house: str
) -> None:
    House.pages["/"] = page_with(
        '<c-live-mark /><div id="own" data-live-topics="orders" hx-get="/own/" hx-trigger="live-change" '
        'hx-swap="outerHTML">旧</div>'
    )
    House.pages["/own/"] = '<div id="own">新</div>'
    page = visit(browser, f"{house}/")
    expect(page.locator(".live-mark")).to_have_attribute("data-state", "live")

    House.live.put(None)  # the server ends the stream

    expect(page.locator(".live-mark")).to_contain_text("连接已断开")
    expect(page.locator(".toast")).to_have_count(0)
    expect(page.locator("#own")).to_have_text("新", timeout=15_000)


def test_a_refused_request_becomes_a_toast_in_the_servers_words(browser: Browser, house: str) -> None:
    House.pages["/"] = page_with('<button id="try" hx-get="/absent/" hx-target="#page">试</button>')
    page = visit(browser, f"{house}/")

    page.locator("#try").click()

    expect(page.locator(".toast[role=alert]")).to_have_text("没有办成，请稍后再试。")


def test_an_answer_shows_only_its_own_questions(browser: Browser, house: str) -> None:
    House.pages["/"] = page_with(
        '<form><c-choice-tile type="radio" name="seen" value="yes" label="已就诊" />'
        '<c-choice-tile type="radio" name="seen" value="no" label="未就诊" />'
        '<div id="where" data-shown-when="seen=yes">在哪里</div></form>'
    )
    page = visit(browser, f"{house}/")
    expect(page.locator("#where")).to_be_hidden()

    page.get_by_label("已就诊", exact=True).check()
    expect(page.locator("#where")).to_be_visible()
    page.get_by_label("未就诊").check()

    expect(page.locator("#where")).to_be_hidden()


def shapes(grade: int) -> str:
    squares = [
        {
            "type": "Feature",
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[x, 0], [x + 100, 0], [x + 100, 100], [x, 100], [x, 0]]],
            },
            "properties": {"code": f"33019900{x // 100}", "name": name, "grade": own, "label": True},
        }
        for x, name, own in ((0, "望山街道", 0), (100, "临江街道", grade))
    ]
    return json.dumps({"type": "FeatureCollection", "features": squares})


MAP = '<c-choropleth src="/shapes/" plane="1" topics="signals" />'
MAP_SCRIPT = "<script defer src=\"{% static 'built/map.js' %}\"></script>"


def test_an_area_is_chosen_by_keyboard_from_the_list_worst_first(browser: Browser, house: str) -> None:
    House.pages["/"], House.pages["/shapes/"] = page_with(MAP, MAP_SCRIPT), shapes(3)
    page = visit(browser, f"{house}/")
    page.wait_for_selector(".choropleth-map path")
    page.evaluate("document.addEventListener('area-chosen', event => (window.chosen = event.detail.code))")

    page.locator(".choropleth-list button").first.focus()
    page.keyboard.press("Enter")

    expect(page.locator(".choropleth-list button").first).to_contain_text("临江街道")
    assert page.evaluate("window.chosen") == "330199001"
    assert violations(page) == []


def test_a_changed_area_is_repainted_when_its_topic_changes(browser: Browser, house: str) -> None:
    House.pages["/"], House.pages["/shapes/"] = page_with(MAP, MAP_SCRIPT), shapes(0)
    page = visit(browser, f"{house}/")
    page.wait_for_selector(".choropleth-map path")
    before = page.locator('.leaflet-overlay-pane path[fill="#43206e"]').count()
    House.pages["/shapes/"] = shapes(4)

    House.live.put("signals:1")

    expect(page.locator('.leaflet-overlay-pane path[fill="#43206e"]')).to_have_count(1)
    assert before == 0
    House.pages["/shapes/"] = shapes(0)

    House.live.put("signals:1")  # soon after the first

    expect(page.locator('.leaflet-overlay-pane path[fill="#43206e"]')).to_have_count(0)


def test_a_table_row_is_a_card_of_two_lines_on_a_phone(browser: Browser, house: str) -> None:
    House.pages["/design/"] = design_language(request()).content.decode()
    page = visit(browser, f"{house}/design/", PHONE)
    row = page.locator(".data-table tbody tr").first

    shown = [cell for cell in row.locator("td").all() if cell.is_visible()]

    assert len(shown) == 4
    assert len({round(cell.bounding_box()["y"]) for cell in shown}) <= 3  # type: ignore[index]


def test_what_a_hand_presses_on_a_phone_is_large_enough(browser: Browser, house: str) -> None:
    House.pages["/design/"] = design_language(request()).content.decode()
    page = visit(browser, f"{house}/design/", PHONE)

    small = page.evaluate("""() => [...document.querySelectorAll(
        '.page .button, .page .chip, .page .segmented > *, .choice-tile, .bottom-bar > *, .input, .select')]
        .filter(e => e.offsetParent && e.getBoundingClientRect().height < 39.5)
        .map(e => e.className + ' ' + e.getBoundingClientRect().height)""")

    assert small == []


def test_the_built_scripts_are_there() -> None:
    names = {file.name for file in Path(STATIC / "built").iterdir()}

    assert {"anlan.js", "map.js", "chart.js", "style.css", "icons.svg"} <= names
