"""S02, of the registers: lines of persons to households, who is left out, and the three tiers above."""

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Locator, expect

from tests.journeys.person import Person, wrong_with
from tests.journeys.town import Town
from tests.world import DOORS, FIELD, GRID_A, NORTH, SPRING, World

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases=["default", "owner"]),
]
HOUSEHOLDS = 2 * len(DOORS)  # of Spring: those of its two grids


def test_every_household_has_a_line_to_somebody(world: World, town: Town, browser: Browser) -> None:
    kong, qian = Person(browser, town, "kong"), Person(browser, town, "qian")

    assign(kong, "party_member", GRID_A, "陶然", building="1号楼")
    coverage(kong, "party_member", SPRING, covered=2)
    those_left_out_are_listed(kong)
    assign(kong, "party_member", SPRING, "石磊")
    coverage(kong, "party_member", SPRING, covered=HOUSEHOLDS)
    three_tiers_name_their_gaps(kong, qian)
    who_leaves_hands_over(kong)
    a_neighbour_is_not_seen(kong)

    assert wrong_with(kong, qian) == []


def on(line: str, area: str, page: str = "liaison") -> str:
    return f"{reverse(page)}?line={line}&area={area}"


def assign(person: Person, line: str, area: str, name: str, *, building: str = "") -> None:
    """Let somebody answer for the households of an area that have nobody: looked at, then done."""
    person.at(f"{on(line, area, 'liaison_assign')}&q={name}")
    person.page.get_by_role("radio", name=name).first.check()
    if building:
        person.page.get_by_label(building).check()
    person.press("看一看再办")
    person.press("确认")
    person.sees("已指定")


def coverage(person: Person, line: str, area: str, *, covered: int) -> None:
    """Hold that so many of the area's households have somebody."""
    person.at(on(line, area)).look_over()
    strip = person.page.get_by_role("group", name="覆盖").or_(person.page.locator(".figure-strip")).first
    expect(strip).to_contain_text(f"{covered * 100 // HOUSEHOLDS}%")
    expect(strip).to_contain_text(str(HOUSEHOLDS - covered))


def those_left_out_are_listed(kong: Person) -> None:
    kong.follow("漏户名单")
    expect(kong.page.get_by_role("row")).to_have_count(1 + HOUSEHOLDS - 2)
    kong.look_over()


def three_tiers_name_their_gaps(kong: Person, qian: Person) -> None:
    assign(qian, "contract_subdistrict", NORTH, "钱海")
    qian.at(on("contract_subdistrict", NORTH))
    qian.sees("100%")
    kong.at(on("contract_household", SPRING))
    kong.sees("还没有人负责")


def who_leaves_hands_over(kong: Person) -> None:
    kong.at(on("party_member", SPRING))
    holder_of(kong, HOUSEHOLDS - 2).get_by_role("link").click()
    kong.page.get_by_role("radio", name="陶然").first.check()
    kong.press("看一看再办")
    kong.press("确认")
    expect(holder_of(kong, HOUSEHOLDS)).to_have_count(1)


def holder_of(kong: Person, households: int) -> Locator:
    """The row of whoever answers for so many."""
    count = kong.page.get_by_role("cell", name=str(households), exact=True)
    return kong.page.get_by_role("row").filter(has=count)


def a_neighbour_is_not_seen(kong: Person) -> None:
    answer = kong.page.request.get(kong.base + on("party_member", FIELD))
    assert answer.status == 404
