"""A list's filter is kept under a name by whoever chose it, without words of a search, and for them alone."""

import pytest
from django.test import Client
from django.urls import reverse

from anlan.foundation.models import SavedFilter
from anlan.foundation.saved_filters import MOST_OF_A_LIST, kept_part
from tests.world import GRID_A, World

pytestmark = pytest.mark.django_db
LIST, QUERY = "facilities", f"area={GRID_A}&kind=pharmacy"


def keep(page: Client, name: str = "药店", query: str = QUERY, route: str = LIST) -> int:
    return page.post(reverse("filter_save"), {"route": route, "name": name, "query": query}).status_code


@pytest.fixture
def kong(world: World, client: Client) -> Client:
    return world.sign_in(client, "kong")


def test_a_filter_is_kept_once_and_offered_on_its_list(kong: Client) -> None:
    offered = kong.get(f"{reverse(LIST)}?{QUERY}").content.decode()
    assert "起个名称" in offered

    assert [keep(kong), keep(kong)] == [302, 302]

    shown = kong.get(f"{reverse(LIST)}?{QUERY}").content.decode()
    assert SavedFilter.objects.count() == 1
    assert f'href="?area={GRID_A}&amp;kind=pharmacy" aria-current="true">药店' in shown
    assert "起个名称" not in shown
    assert "药店</a>" not in kong.get(reverse("vehicles")).content.decode()


def test_a_name_used_again_replaces_what_it_stood_for(kong: Client) -> None:
    keep(kong)
    keep(kong, query="kind=hospital")

    assert [row.query for row in SavedFilter.objects.all()] == ["kind=hospital"]


def test_words_of_a_search_and_pages_are_not_kept() -> None:
    sent = "q=%E9%99%88%E5%A4%A7%E6%98%8E&after=abc&kind=pharmacy&area=&Bad=1&note=%00"

    assert kept_part(sent) == "kind=pharmacy"
    assert kept_part("q=x&before=abc") == ""


@pytest.mark.parametrize(
    ("name", "query", "route"),
    [
        ("", QUERY, LIST),
        ("长" * 31, QUERY, LIST),
        ("a\x01b", QUERY, LIST),
        ("空", "", LIST),
        ("词", "q=张三", LIST),
        ("长", "&".join(f"{key}={'v' * 80}" for key in "abcdefgh"), LIST),
        ("别处", QUERY, "no_such_page"),
        ("别处", QUERY, "person"),
    ],
)
def test_what_cannot_be_kept_says_what_to_do(kong: Client, name: str, query: str, route: str) -> None:
    assert keep(kong, name, query, route) == 422
    assert not SavedFilter.objects.exists()


def test_a_list_keeps_twenty(kong: Client) -> None:
    assert {keep(kong, f"第{at}组") for at in range(MOST_OF_A_LIST)} == {302}

    assert keep(kong, "再来一组") == 422
    assert keep(kong, "第3组", "kind=hospital") == 302


def test_nobody_sees_or_deletes_anothers(world: World, kong: Client) -> None:
    keep(kong)
    row, wang = SavedFilter.objects.get(), world.sign_in(Client(), "wang")
    assert "药店</a>" not in wang.get(reverse(LIST)).content.decode()

    for filter_id in (str(row.pk), "no-id"):
        assert wang.post(reverse("filter_forget"), {"filter": filter_id, "route": LIST}).status_code == 302
    assert SavedFilter.objects.exists()

    for _twice in range(2):
        assert kong.post(reverse("filter_forget"), {"filter": str(row.pk), "route": LIST}).status_code == 302
    assert not SavedFilter.objects.exists()


def test_a_kept_filter_whose_area_has_ended_shows_the_list(kong: Client) -> None:
    assert keep(kong, "旧网格", "area=330199001001777&kind=no_such") == 302

    assert kong.get(f"{reverse(LIST)}?area=330199001001777&kind=no_such").status_code == 200
