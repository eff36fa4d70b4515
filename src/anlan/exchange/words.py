"""What states, outcomes and problems of rows are called, for pages and marked workbooks alike."""

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from anlan.exchange.layout import SheetColumn
from anlan.exchange.rules import REASONS, STAYS, Outcome

# Reasons whose detail is the number of another row.
SHOWN_ROWS = frozenset({"repeats", "contradicts_row", "possible_same_row"})


def words_of_outcome(outcome: str) -> str:
    """Return what an outcome is called."""
    return str(Outcome(outcome).label)


def words_of_problems(problems: Iterable[Sequence[str]], columns: Sequence[SheetColumn] = ()) -> str:
    """Return problems as one text, each with its column where there is one."""
    titles = {column.key: str(column.title) for column in columns}
    return "；".join(_words_of(problem, titles) for problem in problems)


def _words_of(problem: Sequence[str], titles: dict[str, str]) -> str:
    key, reason, detail = problem
    words = str(REASONS.get(reason) or STAYS.get(reason) or reason)
    if reason in SHOWN_ROWS:
        words = _("%(why)s（第 %(row)s 行）") % {"why": words, "row": detail}
    elif detail:
        words = detail
    return f"{titles[key]}：{words}" if key in titles else words
