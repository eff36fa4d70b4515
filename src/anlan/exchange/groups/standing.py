"""Which line counts where one person or household answered more than once: the later one."""

from anlan.exchange.groups.rules import AnswerState
from anlan.exchange.models import GroupList


def settle_last(listed: GroupList) -> None:
    """Mark, for every person and household meant, the last line as the one that counts."""
    meant = listed.answers.filter(state=AnswerState.MATCHED).order_by("line", "part")
    last: dict[object, int] = {}
    rows = list(meant.values_list("pk", "resident_id", "household_id", "is_last"))
    for place, (_pk, resident, household, _is_last) in enumerate(rows):
        last[resident or ("home", household)] = place
    counting = {rows[place][0] for place in last.values()}
    wrong_on = [pk for pk, _r, _h, is_last in rows if is_last and pk not in counting]
    wrong_off = [pk for pk, _r, _h, is_last in rows if not is_last and pk in counting]
    if wrong_on:
        listed.answers.filter(pk__in=wrong_on).update(is_last=False)
    if wrong_off:
        listed.answers.filter(pk__in=wrong_off).update(is_last=True)
    listed.answers.exclude(state=AnswerState.MATCHED).filter(is_last=False).update(is_last=True)
