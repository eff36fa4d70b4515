"""How reports and replies are put before people."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from anlan.foundation.actor import Actor
from anlan.foundation.scope import current_scope
from anlan.health.models import CaseReport, ReportReceipt
from anlan.health.queries import condition_title, may_name, replies_to
from anlan.health.rules import CaseState
from anlan.organisation.queries import area_names

REPLIES: dict[str, str | Promise] = {
    "received": _("已收到"),
    "looked_at": _("已有人核实"),
    "confirmed": _("属实，已在处置，感谢"),
    "excluded": _("已排除，感谢"),
}


REPLY_DAYS, REPLIES_SHOWN = 14, 5
SOON_SHARE = 0.8  # of a clock gone: the light before the last


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One report as a row of a list."""

    report: CaseReport
    condition: str
    place: str
    state: str
    awaits_card: bool  # 尚未网络直报


@dataclass(frozen=True, slots=True)
class CardLine:
    """One report that awaits its statutory card, with the light of its clock."""

    line: ReportLine
    kind: str  # of state text: working, soon (80% of the clock gone), overdue


def card_lines(reports: Iterable[CaseReport], now: datetime) -> list[CardLine]:
    """Return the rows of the list of reports that await their card."""
    lines = report_lines(reports, now)
    return [CardLine(line, clock_kind(line.report, now)) for line in lines]


def clock_kind(report: CaseReport, now: datetime) -> str:
    """Return how the legal clock of a report stands."""
    if report.card_due_at is None:
        return "done"
    if now >= report.card_due_at:
        return "overdue"
    whole = report.card_due_at - report.reported_at
    return "soon" if now >= report.reported_at + whole * SOON_SHARE else "working"


def report_lines(reports: Iterable[CaseReport], now: datetime) -> list[ReportLine]:
    """Return the rows of a list of reports."""
    rows = list(reports)
    names = area_names({report.area_code for report in rows}, now=now)
    return [_line(report, names.get(report.area_code, report.area_code)) for report in rows]


def shown_condition(key: str) -> str:
    """Return what the reader may be told an illness is: its name only in the post's visibility classes."""
    scope = current_scope()
    if scope is not None and scope.actor is not None and not may_name(scope.actor, key):
        return gettext("传染病")
    title = condition_title(key)
    return (title.en if get_language() == "en" else title.zh) if title else key


def _line(report: CaseReport, area_name: str) -> ReportLine:
    place = report.place_name or (report.group.name if report.group else "")
    return ReportLine(
        report=report,
        condition=shown_condition(report.condition),
        place=place or (report.facility.name if report.facility else area_name),
        state=str(CaseState(report.state).label),
        awaits_card=bool(report.card_due_at and not report.card_number and not report.not_notifiable_because),
    )


def reply_lines(actor: Actor, now: datetime) -> list[tuple[ReportReceipt, str | Promise]]:
    """Return the latest of what this post reported, each with what became of it."""
    rows = replies_to(actor, now - timedelta(days=REPLY_DAYS))[:REPLIES_SHOWN]
    return [(row, REPLIES.get(row.reply, "")) for row in rows]
