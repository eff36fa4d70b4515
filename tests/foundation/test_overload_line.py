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


def test_a_line_that_never_empties_is_let_grow_no_more_than_a_little() -> None:
    line = busy(Bounds(at_once=1, most_waiting=20, patience_s=2.0, standing_patience_s=0.5), service_s=0.25)
    for who in "abcdefgh":
        assert line.arrive(who, 0.1) == (False, [])  # a burst: eight are served within two seconds
    served = [line.leave(0.25 * turn, 0.25) for turn in range(1, 9)]

    assert [who for who, _ in served] == list("abcdefgh")  # whoever was taken in is served, in order
    line.arrive("i", 1.9)
    line.arrive("j", 2.0)
    assert not line.has_room(4.0) and line.is_standing(4.0)
    assert line.arrive("k", 4.0) == (False, ["k"])  # two are served within half a second


def test_an_emptied_line_is_patient_again() -> None:
    line = busy(Bounds(at_once=1, most_waiting=4, patience_s=2.0, standing_patience_s=0.5))
    line.arrive("a", 0.0)
    assert line.is_standing(2.1)

    assert line.leave(2.1, 0.25) == ("a", [])  # a free place is never left empty
    assert line.arrive("b", 2.3) == (False, [])
    assert not line.is_standing(4.2)
    assert line.overdue(4.2) == []


def test_who_waits_too_long_after_all_is_sent_away() -> None:
    line = busy()
    line.arrive("a", 0.1)
    line.arrive("b", 0.3)

    assert line.overdue(2.1) == []
    assert line.overdue(2.2) == ["a"]
    assert line.leave(2.4, 2.4) == ("b", [])


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
