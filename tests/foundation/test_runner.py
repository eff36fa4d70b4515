"""The worker: every envelope is applied once under its sender's rights, every consequence happens once."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from threading import Event as Flag
from typing import Any

import pytest
from django.db import OperationalError
from django.test import override_settings

from anlan.foundation.actor import AreaRanges
from anlan.foundation.clock import utc_now
from anlan.foundation.crypto import encrypt
from anlan.foundation.ids import new_id
from anlan.foundation.inbox.keeping import purge_inbox
from anlan.foundation.inbox.shape import BODY
from anlan.foundation.jobs import name_of, run_everywhere
from anlan.foundation.models import AuditEntry, ConsequenceDone, Envelope, Fact, FieldChange
from anlan.foundation.outbox import Event, publish
from anlan.foundation.practice import move_practice_clock
from anlan.foundation.runner import (
    drain,
    drain_envelopes,
    drain_facts,
    drain_hurried,
    drain_unhurried,
    loop,
)
from anlan.foundation.runner.loop import LONGEST_REST_SECONDS, Worker, seconds_in_line
from anlan.foundation.scheduler import Scheduler
from anlan.foundation.scope import duty, require_scope
from anlan.foundation.strict_json import canonical
from anlan.organisation.events import AppointmentEnded, AppointmentStarted
from anlan.organisation.models import Appointment
from anlan.wiring.ports import PORTS
from tests.foundation.inbox_ports import NOTES
from tests.foundation.inbox_ports_name import PORTS_NAME
from tests.world import GRID_A, GRID_B, GRID_C, World

EVERYWHERE = AreaRanges.everywhere()


@pytest.fixture(autouse=True)
def the_tests_own_sources() -> Iterator[None]:
    with override_settings(ANLAN_PORTS=PORTS_NAME):
        yield


class Rests(Flag):
    """An ending that comes with the first rest, and how long that was to be."""

    def __init__(self) -> None:
        super().__init__()
        self.rests: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        """Note the rest and end."""
        self.rests.append(timeout or 0.0)
        self.set()
        return True


def accepted(world: World, handle: str, area_code: str, text: str = "knocked", **given: Any) -> Envelope:
    """An envelope as the inbox would have stored it."""
    values: dict[str, Any] = {
        "source": NOTES,
        "key": str(new_id()),
        "record_id": new_id(),
        "account_id": world.accounts[handle].pk,
        "appointment_id": world.appointments[handle].pk,
        "post_id": world.posts[handle].pk,
        "area_code": area_code,
        "body": encrypt(canonical({"text": text}), context=BODY),
        "body_hash": sha256(text.encode()).digest(),
        **given,
    }
    with duty("accept_envelope", ranges=EVERYWHERE, cause="test"):
        return Envelope.objects.create(**values)


def again(row: Envelope) -> Envelope:
    with duty("apply_envelope", ranges=EVERYWHERE, cause="test"):
        return Envelope.objects.get(pk=row.pk)


def notes() -> list[str]:
    with duty("detect", ranges=EVERYWHERE, cause="test"):
        return sorted(FieldChange.objects.filter(model="tests.Note").values_list("new", flat=True))


def let_time_pass() -> None:
    """Make everything that was put off due."""
    with duty("react", ranges=EVERYWHERE, cause="test"):
        Envelope.objects.update(due_at=None)
        Fact.objects.update(due_at=None)


def happened(kind: type[Event], world: World, handle: str = "wang") -> None:
    with duty("keep_clocks", ranges=EVERYWHERE, cause="test"):
        publish(
            kind(
                area_code=GRID_A,
                occurred_at=utc_now(),
                appointment_id=world.appointments[handle].pk,
                post_id=world.posts[handle].pk,
                member_id=world.members[handle].pk,
            )  # type: ignore[call-arg]
        )


def test_an_envelope_becomes_a_record_under_its_own_id_once(world: World) -> None:
    row = accepted(world, "wang", GRID_A)

    drain()
    drain()

    with duty("detect", ranges=EVERYWHERE, cause="test"):
        note = FieldChange.objects.get(pk=row.record_id)
    assert (note.new, note.member_name, note.area_code) == ("knocked", "王芳", GRID_A)
    assert again(row).state == "applied"
    assert notes() == ["knocked"]


def test_a_refusal_goes_to_a_person_with_its_reason(world: World) -> None:
    row = accepted(world, "wang", GRID_A, "refuse")

    drain()

    assert (again(row).state, again(row).problem) == ("review", "note_refused")


def test_a_row_that_breaks_is_poisoned_after_five_tries_and_holds_up_nobody(world: World) -> None:
    broken = accepted(world, "wang", GRID_A, "break")
    sound = accepted(world, "wang", GRID_A, "sound")

    drain()
    after_one = again(broken)
    for _ in range(5):
        let_time_pass()
        drain()

    assert (after_one.state, after_one.tries) == ("waiting", 1)
    assert (again(broken).state, again(broken).tries) == ("poisoned", 5)
    assert again(broken).problem.startswith("RuntimeError at ")
    assert "陈大明" not in again(broken).problem
    assert again(sound).state == "applied"
    assert notes() == ["sound"]


def test_of_what_one_sender_sent_each_is_applied_refused_or_put_off_by_itself(world: World) -> None:
    texts = ["one", "refuse", "two", "break", "three", "refuse", "four"]
    rows = [accepted(world, "wang", GRID_A, text) for text in texts]
    other = accepted(world, "liu", GRID_B, "five")

    drain_envelopes()

    assert [again(row).state for row in (*rows, other)] == [
        "applied", "review", "applied", "waiting", "applied", "review", "applied", "applied"
    ]  # fmt: skip
    assert [again(row).tries for row in rows] == [0, 0, 0, 1, 0, 0, 0]
    assert notes() == sorted(["one", "two", "three", "four", "five"])
    with duty("answer_audit", ranges=EVERYWHERE, cause="test"):  # one for each, met in company before
        assert AuditEntry.objects.filter(verb="note_refused").count() == 2


@pytest.mark.parametrize(
    ("rows", "in_line", "rested"),
    [
        (200, 0.0, 0.0),
        (200, 0.05, 0.2),
        (200, 30.0, 1.0),
        (1_000, 30.0, LONGEST_REST_SECONDS),
        (1, 30.0, 0.005),
    ],
)
def test_a_worker_rests_after_standing_in_line(
    monkeypatch: pytest.MonkeyPatch, rows: int, in_line: float, rested: float
) -> None:
    told, clock = Rests(), iter([1.0, 1.0 + in_line])
    monkeypatch.setattr(loop, "seconds_in_line", lambda: next(clock))

    Worker(told, lambda: rows).run()

    assert told.rests == [pytest.approx(rested)]


def test_the_system_says_how_long_a_thread_stood_in_line() -> None:
    assert seconds_in_line() > 0


def test_a_failed_try_waits_before_the_next(world: World) -> None:
    row = accepted(world, "wang", GRID_A, "break")

    drain()
    drain()

    assert again(row).tries == 1


def test_what_was_done_before_the_move_counts_and_what_came_after_is_reviewed(world: World) -> None:
    """SAFETY.md 11: moved at 10:00, offline until 12:00, visits made at 09:30 and 11:00."""
    noon = utc_now()
    Appointment.objects.filter(pk=world.appointments["wang"].pk).update(ends_at=noon - timedelta(hours=2))
    early = accepted(world, "wang", GRID_A, "early", device_at=noon - timedelta(hours=2.5), received_at=noon)
    late = accepted(world, "wang", GRID_A, "late", device_at=noon - timedelta(hours=1), received_at=noon)
    before = noon - timedelta(hours=3)
    odd = accepted(world, "wang", GRID_A, device_at=before, device_implausible=True, received_at=noon)
    silent = accepted(world, "wang", GRID_A, "silent", received_at=noon)

    drain()

    assert [again(row).state for row in (early, late, odd, silent)] == [
        "applied",
        "review",
        "review",
        "review",
    ]
    assert again(late).problem == "appointment_ended"
    assert notes() == ["early"]


def test_what_was_received_before_the_end_is_applied_after_it(world: World) -> None:
    row = accepted(world, "wang", GRID_A)
    Appointment.objects.filter(pk=world.appointments["wang"].pk).update(ends_at=utc_now())

    drain()

    assert again(row).state == "applied"


def test_a_place_the_post_no_longer_covers_is_reviewed(world: World) -> None:
    row = accepted(world, "wang", GRID_C)

    drain()

    assert (again(row).state, again(row).problem) == ("review", "outside_the_post")


def test_each_consequence_happens_once_however_often_the_fact_is_run(world: World) -> None:
    happened(AppointmentStarted, world)

    drain_facts()
    with duty("react", ranges=EVERYWHERE, cause="test"):
        Fact.objects.update(state="waiting")
    drain_facts()

    assert notes() == ["greeted", "shown around"]
    assert ConsequenceDone.objects.count() == 2
    with duty("react", ranges=EVERYWHERE, cause="test"):
        assert Fact.objects.get().state == "done"


def test_a_failing_consequence_is_tried_again_without_repeating_the_others(world: World) -> None:
    happened(AppointmentEnded, world)

    for _ in range(6):
        drain_facts()
        let_time_pass()

    with duty("react", ranges=EVERYWHERE, cause="test"):
        fact = Fact.objects.get()
    assert (fact.state, fact.tries) == ("poisoned", 5)
    assert "陈大明" not in fact.problem
    assert notes() == ["greeted"]


def test_a_poisoned_fact_holds_up_no_other(world: World) -> None:
    happened(AppointmentEnded, world)
    happened(AppointmentStarted, world)

    drain_facts()

    assert notes() == ["greeted", "greeted", "shown around"]


ORDER: list[str] = []


def note_order(event: AppointmentStarted | AppointmentEnded, *, now: datetime) -> None:
    """Note which fact is being carried out."""
    ORDER.append(type(event).__name__)


UNHURRIED_PORTS = replace(
    PORTS,
    reactions={AppointmentStarted: [note_order], AppointmentEnded: [note_order]},
    unhurried=frozenset({AppointmentEnded}),
)


def test_facts_that_take_long_keep_no_other_waiting_and_come_one_by_one(world: World) -> None:
    ORDER.clear()
    for kind in (AppointmentEnded, AppointmentEnded, AppointmentStarted, AppointmentStarted):
        happened(kind, world)

    with override_settings(ANLAN_PORTS=f"{__name__}.UNHURRIED_PORTS"):
        hurried, beside = drain_hurried(), [drain_unhurried()]
        happened(AppointmentStarted, world)
        hurried += drain_hurried()
        beside += [drain_unhurried(), drain_unhurried()]

    assert (hurried, beside) == (3, [1, 1, 0])
    quick, slow = AppointmentStarted.__name__, AppointmentEnded.__name__
    assert [quick, quick, slow, quick, slow] == ORDER


def test_who_drains_all_drains_what_takes_long_too(world: World) -> None:
    ORDER.clear()
    happened(AppointmentEnded, world)

    with override_settings(ANLAN_PORTS=f"{__name__}.UNHURRIED_PORTS"):
        assert drain() == 1

    assert [AppointmentEnded.__name__] == ORDER


def test_a_full_table_is_drained_in_portions(world: World) -> None:
    for _ in range(5):
        accepted(world, "wang", GRID_A)

    assert [drain_envelopes(at_once=2) for _ in range(4)] == [2, 2, 1, 0]


@pytest.mark.parametrize("lack", ["disk full", "no room for a file"])
def test_what_the_machine_lacks_is_no_try_of_the_row_that_met_it(world: World, lack: str) -> None:
    row = accepted(world, "wang", GRID_A, lack)

    with pytest.raises((OperationalError, OSError)):
        drain()

    assert (again(row).state, again(row).tries, again(row).problem) == ("waiting", 0, "")


def test_what_was_put_off_while_the_clock_was_ahead_is_due_when_it_is_right_again(world: World) -> None:
    stuck = accepted(world, "wang", GRID_A, "stuck", due_at=utc_now() + timedelta(days=2))
    put_off = accepted(world, "wang", GRID_A, "put off", due_at=utc_now() + timedelta(seconds=30))

    drain()

    assert [again(stuck).state, again(put_off).state] == ["applied", "waiting"]


def test_a_clock_that_is_behind_applies_nothing_before_it_was_received(world: World) -> None:
    row = accepted(world, "wang", GRID_A, received_at=utc_now() + timedelta(days=2))

    drain()

    with duty("detect", ranges=EVERYWHERE, cause="test"):
        assert FieldChange.objects.get(pk=row.record_id).changed_at == row.received_at


def test_old_keys_are_forgotten_but_nothing_that_still_waits(world: World) -> None:
    long_ago = utc_now() - timedelta(days=401)
    kept = [
        accepted(world, "wang", GRID_A, received_at=utc_now() - timedelta(days=399), state="applied"),
        accepted(world, "wang", GRID_A, received_at=long_ago, state="review"),
    ]
    accepted(world, "wang", GRID_A, received_at=long_ago, state="applied")

    run_everywhere(purge_inbox, now=utc_now())

    with duty("apply_envelope", ranges=EVERYWHERE, cause="test"):
        assert set(Envelope.objects.values_list("pk", flat=True)) == {row.pk for row in kept}


SEEN: list[tuple[bool, datetime]] = []


def look_around(*, now: datetime) -> None:
    """A scheduled duty that notes where it ran and what time it was told."""
    ranges = require_scope().ranges
    SEEN.append((ranges.covers("990101001"), now))


def test_a_duty_runs_for_real_districts_and_for_each_practice_district_by_its_own_clock(world: World) -> None:
    SEEN.clear()
    then, now = datetime.fromisoformat("1861-11-25T08:00:00+00:00"), utc_now()
    move_practice_clock("990101", then)

    run_everywhere(look_around, now=now)

    assert [(False, now), (True, then)] == SEEN


def test_a_duty_is_queued_once_a_turn_and_never_twice_at_once(world: World) -> None:
    ports = replace(PORTS, schedule=[(60, look_around)])
    globals()["SCHEDULED"] = ports
    with override_settings(ANLAN_PORTS=f"{__name__}.SCHEDULED"):
        clock, other = Scheduler(Flag()), Scheduler(Flag())

        queued = [clock.queue_due(seconds) for seconds in (0, 59, 60)] + [other.queue_due(60)]

    assert queued == [[name_of(look_around)], [], [], []]
