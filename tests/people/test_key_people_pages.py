"""Pages of key people: whose turn it is, finding, agreeing, renewing, withdrawing; neighbours, strangers."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from anlan.foundation.clock import day_of
from anlan.foundation.ids import new_id
from anlan.foundation.scope import scope
from anlan.people.models import KeyPerson
from tests.pages import without_marks
from tests.people.caring import assignment, audited, key_person
from tests.world import GRID_A, GRID_B, World

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
AGREED = {"kind": "alone_70", "given_by": "self", "service": "meals", "need": "中午送餐"}


@pytest.fixture
def wang(world: World, client: Client) -> Client:
    return world.sign_in(client, "wang")


def of_zhao(world: World, name: str = "person") -> str:
    return reverse(name, args=[world.resident("赵秀兰").pk])


def agreed(**more: Any) -> dict[str, Any]:
    return {"row_id": str(new_id()), **AGREED, **more}


def entries(world: World) -> list[KeyPerson]:
    with scope(world.actor("you")):
        return list(KeyPerson.objects.order_by("pk"))


@pytest.fixture
def three(world: World) -> dict[str, KeyPerson]:
    """赵 overdue and wanting meals, 陈 due later and not verified for long, 单 whose consent lapsed."""
    today = day_of(world.now)
    chen, shan = world.resident("陈大明", GRID_A), world.resident("单玉珍")
    return {
        "赵": key_person(world, world.resident("赵秀兰"), service="meals", due_on=today - DAY),
        "陈": key_person(world, chen, "disabled", due_on=today + 5 * DAY, verified_on=today - 400 * DAY),
        "单": key_person(world, shan, "disabled", consent_until=today - DAY, due_on=today - DAY),
    }


def test_the_list_shows_whose_turn_it_is_first_masked_and_on_record(
    world: World, wang: Client, three: dict[str, KeyPerson]
) -> None:
    page = wang.get(reverse("key_people")).content.decode()

    assert page.index("赵**") < page.index("陈**")
    assert "赵秀兰" not in page and "单**" not in page
    assert "共 2 条" in page
    assert audited("list")[0].subject_ids == [three["赵"].resident_id, three["陈"].resident_id]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"kind": "disabled"}, "陈"), ({"service": "meals"}, "赵"), ({"view": "due"}, "赵"),
        ({"view": "lapsed"}, "单"), ({"view": "recheck"}, "陈"), ({"mine": "on"}, "赵"),
        ({"kind": "disabled", "view": "due"}, ""),
        ({"view": "nonsense", "kind": "'\u202e", "service": "%s", "mine": "", "after": ""}, "赵陈"),
    ],
)  # fmt: skip
def test_the_list_narrows(
    world: World, wang: Client, three: dict[str, KeyPerson], query: dict[str, str], names: str
) -> None:
    home = world.resident("赵秀兰").household
    assert home is not None
    assignment(world, home, "wang", "party_member")

    answer = wang.get(reverse("key_people"), query)

    page = answer.content.decode()
    assert answer.status_code == 200
    assert {name for name in "赵陈单" if f"{name}**" in page} == set(names)


def test_each_empty_view_says_what_it_means(world: World, wang: Client) -> None:
    said = {
        "": "没有符合的重点人群",
        "due": "现在没有人该走访",
        "lapsed": "没有到期的同意",
        "recheck": "都核对过了",
    }

    for view, words in said.items():
        assert words in wang.get(reverse("key_people"), {"view": view}).content.decode()


def test_a_chosen_view_and_a_chosen_grid_stay_when_another_filter_is_set(
    world: World, client: Client, three: dict[str, KeyPerson]
) -> None:
    chosen = {"area": GRID_A, "view": "due", "mine": "on"}
    page = world.sign_in(client, "qian").get(reverse("key_people"), chosen).content.decode()

    assert f'<option value="{GRID_A}" selected>' in page  # two levels below the subdistrict
    assert 'name="view" value="due"' in page and 'name="mine" value="on"' in page


def test_the_list_of_another_area_and_a_mark_nobody_made_are_refused(world: World, wang: Client) -> None:
    for area in (GRID_B, "abc", "²³", GRID_A[:6]):
        assert wang.get(reverse("key_people"), {"area": area}).status_code == 404
    assert wang.get(reverse("key_people"), {"after": "%%%"}).status_code == 422


def test_the_number_of_queries_does_not_grow_with_the_list(
    world: World, wang: Client, django_assert_max_num_queries: Any
) -> None:
    key_person(world, world.resident("赵秀兰"))
    wang.get(reverse("key_people"))
    with django_assert_max_num_queries(25) as few:
        wang.get(reverse("key_people"))
    for name in ("欧阳建国", "单玉珍", "龚𬀪", "林小雨"):
        key_person(world, world.resident(name), "disabled")

    with django_assert_max_num_queries(len(few)):
        wang.get(reverse("key_people"))


def test_a_search_finds_only_who_is_on_the_list_and_leaves_no_words(
    world: World, wang: Client, three: dict[str, KeyPerson]
) -> None:
    found = wang.post(reverse("key_people_search"), {"q": "zhaoxiulan"}).content.decode()
    not_listed = wang.post(reverse("key_people_search"), {"q": "linxiaoyu"}).content.decode()

    assert "赵**" in found and "赵秀兰" not in found
    assert "没有找到" in not_listed and "林**" not in not_listed
    assert "zhaoxiulan" not in str([entry.detail for entry in audited("search")])


@pytest.mark.parametrize(
    ("words", "status"), [("", 302), ("   ", 302), ("z", 422), ("赵\x00", 422), ("'; --%\u202e", 200)]
)
def test_what_cannot_be_searched_for_is_said(world: World, wang: Client, words: str, status: int) -> None:
    answer = wang.post(reverse("key_people_search"), {"q": words})

    assert answer.status_code == status
    if status == 422:
        assert "没有找到" not in answer.content.decode()


def test_who_agrees_is_put_on_the_list_once_however_often_the_form_comes(world: World, wang: Client) -> None:
    shown = wang.get(of_zhao(world, "key_person_mark")).content.decode()
    form = agreed()

    answers = [wang.post(of_zhao(world, "key_person_mark"), form) for _time in (1, 2)]
    other = wang.post(of_zhao(world, "key_person_mark"), agreed())

    assert "您同意的话" in shown and "checked" not in shown  # the notice to read; nothing chosen beforehand
    assert [answer.status_code for answer in answers] == [302, 302]
    assert other.status_code == 409 and "已按这一类列入" in other.content.decode()
    assert [row.pk.hex for row in entries(world)] == [form["row_id"].replace("-", "")]
    person = wang.get(of_zhao(world)).content.decode()
    assert "独居老人" in person and "中午送餐" in person


def test_without_consent_nobody_is_listed_and_nothing_typed_is_lost(world: World, wang: Client) -> None:
    answer = wang.post(of_zhao(world, "key_person_mark"), agreed(given_by=""))

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "当面念告知书" in page and 'value="中午送餐"' in page
    assert entries(world) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"row_id": "x"}, {"row_id": ""}, {"kind": "nobody"}, {"kind": "infant"}, {"given_by": "neighbour"},
        {"service": "magic"}, {"need": "肺癌术后"}, {"need": "送" * 61}, {"visit_every_days": "9" * 30},
        {"visit_every_days": "0"}, {"given_on": "0000-13-99"}, {"given_on": "9999-12-31"},
        {"given_on": "0001-01-01"}, {"need": "送\x00餐"},
    ],
)  # fmt: skip
def test_what_cannot_be_accepted_is_refused_and_changes_nothing(
    world: World, wang: Client, wrong: dict[str, str]
) -> None:
    assert wang.post(of_zhao(world, "key_person_mark"), agreed(**wrong)).status_code == 422
    assert entries(world) == []


def test_a_refused_date_is_not_hidden_behind_the_fold(world: World, wang: Client) -> None:
    tomorrow = (day_of(world.now) + DAY).isoformat()

    page = wang.post(of_zhao(world, "key_person_mark"), agreed(given_on=tomorrow)).content.decode()

    assert "同意日期不能晚于今天" in page
    assert '<details class="more-choices" open>' in page


def test_a_renewal_shows_what_was_agreed_and_lets_nobody_overwrite_unseen(world: World, wang: Client) -> None:
    entry = key_person(world, world.resident("赵秀兰"), service="meals", need="中午送餐")
    address = reverse("key_person_renew", args=[entry.pk])
    form = {"version": "1", "given_by": "self", "need": "晚上送餐"}
    shown = wang.get(address).content.decode()
    wang.post(address, form)

    again = wang.post(address, form)
    other = wang.post(address, {**form, "need": "代买菜"})

    assert "独居老人" in shown and 'value="中午送餐"' in shown and "checked" not in shown
    assert again.status_code == 302
    page = other.content.decode()
    assert other.status_code == 409 and "刚被别人改过" in page
    assert "晚上送餐" in page and 'value="代买菜"' in page and 'name="version" value="2"' in page
    assert wang.post(address, {**form, "need": "代买菜", "version": "2"}).status_code == 302
    assert [(row.need, row.version) for row in entries(world)] == [("代买菜", 3)]
    changed = [entry.detail["changed"] for entry in audited("renew_consent")]
    assert sorted(changed) == [["due_on", "need", "notice", "service"], ["need"]]
    assert "送餐" not in str(changed)


@pytest.mark.parametrize("wrong", [{"version": "x"}, {"version": "-1"}, {"given_by": ""}, {"version": ""}])
def test_a_renewal_that_says_too_little_is_refused(world: World, wang: Client, wrong: dict[str, str]) -> None:
    entry = key_person(world, world.resident("赵秀兰"))

    answer = wang.post(
        reverse("key_person_renew", args=[entry.pk]), {"version": "1", "given_by": "self", **wrong}
    )

    assert answer.status_code == 422
    assert entries(world)[0].version == 1


def test_withdrawing_is_one_press_and_takes_the_person_off_every_list(world: World, wang: Client) -> None:
    form = agreed()
    wang.post(of_zhao(world, "key_person_mark"), form)
    entry = entries(world)[0]
    withdraw = reverse("key_person_withdraw", args=[entry.pk])

    shown = wang.get(of_zhao(world)).content.decode()
    answers = [wang.post(withdraw, {"version": "1"}) for _time in (1, 2)]

    assert withdraw in shown  # where one agreed one can withdraw
    assert [answer.status_code for answer in answers] == [302, 302]
    assert len(audited("withdraw_consent")) == 1
    for page in ("key_people", "service_list"):
        assert "赵**" not in wang.get(reverse(page)).content.decode()
    assert "中午送餐" not in wang.get(of_zhao(world)).content.decode()
    assert (entries(world)[0].need, entries(world)[0].service) == ("", "")
    assert wang.get(reverse("key_person_renew", args=[entry.pk])).status_code == 409
    assert wang.post(of_zhao(world, "key_person_mark"), form).status_code == 409  # from the page before
    assert wang.post(of_zhao(world, "key_person_mark"), agreed()).status_code == 302  # who agrees again


@pytest.mark.parametrize(("version", "status"), [("2", 409), ("x", 404), ("", 404), ("1" * 30, 404)])
def test_withdrawing_from_another_version_is_refused(
    world: World, wang: Client, version: str, status: int
) -> None:
    entry = key_person(world, world.resident("赵秀兰"))

    answer = wang.post(reverse("key_person_withdraw", args=[entry.pk]), {"version": version})

    assert answer.status_code == status
    assert entries(world)[0].withdrawn_on is None


def test_a_duty_of_the_law_is_not_dressed_as_consent(world: World, wang: Client) -> None:
    entry = key_person(
        world, world.resident("赵秀兰"), basis="statutory_duty", given_by="", consent_until=None
    )

    page = wang.get(of_zhao(world)).content.decode()
    removed = wang.post(reverse("key_person_withdraw", args=[entry.pk]), {"version": "1"}, follow=True)

    assert "法定职责" in page and "移出名单" in page
    assert "撤回同意" not in page
    assert "已移出名单" in removed.content.decode()
    assert "撤回同意" not in removed.content.decode()


ABOUT = [
    ("key_person_mark", "person"), ("person_visit", "person"), ("household_visit", "home"),
    ("key_person_renew", "entry"), ("key_person_withdraw", "entry"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "of"), ABOUT)
def test_the_neighbour_is_told_the_same_as_of_an_absent_row(
    world: World, client: Client, name: str, of: str
) -> None:
    zhao = world.resident("赵秀兰")
    ids = {"person": zhao.pk, "home": zhao.household_id, "entry": key_person(world, zhao).pk}
    method = "post" if name == "key_person_withdraw" else "get"
    liu = world.sign_in(client, "liu")

    answers = [
        getattr(liu, method)(reverse(name, args=[row]), {"version": "1"}) for row in (ids[of], new_id())
    ]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert without_marks(answers[0].content) == without_marks(answers[1].content)


@pytest.mark.parametrize(
    "name", ["key_people", "key_people_search", "service_list", *(name for name, _of in ABOUT)]
)
def test_the_stranger_is_asked_to_sign_in(world: World, client: Client, name: str) -> None:
    args = [] if name in {"key_people", "key_people_search", "service_list"} else [new_id()]

    method = client.post if name in {"key_people_search", "key_person_withdraw"} else client.get
    answer = method(reverse(name, args=args))

    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login"))
