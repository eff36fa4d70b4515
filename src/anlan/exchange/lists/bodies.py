"""Lists of bodies and checklists: decisions, and both roll-ups."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet, Value
from django.utils.translation import gettext_lazy as _

from anlan.exchange.lists.kinds import Filters, ListColumn, ListSheet
from anlan.foundation.actor import Actor
from anlan.organisation.models import Area
from anlan.organisation.presenting.bodies import (
    body_coverage_areas,
    body_coverage_lines,
    decision_lines,
)
from anlan.organisation.presenting.checklists import checklist_coverage_areas, checklist_coverage_lines
from anlan.organisation.queries import now_for
from anlan.organisation.queries.bodies import template_named, wanted_decisions
from anlan.organisation.queries.checklists import checklist_named
from anlan.organisation.queries.coverage import access_area_in_range

DECISIONS = ListSheet(
    key="decisions",
    title=_("议定事项"),
    url_name="decisions",
    subject="organisation.Decision",
    found=lambda actor, filters, now: wanted_decisions(actor, filters, now=now_for(actor)),
    lines=lambda actor, rows, now: decision_lines(rows, now=now_for(actor)),
    order=("due_on", "id"),
    filters=("view", "area"),
    columns=(
        ListColumn("words", _("事项"), lambda line: line.decision.words, width=40),
        ListColumn("accountable", _("责任岗位"), lambda line: line.decision.accountable.title, width=24),
        ListColumn("body", _("组织"), lambda line: line.decision.meeting.body.name, width=24),
        ListColumn("place", _("区域"), lambda line: line.place, width=20),
        ListColumn("due_on", _("期限"), lambda line: line.decision.due_on.isoformat()),
        ListColumn("state", _("状态"), lambda line: line.state),
        ListColumn("reason", _("说明"), lambda line: line.decision.reason, width=40, is_on_page=False),
    ),
)


def _area(actor: Actor, filters: Filters) -> Area:
    return access_area_in_range(actor, filters.get("area", actor.area_code), now=now_for(actor))


def _body_areas(actor: Actor, filters: Filters, now: datetime) -> QuerySet[Any]:
    """Return the areas of the roll-up, each with what it is a roll-up of."""
    area = _area(actor, filters)
    template = template_named(filters.get("template", ""), area.code)
    areas = body_coverage_areas(area, template, now=now_for(actor))
    return areas.annotate(of_area=Value(area.code), of_what=Value(template.key))


def _body_lines(actor: Actor, rows: Sequence[Any], now: datetime) -> Sequence[Any]:
    if not rows:
        return []
    area = _area(actor, {"area": rows[0].of_area})
    template = template_named(rows[0].of_what, area.code)
    return body_coverage_lines(area, template, rows, now=now_for(actor))


BODY_COVERAGE = ListSheet(
    key="body_coverage",
    title=_("组织逐级汇总"),
    url_name="body_coverage",
    subject="organisation.Body",
    found=_body_areas,
    lines=_body_lines,
    order=("code", "id"),
    filters=("area", "template"),
    columns=(
        ListColumn("name", _("区域"), lambda line: line.area.name, width=24),
        ListColumn("complete", _("齐全"), lambda line: line.stands.complete),
        ListColumn("total", _("应有"), lambda line: line.stands.total),
        ListColumn("not_founded", _("未建立"), lambda line: line.stands.not_founded),
        ListColumn("missing", _("缺什么"), lambda line: "、".join(line.missing), width=50),
        ListColumn("code", _("代码"), lambda line: line.area.code, width=20, is_on_page=False),
    ),
)


def _checklist_areas(actor: Actor, filters: Filters, now: datetime) -> QuerySet[Any]:
    """Return the areas of the roll-up, each with what it is a roll-up of."""
    area, listed = _area(actor, filters), checklist_named(filters.get("checklist", ""))
    areas = checklist_coverage_areas(area, listed, now=now_for(actor))
    return areas.annotate(of_area=Value(area.code), of_what=Value(listed.key))


def _checklist_lines(actor: Actor, rows: Sequence[Any], now: datetime) -> Sequence[Any]:
    if not rows:
        return []
    area = _area(actor, {"area": rows[0].of_area})
    return checklist_coverage_lines(area, checklist_named(rows[0].of_what), rows, now=now_for(actor))


CHECKLIST_COVERAGE = ListSheet(
    key="checklist_coverage",
    title=_("清单逐级汇总"),
    url_name="checklist_coverage",
    subject="organisation.ChecklistAnswer",
    found=_checklist_areas,
    lines=_checklist_lines,
    order=("code", "id"),
    filters=("area", "checklist"),
    columns=(
        ListColumn("name", _("区域"), lambda line: line.area.name, width=24),
        ListColumn("complete", _("完成"), lambda line: line.stands.complete),
        ListColumn("total", _("应有"), lambda line: line.stands.total),
        ListColumn("stale", _("已过期"), lambda line: line.stands.stale),
        ListColumn("empty", _("未填"), lambda line: line.stands.empty),
        ListColumn("missing", _("缺什么"), lambda line: "、".join(line.missing), width=50),
        ListColumn("code", _("代码"), lambda line: line.area.code, width=20, is_on_page=False),
    ),
)

BODY_LISTS = (DECISIONS, BODY_COVERAGE, CHECKLIST_COVERAGE)
