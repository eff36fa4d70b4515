"""How reports and replies are put before people."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from anlan.health.models import CaseReport
from anlan.health.queries import condition_title
from anlan.health.rules import CaseState

REPLIES: dict[str, str | Promise] = {
    "received": _("已收到"),
    "looked_at": _("已有人核实"),
    "confirmed": _("属实，已在处置，感谢"),
    "excluded": _("已排除，感谢"),
}


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One report as a row of a list."""

    report: CaseReport
    condition: str
    place: str
    state: str
    awaits_card: bool  # 尚未网络直报


def report_lines(reports: Iterable[CaseReport]) -> list[ReportLine]:
    """Return the rows of a list of reports."""
    return [_line(report) for report in reports]


def _line(report: CaseReport) -> ReportLine:
    title = condition_title(report.condition)
    names = (title.en if get_language() == "en" else title.zh) if title else report.condition
    place = report.place_name or (report.group.name if report.group else "")
    return ReportLine(
        report=report,
        condition=names,
        place=place or (report.facility.name if report.facility else report.area_code),
        state=str(CaseState(report.state).label),
        awaits_card=bool(report.card_due_at and not report.card_number and not report.not_notifiable_because),
    )
