"""The pages of group lists: paste on the phone, decide, see who is silent; inert whatever was pasted."""

import re
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from anlan.exchange.models import GroupAnswer, GroupList
from anlan.foundation.actor import AreaRanges
from anlan.foundation.ids import new_id
from anlan.foundation.models import AuditEntry
from anlan.foundation.scope import duty, scope
from tests.exchange.group_texts import HOSTILE, TESTING
from tests.world import DISTRICT, GRID_A, World

pytestmark = pytest.mark.django_db


FILLED: dict[str, object] = {"place": f"area:{GRID_A}", "purpose": "sign_up", "kept_days": "30"}


@pytest.fixture
def wang(world: World) -> Client:
    return world.sign_in(Client(), "wang")


def paste(client: Client, text: str, **more: object) -> UUID:
    """Paste a text as the form does and return the list's id."""
    list_id = new_id()
    sent = FILLED | {"list_id": list_id, "text": text, "title": "买菜"}
    answer = client.post(reverse("group_list_new"), sent | more)
    assert answer.status_code == 302, answer.content.decode()
    return list_id


def page(client: Client, name: str, list_id: UUID, query: str = "") -> str:
    answer = client.get(reverse(name, args=[list_id]) + query)
    assert answer.status_code == 200
    return answer.content.decode()


def main_of(html: str) -> str:
    return html[html.index("<main") : html.index("</main>")]


def test_from_the_paste_to_who_has_not_answered(wang: Client, world: World) -> None:
    list_id = paste(wang, "#接龙 今晚核酸\n1. 陈大明 1-1-101 3人\n2. 赵阿姨 1-2-501\n3. 开心果", title="")

    html = main_of(page(wang, "group_list", list_id))
    assert "今晚核酸" in html
    assert "陈大明" not in html
    assert "陈**" in html
    assert "确认对上的 2 条" in html

    version = version_now(world, list_id)
    confirmed = wang.post(
        reverse("group_list_confirm", args=[list_id]), {"which": "matched", "version": version}
    )
    assert confirmed.status_code == 302
    coverage = main_of(page(wang, "group_list_coverage", list_id))
    assert re.findall(r'class="num" href="[^"]+">([^<]+)<', coverage) == ["1-201", "2-602"]
    assert "欧阳" not in coverage
    assert "今晚核酸" in main_of(wang.get(reverse("group_lists")).content.decode())


def version_now(world: World, list_id: UUID) -> int:
    with scope(world.actor("wang")):
        return GroupList.objects.get(pk=list_id).version


def answer_of(world: World, list_id: UUID, number: str) -> GroupAnswer:
    with scope(world.actor("wang")):
        return GroupAnswer.objects.get(group_list=list_id, number=number, part=0)


def test_a_line_that_names_nobody_is_found_by_its_door_and_chosen(wang: Client, world: World) -> None:
    list_id = paste(wang, "1. 开心果")
    row = answer_of(world, list_id, "1")
    address = reverse("group_list_find", args=[list_id]) + f"?answer={row.pk}"

    found = main_of(wang.post(address, {"q": "1-2-501"}).content.decode())
    choice = f"household:{world.households[GRID_A][1].pk}"
    assert choice in found
    assert "赵**" in found
    wang.post(reverse("group_list_decide", args=[list_id]), {"answer": row.pk, "decision": choice})

    assert answer_of(world, list_id, "1").household_id == world.households[GRID_A][1].pk
    assert "没有找到" in main_of(wang.post(address, {"q": "查无此人"}).content.decode())


def test_the_original_is_shown_for_a_reason_and_on_record(wang: Client, world: World) -> None:
    list_id = paste(wang, "1. 陈大明 9-9-999 13800138000")
    row = answer_of(world, list_id, "1")
    address = reverse("group_list_find", args=[list_id]) + f"?answer={row.pk}"
    assert "陈大明" not in main_of(wang.get(address).content.decode())

    shown = main_of(wang.post(address, {"why": "call"}).content.decode())

    assert "陈大明 9-9-999 13800138000" in shown
    with duty("seal_audit", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        entry = AuditEntry.objects.get(verb="reveal", subject="exchange.GroupAnswer")
    assert (entry.why, entry.subject_ids) == ("call", [row.pk])


def test_nothing_pasted_acts_on_the_page(wang: Client) -> None:
    list_id = paste(wang, HOSTILE, title='<img src=x onerror="alert(1)">')

    for name in ("group_list", "group_list_coverage"):
        html = page(wang, name, list_id)
        assert "<script>alert" not in html
        assert "<img src=x" not in html
        assert "{{ 7*7 }}" in html or name == "group_list_coverage"
        assert ">49<" not in main_of(html)
    assert "<img src=x" not in wang.get(reverse("group_lists")).content.decode()


def test_an_incomplete_form_says_what_is_missing_and_keeps_the_text(wang: Client) -> None:
    answer = wang.post(reverse("group_list_new"), {"list_id": new_id(), "text": "1. 陈大明 1-1-101"})

    assert answer.status_code == 422
    html = answer.content.decode()
    assert "陈大明 1-1-101" in html
    assert html.count("field-error") >= 2
    untitled = FILLED | {"list_id": new_id(), "text": "1. 陈大明"}
    assert "请写明问的是什么" in wang.post(reverse("group_list_new"), untitled).content.decode()


def test_pasting_again_says_what_it_brought(wang: Client) -> None:
    list_id = paste(wang, TESTING)

    answer = wang.post(
        reverse("group_list_paste", args=[list_id]), {"text": TESTING + "12. 赵秀兰 1-2-501\n"}, follow=True
    )

    assert "新增 1 行，改动 0 行，14 行没有变。" in answer.content.decode()
    assert wang.post(reverse("group_list_paste", args=[list_id]), {"text": ""}).status_code == 422


def test_filters_show_the_lines_of_a_state_and_nonsense_shows_all(wang: Client) -> None:
    list_id = paste(wang, TESTING)

    likely = main_of(page(wang, "group_list", list_id, "?state=likely"))
    assert likely.count('class="stack-tight') == 1
    for query in ("?state=x", "?page=0", "?page=99999999999", "?page=-1", "?page=²"):
        assert main_of(page(wang, "group_list", list_id, query)).count('class="stack-tight') == 14


def test_the_neighbour_finds_no_list_and_the_stranger_signs_in(wang: Client, world: World) -> None:
    list_id = paste(wang, TESTING)
    row = answer_of(world, list_id, "1")
    liu, stranger = world.sign_in(Client(), "liu"), Client()

    for name in ("group_list", "group_list_coverage", "group_list_paste", "group_list_find"):
        assert liu.get(reverse(name, args=[list_id])).status_code == 404
        assert stranger.get(reverse(name, args=[list_id])).status_code == 302
    for name in ("group_list_confirm", "group_list_decide", "group_list_close"):
        sent = {"answer": row.pk, "decision": "leave", "version": 1, "which": "matched"}
        assert liu.post(reverse(name, args=[list_id]), sent).status_code == 404
    own = paste(liu, "1. 王伟 1-1-101", place="area:330199001001002")
    foreign = wang.post(
        reverse("group_list_decide", args=[list_id]), {"answer": new_id(), "decision": "leave"}
    )
    assert foreign.status_code == 404
    assert wang.get(reverse("group_list", args=[own])).status_code == 404


def test_the_community_sees_what_its_grids_have_collected(wang: Client, world: World) -> None:
    list_id = paste(wang, TESTING, title="")

    tao = world.sign_in(Client(), "tao")

    assert tao.get(reverse("group_list", args=[list_id])).status_code == 200
    assert "今晚做核酸的报名" in tao.get(reverse("group_lists")).content.decode()
    assert "今晚做核酸的报名" not in tao.get(reverse("group_lists") + "?view=mine").content.decode()


def test_a_closed_list_offers_nothing_to_change(wang: Client) -> None:
    list_id = paste(wang, TESTING)
    wang.post(reverse("group_list_close", args=[list_id]))

    html = main_of(page(wang, "group_list", list_id))
    assert "已结束" in html
    assert "decision" not in html
    assert "确认对上的" not in html
    again = wang.post(reverse("group_list_paste", args=[list_id]), {"text": TESTING})
    assert again.status_code == 409


def test_many_lists_are_counted_in_as_many_questions_as_one(wang: Client) -> None:
    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert wang.get(reverse("group_lists")).status_code == 200
        return len(asked)

    paste(wang, TESTING)
    questions()  # what is read once a process
    one = questions()
    for _list in range(4):
        paste(wang, "1. 陈大明 1-1-101")

    assert questions() == one
