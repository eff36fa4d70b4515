"""Who met the limit on looking people up stands before security and data protection until looked into."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from anlan.foundation.actor import AreaRanges
from anlan.foundation.errors import NotAllowed
from anlan.foundation.ids import new_id
from anlan.foundation.models import Account, AuditEntry, Fact
from anlan.foundation.scope import duty, scope
from anlan.people.actions import LookedAtAlready, LookUpLimitExceeded, keep_look_up_alarm, look_into_alarm
from anlan.people.actions.alarms import NoteTooLong
from anlan.people.actions.look import count_look_ups
from anlan.people.events import LookUpLimitReached
from anlan.people.models import LookUpAlarm
from anlan.people.rules import LOOK_UP_LIMITS, LookUpKind
from tests.surveillance.test_loop import run_reactions
from tests.world import DISTRICT, GRID_A, World

pytestmark = pytest.mark.django_db
WHOLE = AreaRanges.of([DISTRICT])
MINDS = ("lu", "you")  # security administrator, data-protection officer


def met_the_limit(world: World, handle: str = "wang", *, windows: int = 1) -> list[LookUpAlarm]:
    """Let somebody open people until the limit refuses, in so many windows; carry out what follows."""
    actor = world.actor(handle)
    with scope(actor):
        for window in range(windows):
            for _person in range(LOOK_UP_LIMITS[LookUpKind.OPENED] + 2):
                with suppress(LookUpLimitExceeded):
                    now = world.now + timedelta(hours=window)
                    count_look_ups(actor, LookUpKind.OPENED, [new_id()], now=now)
    run_reactions()
    return alarms()


def alarms() -> list[LookUpAlarm]:
    with duty("tell_security", ranges=WHOLE, cause="test"):
        return list(LookUpAlarm.objects.order_by("at"))


def look_into(
    world: World, handle: str, alarm: LookUpAlarm, note: str = "本人说明：核对花名册"
) -> LookUpAlarm:
    actor = world.actor(handle)
    with scope(actor):
        return look_into_alarm(actor=actor, alarm_id=alarm.pk, note=note, now=world.now)


def test_the_row_says_who_through_which_post_how_many_and_when(world: World) -> None:
    [alarm] = met_the_limit(world)

    assert (alarm.member_name, alarm.post_title, alarm.area_code) == (
        "王芳",
        world.posts["wang"].title,
        GRID_A,
    )
    assert (alarm.kind, alarm.count, alarm.at) == ("opened", LOOK_UP_LIMITS[LookUpKind.OPENED] + 1, world.now)
    assert alarm.looked_at is None


def test_the_reaction_run_twice_keeps_one_row_a_window(world: World) -> None:
    assert len(met_the_limit(world, windows=2)) == 2
    with duty("react", ranges=WHOLE, cause="test"):
        Fact.objects.filter(name="people.LookUpLimitReached").update(state=Fact.State.WAITING)

    run_reactions()

    assert len(alarms()) == 2


@pytest.mark.parametrize("handle", MINDS)
def test_it_waits_on_the_first_screen_until_somebody_looked_into_it(world: World, handle: str) -> None:
    client = world.sign_in(Client(), handle)
    assert "王芳" not in client.get("/work/").content.decode()

    [alarm] = met_the_limit(world)
    first, listed = client.get("/work/").content.decode(), client.get("/look-ups/").content.decode()

    assert "王芳" in first and world.posts["wang"].title in first and "151" in first
    assert "王芳" in listed and "151" in listed and "春泉第一网格" in listed
    sent = client.post(reverse("look_up_alarm_seen", args=[alarm.pk]), {"note": "本人说明：核对花名册"})
    assert sent.status_code == 302
    assert "王芳" not in client.get("/work/").content.decode()
    assert "王芳" not in client.get("/look-ups/").content.decode()
    every = client.get("/look-ups/?view=all").content.decode()
    assert "核对花名册" in every and world.members[handle].name in every
    Account.objects.filter(username=handle).update(language="en")
    assert "Unusual look-ups" in client.get("/look-ups/?view=all").content.decode()


@pytest.mark.parametrize("handle", ["wang", "kong", "zhao", "zhou", "xu", "he"])
def test_nobody_else_sees_it(world: World, handle: str) -> None:
    met_the_limit(world)
    actor, client = world.actor(handle), world.sign_in(Client(), handle)

    with scope(actor):
        assert not LookUpAlarm.objects.exists()
    assert client.get("/look-ups/").status_code == 403
    assert "/look-ups/" not in client.get("/work/").content.decode()


def test_the_second_who_looks_hears_that_it_was_done_and_the_first_word_stands(world: World) -> None:
    [alarm] = met_the_limit(world)
    look_into(world, "lu", alarm)

    with pytest.raises(LookedAtAlready):
        look_into(world, "you", alarm, note="别的")
    [kept] = alarms()
    assert (kept.looked_name, kept.note) == (world.members["lu"].name, "本人说明：核对花名册")
    with duty("answer_audit", ranges=WHOLE, cause="test"):
        assert (
            AuditEntry.objects.filter(verb="look_into_alarm", subject_ids__contains=[alarm.pk]).count() == 1
        )


def test_ones_own_is_for_others_to_look_into(world: World) -> None:
    you = world.actor("you")
    with duty("react", ranges=WHOLE, cause="test"):
        alarm = keep_look_up_alarm(
            LookUpLimitReached(
                area_code=DISTRICT, occurred_at=world.now, member_id=you.member_id, post_id=you.post_id,
                kind="opened", count=151,
            )
        )  # fmt: skip

    with pytest.raises(NotAllowed):
        look_into(world, "you", alarm)
    page = world.sign_in(Client(), "you").get("/look-ups/").content.decode()
    assert "本人的，由他人查看" in page and "/seen/" not in page
    assert look_into(world, "lu", alarm).looked_at is not None


def test_a_note_has_its_limit(world: World) -> None:
    [alarm] = met_the_limit(world)

    with pytest.raises(NoteTooLong):
        look_into(world, "lu", alarm, note="长" * 1001)


def test_the_order_of_the_security_administrator_leads_to_it(world: World) -> None:
    met_the_limit(world)
    client = world.sign_in(Client(), "lu")

    work = client.get("/work/").content.decode()
    order = work.split('href="/orders/')[1].split('"')[0]

    assert 'href="/look-ups/"' in client.get(f"/orders/{order}").content.decode()
