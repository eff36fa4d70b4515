"""A start password opens only the page that changes it; printed sign-ins stay in the demonstration."""

import asyncio
from uuid import UUID

import pytest
from django.core.cache import cache as kept_in_memory
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from anlan.foundation.async_line import Line
from anlan.foundation.async_sessions import SignedIn, signed_in
from anlan.foundation.clock import utc_now
from anlan.foundation.models import Account
from anlan.foundation.scope import scope
from anlan.organisation.actions import (
    NewMember,
    OnlyForDemonstration,
    add_member,
    appoint,
    renew_start_password,
)
from anlan.organisation.models import Appointment, Member
from tests.organisation.acting import hold
from tests.world import DISTRICT, GRID_A, World

OWN = "春泉-我自己的口令-2026"
CHANGE, WORK = "/accounts/password/change/", "/work/"


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    kept_in_memory.clear()


def newcomer(world: World) -> tuple[Member, str]:
    """Qian enters a new grid worker, who gets Wang's kind of post, and a start password."""
    qian = world.actor("qian")
    with scope(qian):
        person = NewMember(name="新来的", area_code=GRID_A, username="xinlai")
        member, password = add_member(actor=qian, person=person, now=utc_now())
        appoint(actor=qian, post_id=world.posts["wang"].pk, member_id=member.pk, now=utc_now())
    return member, password


def entered(client: Client, password: str) -> int:
    return client.post("/accounts/login/", {"login": "xinlai", "password": password}).status_code


def change(client: Client, old: str, new: str) -> tuple[int, str]:
    answer = client.post(CHANGE, {"oldpassword": old, "password1": new, "password2": new})
    return answer.status_code, answer.headers.get("Location", answer.content.decode())


@pytest.mark.django_db
def test_a_start_password_opens_only_the_page_that_changes_it(world: World, client: Client) -> None:
    _member, password = newcomer(world)
    entered(client, password)

    for path in (WORK, "/people/", reverse("field"), "/accounts/2fa/", "/"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers.get("Location")) == (302, CHANGE), path
    assert client.post("/people/search/", {"q": "陈"}).status_code == 403
    asked = client.get(WORK, headers={"Accept": "application/json"})
    assert (asked.status_code, asked.json()["code"]) == (403, "own_password_needed")
    assert "请先换成自己的密码" in client.get(CHANGE).content.decode()

    assert change(client, password, OWN) == (302, "/")
    assert client.get(WORK).status_code == 200


@pytest.mark.django_db
def test_the_start_password_itself_and_a_short_one_are_refused(world: World, client: Client) -> None:
    _member, password = newcomer(world)
    entered(client, password)

    status, page = change(client, password, password)
    assert status == 200
    assert "新密码不能与现在的密码相同" in page
    assert change(client, password, "短口令")[0] == 200
    assert change(client, "wrong-password-2026", OWN)[0] == 200

    assert client.get(WORK)["Location"] == CHANGE


@pytest.mark.django_db
def test_a_start_password_given_again_must_be_changed_again(world: World, client: Client) -> None:
    member, _password = newcomer(world)
    Account.objects.filter(username="xinlai").update(must_change_password=False)

    with scope(world.actor("qian")):
        password = renew_start_password(actor=world.actor("qian"), member_id=member.pk)
    entered(client, password)

    assert client.get(WORK)["Location"] == CHANGE


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_neither_stream_nor_inbox_knows_a_session_of_a_start_password(
    world: World, client: Client, settings: Settings
) -> None:
    world.sign_in(client, "wang")
    key, wang = str(client.session.session_key), world.accounts["wang"]

    def asked() -> SignedIn | None:
        async def ask() -> SignedIn | None:
            line = Line("test")
            found = await signed_in(key, line)
            await line.close()
            return found

        return asyncio.run(ask())

    def mark(**fields: object) -> None:
        Account.objects.filter(pk=wang.pk).update(**fields)

    found = asked()
    assert found is not None
    assert found.account_id == UUID(str(wang.pk))
    mark(must_change_password=True)
    assert asked() is None
    mark(must_change_password=False, demonstration_district=DISTRICT)
    assert asked() is not None
    settings.ANLAN_DEMO = False
    assert asked() is None


@pytest.mark.django_db
def test_a_printed_sign_in_is_exempt_only_while_the_house_is_a_demonstration(
    world: World, client: Client, settings: Settings
) -> None:
    Account.objects.filter(pk=world.accounts["wang"].pk).update(demonstration_district=DISTRICT)
    world.sign_in(client, "wang")
    assert client.get(WORK).status_code == 200

    settings.ANLAN_DEMO = False

    assert client.get(WORK)["Location"] == CHANGE


@pytest.mark.django_db
def test_a_printed_sign_in_gets_no_post_outside_its_district(world: World) -> None:
    elsewhere = hold(
        world, "ren", role="subdistrict_officer", area_code="330198001", purposes=["org", "lead"]
    )
    Account.objects.filter(pk=world.accounts["wang"].pk).update(demonstration_district=DISTRICT)
    post, wang = world.posts["ren"], world.members["wang"]

    with scope(elsewhere):
        with pytest.raises(OnlyForDemonstration):
            appoint(actor=elsewhere, post_id=post.pk, member_id=wang.pk, now=utc_now())
        appoint(actor=elsewhere, post_id=post.pk, member_id=world.members["liu"].pk, now=utc_now())

    qian = world.actor("qian")
    with scope(qian):
        appoint(actor=qian, post_id=world.posts["liu"].pk, member_id=wang.pk, now=utc_now())
    assert Appointment.objects.filter(member=wang, post=world.posts["liu"]).exists()
    assert not Appointment.objects.filter(member=wang, post=post).exists()
