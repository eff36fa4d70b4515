"""Lists of health: case reports, those that await their card, the counts of a day."""

from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from anlan.exchange.lists.kinds import Filters, ListColumn, ListSheet, moment
from anlan.foundation.actor import Actor
from anlan.foundation.clock import day_of
from anlan.foundation.errors import NotFound
from anlan.health.presenting import card_lines, report_lines, sheet_lines
from anlan.health.queries import awaiting_card, visible_reports, visible_sheets


def _card(line: Any) -> str:
    return _now("尚未网络直报") if line.awaits_card else str(line.report.card_number)


REPORTS = ListSheet(
    key="reports",
    title=_("病例报告"),
    url_name="reports",
    subject="health.CaseReport",
    found=lambda actor, filters, now: visible_reports(actor).select_related("group", "facility", "building"),
    lines=lambda actor, rows, now: report_lines(rows, now),
    order=("-reported_at", "id"),
    is_personal=True,
    columns=(
        ListColumn("condition", _("病种或症候群"), lambda line: line.condition, is_personal=True, width=22),
        ListColumn("place", _("地点"), lambda line: line.place, is_personal=True, width=22),
        ListColumn("onset_on", _("发病"), lambda line: line.report.onset_on, is_personal=True, kind="date"),
        ListColumn("state", _("状态"), lambda line: line.state),
        ListColumn("card", _("网络直报"), _card, width=22),
        ListColumn(
            "reported_at", _("报告"), lambda line: moment(line.report.reported_at), kind="moment", width=18
        ),
    ),
)

CARDS = ListSheet(
    key="awaiting_cards",
    title=_("尚未网络直报"),
    url_name="awaiting_cards",
    subject="health.CaseReport",
    found=lambda actor, filters, now: awaiting_card(actor),
    lines=lambda actor, rows, now: card_lines(rows, now),
    order=("card_due_at", "id"),
    is_personal=True,
    columns=(
        ListColumn("condition", _("病种或症候群"), lambda c: c.line.condition, is_personal=True, width=22),
        ListColumn("place", _("地点"), lambda c: c.line.place, is_personal=True, width=22),
        ListColumn("state", _("状态"), lambda c: c.line.state),
        ListColumn(
            "reported_at", _("报告"), lambda c: moment(c.line.report.reported_at), kind="moment", width=18
        ),
        ListColumn(
            "due_at", _("法定时限"), lambda c: moment(c.line.report.card_due_at), kind="moment", width=18
        ),
    ),
)


def _sheets(actor: Actor, filters: Filters, now: datetime) -> QuerySet[Any]:
    try:
        on = date.fromisoformat(filters["on"]) if filters.get("on") else day_of(now)
    except ValueError as error:
        raise NotFound from error
    rows = visible_sheets(actor).filter(on=on).prefetch_related("lines")
    return rows.filter(form=filters["form"]) if filters.get("form") else rows


COUNTS = ListSheet(
    key="counts",
    title=_("当日计数"),
    url_name="counts",
    subject="health.CountSheet",
    found=_sheets,
    lines=lambda actor, rows, now: sheet_lines(rows, now),
    order=("area_code", "id"),
    filters=("on", "form"),
    columns=(
        ListColumn("place", _("单位或区域"), lambda line: line.place, width=24),
        ListColumn("form", _("报数表"), lambda line: line.form, width=20),
        ListColumn("words", _("数字"), lambda line: line.words, width=40),
        ListColumn("late", _("过时"), lambda line: _now("过时") if line.was_late else ""),
        ListColumn(
            "reported_at", _("报送"), lambda line: moment(line.sheet.reported_at), kind="moment", width=18
        ),
        ListColumn("version", _("版本"), lambda line: line.sheet.version, kind="number", is_on_page=False),
    ),
)

LISTS = (REPORTS, CARDS, COUNTS)
