"""How grants are put before people: lines of the list, the parts of one's page, a certificate."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from anlan.affairs.grant_rules import APPLY, ISSUED, RENEW, GrantAct, Standing, code_as_written
from anlan.affairs.models import Grant
from anlan.affairs.pack_grants import GrantKind
from anlan.affairs.presenting import in_words
from anlan.affairs.queries.grants import grant_kinds, standing_on
from anlan.organisation.queries import area_names

STEP_WORDS: dict[str, str | Promise] = {
    APPLY: _("提出申请"),
    RENEW: _("申请续期"),
    GrantAct.CHECK: _("核查"),
    GrantAct.APPROVE: _("批准"),
    GrantAct.REFUSE: _("不予批准"),
    GrantAct.PUBLISH: _("公布"),
    GrantAct.SUSPEND: _("暂停"),
    GrantAct.RESUME: _("恢复"),
    GrantAct.REVOKE: _("撤销"),
}
VIEW_WORDS: dict[str, str | Promise] = {
    "valid": _("在册有效"),
    "waiting": _("办理中"),
    "soon": _("即将到期"),
    "suspended": _("已暂停"),
    "ended": _("已结束"),
    "all": _("全部"),
}
NOT_YET_IN_FORCE = frozenset({Standing.APPLIED, Standing.CHECKED, Standing.APPROVED, Standing.NOT_YET})
OVER = frozenset({Standing.REFUSED, Standing.REVOKED, Standing.EXPIRED, Standing.HOLDER_GONE})


@dataclass(frozen=True, slots=True)
class GrantLine:
    """One grant as a row of a list."""

    grant: Grant
    kind: str
    category: str
    place: str
    standing: Standing
    state_kind: str  # of c-state-text; '' for one that is over
    days_left: int | None  # counted from today, None where it does not hold
    permits: tuple[str, ...]

    @property
    def holder(self) -> str:
        """Return the name of the facility."""
        return self.grant.facility.name


def grant_lines(rows: Iterable[Grant], now: datetime, today: date) -> list[GrantLine]:
    """Return the rows of a list."""
    shown, kinds = list(rows), grant_kinds()
    names = area_names({row.area_code for row in shown}, now=now)
    return [_line(row, kinds.get(row.kind), names, today) for row in shown]


def _line(row: Grant, kind: GrantKind | None, names: Mapping[str, str], today: date) -> GrantLine:
    standing = standing_on(row, today)
    holds = standing is Standing.VALID and row.ends_on is not None
    days_left = (row.ends_on - today).days if holds and row.ends_on else None
    return GrantLine(
        grant=row,
        kind=in_words(kind.title) if kind else row.kind,
        category=category_words(kind, row.category),
        place=names.get(row.area_code, row.area_code),
        standing=standing,
        state_kind=_state_kind(standing, days_left, kind),
        days_left=days_left,
        permits=permit_words(row, kind),
    )


def _state_kind(standing: Standing, days_left: int | None, kind: GrantKind | None) -> str:
    if standing in OVER:
        return ""
    if standing is Standing.SUSPENDED:
        return "overdue"
    if standing in NOT_YET_IN_FORCE or days_left is None:
        return "waiting"
    return "soon" if kind is None or days_left <= kind.renewal_days else "working"


def category_words(kind: GrantKind | None, key: str) -> str:
    """Return what a category is called; its key where the pack no longer has it."""
    category = kind.category(key) if kind else None
    return in_words(category.title) if category else key


def permit_words(grant: Grant, kind: GrantKind | None) -> tuple[str, ...]:
    """Return what a grant permits, in the pack's order."""
    permits = kind.permits if kind else []
    return tuple(in_words(row.title) for row in permits if row.key in grant.permits)


def condition_words(grant: Grant, kind: GrantKind | None) -> list[str]:
    """Return the conditions of a grant, those in words last."""
    offered = kind.conditions if kind else []
    known = [in_words(row.text) for row in offered if row.key in grant.conditions]
    return [*known, grant.further_condition] if grant.further_condition else known


def point_lines(grant: Grant, kind: GrantKind | None) -> list[dict[str, Any]]:
    """Return what was found of each point of the pack, with None where it was not checked."""
    found = {row["key"]: row for row in grant.points}
    points = kind.points if kind else []
    return [
        {
            "text": in_words(point.text),
            "is_required": point.required,
            "is_met": found.get(point.key, {}).get("is_met"),
            "note": found.get(point.key, {}).get("note", ""),
        }
        for point in points
    ]


def grant_context(grant: Grant, now: datetime, today: date) -> dict[str, Any]:
    """Return the parts of a grant's page that everybody reads who may open it."""
    kind = grant_kinds().get(grant.kind)
    [line] = grant_lines([grant], now, today)
    points, steps = point_lines(grant, kind), grant.steps.order_by("version")
    return {
        "grant": grant,
        "line": line,
        "points": points,
        "unmet": [point["text"] for point in points if point["is_required"] and not point["is_met"]],
        "conditions": condition_words(grant, kind),
        "code": code_as_written(grant.code),
        "is_issued": grant.state in ISSUED and bool(grant.code),
        "is_over": line.standing in OVER,
        "steps": [(STEP_WORDS.get(step.act, step.act), step) for step in steps],
    }


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a certificate says to whoever verifies it: nothing of any person."""

    kind: str
    holder: str
    category: str
    starts_on: date | None
    ends_on: date | None
    conditions: tuple[str, ...]
    standing: Standing
    code: str
    is_practice: bool

    @property
    def holds(self) -> bool:
        """Say whether it is in force."""
        return self.standing is Standing.VALID


def certificate_of(grant: Grant, today: date, *, is_practice: bool) -> Certificate:
    """Return what a certificate says today."""
    kind = grant_kinds().get(grant.kind)
    return Certificate(
        kind=in_words(kind.title) if kind else grant.kind,
        holder=grant.facility.name,
        category=category_words(kind, grant.category),
        starts_on=grant.starts_on,
        ends_on=grant.ends_on,
        conditions=tuple(condition_words(grant, kind)),
        standing=standing_on(grant, today),
        code=code_as_written(grant.code),
        is_practice=is_practice,
    )
