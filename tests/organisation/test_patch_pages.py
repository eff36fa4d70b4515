"""Pages of patches: on the community's, the list, one, the form, ending; lists and coverage by patch."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from anlan.foundation.clock import day_of
from anlan.foundation.ids import new_id
from anlan.organisation.models import Patch, Post, PostRange
from tests.organisation.patching import grouped, patched
from tests.people.caring import assignment
from tests.world import FIELD, GRID_A, GRID_B, GRID_D, NORTH, SCHOOL_GRID, SPRING, World

pytestmark = pytest.mark.django_db
NEW = f"/areas/{SPRING}/patches/new/"


@pytest.fixture
def qian(world: World, client: Client) -> Client:
    """The subdistrict's officer, who arranges its grids."""
    return world.sign_in(client, "qian")


def page_of(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, path
    return answer.content.decode()


def sent(client: Client, path: str, grids: list[str], **more: Any) -> Any:
    said = {"row_id": str(new_id()), "name": "东片", "grids": grids, "head": "", **more}
    return client.post(path, said)


def card(page: str) -> str:
    return page.partition('id="patches"')[2].partition("</section>")[0]


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_a_community_without_patches_says_what_to_do(world: World, qian: Client) -> None:
    assert NEW in card(page_of(qian, f"/areas/{SPRING}/"))

    kong = page_of(world.sign_in(Client(), "kong"), f"/areas/{SPRING}/")

    assert "请街道的机构管理岗位设立" in card(kong)
    assert NEW not in kong
    assert 'id="patches"' not in page_of(qian, f"/areas/{NORTH}/")


def test_made_by_the_form_it_stands_on_the_community_with_its_figures(world: World, qian: Client) -> None:
    form = page_of(qian, NEW)
    assert {GRID_A, GRID_B, SCHOOL_GRID} == set(re.findall(r'name="grids" value="(\d+)"', form))

    answer = sent(qian, NEW, [GRID_A, GRID_B], head=str(world.posts["kong"].pk))

    patch = Patch.objects.get()
    assert answer.headers["Location"] == f"/patches/{patch.pk}/"
    assert grouped() == {f"东片 {SPRING}": {GRID_A, GRID_B}}
    shown = words(card(page_of(world.sign_in(Client(), "kong"), f"/areas/{SPRING}/")))
    assert "东片 春泉第一网格、春泉第二网格 孔庆华 8 户 9" in shown
    assert "未归片：春泉小学网格" in shown


def test_who_does_not_serve_residents_is_not_told_how_many_there_are(world: World, client: Client) -> None:
    patched(world, GRID_A)

    shown = words(card(page_of(world.sign_in(client, "zhao"), f"/areas/{SPRING}/")))
    neighbour = words(card(page_of(world.sign_in(Client(), "li"), f"/areas/{SPRING}/")))

    assert "未指定 — —" in shown
    assert "未指定 — —" in neighbour


def test_a_wrong_form_says_what_is_wrong(world: World, qian: Client) -> None:
    patched(world, GRID_B)

    nothing = sent(qian, NEW, [], name="西片")
    same_name = sent(qian, NEW, [GRID_A])
    taken = sent(qian, NEW, [GRID_B], name="西片")

    assert [one.status_code for one in (nothing, same_name, taken)] == [422, 422, 422]
    assert "请至少选择一个网格" in nothing.content.decode()
    assert "已有同名的片" in same_name.content.decode()
    assert "春泉第二网格（东片）" in taken.content.decode()  # offered to nobody else


def test_where_every_grid_is_in_a_patch_the_form_says_so(world: World, qian: Client) -> None:
    patched(world, GRID_A, GRID_B, SCHOOL_GRID)

    assert "没有可编入的网格" in page_of(qian, NEW)


def test_changed_ended_and_resumed_on_its_pages(world: World, qian: Client) -> None:
    patch = patched(world, GRID_A)
    base = f"/patches/{patch.pk}/"
    form = page_of(qian, base + "edit/")
    assert re.search(rf'value="{GRID_A}"[^>]*checked', form)

    assert sent(qian, base + "edit/", [GRID_B], version="1").status_code == 302
    stale = sent(qian, base + "edit/", [GRID_A], version="1")
    assert stale.status_code == 409
    assert "刚被改过" in stale.content.decode()
    assert qian.post(base + "end/", {"version": "1"}).status_code == 409
    assert qian.post(base + "end/", {"version": "2"}).status_code == 302
    ended = page_of(qian, base)
    assert "这个片已撤销" in ended and "春泉第二网格" in ended and "resume/" in ended
    assert qian.get(base + "edit/").status_code == 409
    assert 'id="patches"' in page_of(qian, f"/areas/{SPRING}/")
    assert qian.post(base + "resume/", {"version": "3"}).status_code == 302

    assert grouped() == {f"东片 {SPRING}": {GRID_B}}
    turns = words(page_of(qian, base))
    assert "移出：春泉第一网格" in turns and turns.count("归入：春泉第二网格") == 2


@pytest.mark.parametrize(("handle", "status"), [("kong", 403), ("wang", 403), ("mei", 302)])
def test_a_post_without_the_purpose_changes_nothing(
    world: World, client: Client, handle: str, status: int
) -> None:
    patch = patched(world, GRID_A)
    client = world.sign_in(client, handle)

    assert client.post(f"/patches/{patch.pk}/end/", {"version": "1"}).status_code == status
    assert client.get(f"/patches/{patch.pk}/").status_code == 200


def test_a_neighbours_patch_is_read_and_not_changed(world: World, qian: Client) -> None:
    patch = patched(world, GRID_D, community=FIELD, handle="mei")

    assert "青田第一网格" in page_of(qian, f"/patches/{patch.pk}/")
    assert qian.get(f"/patches/{patch.pk}/edit/").status_code == 403
    assert sent(qian, f"/patches/{patch.pk}/edit/", [GRID_D], version="1").status_code == 403
    assert qian.get(f"/patches/{new_id()}/").status_code == 404


def test_the_list_holds_those_of_ones_ranges(world: World, qian: Client) -> None:
    patched(world, GRID_A)
    patched(world, GRID_D, name="西片", community=FIELD, handle="mei")

    assert "东片" in page_of(qian, "/patches/") and "西片" not in page_of(qian, "/patches/")
    assert "没有这样的片" in page_of(qian, "/patches/?q=西")
    assert "东片" in page_of(world.sign_in(Client(), "wang"), "/patches/")  # of the own grid
    assert "还没有设片" in page_of(world.sign_in(Client(), "liu"), "/patches/")


def test_a_grid_names_its_patch_and_the_past_its_patches(world: World, qian: Client) -> None:
    patch = patched(world, GRID_A)

    assert f"/patches/{patch.pk}/" in page_of(qian, f"/areas/{GRID_A}/")
    assert f"/patches/{patch.pk}/" not in page_of(qian, f"/areas/{GRID_B}/")
    assert "当时的片" in page_of(qian, f"/areas/{SPRING}/then/")
    yesterday = day_of(world.now) - timedelta(days=1)
    assert "当时的片" not in page_of(qian, f"/areas/{SPRING}/then/?on={yesterday}")


@pytest.mark.parametrize("name", ["people", "households", "key_people", "arrivals", "recheck", "workload"])
def test_lists_are_narrowed_to_a_patch(world: World, client: Client, name: str) -> None:
    patch = patched(world, GRID_A)
    kong = world.sign_in(client, "kong")

    page = page_of(kong, reverse(name, query={"area": str(patch.pk)}))

    assert "王伟" not in page  # of grid B
    page_of(world.sign_in(Client(), "li"), reverse(name, query={"area": str(patch.pk)}), 404)


def test_residents_of_a_patch_are_those_of_its_grids(world: World, client: Client) -> None:
    patch = patched(world, GRID_B)
    kong = world.sign_in(client, "kong")

    answer = kong.get(reverse("people", query={"area": str(patch.pk)}))

    assert {line.resident.area_code for line in answer.context["lines"]} == {GRID_B}
    assert f'<option value="{patch.pk}" selected>东片' in answer.content.decode()


def test_coverage_of_a_community_is_shown_by_patch(world: World, client: Client) -> None:
    patch = patched(world, GRID_A)
    assignment(world, world.households[GRID_A][0], "wang", "contract_household")
    kong = world.sign_in(client, "kong")
    address = reverse("liaison", query={"line": "contract_household", "area": SPRING})

    by_grid, by_patch = kong.get(address), kong.get(address + "&by=patch")

    assert [name for _row, name in by_grid.context["rows"]] == ["春泉第一网格", "春泉第二网格"]
    rows = {name: row for row, name in by_patch.context["rows"]}
    assert list(rows) == ["东片", "未归片"]
    assert (rows["东片"].homes, rows["东片"].covered, rows["未归片"].homes) == (4, 1, 4)
    assert by_patch.context["total"] == by_grid.context["total"]
    assert f"area={patch.pk}" in by_patch.content.decode()


def test_coverage_of_a_patch_lists_its_grids(world: World, client: Client) -> None:
    patch = patched(world, GRID_A)
    assignment(world, world.households[GRID_A][0], "wang", "contract_household")
    assignment(world, world.households[GRID_B][0], "liu", "contract_household")
    kong = world.sign_in(client, "kong")
    narrowed = {"line": "contract_household", "area": str(patch.pk)}

    page = kong.get(reverse("liaison", query=narrowed))
    homes = kong.get(reverse("liaison_homes", query=narrowed))

    assert [(row.area_code, row.covered) for row, _name in page.context["rows"]] == [(GRID_A, 1)]
    assert [load.member.name for load, _seats in page.context["loads"]] == ["王芳"]
    assert {line.household.area_code for line in homes.context["lines"]} == {GRID_A}
    shapes = kong.get(reverse("liaison_map", query=narrowed)).json()["features"]
    assert {one["properties"]["code"] for one in shapes} <= {GRID_A}


def test_households_of_a_patch_are_assigned_at_once(world: World, client: Client) -> None:
    patch = patched(world, GRID_A)
    kong = world.sign_in(client, "kong")
    address = reverse("liaison_assign", query={"line": "contract_household", "area": str(patch.pk)})

    said = {"member": str(world.members["wang"].pk), "only_uncovered": "on", "confirmed": "1"}
    answer = kong.post(address, said)

    assert answer.status_code == 302
    coverage = kong.get(answer.headers["Location"]).context["rows"]
    assert [row.covered for row, _name in coverage] == [4]


def test_a_post_at_a_grid_may_be_for_its_whole_patch(world: World, qian: Client) -> None:
    patched(world, GRID_A, GRID_B)
    address = f"/posts/new/?area={GRID_A}"
    assert "负责整个片" in page_of(qian, address)
    assert "负责整个片" not in page_of(qian, f"/posts/new/?area={SPRING}")

    row_id = new_id()
    said = {"row_id": str(row_id), "role": "grid_worker", "title": "片长", "whole_patch": "on"}
    assert qian.post(address, said).status_code == 302

    assert Post.objects.get(pk=row_id).area_code == GRID_A
    assert _ranges(row_id) == {GRID_A, GRID_B}


def _ranges(post_id: UUID) -> set[str]:
    return set(PostRange.objects.filter(post=post_id).values_list("code", flat=True))


def test_the_map_of_a_list_takes_a_patch(world: World, client: Client) -> None:
    patch = patched(world, GRID_A)
    kong = world.sign_in(client, "kong")

    assert kong.get(reverse("key_people_map", query={"area": str(patch.pk)})).status_code == 200
