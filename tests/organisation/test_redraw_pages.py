"""Pages of redraws: look before, do, find again, undo; hidden from the neighbour, closed to others."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from anlan.foundation.actor import AreaRanges
from anlan.foundation.clock import day_of, utc_now
from anlan.foundation.ids import new_id
from anlan.foundation.scope import duty
from anlan.organisation.models import Redraw
from anlan.organisation.redrawing.wishes import Wish
from anlan.organisation.rules import RedrawKind
from anlan.people.models import Resident
from tests.organisation.redrawing import wished
from tests.world import BRIDGE, DISTRICT, GRID_A, GRID_B, GRID_C, SOUTH, SPRING, World


@pytest.fixture
def split(world: World) -> dict[str, Any]:
    """What the form of a split sends: the second building of A to a new grid."""
    going = world.buildings[GRID_A][1].pk
    return {
        "row_id": str(new_id()),
        "name_1": "春泉第一网格",
        "name_2": "春泉第三网格",
        f"piece-building_ids-{going}": "2",
        "reason": "户数过多",
    }


def address(code: str, kind: str) -> str:
    return f"{reverse('redraw_new', args=[code])}?kind={kind}"


def redraws() -> list[Redraw]:
    with duty("redraw", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        return list(Redraw.objects.order_by("planned_at"))


def test_an_officer_looks_first_and_then_does_it(client: Client, world: World, split: dict[str, Any]) -> None:
    page = world.sign_in(client, "qian")

    shown = page.post(address(GRID_A, "split"), split)

    assert shown.status_code == 200
    preview = shown.context["preview"]
    assert preview["total"] > 3
    assert preview["without"] == "春泉第三网格"
    assert redraws() == []
    done = page.post(address(GRID_A, "split"), split | {"seen": preview["seen"], "order": "1"}, follow=True)
    assert done.context["redraw"].title == "春泉第一网格拆分为春泉第一网格、春泉第三网格"
    assert len(redraws()) == 1


def test_what_was_changed_after_the_look_is_shown_again(
    client: Client, world: World, split: dict[str, Any]
) -> None:
    page = world.sign_in(client, "qian")
    seen = page.post(address(GRID_A, "split"), split).context["preview"]["seen"]

    again = page.post(address(GRID_A, "split"), split | {"name_2": "别的", "seen": seen, "order": "1"})

    assert again.status_code == 200
    assert again.context["preview"]["seen"] != seen
    assert redraws() == []


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("split", {"name_1": "一", "name_2": ""}),
        ("merge", {}),
        ("rename", {"name": " "}),
        ("recode", {"new_code": GRID_B}),
        ("redraw", {}),
        ("rename", {"name": "新名", "reason": ""}),
        ("rename", {"name": "新名", "takes_effect_at": "2020-01-01T08:00", "order": "1"}),
    ],
)
def test_a_form_that_cannot_be_is_answered_with_what_to_do(
    client: Client, world: World, kind: str, said: dict[str, str]
) -> None:
    page = world.sign_in(client, "qian")
    body = {"row_id": str(new_id()), "reason": "原因", **said}
    if "order" in said:
        body["seen"] = page.post(address(GRID_A, kind), body).context["preview"]["seen"]

    answer = page.post(address(GRID_A, kind), body)

    assert answer.status_code == 422
    assert answer.context["form"].errors
    assert redraws() == []


@pytest.mark.parametrize(
    ("code", "kind", "said"),
    [
        (GRID_A, "merge", {"others": [GRID_B]}),
        (BRIDGE, "move", {"under": SOUTH}),
        (SPRING, "recode", {"new_code": SPRING[:-3] + "077"}),
        (SPRING, "found", {"name": "商圈网格", "area_kind": "market"}),
    ],
)
def test_every_kind_has_its_form(
    client: Client, world: World, code: str, kind: str, said: dict[str, Any]
) -> None:
    page = world.sign_in(client, "mei")
    assert page.get(address(code, kind)).status_code == 200
    body = {"row_id": str(new_id()), "reason": "批复", **said}
    seen = page.post(address(code, kind), body).context["preview"]["seen"]

    page.post(address(code, kind), body | {"seen": seen, "order": "1"})

    assert [row.kind for row in redraws()] == [kind]


def test_buildings_are_passed_to_the_grid_beside_it(client: Client, world: World) -> None:
    page, going = world.sign_in(client, "qian"), world.buildings[GRID_A][0].pk
    body = {"row_id": str(new_id()), "reason": "就近", f"piece-building_ids-{going}": GRID_B}
    seen = page.post(address(GRID_A, "redraw"), body).context["preview"]["seen"]

    page.post(address(GRID_A, "redraw"), body | {"seen": seen, "order": "1"})

    with duty("redraw", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        assert Resident.objects.get(name="赵秀兰").area_code == GRID_B


def test_it_is_undone_with_a_look_beforehand(client: Client, world: World) -> None:
    redraw = wished(world, "qian", Wish(kind=RedrawKind.MERGE, code=GRID_A, others=(GRID_B,)))
    page = world.sign_in(client, "qian")
    assert page.get(reverse("redraw", args=[redraw.pk])).context["may_undo"]
    shown = page.get(reverse("redraw_undo", args=[redraw.pk]))
    assert shown.context["preview"]["total"] > 0

    page.post(
        reverse("redraw_undo", args=[redraw.pk]),
        {"row_id": str(new_id()), "version": redraw.version, "reason": "有误"},
    )

    first, second = redraws()
    assert second.undoes_id == first.pk
    assert not page.get(reverse("redraw", args=[redraw.pk])).context["may_undo"]


def test_a_planned_one_is_withdrawn(client: Client, world: World) -> None:
    later = utc_now() + timedelta(days=1)
    redraw = wished(world, "qian", Wish(kind=RedrawKind.RENAME, code=GRID_A, name="新名"), at=later)
    page = world.sign_in(client, "qian")

    page.post(reverse("redraw_withdraw", args=[redraw.pk]), {"version": 1})

    assert [row.state for row in redraws()] == ["withdrawn"]
    assert page.post(reverse("redraw_withdraw", args=[redraw.pk]), {"version": "x"}).status_code == 409


def test_the_list_finds_them_and_hides_them_from_the_neighbour(client: Client, world: World) -> None:
    redraw = wished(world, "qian", Wish(kind=RedrawKind.RENAME, code=GRID_A, name="泉水网格"))

    mine = world.sign_in(client, "qian").get(reverse("redraws"), {"q": "泉水"})
    assert [line.row.pk for line in mine.context["lines"]] == [redraw.pk]
    theirs = world.sign_in(client, "bai")
    assert not theirs.get(reverse("redraws")).context["lines"]
    assert theirs.get(reverse("redraw", args=[redraw.pk])).status_code == 404


def test_an_area_is_shown_as_it_was(client: Client, world: World) -> None:
    wished(world, "mei", Wish(kind=RedrawKind.MOVE, code=BRIDGE, under=SOUTH))
    page = world.sign_in(client, "mei")
    yesterday = day_of(utc_now() - timedelta(days=1)).isoformat()

    then = page.get(reverse("area_then", args=[BRIDGE]), {"on": yesterday})

    assert [row.code for row, _kind, _parent in then.context["below"]] == [GRID_C]
    assert world.posts["li"] in then.context["posts"]
    assert then.context["now_code"] == SOUTH + "002"
    ended = page.get(reverse("area", args=[BRIDGE]))
    assert reverse("area", args=[SOUTH + "002"]) in ended.content.decode()
    assert page.get(reverse("area_then", args=[BRIDGE]), {"on": "昨天"}).status_code == 200


def test_strangers_are_asked_to_sign_in(client: Client, world: World) -> None:
    for name, given in (("redraws", []), ("redraw_new", [GRID_A]), ("area_then", [GRID_A])):
        assert client.get(reverse(name, args=given)).status_code == 302
