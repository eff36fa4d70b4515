"""The pages of the register: does it, refuses wrong input, hides it from the neighbour, asks the stranger."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from anlan.foundation.actor import AreaRanges
from anlan.foundation.ids import new_id
from anlan.foundation.models import AuditEntry, FieldChange
from anlan.foundation.scope import duty, scope
from anlan.people.models import Resident
from tests.world import DISTRICT, GRID_A, GRID_C, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def wang(world: World, client: Client) -> Client:
    return world.sign_in(client, "wang")


def chen_page(world: World, name: str = "person") -> str:
    return reverse(name, args=[world.resident("陈大明", GRID_A).pk])


def home_page(world: World, name: str = "household") -> str:
    return reverse(name, args=[world.households[GRID_A][0].pk])


def audited(verb: str) -> list[AuditEntry]:
    with duty("answer_audit", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        return list(AuditEntry.objects.filter(verb=verb))


def test_the_list_shows_the_own_grid_masked_and_is_one_audit_entry(world: World, wang: Client) -> None:
    page = wang.get(reverse("people")).content.decode()

    assert "陈**" in page
    assert "陈大明" not in page
    assert "15400000001" not in page
    assert "共 7 人" in page
    entry = audited("list")[0]
    assert len(entry.subject_ids) == 7


def test_the_list_narrows_by_age(world: World, wang: Client) -> None:
    page = wang.get(reverse("people"), {"age": "child"}).content.decode()

    assert "共 1 人" in page


def test_the_list_of_another_area_is_absent(world: World, wang: Client) -> None:
    assert wang.get(reverse("people"), {"area": GRID_C}).status_code == 404


def test_a_search_finds_and_its_words_are_nowhere_on_record(world: World, wang: Client) -> None:
    page = wang.post(reverse("people_search"), {"q": "linxiaoyu"}).content.decode()

    assert "林**" in page
    entry = audited("search")[0]
    assert entry.subject_ids == [world.resident("林小雨").pk]
    assert "linxiaoyu" not in str(entry.detail)


def test_a_search_for_the_neighbours_people_finds_nobody(world: World, wang: Client) -> None:
    page = wang.post(reverse("people_search"), {"q": "王伟"}).content.decode()

    assert "没有找到" in page


def test_too_short_a_search_is_refused(world: World, wang: Client) -> None:
    assert wang.post(reverse("people_search"), {"q": "c"}).status_code == 422


def test_a_person_is_shown_masked_and_the_look_is_on_record(world: World, wang: Client) -> None:
    page = wang.get(chen_page(world)).content.decode()

    assert "陈**" in page
    assert "陈大明" not in page
    assert "154******01" in page
    assert audited("open")[0].subject_ids == [world.resident("陈大明", GRID_A).pk]


@pytest.mark.parametrize("handle", ["kong", "qian"])
def test_a_supervisor_is_led_to_who_looked_at_the_person(world: World, client: Client, handle: str) -> None:
    page = world.sign_in(client, handle).get(chen_page(world)).content.decode()

    led = re.search(r'href="([^"]+)">谁看过', page)
    assert led is not None
    assert client.get(led[1]).status_code == 200


@pytest.mark.parametrize("handle", ["wang", "tao", "zhou", "zheng"])
def test_nobody_is_led_to_what_they_may_not_ask(world: World, client: Client, handle: str) -> None:
    page = world.sign_in(client, handle).get(chen_page(world)).content.decode()

    assert "陈**" in page
    assert "谁看过" not in page


def test_masked_fields_are_shown_for_a_reason_and_on_record(world: World, wang: Client) -> None:
    answer = wang.post(
        chen_page(world, "person_reveal"), {"why": "visit", "fields_wanted": ["name", "phone"]}
    )

    page = answer.content.decode()
    assert "陈大明" in page
    assert "15400000001" in page
    assert "3301991994" not in page
    assert {entry.why for entry in audited("reveal")} == {"visit"}


def test_a_grid_worker_tells_doors_apart_without_asking(world: World, wang: Client) -> None:
    page = wang.get(chen_page(world, "person")).content.decode()

    assert "101" in page
    assert "陈大明" not in page


def test_without_a_reason_nothing_is_shown(world: World, wang: Client) -> None:
    answer = wang.post(chen_page(world, "person_reveal"), {"fields_wanted": ["name"]})

    assert answer.status_code == 422
    assert "陈大明" not in answer.content.decode()


def test_a_correction_is_saved_and_stands_in_the_history(world: World, wang: Client) -> None:
    chen = world.resident("陈大明", GRID_A)
    answer = wang.post(
        chen_page(world, "person_correct"), {"version": "1", "relation": "户主", "name": "陈达明"}
    )

    assert answer.status_code == 302
    with scope(world.actor("wang")):
        assert Resident.objects.get(pk=chen.pk).name == "陈达明"
        assert [row.field for row in FieldChange.objects.filter(row_id=chen.pk)] == ["name"]
    assert "姓名" in wang.get(chen_page(world)).content.decode()


def test_a_correction_of_an_older_version_says_so_and_keeps_what_was_typed(
    world: World, wang: Client
) -> None:
    wang.post(chen_page(world, "person_correct"), {"version": "1", "relation": "父亲"})

    answer = wang.post(chen_page(world, "person_correct"), {"version": "1", "relation": "儿子"})

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "刚被别人改过" in page
    assert 'value="儿子"' in page
    assert "父亲" in page
    assert 'name="version" value="2"' in page


def test_a_wrong_number_is_refused_at_its_field(world: World, wang: Client) -> None:
    answer = wang.post(chen_page(world, "person_correct"), {"version": "1", "phone": "12"})

    assert answer.status_code == 422
    assert "电话号码" in answer.content.decode()


def test_a_person_is_registered_into_a_household(world: World, wang: Client) -> None:
    sent = {"resident_id": str(new_id()), "name": "陈新生", "sex": "male", "birth_on": "2026-10-01"}

    answer = wang.post(home_page(world, "person_register"), sent)

    assert answer.status_code == 302
    assert "陈**" in wang.get(answer["Location"]).content.decode()


def test_households_are_listed_and_one_shows_its_people(world: World, wang: Client) -> None:
    listed = wang.get(reverse("households")).content.decode()
    shown = wang.get(home_page(world)).content.decode()

    assert "共 4 户" in listed
    assert "林**" in shown
    assert "林小雨" not in shown


PAGES = [
    ("person", "get"), ("person_reveal", "post"), ("person_correct", "get"), ("person_correct", "post"),
    ("household", "get"), ("person_register", "get"), ("person_register", "post"),
]  # fmt: skip


def without_tokens(page: bytes, address: str) -> bytes:
    """Leave out what differs between any two answers: the csrf token and the address itself."""
    return re.sub(rb"\b[A-Za-z0-9]{64}\b", b"", page.replace(address.encode(), b""))


@pytest.mark.parametrize(("name", "method"), PAGES)
def test_the_neighbour_is_told_the_same_as_of_an_absent_row(
    world: World, client: Client, name: str, method: str
) -> None:
    own = home_page(world, name) if name in {"household", "person_register"} else chen_page(world, name)
    absent = reverse(name, args=[new_id()])
    liu = world.sign_in(client, "liu")

    answers = [getattr(liu, method)(address) for address in (own, absent)]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert without_tokens(answers[0].content, own) == without_tokens(answers[1].content, absent)


@pytest.mark.parametrize(
    ("name", "method"), [*PAGES, ("people", "get"), ("people_search", "post"), ("households", "get")]
)
def test_the_stranger_is_asked_to_sign_in(world: World, client: Client, name: str, method: str) -> None:
    address = (
        reverse(name)
        if name in {"people", "people_search", "households"}
        else home_page(world, name)
        if name in {"household", "person_register"}
        else chen_page(world, name)
    )

    answer = getattr(client, method)(address)

    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("handle", ["zhao", "han", "xu", "he", "lu", "jiang", "chu", "wei"])
def test_posts_that_serve_no_residents_are_refused(world: World, client: Client, handle: str) -> None:
    assert world.sign_in(client, handle).get(reverse("people")).status_code == 403


def test_the_list_pins_its_queries(world: World, wang: Client, django_assert_max_num_queries: object) -> None:
    with django_assert_max_num_queries(20):  # type: ignore[operator]
        wang.get(reverse("people"))
