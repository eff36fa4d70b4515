"""What goes to the door: the service list of each grid, visits noted, kinds for health posts alone."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from anlan.foundation.actor import AreaRanges
from anlan.foundation.clock import day_of
from anlan.foundation.ids import new_id
from anlan.foundation.scope import duty, scope
from anlan.organisation.models import Building
from anlan.people.models import Household, KeyPerson, Visit
from anlan.people.queries import care
from tests.people.caring import assignment, audited, key_person
from tests.world import DISTRICT, GRID_A, GRID_B, World

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
LIST = "/people/care/services/"


@pytest.fixture
def wang(world: World, client: Client) -> Client:
    return world.sign_in(client, "wang")


def visits(world: World) -> list[Visit]:
    with scope(world.actor("you")):
        return list(Visit.objects.order_by("pk"))


def number(world: World, building: Building, number: str) -> None:
    with duty("build_district", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        Building.objects.filter(pk=building.pk).update(number=number, name=f"{number}号楼")


WANTING = ("赵", "欧阳", "王", "龚", "单")


@pytest.fixture
def wanting(world: World) -> None:
    """赵 (10号楼) wants meals, 欧阳 (2号楼) words alone, 龚 nothing, 单 lapsed; 王 next door repairs."""
    number(world, world.buildings[GRID_A][0], "10")
    key_person(world, world.resident("赵秀兰"), service="meals", need="中午送餐")
    key_person(world, world.resident("欧阳建国"), "disabled", need="下楼要人扶")
    key_person(world, world.resident("龚𬀪"), "disabled")
    lapsed = day_of(world.now) - DAY
    key_person(world, world.resident("单玉珍"), "disabled", service="meals", consent_until=lapsed)
    key_person(world, world.resident("王伟"), "disabled", service="repairs")


def test_each_grid_has_its_own_sheet_in_the_order_one_walks(
    world: World, client: Client, wanting: None
) -> None:
    page = world.sign_in(client, "kong").get(LIST).content.decode()

    assert page.count("own-sheet") == 2
    assert page.index("春泉第一网格</h2>") < page.index("春泉第二网格</h2>")
    assert page.index("2号楼") < page.index("10号楼")
    assert "下楼要人扶" in page and "3 户，3 项" in page
    assert "龚*" not in page and "单**" not in page and "赵秀兰" not in page
    assert len(audited("list")[0].subject_ids) == 3


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"area": GRID_B}, "王"), ({"service": "meals"}, "赵"), ({"kind": "alone_70"}, "赵"),
        ({"mine": "on"}, "赵"), ({"view": "lapsed"}, "赵 欧阳 王"), ({"service": "talk"}, ""),
    ],
)  # fmt: skip
def test_the_service_list_narrows_and_never_to_those_who_did_not_agree(
    world: World, client: Client, wanting: None, query: dict[str, str], names: str
) -> None:
    home = world.resident("赵秀兰").household
    assert home is not None
    assignment(world, home, "kong", "party_member")

    page = world.sign_in(client, "kong").get(LIST, query).content.decode()

    assert [name for name in WANTING if f"{name}*" in page] == names.split()
    assert ("没有人需要这项服务" in page) == (not names)


def test_the_neighbours_service_list_is_absent(world: World, wang: Client, wanting: None) -> None:
    assert "王*" not in wang.get(LIST).content.decode()
    assert wang.get(LIST, {"area": GRID_B}).status_code == 404


def test_a_long_service_list_says_that_it_was_cut(
    world: World, wang: Client, wanting: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(care, "MOST_ON_A_LIST", 1)

    assert "只列出前 500 项" in wang.get(LIST).content.decode()


def to_visit(world: World, of: str = "person") -> str:
    zhao = world.resident("赵秀兰")
    return reverse(f"{of}_visit", args=[zhao.pk if of == "person" else zhao.household_id])


def test_a_visit_is_one_tap_and_settles_what_was_due_once(world: World, wang: Client) -> None:
    entry = key_person(world, world.resident("赵秀兰"))
    form = {"row_id": str(new_id()), "kind": "visited"}

    answers = [wang.post(to_visit(world), form) for _time in (1, 2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert len(visits(world)) == len(audited("note_visit")) == 1
    with scope(world.actor("wang")):
        assert KeyPerson.objects.get(pk=entry.pk).due_on == day_of(world.now) + 7 * DAY
    assert "上门见到" in wang.get(to_visit(world)).content.decode()
    assert "现在没有人该走访" in wang.get(reverse("key_people"), {"view": "due"}).content.decode()


def test_a_visit_from_before_somebody_agreed_does_not_make_them_overdue(world: World, wang: Client) -> None:
    today = day_of(world.now)
    entry = key_person(world, world.resident("赵秀兰"), due_on=today + 7 * DAY)

    earlier = (today - 20 * DAY).isoformat()
    wang.post(to_visit(world), {"row_id": str(new_id()), "kind": "visited", "on": earlier})

    with scope(world.actor("wang")):
        row = KeyPerson.objects.get(pk=entry.pk)
    assert (row.due_on, row.last_visited_on) == (today + 7 * DAY, None)


def test_a_visit_at_the_door_verifies_the_household(world: World, wang: Client) -> None:
    answer = wang.post(to_visit(world, "household"), {"row_id": str(new_id()), "kind": "visited"})

    assert answer.status_code == 302
    with scope(world.actor("wang")):
        home = Household.objects.get(pk=world.resident("赵秀兰").household_id)
    assert home.verified_on == day_of(world.now)


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": ""}, {"kind": "danced"}, {"row_id": "x"}, {"note": "确诊流感"}, {"note": "好" * 201},
        {"note": "好\x00"}, {"on": "9999-12-31"}, {"on": "0001-01-01"}, {"on": "yesterday"},
    ],
)  # fmt: skip
def test_what_a_visit_may_not_say_is_refused(world: World, wang: Client, wrong: dict[str, str]) -> None:
    sent = {"row_id": str(new_id()), "kind": "visited", **wrong}

    for of in ("person", "household"):
        assert wang.post(to_visit(world, of), sent).status_code == 422
    assert visits(world) == []


@pytest.fixture
def closed(world: World, monkeypatch: pytest.MonkeyPatch) -> KeyPerson:
    """赵 stands on the list for a reason that is for health posts alone, as a district may set."""
    kinds = care.kinds_of_key_people()
    kinds["dialysis"] = kinds["dialysis"].model_copy(update={"health_posts_only": True})
    monkeypatch.setattr(care, "kinds_of_key_people", lambda: kinds)
    late = day_of(world.now) - DAY
    return key_person(world, world.resident("赵秀兰"), "dialysis", service="escort", due_on=late)


def test_a_reason_for_health_posts_alone_is_nowhere_told_to_grid_workers(
    world: World, client: Client, closed: KeyPerson
) -> None:
    person, renew = (
        reverse("person", args=[closed.resident_id]),
        reverse("key_person_renew", args=[closed.pk]),
    )
    pages: list[tuple[str, dict[str, Any]]] = [
        (reverse("key_people"), {}), (reverse("key_people"), {"kind": "dialysis"}), (LIST, {}), (person, {}),
        (reverse("key_person_mark", args=[closed.resident_id]), {}), ("/field/today/", {}),
    ]  # fmt: skip

    wang = world.sign_in(client, "wang")
    told = [wang.get(path, query).content.decode() for path, query in pages]
    assert not any("透析" in page for page in told)
    assert "赵**" not in told[0] + told[2] + told[5]
    assert wang.get(renew).status_code == 404
    withdraw = reverse("key_person_withdraw", args=[closed.pk])
    assert wang.post(withdraw, {"version": "1"}).status_code == 404
    form = {"row_id": str(new_id()), "kind": "dialysis", "given_by": "self"}
    assert wang.post(pages[4][0], form).status_code == 422

    zheng = world.sign_in(client, "zheng")
    assert "透析" in zheng.get(reverse("key_people")).content.decode()
    assert "透析" in zheng.get(person).content.decode()
    assert zheng.get(renew).status_code == 200
    assert zheng.post(withdraw, {"version": "1"}).status_code == 302


def test_no_count_tells_that_somebody_is_there_whom_the_post_may_not_know_of(
    world: World, closed: KeyPerson
) -> None:
    from anlan.people.queries.workload import workload_below

    told = {}
    for handle in ("wang", "zheng"):
        actor = world.actor(handle)
        with scope(actor):
            rows = workload_below(actor, GRID_A, now=world.now, today=day_of(world.now))
        told[handle] = [(row.key_people, row.due, row.late) for row in rows]

    assert told == {"wang": [(0, 0, 0)], "zheng": [(1, 1, 1)]}
