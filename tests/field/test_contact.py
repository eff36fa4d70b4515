"""What a phone is given at contact: keys of its person's own posts, and only while they are that person's."""

from base64 import b64decode
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.test import Client

from anlan.field.rules import phone_key
from anlan.foundation.actor import AreaRanges
from anlan.foundation.inbox.statement import LATE_DAYS
from anlan.foundation.models import Account, Envelope
from anlan.foundation.scope import duty
from anlan.organisation.models import Appointment
from tests.world import GRID_A, GRID_B, World

CONTACT = "/field/contact/"


def contact(world: World, handle: str) -> dict[str, Any]:
    answer = world.sign_in(Client(), handle).get(CONTACT)
    assert answer.status_code == 200 and answer["Cache-Control"] == "private, no-store"
    given: dict[str, Any] = answer.json()
    return given


def end(world: World, handle: str, *, days_ago: float) -> None:
    ends_at = world.now - timedelta(days=days_ago)
    starts_at = ends_at - timedelta(days=100)
    Appointment.objects.filter(pk=world.appointments[handle].pk).update(starts_at=starts_at, ends_at=ends_at)


def test_a_phone_gets_the_key_of_its_own_post_and_its_grid_and_buildings(world: World) -> None:
    given = contact(world, "wang")

    appointment = world.appointments["wang"]
    key = phone_key(world.accounts["wang"].pk, appointment.pk)
    assert given["posts"] == [
        {"mark": key.mark, "appointment_id": str(appointment.pk), "key": given["posts"][0]["key"]}
    ]
    assert b64decode(given["posts"][0]["key"]) == key.key and len(key.key) == 32
    assert given["acting"] == str(appointment.pk)
    assert given["grids"] == [{"code": GRID_A, "name": "春泉第一网格"}]
    assert [one["area"] for one in given["buildings"]] == [GRID_A, GRID_A]


def test_a_phone_is_told_whether_its_post_raises_problems(world: World) -> None:
    raises = {handle: contact(world, handle)["raises_problems"] for handle in ("wang", "shi", "tao")}

    assert raises == {"wang": True, "shi": True, "tao": False}


def test_the_same_person_and_post_get_the_same_key_and_others_another(world: World) -> None:
    first, again, other = (contact(world, handle)["posts"][0] for handle in ("wang", "wang", "liu"))

    assert first == again
    assert first["key"] != other["key"] and first["mark"] != other["mark"]


def test_a_lost_post_may_still_be_sent_for_a_while_and_then_its_key_is_gone(world: World) -> None:
    end(world, "wang", days_ago=1)
    soon = contact(world, "wang")
    end(world, "wang", days_ago=LATE_DAYS + 1)
    late = contact(world, "wang")

    assert len(soon["posts"]) == 1 and soon["acting"] is None and "today" not in soon
    mark = phone_key(world.accounts["wang"].pk, world.appointments["wang"].pk).mark
    assert late == {"posts": [], "acting": None, "ended": [mark], "asides": []} and soon["ended"] == []


def test_a_phone_hears_what_of_its_persons_envelopes_was_set_aside_and_nobody_elses(world: World) -> None:
    record_ids = {}
    for handle, area in (("wang", GRID_A), ("liu", GRID_B)):
        record_ids[handle] = uuid4()
        with duty("apply_envelope", ranges=AreaRanges.everywhere(), cause="test"):
            Envelope.objects.create(
                source="order-work",
                key=str(record_ids[handle]),
                record_id=record_ids[handle],
                account_id=world.accounts[handle].pk,
                appointment_id=world.appointments[handle].pk,
                post_id=world.posts[handle].pk,
                area_code=area,
                body=b"",
                body_hash=b"",
                state=Envelope.State.REVIEW,
                problem="order_moved",
            )

    told = contact(world, "wang")["asides"]

    assert told == [{"id": str(record_ids["wang"]), "problem": "工单已进入下一环节，或已转给别的岗位"}]


def test_a_post_without_grid_work_gets_no_day_and_no_places(world: World) -> None:
    given = contact(world, "zhou")

    assert given["acting"] is None and set(given) == {"posts", "acting", "ended", "asides"}


def test_a_stranger_and_a_locked_account_get_nothing(world: World) -> None:
    client = world.sign_in(Client(), "wang")
    Account.objects.filter(pk=world.accounts["wang"].pk).update(is_active=False)

    answers = [Client().get(CONTACT), client.get(CONTACT)]

    assert [answer.status_code for answer in answers] == [302, 302]


def test_the_worker_names_the_files_it_keeps_and_holds_nothing_of_anybody(world: World) -> None:
    answers = [client.get("/field/worker.js") for client in (Client(), world.sign_in(Client(), "wang"))]

    assert answers[0]["Content-Type"].startswith("text/javascript")
    assert answers[0].content == answers[1].content
    for file in ("/field/", "built/field.js", "built/style.css", "built/field_worker.js"):
        assert file in answers[0].content.decode()


def test_the_manifest_lets_a_phone_install_the_page(world: World) -> None:
    manifest = Client().get("/field/manifest.webmanifest")

    described = manifest.json()
    assert manifest["Content-Type"] == "application/manifest+json"
    assert described["start_url"] == described["scope"] == "/field/"
    assert {icon["sizes"] for icon in described["icons"]} == {"192x192", "512x512"}
