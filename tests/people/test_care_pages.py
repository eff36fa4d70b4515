"""The pages of care: does it, refuses wrong input, hides it from the neighbour, takes the same form once."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from anlan.foundation.actor import AreaRanges
from anlan.foundation.clock import day_of, utc_now
from anlan.foundation.ids import new_id
from anlan.foundation.models import AuditEntry
from anlan.foundation.scope import duty
from anlan.people.models import Arrival, Household, HouseholdAssignment, KeyPerson, Resident, Visit
from tests.people.caring import arrival, assignment, key_person
from tests.world import DISTRICT, FIELD, GRID_A, GRID_D, SPRING, World

pytestmark = pytest.mark.django_db
AGREED = {"kind": "alone_70", "given_by": "self", "service": "medicine_brought", "need": ""}


@pytest.fixture
def wang(world: World, client: Client) -> Client:
    return world.sign_in(client, "wang")


@pytest.fixture
def zhao(world: World) -> Resident:
    return world.resident("赵秀兰", GRID_A)


def rows(model: Any, **wanted: Any) -> list[Any]:
    with duty("redraw", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        return list(model.objects.filter(**wanted).order_by("pk"))


def text(page: Client, name: str, *args: Any, **query: str) -> str:
    answer = page.get(reverse(name, args=args), query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_person_is_put_on_the_list_once_after_the_notice_was_read(wang: Client, zhao: Resident) -> None:
    assert "请先念给本人或监护人听" in text(wang, "key_person_mark", zhao.pk)
    sent = {**AGREED, "row_id": str(new_id())}

    answers = [wang.post(reverse("key_person_mark", args=[zhao.pk]), sent) for _twice in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    [entry] = rows(KeyPerson)
    assert (entry.kind, entry.service, entry.given_by) == ("alone_70", "medicine_brought", "self")
    assert "独居老人" in text(wang, "person", zhao.pk)


@pytest.mark.parametrize(
    "said",
    [{"given_by": ""}, {"kind": "no_such"}, {"kind": "infant"}, {"need": "糖尿病"}, {"need": "长" * 300}],
)
def test_what_cannot_be_accepted_stays_in_the_form(
    wang: Client, zhao: Resident, said: dict[str, str]
) -> None:
    sent = {**AGREED, "row_id": str(new_id()), **said}

    answer = wang.post(reverse("key_person_mark", args=[zhao.pk]), sent)

    assert answer.status_code == 422
    assert answer.context["form"].errors
    assert rows(KeyPerson) == []


def test_the_list_is_masked_filtered_and_one_audit_entry(world: World, wang: Client, zhao: Resident) -> None:
    today = day_of(utc_now())
    key_person(world, zhao, due_on=today - timedelta(days=2), service="meals")
    key_person(world, world.resident("陈大明", GRID_A), kind="disabled", due_on=today + timedelta(days=5))
    key_person(world, world.resident("孙丽", GRID_D), kind="disabled")

    every = text(wang, "key_people")

    assert "赵**" in every and "陈**" in every and "孙**" not in every
    assert "赵秀兰" not in every
    assert "陈**" not in text(wang, "key_people", view="due")
    assert "赵**" not in text(wang, "key_people", kind="disabled")
    assert "陈**" not in text(wang, "key_people", service="meals")
    with duty("answer_audit", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        assert AuditEntry.objects.filter(verb="list").count() == 4


def test_a_search_travels_in_the_body_and_finds_key_people_alone(
    world: World, wang: Client, zhao: Resident
) -> None:
    key_person(world, zhao)

    found = wang.post(reverse("key_people_search"), {"q": "zhaoxiulan"}).content.decode()
    other = wang.post(reverse("key_people_search"), {"q": "chendaming"}).content.decode()

    assert "赵**" in found
    assert "没有找到" in other
    assert wang.post(reverse("key_people_search"), {"q": ""}).status_code == 302


def test_whose_consent_lapsed_is_asked_again(world: World, wang: Client, zhao: Resident) -> None:
    today = day_of(utc_now())
    entry = key_person(world, zhao, consent_until=today - timedelta(days=1))
    assert "赵**" not in text(wang, "key_people")
    assert "赵**" in text(wang, "key_people", view="lapsed")
    sent = {"version": 1, "given_by": "self", "service": "meals", "need": "", "row_id": str(new_id())}

    answers = [wang.post(reverse("key_person_renew", args=[entry.pk]), sent) for _twice in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert [(row.version, row.service) for row in rows(KeyPerson)] == [(2, "meals")]
    assert "赵**" in text(wang, "key_people")


def test_consent_is_withdrawn_by_one_press(world: World, wang: Client, zhao: Resident) -> None:
    entry = key_person(world, zhao, service="meals", need="每天中午")

    answers = [
        wang.post(reverse("key_person_withdraw", args=[entry.pk]), {"version": "1"}) for _twice in range(2)
    ]

    assert [answer.status_code for answer in answers] == [302, 302]
    [row] = rows(KeyPerson)
    assert (row.withdrawn_on, row.service, row.need) == (day_of(utc_now()), "", "")
    assert "赵**" not in text(wang, "key_people")
    assert "赵**" not in text(wang, "service_list")


def test_a_visit_is_noted_and_moves_the_next_day(world: World, wang: Client, zhao: Resident) -> None:
    key_person(world, zhao)
    sent = {"kind": "visited", "note": "门锁坏了", "row_id": str(new_id())}

    for _twice in range(2):
        assert wang.post(reverse("person_visit", args=[zhao.pk]), sent).status_code == 302

    assert [row.note for row in rows(Visit)] == ["门锁坏了"]
    assert [row.due_on for row in rows(KeyPerson)] == [day_of(utc_now()) + timedelta(days=7)]
    assert "门锁坏了" in text(wang, "person_visit", zhao.pk)
    refused = wang.post(
        reverse("person_visit", args=[zhao.pk]), {**sent, "kind": "", "row_id": str(new_id())}
    )
    assert refused.status_code == 422


def test_a_visit_at_a_door_verifies_it(world: World, wang: Client) -> None:
    home = world.households[GRID_A][1]
    sent = {"kind": "visited", "note": "", "row_id": str(new_id())}

    assert wang.post(reverse("household_visit", args=[home.pk]), sent).status_code == 302

    assert [row.verified_on for row in rows(Household, pk=home.pk)] == [day_of(utc_now())]
    assert [row.household_id for row in rows(Visit)] == [home.pk]


def test_the_services_are_listed_door_by_door(world: World, client: Client) -> None:
    key_person(world, world.resident("陈大明", GRID_A), kind="disabled", service="meals")
    key_person(world, world.resident("赵秀兰", GRID_A), service="medicine_brought")
    kong = world.sign_in(client, "kong")

    listed = text(kong, "service_list")

    assert listed.index("陈**") < listed.index("赵**")
    assert "陈**" not in text(kong, "service_list", service="medicine_brought")
    assert "赵**" not in text(kong, "service_list", area=SPRING + "002")


def test_an_arrival_is_noted_and_listed(world: World, wang: Client) -> None:
    home = world.households[GRID_A][2]
    said = {"from_place": "外省某市", "on": str(day_of(utc_now())), "transport": "train", "people_count": "2"}
    sent = {**said, "row_id": str(new_id())}

    for _twice in range(2):
        assert wang.post(reverse("arrival_new", args=[home.pk]), sent).status_code == 302

    assert [row.people_count for row in rows(Arrival)] == [2]
    assert "外省某市" in text(wang, "arrivals")
    late = {**said, "on": str(day_of(utc_now()) + timedelta(days=2)), "row_id": str(new_id())}
    assert wang.post(reverse("arrival_new", args=[home.pk]), late).status_code == 422


def test_doors_nobody_verified_for_long_are_listed(world: World, wang: Client) -> None:
    home = world.households[GRID_A][3]
    door = reverse("household", args=[home.pk])
    with duty("redraw", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        Household.objects.update(verified_on=day_of(utc_now()))
    assert door not in text(wang, "recheck")

    with duty("redraw", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        Household.objects.filter(pk=home.pk).update(verified_on=day_of(utc_now()) - timedelta(days=400))

    assert door in text(wang, "recheck")


def test_the_work_is_counted_grid_by_grid(world: World, client: Client) -> None:
    arrival(world, world.resident("赵秀兰", GRID_A))

    shown = text(world.sign_in(client, "kong"), "workload")

    assert world.areas[GRID_A].name in shown
    assert world.areas[GRID_D].name not in shown


def test_a_door_says_whom_to_ask_without_giving_a_number_away(world: World, wang: Client) -> None:
    shown = text(wang, "household", world.households[GRID_A][0].pk)

    assert "就近找谁" in shown
    assert all(world.members[one].name in shown for one in ("wang", "shi", "kong", "tao"))
    assert world.members["liu"].name not in shown


def test_a_team_is_handed_over_seat_by_seat(world: World, client: Client) -> None:
    assignment(world, world.households[GRID_A][0], "wang", "five_on_one", slot="grid")

    shown = text(world.sign_in(client, "kong"), "liaison", line="five_on_one", area=SPRING)

    hand_over = reverse("liaison_hand_over", args=[world.members["wang"].pk])
    assert f"{hand_over}?line=five_on_one&amp;area={SPRING}&amp;seat=grid" in shown


def test_an_assignment_is_ended_at_the_door_once(world: World, client: Client) -> None:
    row = assignment(world, world.households[GRID_A][0], "shi", "party_member")
    kong = world.sign_in(client, "kong")

    for _twice in range(2):
        answer = kong.post(reverse("liaison_end", args=[row.pk]), {"version": "1"})
        assert answer.status_code == 302

    assert [one.ends_at is None for one in rows(HouseholdAssignment)] == [False]


@pytest.mark.parametrize("name", ["key_person_mark", "person_visit"])
def test_the_neighbour_finds_nobody(world: World, client: Client, zhao: Resident, name: str) -> None:
    du = world.sign_in(client, "du")

    assert du.get(reverse(name, args=[zhao.pk])).status_code == 404
    assert du.post(reverse(name, args=[zhao.pk]), AGREED).status_code == 404


@pytest.mark.parametrize("name", ["key_person_renew", "key_person_withdraw"])
def test_the_neighbour_changes_no_entry(world: World, client: Client, zhao: Resident, name: str) -> None:
    entry: UUID = key_person(world, zhao).pk
    du = world.sign_in(client, "du")

    assert du.post(reverse(name, args=[entry]), {**AGREED, "version": "1"}).status_code == 404
    assert [row.version for row in rows(KeyPerson)] == [1]


@pytest.mark.parametrize("name", ["liaison", "liaison_homes", "liaison_assign"])
def test_coverage_of_a_foreign_area_or_line_is_not_there(world: World, client: Client, name: str) -> None:
    kong = world.sign_in(client, "kong")

    assert kong.get(reverse(name), {"line": "party_member", "area": FIELD}).status_code == 404
    assert kong.get(reverse(name), {"line": "no_such", "area": SPRING}).status_code == 404
