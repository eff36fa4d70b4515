"""The shift of the CDC desk: given with what stands open, taken by somebody else, kept as it was."""

from datetime import timedelta

import pytest
from django.test import Client

from anlan.foundation.actor import AreaRanges
from anlan.foundation.errors import NotAllowed, NotFound
from anlan.foundation.models import Account
from anlan.foundation.scope import duty, scope
from anlan.organisation.models import Appointment, Member
from anlan.surveillance import actions
from anlan.surveillance.models import ShiftHandover
from tests.surveillance.test_loop import as_zhou, raise_signal
from tests.world import DISTRICT, World

NOTE = "春泉小学待卫生服务中心回话"


@pytest.fixture
def relieved(world: World) -> World:
    """The town with a second duty officer, 何晓, at the same post as 周航."""
    account = Account.objects.create(username="hexiao", password="!")
    member = Member.objects.create(account=account, name="何晓", area_code=DISTRICT)
    appointment = Appointment.objects.create(
        post=world.posts["zhou"], member=member, starts_at=world.now - timedelta(days=1)
    )
    world.accounts["hexiao"], world.members["hexiao"] = account, member
    world.appointments["hexiao"] = appointment
    return world


def give(world: World, note: str = NOTE) -> ShiftHandover:
    actor = world.actor("zhou")
    with scope(actor):
        return actions.give_shift(actor=actor, note=note, now=world.now)


def take(world: World, shift: ShiftHandover, handle: str) -> ShiftHandover:
    actor = world.actor(handle)
    with scope(actor):
        return actions.take_shift(
            actor=actor, handover_id=shift.pk, now=world.now, expected_version=shift.version
        )


def test_a_shift_is_given_and_taken_with_both_names_and_moments(relieved: World) -> None:
    shift = take(relieved, give(relieved), "hexiao")

    assert (shift.given_name, shift.given_at) == ("周航", relieved.now)
    assert (shift.taken_name, shift.taken_at) == ("何晓", relieved.now)


def test_the_sheet_keeps_what_stood_open_then(relieved: World) -> None:
    signal_id = raise_signal(relieved)
    shift = give(relieved)
    as_zhou(relieved, "acknowledge_signal", signal_id)

    with duty("detect", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        sheet = ShiftHandover.objects.get(pk=shift.pk).sheet

    assert [(row["id"], row["state"]) for row in sheet["signals"]] == [(str(signal_id), "raised")]
    assert sheet["cards_waiting"] == 2  # two measles cases without a card


def test_nobody_takes_over_from_himself(relieved: World) -> None:
    with pytest.raises(actions.SameHands):
        take(relieved, give(relieved), "zhou")


def test_one_sheet_waits_at_a_time_and_is_taken_once(relieved: World) -> None:
    shift = give(relieved)

    with pytest.raises(actions.ShiftOpen):
        give(relieved)
    take(relieved, shift, "hexiao")
    with pytest.raises(actions.ShiftTaken):
        take(relieved, shift, "hexiao")
    give(relieved)


def test_a_shift_needs_a_note(relieved: World) -> None:
    with pytest.raises(actions.WordsNeeded):
        give(relieved, " ")


@pytest.mark.parametrize(("handle", "refusal"), [("wu", NotAllowed), ("zheng", NotFound), ("wang", NotFound)])
def test_others_do_not_take_the_shift(relieved: World, handle: str, refusal: type[Exception]) -> None:
    shift = give(relieved)

    with pytest.raises(refusal):
        take(relieved, shift, handle)


def test_the_shift_is_given_and_taken_on_the_pages(relieved: World) -> None:
    raise_signal(relieved)
    zhou, hexiao = (relieved.sign_in(Client(), handle) for handle in ("zhou", "hexiao"))

    assert zhou.post("/desk/shifts/give/", {"note": " "}).status_code == 422
    given = zhou.post("/desk/shifts/give/", {"note": NOTE})
    assert given.status_code == 302
    assert "等接班人签收" in zhou.get("/desk/").content.decode()
    desk = hexiao.get("/desk/").content.decode()
    assert NOTE in desk and "接班" in desk
    with scope(relieved.actor("hexiao")):
        shift = ShiftHandover.objects.get()
    assert hexiao.post(f"/desk/shifts/{shift.pk}/take/", {"version": shift.version}).status_code == 302

    page = zhou.get(f"/desk/shifts/{shift.pk}/").content.decode()
    assert "何晓" in page and "周航" in page and "麻疹" in page
    assert "何晓" in zhou.get("/desk/shifts/").content.decode()
