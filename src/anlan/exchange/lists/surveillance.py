"""Lists of surveillance: signals, past shifts."""

from datetime import datetime
from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from anlan.exchange.lists.kinds import Filters, ListColumn, ListSheet, moment
from anlan.foundation.actor import Actor
from anlan.surveillance.presenting import condition_name, signal_lines
from anlan.surveillance.queries import listed_signals, visible_handovers

GRADES = {  # as c-risk-bars says them
    "": _("未评估"),
    "very_low": _("极低风险"),
    "low": _("低风险"),
    "medium": _("中风险"),
    "high": _("高风险"),
}


def _signals(actor: Actor, filters: Filters, now: datetime) -> QuerySet[Any]:
    rows = listed_signals(actor, filters, name_of=partial(condition_name, actor))
    return rows.prefetch_related("reasons")


SIGNALS = ListSheet(
    key="signals",
    title=_("预警信号"),
    url_name="signals",
    subject="surveillance.Signal",
    found=_signals,
    lines=lambda actor, rows, now: signal_lines(rows, now),
    order=("-raised_at", "id"),
    filters=("view", "state", "condition", "rule", "area", "q"),
    columns=(
        ListColumn("condition", _("病种或症候群"), lambda line: line.condition, width=22),
        ListColumn("place", _("地点"), lambda line: line.signal.place_name, width=22),
        ListColumn("reason", _("理由"), lambda line: line.reason, width=44),
        ListColumn("cases", _("已知病例"), lambda line: line.cases or None, kind="number"),
        ListColumn("state", _("状态"), lambda line: line.state),
        ListColumn("grade", _("风险"), lambda line: str(GRADES.get(line.signal.grade, ""))),
        ListColumn(
            "due_at",
            _("期限"),
            lambda line: moment(line.signal.due_at or line.signal.raised_at),
            kind="moment",
            width=18,
        ),
    ),
)

SHIFTS = ListSheet(
    key="shifts",
    title=_("历次交接班"),
    url_name="shifts",
    subject="surveillance.ShiftHandover",
    found=lambda actor, filters, now: visible_handovers(actor),
    lines=lambda actor, rows, now: rows,
    order=("-given_at", "id"),
    columns=(
        ListColumn("given_at", _("交班"), lambda row: moment(row.given_at), kind="moment", width=18),
        ListColumn("given", _("交班人"), lambda row: row.given_name),
        ListColumn("taken", _("接班人"), lambda row: row.taken_name),
        ListColumn("taken_at", _("接班"), lambda row: moment(row.taken_at), kind="moment", width=18),
        ListColumn("note", _("留言"), lambda row: row.note, width=50, is_on_page=False),
    ),
)

LISTS = (SIGNALS, SHIFTS)
