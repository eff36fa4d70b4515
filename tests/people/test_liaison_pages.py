"""Pages of liaison: coverage, gaps and doubles, assigning after a look, handing over, ending."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from anlan.foundation.clock import day_of
from anlan.foundation.ids import new_id
from anlan.foundation.scope import scope
from anlan.people.models import HouseholdAssignment
from anlan.people.pack import LiaisonLine
from anlan.people.queries import liaison
from tests.pages import without_marks
from tests.people.caring import assignment, audited, key_person
from tests.world import GRID_A, GRID_B, GRID_D, SPRING, World

pytestmark = pytest.mark.django_db
LINE, TEAM = "contract_household", "five_on_one"


@pytest.fixture
def kong(world: World, client: Client) -> Client:
    """The secretary of the community that holds grids A and B."""
    return world.sign_in(client, "kong")


def at(name: str, line: str = LINE, area: str = GRID_A, *, args: Any = (), **more: str) -> str:
    return reverse(name, args=args, query={"line": line, "area": area, **more})


def live(world: World) -> list[tuple[str, str, str]]:
    """Return (grid, holder, seat) of every assignment in force."""
    with scope(world.actor("you")):
        rows = HouseholdAssignment.objects.filter(ends_at=None).order_by("area_code", "holder__name", "slot")
        return list(rows.values_list("area_code", "holder__name", "slot"))


def named(world: World, handle: str = "wang", **more: Any) -> dict[str, Any]:
    return {"member": str(world.members[handle].pk), **more}


ONLY = {"only_uncovered": "on"}
SURE = {"confirmed": "1"}


def test_coverage_shows_gaps_and_doubles_of_each_area_below(world: World, kong: Client) -> None:
    first, second = world.households[GRID_A][:2]
    assignment(world, first, "wang", LINE)
    assignment(world, second, "wang", LINE)
    assignment(world, second, "shi", LINE)

    page = kong.get(at("liaison", area=SPRING)).content.decode()

    assert "50%" in page and "25%" in page  # of grid A, of the community
    assert page.index("王芳") < page.index("石磊")  # by name, never by number
    assert at("liaison_hand_over", area=SPRING, args=[world.members["wang"].pk]).replace("&", "&amp;") in page


@pytest.mark.parametrize(
    ("view", "count"), [("", 3), ("uncovered", 3), ("double", 1), ("all", 4), ("'\u202e", 4), ("partly", 0)]
)
def test_the_households_of_a_line_are_listed_by_what_is_wrong(
    world: World, kong: Client, view: str, count: int
) -> None:
    for holder in ("wang", "shi"):
        assignment(world, world.households[GRID_A][0], holder, LINE)

    page = kong.get(at("liaison_homes", **({"view": view} if view else {}))).content.decode()

    assert f"共 {count} 户" in page if count else "没有这样的户" in page
    assert ("王芳、石磊" in page) == (view not in ("", "uncovered", "partly"))


def test_a_line_or_an_area_that_is_not_there_is_absent(world: World, kong: Client) -> None:
    for name in ("liaison", "liaison_homes", "liaison_assign"):
        for line, area in (("nothing", GRID_A), (LINE, GRID_D), (LINE, "abc"), (LINE, GRID_A + "777")):
            assert kong.get(at(name, line, area)).status_code == 404


def test_the_list_of_households_pins_its_queries(
    world: World, kong: Client, django_assert_max_num_queries: Any
) -> None:
    assignment(world, world.households[GRID_A][0], "wang", LINE)
    kong.get(at("liaison_homes", view="all"))
    with django_assert_max_num_queries(30) as few:
        kong.get(at("liaison_homes", view="all"))
    for home in world.households[GRID_A][1:]:
        assignment(world, home, "shi", LINE)

    with django_assert_max_num_queries(len(few)):
        kong.get(at("liaison_homes", view="all"))


def test_nothing_is_assigned_before_it_was_looked_at_and_then_once(world: World, kong: Client) -> None:
    address = at("liaison_assign")

    looked = kong.post(address, named(world, **ONLY)).content.decode()
    before = live(world)
    answers = [kong.post(address, named(world, **ONLY, **SURE)) for _time in (1, 2)]
    again = kong.post(address, named(world, **SURE), follow=True).content.decode()

    assert "请核对后再办" in looked and "现在 0 户，办理后 4 户" in looked
    assert before == []
    assert [answer.status_code for answer in answers] == [302, 422]
    assert "都已有人负责" in answers[1].content.decode()
    assert live(world) == [(GRID_A, "王芳", "")] * 4
    assert "原来就是 4 户" in again
    assert [entry.detail["done"] for entry in audited("assign_households")] == [4]


def test_the_look_says_what_will_be_double_and_what_is_held_already(world: World, kong: Client) -> None:
    assignment(world, world.households[GRID_A][0], "shi", LINE)
    assignment(world, world.households[GRID_A][1], "wang", LINE)

    only_gaps = kong.post(at("liaison_assign"), named(world, **ONLY)).content.decode()
    every = kong.post(at("liaison_assign"), named(world)).content.decode()

    assert "现在 1 户，办理后 3 户" in only_gaps and "会重复" not in only_gaps
    assert "现在 1 户，办理后 4 户" in every and "其中 1 户在这条线上已由别人负责" in every
    assert "其中原来就由此人负责" in every


def test_the_look_says_where_somebody_would_have_too_many(
    world: World, kong: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = liaison.access_line(LINE)

    def limited(most: int) -> LiaisonLine:
        return line.model_copy(update={"most_per_holder": most})

    said = []
    for most in (4, 3):
        monkeypatch.setattr(liaison, "access_line", lambda _key, most=most: limited(most))
        said.append("会超负荷" in kong.post(at("liaison_assign"), named(world)).content.decode())

    assert said == [False, True]


def test_households_are_chosen_by_building(world: World, kong: Client) -> None:
    building = str(world.buildings[GRID_A][1].pk)

    kong.post(at("liaison_assign"), named(world, buildings=[building], **SURE))

    assert len(live(world)) == 2
    for other in (str(world.buildings[GRID_D][0].pk), "x", str(new_id())):
        answer = kong.post(at("liaison_assign"), named(world, buildings=[other], **SURE))
        assert answer.status_code == 422
    assert len(live(world)) == 2


@pytest.mark.parametrize(
    ("line", "handle", "more", "words"),
    [
        (LINE, "zhou", {}, "没有担任这条线要求的岗位"),
        ("family_doctor", "feng", {}, "先请住户签约"),
        (LINE, "wang", {"reason": "长" * 101}, "100"),
    ],
)
def test_what_cannot_be_assigned_is_said_at_the_look_already(
    world: World, kong: Client, *, line: str, handle: str, more: dict[str, str], words: str
) -> None:
    for confirmed in ({}, SURE):
        answer = kong.post(at("liaison_assign", line), named(world, handle, **more, **confirmed))

        assert answer.status_code == 422
        assert words in answer.content.decode()
    assert live(world) == []


@pytest.mark.parametrize("member", ["x", "0190a0a0-0000-7000-8000-0000000000ff", "' OR 1=1"])
def test_a_member_nobody_knows_is_absent(world: World, kong: Client, member: str) -> None:
    assert kong.post(at("liaison_assign"), {"member": member}).status_code == 404


def test_without_a_member_the_form_asks_for_one(world: World, kong: Client) -> None:
    assert kong.post(at("liaison_assign"), ONLY).status_code == 422


def test_who_works_there_is_offered_first_and_anybody_is_found_by_name(world: World, kong: Client) -> None:
    near = kong.get(at("liaison_assign", area=GRID_B)).content.decode()
    found = kong.get(at("liaison_assign", area=GRID_B, q="高远")).content.decode()
    nobody = kong.get(at("liaison_assign", area=GRID_B, q="%'\u202e")).content.decode()

    assert near.index("刘洋") < near.index("王芳") < near.index("侯勇") < near.index("高远")
    assert "高远" in found and "刘洋" not in found
    assert "没有找到可以负责的人" in nobody


def test_a_team_for_key_people_is_assigned_to_their_households_alone(world: World, kong: Client) -> None:
    key_person(world, world.resident("赵秀兰"))
    key_person(world, world.resident("龚𬀪"), "disabled", consent_until=day_of(world.now).replace(year=2020))

    asks_seat = kong.get(at("liaison_assign", TEAM)).content.decode()
    form = kong.get(at("liaison_assign", TEAM, seat="grid")).content.decode()
    kong.post(at("liaison_assign", TEAM, seat="grid"), named(world, **SURE))
    taken = kong.post(at("liaison_assign", TEAM, seat="grid"), named(world, "liu")).content.decode()

    assert "先选席位" in asks_seat
    assert "只指定还没有人负责的住户" not in form and "1号楼：1 户，已有 0 户" in form and "2号楼" not in form
    assert live(world) == [(GRID_A, "王芳", "grid")]
    assert "其中 1 户这个席位已有别人" in taken and "现在 0 户，办理后 0 户" in taken
    assert "共 1 户" in kong.get(at("liaison_homes", TEAM, view="partly")).content.decode()
    page = kong.get(at("liaison", TEAM)).content.decode()
    assert "交接 网格员" in page and "交接 社区干部" not in page


def test_a_team_is_handed_over_seat_by_seat(world: World, kong: Client) -> None:
    assignment(world, world.households[GRID_A][0], "wang", TEAM, slot="grid")

    shown = kong.get(at("liaison", TEAM)).content.decode()

    hand_over = at("liaison_hand_over", TEAM, args=[world.members["wang"].pk], seat="grid")
    assert hand_over.replace("&", "&amp;") in shown


@pytest.mark.parametrize("seat", ["", "throne"])
def test_a_seat_the_team_does_not_have_is_refused(world: World, kong: Client, seat: str) -> None:
    key_person(world, world.resident("赵秀兰"))

    answer = kong.post(at("liaison_assign", TEAM, seat=seat), named(world, **SURE))

    assert answer.status_code == 422
    assert live(world) == []


def test_households_are_handed_over_after_a_look_and_once(world: World, kong: Client) -> None:
    for home in world.households[GRID_A][:3]:
        assignment(world, home, "wang", LINE)
    assignment(world, world.households[GRID_A][0], "shi", LINE)
    address = at("liaison_hand_over", args=[world.members["wang"].pk])

    looked = kong.post(address, named(world, "shi")).content.decode()
    before = live(world)
    told = [kong.post(address, named(world, "shi", **SURE), follow=True).content.decode() for _time in (1, 2)]

    assert "现在 1 户，办理后 3 户" in looked and "其中原来就由此人负责" in looked
    assert before.count((GRID_A, "王芳", "")) == 3
    assert "已指定 2 户；原来就是 1 户" in told[0]
    assert "没有要交接的户" in told[1] and "已指定 0 户" not in told[1]
    assert live(world) == [(GRID_A, "石磊", "")] * 3
    assert len(audited("hand_over_households")) == 1


def test_nobody_takes_over_from_themselves_or_without_the_duty(world: World, kong: Client) -> None:
    assignment(world, world.households[GRID_A][0], "wang", LINE)
    address = at("liaison_hand_over", args=[world.members["wang"].pk])

    for handle, words in (("wang", "另一个人接手"), ("zhou", "没有担任这条线要求的岗位")):
        answer = kong.post(address, named(world, handle))
        assert answer.status_code == 422
        assert words in answer.content.decode()
    assert kong.get(at("liaison_hand_over", args=[new_id()])).status_code == 404


def test_an_assignment_is_ended_once_and_the_household_shows_who_is_left(world: World, kong: Client) -> None:
    home = world.households[GRID_A][0]
    row = assignment(world, home, "shi", LINE)
    household, end = reverse("household", args=[home.pk]), reverse("liaison_end", args=[row.pk])

    shown = kong.get(household).content.decode()
    stale = kong.post(end, {"version": "2"})
    answers = [kong.post(end, {"version": "1"}) for _time in (1, 2)]

    assert "石磊" in shown and end in shown
    assert stale.status_code == 409
    assert [answer.status_code for answer in answers] == [302, 302]
    assert end not in kong.get(household).content.decode()
    assert len(audited("end_assignment")) == 1
    assert kong.post(end, {"version": "x"}).status_code == 404


def test_a_reason_that_is_too_long_ends_nothing(world: World, kong: Client) -> None:
    row = assignment(world, world.households[GRID_A][0], "shi", LINE)

    answer = kong.post(reverse("liaison_end", args=[row.pk]), {"version": "1", "reason": "长" * 101})

    assert answer.status_code == 422
    assert len(live(world)) == 1


@pytest.mark.parametrize("handle", ["wang", "tao", "zheng"])
def test_who_does_not_lead_sees_who_answers_and_changes_nothing(
    world: World, client: Client, handle: str
) -> None:
    home = world.households[GRID_A][0]
    row = assignment(world, home, "shi", LINE)
    somebody = world.sign_in(client, handle)

    page = somebody.get(reverse("household", args=[home.pk])).content.decode()
    changes = [
        somebody.post(at("liaison_assign"), named(world, **SURE)),
        somebody.post(at("liaison_hand_over", args=[world.members["shi"].pk]), named(world, **SURE)),
        somebody.post(reverse("liaison_end", args=[row.pk]), {"version": "1"}),
    ]

    assert "石磊" in page and reverse("liaison_end", args=[row.pk]) not in page
    assert [answer.status_code for answer in changes] == [403, 403, 403]
    assert live(world) == [(GRID_A, "石磊", "")]


def test_the_neighbour_is_told_the_same_as_of_an_absent_row(world: World, client: Client) -> None:
    row = assignment(world, world.households[GRID_A][0], "shi", LINE)
    bai = world.sign_in(client, "bai")

    answers = [bai.post(reverse("liaison_end", args=[one]), {"version": "1"}) for one in (row.pk, new_id())]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert without_marks(answers[0].content) == without_marks(answers[1].content)
    assert len(live(world)) == 1


@pytest.mark.parametrize("name", ["liaison", "liaison_homes", "liaison_assign", "liaison_hand_over"])
def test_the_stranger_is_asked_to_sign_in(world: World, client: Client, name: str) -> None:
    args = [new_id()] if name == "liaison_hand_over" else []

    answer = client.get(reverse(name, args=args))

    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login"))
