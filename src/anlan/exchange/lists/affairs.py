"""Lists of the gate (admissions, what was held, objections) and of grants."""

from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from anlan.affairs.presenting import admission_lines, objection_lines
from anlan.affairs.presenting.grants import grant_lines
from anlan.affairs.queries import held_entries, listed_admissions, visible_objections
from anlan.affairs.queries.grants import NEWEST, wanted_grants
from anlan.exchange.lists.kinds import ListColumn, ListSheet, moment
from anlan.foundation.clock import day_of


def _areas(line: Any) -> str:
    more = _now("等 %(count)s 个") % {"count": line.area_count} if line.area_count > 3 else ""
    return f"{line.areas} {more}".strip()


ADMISSIONS = ListSheet(
    key="admissions",
    title=_("准入事项"),
    url_name="gate",
    subject="affairs.Admission",
    found=lambda actor, filters, now: listed_admissions(actor, filters.get("view", "waiting")),
    lines=lambda actor, rows, now: admission_lines(rows, now, day_of(now)),
    order=("-requested_at", "id"),
    filters=("view",),
    columns=(
        ListColumn("title", _("事项"), lambda line: line.admission.title, width=30),
        ListColumn("asked_by", _("提出单位"), lambda line: line.admission.asked_by.title, width=22),
        ListColumn("areas", _("面向"), _areas, width=30),
        ListColumn("minutes", _("每次分钟"), lambda line: line.admission.minutes, kind="number"),
        ListColumn("frequency", _("频次"), lambda line: line.admission.get_frequency_display()),
        ListColumn("state", _("状态"), lambda line: line.admission.get_state_display()),
        ListColumn("ends_on", _("截止"), lambda line: line.admission.ends_on, kind="date", is_on_page=False),
    ),
)

HELD = ListSheet(
    key="gate_log",
    title=_("拦下记录"),
    url_name="gate_log",
    subject="affairs.GateEntry",
    found=lambda actor, filters, now: held_entries(actor),
    lines=lambda actor, rows, now: rows,
    order=("-at", "id"),
    columns=(
        ListColumn("title", _("任务"), lambda row: f"{row.title} {row.task}".strip(), width=30),
        ListColumn("accountable", _("派给"), lambda row: row.accountable.title, width=22),
        ListColumn("by", _("谁派的"), lambda row: f"{row.post_title} {row.member_name}", width=26),
        ListColumn("why", _("为何拦下"), lambda row: row.get_why_display(), width=30),
        ListColumn("attempts", _("次数"), lambda row: row.attempts, kind="number"),
        ListColumn("at", _("时间"), lambda row: moment(row.at), kind="moment", width=18),
    ),
)

OBJECTIONS = ListSheet(
    key="objections",
    title=_("非社区职责"),
    url_name="objections",
    subject="affairs.Objection",
    found=lambda actor, filters, now: visible_objections(actor),
    lines=lambda actor, rows, now: objection_lines(rows, now),
    order=("-raised_at", "id"),
    columns=(
        ListColumn("title", _("工单"), lambda line: line[0].title, width=26),
        ListColumn("item", _("引用清单"), lambda line: line[1], width=30),
        ListColumn(
            "by", _("提出岗位"), lambda line: f"{line[0].raised_by.title} {line[0].member_name}", width=26
        ),
        ListColumn("state", _("状态"), lambda line: line[0].get_state_display()),
        ListColumn(
            "due_at",
            _("裁定期限"),
            lambda line: moment(line[0].decided_at or line[0].due_at),
            kind="moment",
            width=18,
        ),
    ),
)

GRANTS = ListSheet(
    key="grants",
    title=_("资格与白名单"),
    url_name="grants",
    subject="affairs.Grant",
    found=lambda actor, filters, now: wanted_grants(actor, filters, today=day_of(now)),
    lines=lambda actor, rows, now: grant_lines(rows, now, day_of(now)),
    order=NEWEST,
    filters=("kind", "view", "category", "area", "q"),
    columns=(
        ListColumn("holder", _("单位"), lambda line: line.holder, width=30),
        ListColumn("category", _("类别"), lambda line: line.category, width=22),
        ListColumn("place", _("区域"), lambda line: line.place, width=22),
        ListColumn("permits", _("准予事项"), lambda line: "、".join(line.permits), width=26),
        ListColumn("state", _("状态"), lambda line: str(line.standing.label)),
        ListColumn("ends_on", _("截止"), lambda line: line.grant.ends_on, kind="date"),
    ),
)

LISTS = (ADMISSIONS, HELD, OBJECTIONS, GRANTS)
