"""Checklists as pages: those of an area, one with answers and evidence, the roll-up."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from anlan.foundation.ids import new_id
from anlan.foundation.scope import scope
from anlan.organisation.models import ChecklistAnswer
from tests.organisation.seating import FIVE, answered
from tests.world import DISTRICT, GRID_A, GRID_B, GRID_D, NORTH, SCHOOL_GRID, SPRING, World

pytestmark = pytest.mark.django_db
COVERAGE_QUERIES = 12  # of a roll-up, whatever the number of grids
HAVES = "five_haves_one_grid"


def text_of(world: World, client: Client, handle: str, path: str) -> str:
    answer = world.sign_in(client, handle).get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def sheet(area: str = GRID_A) -> str:
    return reverse("checklist", args=[HAVES, area])


def test_a_grid_worker_fills_the_list_and_reads_what_stands(world: World, client: Client) -> None:
    page = text_of(world, client, "wang", reverse("checklists"))
    assert sheet() in page
    assert "待填" in page
    said = {
        "row_id": str(new_id()),
        "answer_people": "yes",
        "answer_plan": "yes",
        "evidence_plan": "处置卡2026",
    }

    assert [client.post(sheet(), said).status_code for _time in (1, 2)] == [302, 302]

    page = client.get(sheet()).content.decode()
    for words in ("符合 2/5", "处置卡2026", "网格员 王芳", "未填"):
        assert words in page
    with scope(world.actor("wang")):
        assert ChecklistAnswer.objects.count() == 2


def test_what_was_answered_before_is_kept_on_the_page(world: World, client: Client) -> None:
    answered(world, met=FIVE[:4])
    answered(world, "tao")

    page = text_of(world, client, "kong", sheet())

    assert "以前的答复" in page
    assert page.count("王芳") == 5
    assert "完成" in page
    assert "<form" not in page.partition("现在的答复")[2]  # the secretary reads, the worker answers


def test_yes_without_evidence_comes_back_at_its_field(world: World, client: Client) -> None:
    world.sign_in(client, "wang")
    unproved = client.post(
        sheet(), {"row_id": str(new_id()), "answer_supplies": "yes", "evidence_supplies": "昨天"}
    )
    empty = client.post(sheet(), {"row_id": str(new_id())})

    assert (unproved.status_code, empty.status_code) == (422, 422)
    assert "请按要求填写依据" in unproved.content.decode()
    assert "请至少填写一项" in empty.content.decode()
    with scope(world.actor("wang")):
        assert not ChecklistAnswer.objects.exists()


def test_a_school_fills_its_own_list_in_its_grid(world: World, client: Client) -> None:
    page = text_of(world, client, "chu", reverse("checklists"))
    path = f"{reverse('checklist', args=['school_readiness', SCHOOL_GRID])}?facility={world.school.pk}"
    assert path in page
    said = {"row_id": str(new_id()), "answer_vomit_kit": "yes", "evidence_vomit_kit": "12"}

    assert client.post(path, said).status_code == 302
    assert "春泉小学" in client.get(path).content.decode()
    for wrong in ("", "?facility=nonsense", f"?facility={world.pharmacy.pk}"):
        assert client.get(path.partition("?")[0] + wrong).status_code == 404


def test_the_list_of_a_neighbour_is_absent_and_a_stranger_signs_in(world: World, client: Client) -> None:
    for path in (sheet(), reverse("checklists"), reverse("checklist_coverage")):
        assert client.get(path).status_code == 302
    world.sign_in(client, "wang")
    for path in (sheet(GRID_B), sheet(GRID_D), sheet(SPRING), reverse("checklist", args=["no_such", GRID_A])):
        assert client.get(path).status_code == 404
    for name in ("checklists", "checklist_coverage"):
        assert client.get(reverse(name), {"area": GRID_B}).status_code == 404
    world.sign_in(client, "kong")
    assert client.post(sheet(), {"row_id": str(new_id()), "answer_people": "yes"}).status_code == 403


def test_five_haves_roll_up_the_tree(
    world: World, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    answered(world)
    answered(world, "liu", GRID_B, met=FIVE[:4])
    path = f"{reverse('checklist_coverage')}?area={DISTRICT}&checklist={HAVES}"

    page = text_of(world, client, "zhao", path)

    for words in ("望山街道", "临江街道", "有预案 3", "有人员 2"):
        assert words in page
    assert f"area={NORTH}&amp;checklist={HAVES}" in page
    with django_assert_num_queries(COVERAGE_QUERIES):
        client.get(path)
    below = text_of(world, client, "kong", f"{reverse('checklist_coverage')}?area={SPRING}&checklist={HAVES}")
    assert f"{reverse('checklists')}?area={GRID_A}" in below


def test_a_level_without_lists_says_where_they_are(world: World, client: Client) -> None:
    page = text_of(world, client, "qian", reverse("checklists"))

    assert "这一级没有清单" in page
    assert f"{reverse('checklist_coverage')}?area={NORTH}" in page
