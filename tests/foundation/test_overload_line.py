"""Who is served next and who is sent away: cases worked out by hand, and properties over any traffic."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.foundation.overload.line import Bounds, Line

BURST = Bounds(at_once=2, most_waiting=4, patience_s=2.0, standing_patience_s=0.5)


def busy(bounds: Bounds = BURST, *, service_s: float = 0.25) -> Line[str]:
    """A line whose places are taken and whose service time is known."""
    line: Line[str] = Line(bounds, service_s=service_s)
    for number in range(bounds.at_once):
        assert line.arrive(f"first {number}", 0.0) == (True, [])
    return line


def test_a_burst_is_served_in_the_order_it_came() -> None:
    line = busy()
    for who in "abc":
        assert line.arrive(who, 0.1) == (False, [])

    assert line.leave(0.2, 0.25) == ("a", [])
    assert line.leave(0.3, 0.25) == ("b", [])
    assert (line.in_flight, line.waiting) == (2, 1)


def test_who_would_find_the_line_full_is_sent_away_at_once() -> None:
    line = busy()
    for who in "abcd":
        line.arrive(who, 0.1)

    assert not line.has_room(0.1)
    assert line.arrive("e", 0.1) == (False, ["e"])
    assert line.waiting == 4


def test_who_would_wait_beyond_patience_by_recent_service_times_is_sent_away_at_once() -> None:
    line = busy(service_s=2.0)  # two places, two seconds each: two are served within a patience

    arrived = [line.arrive(who, 0.1) for who in "abc"]

    assert arrived == [(False, []), (False, []), (False, ["c"])]


def test_a_line_that_never_empties_serves_the_newest_and_sends_the_oldest_away() -> None:
    line = busy(Bounds(at_once=1, most_waiting=4, patience_s=2.0, standing_patience_s=0.5), service_s=0.25)
    for moment, who in enumerate("abcd"):
        line.arrive(who, float(moment) / 10)

    assert line.overdue(1.9) == []
    assert line.is_standing(2.1)
    assert line.arrive("e", 2.1) == (False, ["a", "b", "c", "d"])  # waited longer than half a second
    line.arrive("f", 2.2)
    assert line.leave(2.3, 0.25) == ("f", [])
    assert line.arrive("g", 2.31) == (False, [])
    assert line.leave(2.7, 0.25) == ("g", ["e"])


def test_an_emptied_line_is_patient_again() -> None:
    line = busy(Bounds(at_once=1, most_waiting=4, patience_s=2.0, standing_patience_s=0.5))
    line.arrive("a", 0.0)
    assert line.is_standing(2.1)

    assert line.leave(2.1, 0.25) == ("a", [])  # a free place is never left empty
    assert line.arrive("b", 2.3) == (False, [])
    assert not line.is_standing(4.2)
    assert line.overdue(4.2) == []
    assert line.overdue(4.4) == ["b"]


def test_who_gave_up_is_not_served() -> None:
    line = busy()
    a, b = "a", "b"
    line.arrive(a, 0.1)
    line.arrive(b, 0.1)

    assert line.give_up(a)
    assert not line.give_up(a)
    assert line.leave(0.2, 0.25) == (b, [])


@pytest.mark.parametrize("wrong", [(0, 1, 1.0, 0.1), (1, -1, 1.0, 0.1), (1, 1, 0.1, 1.0)])
def test_bounds_that_cannot_be_kept_are_refused(wrong: tuple[int, int, float, float]) -> None:
    with pytest.raises(ValueError, match="no line"):
        Bounds(*wrong)


@given(
    at_once=st.integers(1, 4),
    most_waiting=st.integers(0, 6),
    steps=st.lists(
        st.tuples(st.sampled_from(["arrive", "leave", "look", "give up"]), st.floats(0, 1.5)), max_size=120
    ),
)
def test_nobody_is_lost_nobody_waits_too_long_and_no_place_stays_empty(
    at_once: int, most_waiting: int, steps: list[tuple[str, float]]
) -> None:
    line: Line[object] = Line(Bounds(at_once, most_waiting, patience_s=1.0, standing_patience_s=0.3))
    now, came = 0.0, 0
    served, away, left, gave_up = 0, 0, 0, 0
    waiting: list[tuple[object, float]] = []
    for what, pause in steps:
        now += pause
        gone: list[object] = []
        following: object | None = None
        if what == "arrive":
            came += 1
            who = object()
            at_once_served, gone = line.arrive(who, now)
            served += at_once_served
            if not at_once_served:
                waiting.append((who, now))
        elif what == "leave" and line.in_flight:
            following, gone = line.leave(now, pause)
            left += 1
            served += following is not None
        elif what == "give up" and waiting:
            gave_up += line.give_up(waiting[0][0])
            waiting = waiting[1:]
        else:
            gone = line.overdue(now)
        away += len(gone)
        waiting = [
            (who, at) for who, at in waiting if who is not following and all(who is not g for g in gone)
        ]

        assert line.in_flight == served - left <= at_once
        assert came == served + away + gave_up + line.waiting
        assert line.waiting == len(waiting) <= most_waiting
        assert not line.waiting or line.in_flight == at_once
        if what == "look":
            assert all(now - at <= 1.0 for _, at in waiting)
