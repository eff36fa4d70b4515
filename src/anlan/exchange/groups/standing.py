"""Which line counts where one person or household answered more than once: the later one."""

from anlan.exchange.groups.keeping import said_of
from anlan.exchange.groups.rules import AnswerState
from anlan.exchange.models import GroupAnswer, GroupList


def settle_last(listed: GroupList) -> None:
    """Mark, for everybody meant, the last line as the one that counts.

    Who is known is told by the register; behind one door, others are told apart by what they call themselves.
    """
    rows = list(listed.answers.filter(state=AnswerState.MATCHED).order_by("line", "part"))
    last = {_who(row): row.pk for row in rows}
    counting = set(last.values())
    for is_last in (True, False):
        wrong = [row.pk for row in rows if row.is_last != is_last and (row.pk in counting) == is_last]
        if wrong:
            listed.answers.filter(pk__in=wrong).update(is_last=is_last)
    listed.answers.exclude(state=AnswerState.MATCHED).filter(is_last=False).update(is_last=True)


def _who(row: GroupAnswer) -> tuple[object, str]:
    return (row.resident_id, "") if row.resident_id else (row.household_id, said_of(row).name)
