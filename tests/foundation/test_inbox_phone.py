"""The offline phone at the inbox: by the session of a signed-in person, with what was done before a move."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client, override_settings

from anlan.foundation.actor import AreaRanges
from anlan.foundation.clock import utc_now
from anlan.foundation.middleware import SESSION_POST
from anlan.foundation.models import Account, Envelope
from anlan.foundation.runner import drain
from anlan.foundation.scope import duty
from anlan.organisation.models import Appointment, PostRange
from tests.foundation.asking import envelope, send_all, with_session
from tests.foundation.inbox_ports import NOTES, PHONE_NOTES
from tests.foundation.inbox_ports_name import PORTS_NAME
from tests.world import GRID_A, GRID_B, World, build_world

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


@pytest.fixture(autouse=True)
def the_tests_own_sources() -> Iterator[None]:
    with override_settings(ANLAN_PORTS=PORTS_NAME):
        yield


@pytest.fixture
def town() -> World:
    return build_world()


def phone_of(town: World, handle: str) -> str:
    """Sign in and return the session's key."""
    key = town.sign_in(Client(), handle).session.session_key
    assert key
    return key


def states() -> list[str]:
    with transaction.atomic(), duty("apply_envelope", ranges=AreaRanges.everywhere(), cause="test"):
        return list(Envelope.objects.order_by("id").values_list("state", flat=True))


def test_a_signed_in_phone_sends_through_its_post(town: World) -> None:
    phone = with_session(phone_of(town, "wang"))

    told = send_all([(phone, envelope(GRID_A)), (phone, envelope(GRID_B))], source=PHONE_NOTES)

    assert [one.status for one in told] == [201, 403]


def test_without_a_living_session_nothing_is_taken(town: World) -> None:
    key = phone_of(town, "wang")
    signed_out = phone_of(town, "liu")
    Client(headers={"Cookie": f"sessionid={signed_out}"}).session.delete(signed_out)
    Account.objects.filter(username="wang").update(password="changed")

    told = send_all(
        [(with_session(one), envelope(GRID_A)) for one in (key, signed_out, "guessed")], source=PHONE_NOTES
    )

    assert [one.status for one in told] == [401, 401, 401]


def test_another_sites_page_cannot_send_with_the_phones_cookie(town: World) -> None:
    key = phone_of(town, "wang")
    foreign = with_session(key, origin="http://elsewhere.example")
    silent = {name: value for name, value in with_session(key).items() if name != "Origin"}
    as_form = {**with_session(key), "Content-Type": "text/plain"}
    rebound = {**with_session(key, origin="http://evil.example"), "Host": "evil.example"}

    told = send_all(
        [(one, envelope(GRID_A)) for one in (foreign, silent, as_form, rebound)], source=PHONE_NOTES
    )

    assert [one.status for one in told] == [403, 403, 415, 403]


def test_a_phone_cannot_use_a_source_of_outside_systems(town: World) -> None:
    told = send_all([(with_session(phone_of(town, "wang")), envelope(GRID_A))], source=NOTES)

    assert told[0].status == 404


def test_a_moved_worker_brings_what_was_done_before(town: World) -> None:
    """SAFETY.md 11: 09:30 is accepted and applied, 11:00 goes to review."""
    now = utc_now()
    old = town.appointments["wang"]
    Appointment.objects.filter(pk=old.pk).update(ends_at=now - timedelta(hours=2))
    Appointment.objects.create(
        post=town.posts["liu"], member=town.members["wang"], starts_at=now - timedelta(hours=2)
    )
    phone = with_session(phone_of(town, "wang"))
    visits = [
        envelope(GRID_A, device_at=(now - timedelta(hours=hours)).isoformat(), appointment_id=str(old.pk))
        for hours in (2.5, 1)
    ]

    told = send_all([(phone, visit) for visit in [*visits, envelope(GRID_A)]], source=PHONE_NOTES)
    drain()

    assert [one.status for one in told] == [201, 201, 403]
    assert states() == ["applied", "review"]


def test_an_appointment_of_somebody_else_is_no_excuse(town: World) -> None:
    phone = with_session(phone_of(town, "wang"))
    borrowed = envelope(GRID_B, appointment_id=str(town.appointments["liu"].pk))

    assert send_all([(phone, borrowed)], source=PHONE_NOTES)[0].status == 403


def test_the_chosen_post_counts(town: World) -> None:
    second = Appointment.objects.create(
        post=town.posts["liu"], member=town.members["wang"], starts_at=utc_now() - timedelta(hours=1)
    )
    client = town.sign_in(Client(), "wang")
    session = client.session
    session[SESSION_POST] = str(second.pk)
    session.save()
    assert session.session_key
    phone = with_session(session.session_key)

    told = send_all([(phone, envelope(GRID_B)), (phone, envelope(GRID_A))], source=PHONE_NOTES)

    assert [one.status for one in told] == [201, 403]


def test_a_practice_post_never_reaches_a_real_place(town: World) -> None:
    PostRange.objects.create(post=town.posts["wang"], code="990101001001001")
    told = send_all([(with_session(phone_of(town, "wang")), envelope("990101001001001"))], source=PHONE_NOTES)
    assert told[0].status == 403

    town.posts["wang"].area_code = "990101001001001"
    town.posts["wang"].save()
    told = send_all([(with_session(phone_of(town, "wang")), envelope(GRID_A))], source=PHONE_NOTES)
    assert told[0].status == 403
