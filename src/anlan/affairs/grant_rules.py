"""States of a grant, what leads from one to the next, how it stands on a day, and its number."""

import re
import secrets
from datetime import date
from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _

LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # none is mistaken for another
CODE_LENGTH = 20  # of 30 letters: 98 bits, nobody guesses one
CODE_PART = 5  # letters written together


class GrantState(models.TextChoices):
    """Where a grant stands in its steps."""

    APPLIED = "applied", _("待核查")
    CHECKED = "checked", _("待审批")
    REFUSED = "refused", _("不予批准")
    APPROVED = "approved", _("待公布")
    VALID = "valid", _("有效")
    SUSPENDED = "suspended", _("已暂停")
    REVOKED = "revoked", _("已撤销")


class Standing(models.TextChoices):
    """How a grant stands on a day: its state, unless time or the holder's end has overtaken it."""

    APPLIED = "applied", _("待核查")
    CHECKED = "checked", _("待审批")
    REFUSED = "refused", _("不予批准")
    APPROVED = "approved", _("待公布")
    NOT_YET = "not_yet", _("未到生效日")
    VALID = "valid", _("有效")
    SUSPENDED = "suspended", _("已暂停")
    REVOKED = "revoked", _("已撤销")
    EXPIRED = "expired", _("已到期")
    HOLDER_GONE = "holder_gone", _("单位已终止登记")


IN_HAND = (GrantState.APPLIED, GrantState.CHECKED)  # before the decision
OVER = (GrantState.REFUSED, GrantState.REVOKED)
TERMED = (GrantState.APPROVED, GrantState.VALID, GrantState.SUSPENDED)  # decided, with a term
ISSUED = (GrantState.VALID, GrantState.SUSPENDED, GrantState.REVOKED)  # has a number and can be verified


class GrantAct(StrEnum):
    """What is done with a grant after the application."""

    CHECK = "check"
    APPROVE = "approve"
    REFUSE = "refuse"
    PUBLISH = "publish"
    SUSPEND = "suspend"
    RESUME = "resume"
    REVOKE = "revoke"


APPLY, RENEW = "apply", "renew"  # the steps that begin one
FROM: dict[GrantAct, tuple[GrantState, ...]] = {
    GrantAct.CHECK: IN_HAND,
    GrantAct.APPROVE: (GrantState.CHECKED,),
    GrantAct.REFUSE: IN_HAND,
    GrantAct.PUBLISH: (GrantState.APPROVED,),
    GrantAct.SUSPEND: (GrantState.VALID,),
    GrantAct.RESUME: (GrantState.SUSPENDED,),
    GrantAct.REVOKE: TERMED,
}
TO: dict[GrantAct, GrantState] = {
    GrantAct.CHECK: GrantState.CHECKED,
    GrantAct.APPROVE: GrantState.APPROVED,
    GrantAct.REFUSE: GrantState.REFUSED,
    GrantAct.PUBLISH: GrantState.VALID,
    GrantAct.SUSPEND: GrantState.SUSPENDED,
    GrantAct.RESUME: GrantState.VALID,
    GrantAct.REVOKE: GrantState.REVOKED,
}
BY_WORDS_ALONE = (GrantAct.REFUSE, GrantAct.PUBLISH, GrantAct.SUSPEND, GrantAct.RESUME, GrantAct.REVOKE)
NEEDS_REASON = frozenset(
    {GrantAct.APPROVE, GrantAct.REFUSE, GrantAct.SUSPEND, GrantAct.RESUME, GrantAct.REVOKE}
)
WORK_OF_ONE_HAND = (GrantAct.CHECK, GrantAct.APPROVE, GrantAct.REFUSE)  # never by who had a hand in it before


def standing_of(
    state: str, starts_on: date | None, ends_on: date | None, today: date, *, holder_ended: bool = False
) -> Standing:
    """Return how a grant stands on a day; it holds to the end of its last day."""
    if state in OVER:
        return Standing(state)
    if holder_ended:
        return Standing.HOLDER_GONE
    if state in TERMED and ends_on is not None and ends_on < today:
        return Standing.EXPIRED
    if state == GrantState.VALID and starts_on is not None and starts_on > today:
        return Standing.NOT_YET
    return Standing(state)


def new_code() -> str:
    """Return the number of a certificate, drawn so that none can be guessed."""
    return "".join(secrets.choice(LETTERS) for _letter in range(CODE_LENGTH))


def code_as_kept(written: str) -> str:
    """Return a number as it is kept, however it was written; empty for what cannot be one."""
    kept = re.sub(r"[\s-]", "", written).upper()
    return kept if len(kept) == CODE_LENGTH and set(kept) <= set(LETTERS) else ""


def code_as_written(code: str) -> str:
    """Return a number in parts that are easy to read out."""
    return "-".join(code[start : start + CODE_PART] for start in range(0, len(code), CODE_PART))
