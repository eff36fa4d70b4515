"""Signing in: given accounts, lock-out, one-time codes, one post at a time, ending with the appointment."""

import re
import time
from datetime import timedelta
from functools import cache

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.contrib.auth.hashers import make_password
from django.core.cache import cache as kept_in_memory
from django.test import Client
from pytest_django import Settings

from anlan.foundation.actor import AreaRanges
from anlan.foundation.clock import utc_now
from anlan.foundation.models import Account, AuditEntry
from anlan.foundation.scope import duty
from anlan.organisation.models import Appointment
from tests.world import GRID_B, World

pytestmark = pytest.mark.django_db

PASSWORD = "春泉-一个很长的口令-2026"
LOGIN = "/accounts/login/"
WORK = "/work/"


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    kept_in_memory.clear()


@cache
def hashed() -> str:
    return make_password(PASSWORD)


@pytest.fixture
def town(world: World) -> World:
    for handle in ("wang", "xu"):
        world.accounts[handle].password = hashed()
        world.accounts[handle].save()
    return world


def sign_in(client: Client, username: str = "wang", password: str = PASSWORD) -> int:
    return client.post(LOGIN, {"login": username, "password": password}).status_code


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def verbs(world: World) -> list[str]:
    with duty("answer_audit", ranges=AreaRanges.everywhere(), cause="test"):
        return list(AuditEntry.objects.order_by("at").values_list("verb", flat=True))


def code_of(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


def give_second_factor(account: Account) -> str:
    secret: str = generate_totp_secret()
    TOTP.activate(account, secret)
    return secret


def second_post(world: World, role: str = "grid_worker") -> Appointment:
    """Wang holds Liu's post as well, from an hour ago."""
    post = world.posts["liu"]
    return Appointment.objects.create(
        post=post, member=world.members["wang"], starts_at=utc_now() - timedelta(hours=1)
    )


def test_the_right_password_signs_in_and_it_is_on_record(town: World, client: Client) -> None:
    assert sign_in(client) == 302

    assert is_signed_in(client)
    assert verbs(town) == ["sign_in"]


def test_a_wrong_password_does_not(town: World, client: Client) -> None:
    sign_in(client, password="wrong-password-2026")

    assert not is_signed_in(client)
    assert verbs(town) == ["sign_in_failed"]


def test_an_unknown_name_is_answered_as_a_wrong_password(town: World, client: Client) -> None:
    def answer(name: str) -> str:
        page = client.post(LOGIN, {"login": name, "password": "wrong-password-2026"}).content.decode()
        return re.sub(r'value="[^"]*"|FToken": "[^"]*"|token="[^"]*"', "", page)

    assert answer("nobody") == answer("wang")


def test_five_wrong_passwords_lock_the_account_and_no_other(town: World, client: Client) -> None:
    answers = [sign_in(client, password=f"wrong-password-{n}") for n in range(5)]

    assert answers[-1] == 429
    assert sign_in(client) == 429
    assert not is_signed_in(client)
    assert sign_in(Client()) == 429
    assert sign_in(Client(), "xu") == 302


def test_writing_the_name_otherwise_gives_no_further_tries(town: World, client: Client) -> None:
    for name in ("wang", "WANG", "Wang", " wang", "ｗａｎｇ"):
        sign_in(client, name, "wrong-password-2026")

    assert sign_in(client) == 429


def test_nobody_signs_up(town: World, client: Client) -> None:
    before = Account.objects.count()

    client.post("/accounts/signup/", {"username": "eve", "password1": PASSWORD, "password2": PASSWORD})

    assert Account.objects.count() == before
    assert b"password1" not in client.get("/accounts/signup/").content


def test_an_account_with_a_second_factor_needs_the_code(town: World, client: Client) -> None:
    secret = give_second_factor(town.accounts["wang"])

    sign_in(client)
    assert not is_signed_in(client)
    client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert not is_signed_in(client)
    client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})

    assert is_signed_in(client)


def test_the_secret_of_the_second_factor_is_kept_encrypted(town: World) -> None:
    secret = give_second_factor(town.accounts["wang"])

    kept = Authenticator.objects.get(user=town.accounts["wang"]).data["secret"]

    assert secret not in kept
    assert get_adapter().decrypt(kept) == secret


@pytest.mark.parametrize("handle", ["zhou", "xu", "you", "lu"])
def test_a_sensitive_post_sets_up_a_second_factor_before_it_sees_anything(
    town: World, client: Client, settings: Settings, handle: str
) -> None:
    settings.ANLAN_REQUIRE_SECOND_FACTOR = True
    town.sign_in(client, handle)

    page = client.get(WORK)
    assert (page.status_code, page["Location"]) == (302, "/accounts/2fa/totp/activate/")
    assert client.post("/language/", {"language": "en"}).status_code == 302
    assert client.post(f"/reveal/people.Resident/{town.residents[0].pk}/").status_code == 403

    give_second_factor(town.accounts[handle])
    assert client.get(WORK).status_code == 200


def test_other_posts_and_a_demonstration_need_none(town: World, client: Client, settings: Settings) -> None:
    settings.ANLAN_REQUIRE_SECOND_FACTOR = True
    assert town.sign_in(client, "wang").get(WORK).status_code == 200

    settings.ANLAN_REQUIRE_SECOND_FACTOR = False
    assert town.sign_in(client, "zhou").get(WORK).status_code == 200


def test_one_acts_through_one_post_and_changes_it_by_choice(town: World, client: Client) -> None:
    other = second_post(town)
    town.sign_in(client, "wang")
    assert client.get(WORK).wsgi_request.actor.post_id == town.posts["wang"].pk  # type: ignore[attr-defined]

    client.post("/post/", {"appointment": str(other.pk)})

    actor = client.get(WORK).wsgi_request.actor  # type: ignore[attr-defined]
    assert (actor.post_id, actor.ranges.codes) == (town.posts["liu"].pk, (GRID_B,))


def test_another_persons_post_cannot_be_chosen(town: World, client: Client) -> None:
    town.sign_in(client, "wang")

    answer = client.post("/post/", {"appointment": str(town.appointments["zhou"].pk)})

    assert answer.status_code == 404
    assert client.get(WORK).wsgi_request.actor.post_id == town.posts["wang"].pk  # type: ignore[attr-defined]


def test_rights_end_with_the_appointment_at_the_next_request(town: World, client: Client) -> None:
    town.sign_in(client, "wang")
    assert client.get(WORK).status_code == 200

    Appointment.objects.filter(pk=town.appointments["wang"].pk).update(ends_at=utc_now())

    assert client.get(WORK).status_code == 302
    assert client.get(WORK)["Location"] == "/no-post/"


def test_nothing_is_done_through_another_post_when_the_one_in_use_has_ended(
    town: World, client: Client
) -> None:
    second_post(town)
    town.sign_in(client, "wang")
    client.get(WORK)
    Appointment.objects.filter(pk=town.appointments["wang"].pk).update(ends_at=utc_now())
    address = f"/reveal/people.Resident/{town.resident('王伟', GRID_B).pk}/"
    wanted = {"fields": ["phone"], "why": "visit"}

    assert client.post(address, wanted).status_code == 409
    assert client.post(address, wanted).status_code == 200


def test_a_new_password_ends_the_other_sessions(town: World, client: Client) -> None:
    sign_in(client)
    assert client.get(WORK).status_code == 200

    town.accounts["wang"].set_password(PASSWORD + "!")
    town.accounts["wang"].save()

    assert client.get(WORK).status_code == 302


def test_signing_in_changes_the_session_key(town: World, client: Client) -> None:
    client.get(LOGIN)
    client.session.save()
    before = client.session.session_key

    sign_in(client)

    assert client.session.session_key != before
    assert client.cookies["sessionid"]["httponly"]
    assert client.cookies["sessionid"]["samesite"] == "Lax"


def test_a_form_without_its_token_is_refused(town: World) -> None:
    strict = Client(enforce_csrf_checks=True)

    assert sign_in(strict) == 403
    town.sign_in(strict, "wang")
    assert strict.post("/post/", {"appointment": "x"}).status_code == 403


@pytest.mark.parametrize(
    "address", [WORK, LOGIN, "/no-post/", "/files/01a20f30-05fd-7696-b9b5-233db15b28e4/"]
)
def test_no_cache_keeps_a_page_and_no_frame_shows_it(town: World, client: Client, address: str) -> None:
    answer = town.sign_in(client, "wang").get(address)

    assert "no-store" in answer["Cache-Control"]
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "microphone=()" in answer["Permissions-Policy"]
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    "override", [{"HTTP_X_HTTP_METHOD_OVERRIDE": "POST"}, {"QUERY_STRING": "_method=POST"}]
)
def test_a_method_cannot_be_disguised(town: World, client: Client, override: dict[str, str]) -> None:
    other = second_post(town)
    town.sign_in(client, "wang")

    answer = client.get("/post/", {"appointment": str(other.pk)}, **override)  # type: ignore[arg-type]

    assert answer.status_code == 405


def test_an_attempt_on_what_is_not_ones_own_is_on_record(town: World, client: Client) -> None:
    foreign = town.resident("王伟", GRID_B)
    town.sign_in(client, "wang")

    client.post(f"/reveal/people.Resident/{foreign.pk}/", {"fields": ["phone"], "why": "visit"})

    with duty("answer_audit", ranges=AreaRanges.everywhere(), cause="test"):
        entry = AuditEntry.objects.get(verb="refuse")
    assert (entry.member_id, entry.subject, entry.subject_ids) == (
        town.members["wang"].pk, "reveal", [foreign.pk],
    )  # fmt: skip
    assert entry.detail == {"code": "not_found", "method": "POST"}
