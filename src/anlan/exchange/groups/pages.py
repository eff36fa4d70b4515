"""What the pages of one list show: its lines by state, and the households that have not answered."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from anlan.exchange.groups import presenting, queries
from anlan.exchange.groups.rules import UNCLEAR, AnswerState
from anlan.exchange.models import GroupList
from anlan.foundation.actor import Actor

PAGE_LINES = 50
DIGITS = 5  # of the largest page
MOST_DOORS = 1000  # on one page
OPEN = "open"  # every line that waits for a decision


def list_context(
    actor: Actor, listed: GroupList, asked: Mapping[str, str], *, now: datetime
) -> dict[str, Any]:
    """Return the lines in the state asked for, one page of them, and how many are in each."""
    states = queries.state_of_lines(listed)
    totals = queries.totals_of(states)
    chosen = asked.get("state", "")
    wanted = UNCLEAR if chosen == OPEN else {chosen} & set(AnswerState.values)
    lines = [line for line, state in states.items() if not wanted or state in wanted]
    page = _number(asked.get("page", ""), most=max(len(lines) - 1, 0) // PAGE_LINES + 1)
    shown = lines[(page - 1) * PAGE_LINES : page * PAGE_LINES]
    rows = list(queries.answers_of(listed, shown))
    return {
        "list": listed,
        "is_open": listed.closed_at is None,
        "coverage": queries.coverage_of(actor, listed),
        "line_count": len(states),
        "totals": [(state, totals[state]) for state in AnswerState if totals[state]],
        "unclear": sum(totals[state] for state in UNCLEAR),
        "likely": listed.answers.filter(state=AnswerState.LIKELY).count(),
        "chosen": chosen,
        "rows": rows,
        "lines": presenting.answer_lines(actor, rows, now=now),
        "page": page,
        "next": page + 1 if page * PAGE_LINES < len(lines) else 0,
    }


def coverage_context(
    actor: Actor, listed: GroupList, asked: Mapping[str, str], *, now: datetime
) -> dict[str, Any]:
    """Return how far the households of the place were reached, and a page of doors that have not answered."""
    covered = queries.coverage_of(actor, listed)
    page = _number(asked.get("page", ""), most=max(covered.silent - 1, 0) // MOST_DOORS + 1)
    silent = list(queries.silent_households(actor, listed)[(page - 1) * MOST_DOORS : page * MOST_DOORS])
    return {
        "list": listed,
        "is_open": listed.closed_at is None,
        "coverage": covered,
        "groups": presenting.door_groups(actor, silent),
        "shown": [home.pk for home in silent],
        "page": page,
        "next": page + 1 if page * MOST_DOORS < covered.silent else 0,
        "now": now,
    }


def _number(said: str, *, most: int) -> int:
    """Return the page asked for, the first where none is."""
    return (
        min(max(int(said), 1), most) if said.isascii() and said.isdigit() and len(said) < len("100000") else 1
    )
