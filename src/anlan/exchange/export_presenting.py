"""How exports are put before people: a line, the list and filters in words, what may be done."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from anlan.exchange.export_models import Export
from anlan.exchange.export_queries import may_decide, may_recall
from anlan.exchange.export_rules import AT_WORK, MAY_RECALL, PROBLEMS, ExportState
from anlan.exchange.lists import LISTS, Filters, ListSheet
from anlan.foundation.actor import Actor
from anlan.foundation.audit_words import VERBS
from anlan.organisation.queries.patches import place_names
from anlan.organisation.rules import VehicleState
from anlan.people.rules import AgeBand
from anlan.surveillance.rules import SignalState

STATE_KINDS = {
    ExportState.ASKED: "waiting",
    ExportState.APPROVED: "working",
    ExportState.MAKING: "working",
    ExportState.READY: "done",
    ExportState.FAILED: "overdue",
}
FILTER_WORDS: Mapping[str, str | Promise] = {
    "area": gettext_lazy("区域"),
    "age": gettext_lazy("年龄"),
    "view": gettext_lazy("分类"),
    "kind": gettext_lazy("类别"),
    "said": gettext_lazy("登记内容"),
    "state": gettext_lazy("状态"),
    "q": gettext_lazy("搜索"),
    "on": gettext_lazy("日期"),
    "form": gettext_lazy("报数表"),
    "role": gettext_lazy("角色"),
    "condition": gettext_lazy("病种或症候群"),
    "rule": gettext_lazy("规则"),
    "verb": gettext_lazy("操作"),
    "day": gettext_lazy("日期"),
    "member": gettext_lazy("人员"),
    "post": gettext_lazy("岗位"),
}
VALUE_WORDS: Mapping[str, Mapping[str, str | Promise]] = {
    "age": dict(AgeBand.choices),
    "state": {**dict(SignalState.choices), **dict(VehicleState.choices)},
    "verb": VERBS,
    "view": {
        "all": gettext_lazy("全部"),
        "open": gettext_lazy("在办"),
        "mine": gettext_lazy("本岗位"),
        "check": gettext_lazy("待我派遣或核查"),
        "asked": gettext_lazy("我提出的"),
        "late": gettext_lazy("超时"),
        "closed": gettext_lazy("已结案"),
        "ended": gettext_lazy("已结束"),
        "vacant": gettext_lazy("空缺"),
        "verify": gettext_lazy("待核对"),
        "incomplete": gettext_lazy("不完整"),
        "waiting": gettext_lazy("待审核"),
        "in_force": gettext_lazy("在册"),
        "reviews": gettext_lazy("待复核"),
        "refused": gettext_lazy("未准入或已结束"),
    },
}


@dataclass(frozen=True, slots=True)
class ExportLine:
    """One export as a row, or as the facts of its page."""

    export: Export
    title: str
    place: str
    narrowed: list[tuple[str, str]]
    columns: str
    kind: str
    percent: int
    problem: str
    is_at_work: bool
    is_ready: bool


def export_lines(exports: Iterable[Export], *, now: datetime) -> list[ExportLine]:
    """Return exports as rows."""
    rows = list(exports)
    codes = {row.area_code for row in rows} | {row.filters.get("area", "") for row in rows}
    names = place_names(codes, now=now)
    return [_line(row, names) for row in rows]


def _line(row: Export, names: Mapping[str, str]) -> ExportLine:
    sheet = LISTS.get(row.list_key)
    titles = {one.key: str(one.title) for one in sheet.columns_of(row.filters)} if sheet else {}
    names = {**names, **(sheet.filter_words() if sheet and sheet.filter_words else {})}
    problem = PROBLEMS.get(row.problem)
    return ExportLine(
        export=row,
        title=str(sheet.title) if sheet else row.list_key,
        place=names.get(row.area_code, row.area_code),
        narrowed=_narrowed(row.filters, names),
        columns="、".join(titles.get(key, key) for key in row.columns),
        kind=STATE_KINDS.get(ExportState(row.state), "quiet"),
        percent=min(100, round(100 * row.row_count / row.estimate)) if row.estimate else 0,
        problem=str(problem) if problem else row.problem,
        is_at_work=row.state in AT_WORK,
        is_ready=row.state == ExportState.READY,
    )


def narrowed_words(sheet: ListSheet, filters: Filters, *, now: datetime) -> list[tuple[str, str]]:
    """Return what a list is narrowed to in words."""
    names = place_names([filters.get("area", "")], now=now)
    return _narrowed(filters, {**names, **(sheet.filter_words() if sheet.filter_words else {})})


def _narrowed(filters: Filters, names: Mapping[str, str]) -> list[tuple[str, str]]:
    return [
        (str(FILTER_WORDS.get(name, name)), str(VALUE_WORDS.get(name, names).get(value, value)))
        for name, value in filters.items()
    ]


def possible_acts(actor: Actor, export: Export) -> dict[str, bool]:
    """Return what the actor may do about an export now."""
    return {
        "may_decide": may_decide(actor, export),
        "may_recall": export.state in MAY_RECALL and may_recall(actor, export),
        "may_open": export.state == ExportState.READY and export.post_id == actor.post_id,
        "waits_for_another": export.state == ExportState.ASKED and not may_decide(actor, export),
    }
