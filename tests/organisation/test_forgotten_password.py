"""A forgotten password comes back by two hands: the system administrator voids it, another gives a start."""

import re

import pytest
from django.contrib.auth.hashers import make_password
from django.core.cache import cache as kept_in_memory
from django.test import Client

from anlan.foundation.actor import Actor, AreaRanges
from anlan.foundation.clock import utc_now
from anlan.foundation.errors import NotAllowed
from anlan.foundation.models import Account, AuditEntry
from anlan.foundation.scope import duty, scope
from anlan.organisation.actions import (
    OwnAccount,
    SameHand,
    SignedInAlready,
    renew_start_password,
    void_password,
)
from tests.organisation.acting import START_PASSWORD, hold
from tests.world import DISTRICT, World

pytestmark = pytest.mark.django_db
FORGOTTEN, OWN = "春泉-忘记了的口令-2026", "春泉-我自己的口令-2026"
CHANGE, WORK = "/accounts/password/change/", "/work/"


@pytest.fixture(autouse=True)
def wang_has_a_password(world: World) -> None:
    kept_in_memory.clear()  # the limits on signing in
    Account.objects.filter(pk=world.accounts["wang"].pk).update(
        password=make_password(FORGOTTEN), last_login=utc_now()
    )


def sign_in(client: Client, password: str) -> bool:
    client.post("/accounts/login/", {"login": "wang", "password": password})
    return "_auth_user_id" in client.session


def void(world: World, actor: Actor, handle: str = "wang") -> None:
    with scope(actor):
        void_password(actor=actor, member_id=world.members[handle].pk, now=utc_now())


def give(world: World, actor: Actor, handle: str = "wang") -> str:
    with scope(actor):
        return renew_start_password(actor=actor, member_id=world.members[handle].pk)


def voidings() -> list[AuditEntry]:
    with duty("answer_audit", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        return list(AuditEntry.objects.filter(verb="void_password"))


def test_two_hands_bring_a_forgotten_password_back_and_its_owner_is_told(
    world: World, client: Client
) -> None:
    address = f"/members/{world.members['wang'].pk}/"
    assert sign_in(client, FORGOTTEN)
    he, qian = (world.sign_in(Client(), handle) for handle in ("he", "qian"))
    assert "生成开始口令" not in qian.get(address).content.decode()

    assert "作废密码" in he.get(address).content.decode()
    assert he.post(f"{address}void-password/").status_code == 302
    assert client.get(WORK).headers["Location"].startswith("/accounts/login/")
    assert not sign_in(Client(), FORGOTTEN)
    assert "作废密码" not in he.get(address).content.decode()

    given = qian.post(f"{address}start-password/").content.decode()
    start = re.search(START_PASSWORD, given)
    assert start is not None
    again = Client()
    assert sign_in(again, start[0])
    assert again.get(WORK).headers["Location"] == CHANGE
    told = again.get(CHANGE).content.decode()
    assert "您原来的密码已作废" in told
    assert "安全管理员" in told

    again.post(CHANGE, {"oldpassword": start[0], "password1": OWN, "password2": OWN})
    assert again.get(WORK).status_code == 200
    assert "已作废" not in again.get(CHANGE).content.decode()
    assert Account.objects.get(username="wang").password_voided_by is None


def test_the_voiding_is_on_record_once_with_who_did_it(world: World) -> None:
    void(world, world.actor("he"))
    void(world, world.actor("he"))

    [entry] = voidings()
    assert (entry.member_id, entry.subject_ids) == (world.members["he"].pk, [world.members["wang"].pk])


def test_a_password_in_use_is_nobodys_to_replace(world: World) -> None:
    for handle in ("qian", "mei"):
        with pytest.raises(SignedInAlready):
            give(world, world.actor(handle))

    assert Account.objects.get(username="wang").check_password(FORGOTTEN)


def test_the_system_administrator_gives_no_start_password(world: World, client: Client) -> None:
    void(world, world.actor("he"))

    with pytest.raises(NotAllowed):
        give(world, world.actor("he"))
    page = world.sign_in(client, "he").get(f"/members/{world.members['wang'].pk}/").content.decode()
    assert "生成开始口令" not in page
    assert not Account.objects.get(username="wang").has_usable_password()


def test_one_person_with_both_posts_is_still_one_hand(world: World) -> None:
    officer = hold(world, "ning", role="social_work_officer", area_code=DISTRICT, purposes=["org", "system"])
    void(world, officer)

    with pytest.raises(SameHand):
        give(world, officer)

    assert give(world, world.actor("qian"))


@pytest.mark.parametrize("handle", ["qian", "mei", "xu", "lu", "you", "zhao", "wang"])
def test_others_void_no_password(world: World, handle: str) -> None:
    with pytest.raises(NotAllowed):
        void(world, world.actor(handle))

    assert voidings() == []


def test_nobody_voids_their_own(world: World) -> None:
    with pytest.raises(OwnAccount):
        void(world, world.actor("he"), "he")


def test_an_administrator_of_one_place_voids_nothing_elsewhere(world: World) -> None:
    elsewhere = hold(world, "ren", role="system_administrator", area_code="330199002", purposes=["system"])

    with pytest.raises(NotAllowed):
        void(world, elsewhere)
