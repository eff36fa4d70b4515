"""The parts of a signal's page, each as far as the reader may know it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from anlan.foundation.actor import Actor
from anlan.foundation.clock import day_of
from anlan.health.models import CaseReport
from anlan.health.presenting import report_lines
from anlan.health.queries import reports_behind, visible_reports
from anlan.surveillance.assessing import PARTS, grades, grades_of, matrix, questions
from anlan.surveillance.clocks import ClockLine, clocks_of, clocks_of_products, event_clock
from anlan.surveillance.expectation import spoken_rule
from anlan.surveillance.forms import QUESTION, AssessForm
from anlan.surveillance.gauge import Reading, readings, words
from anlan.surveillance.models import RiskAssessment, Signal
from anlan.surveillance.outlook import outlooks
from anlan.surveillance.presenting import (
    CURVE_DAYS,
    CURVE_TAIL_DAYS,
    outlook_words,
    reason_words,
    signal_lines,
    signal_path,
    timeline,
)
from anlan.surveillance.product_parts import product_lines
from anlan.surveillance.queries import may, rule_title
from anlan.surveillance.rules import LEADERS_SEE, SignalAct
from anlan.surveillance.verdicts import RuleRecord, rule_records
from anlan.surveillance.words import own_words
from anlan.workorders.presenting import order_lines
from anlan.workorders.queries import orders_about

REPORTS_SHOWN = 12
SOURCE_NAMES: dict[str, Promise] = {
    "page": gettext_lazy("页面填报"),
    "case-reports": gettext_lazy("系统接入"),
    "phone": gettext_lazy("手机填报"),
}
ASKED = (*PARTS, "uncertainty")
PART_NAMES: dict[str, Promise] = {
    "likelihood": gettext_lazy("发生可能性"),
    "impact": gettext_lazy("影响程度"),
    "vulnerability": gettext_lazy("脆弱性"),
    "uncertainty": gettext_lazy("不确定性"),
}


@dataclass(frozen=True, slots=True)
class GaugeLine:
    """One line of the gauge in the words of the page."""

    title: str
    words: str
    share: int
    is_reached: bool
    is_known: bool


@dataclass(frozen=True, slots=True)
class ReasonLine:
    """Why a rule spoke: its name, its sentence, when."""

    rule: str
    words: str
    count: int | None
    at: datetime
    record: str


def gauge_lines(found: Iterable[Reading]) -> list[GaugeLine]:
    """Return readings in the words of the page."""
    return [
        GaugeLine(
            own_words(one.gauge.title),
            own_words(words(one)),
            one.share,
            one.is_reached,
            one.count is not None,
        )
        for one in found
    ]


def signal_parts(actor: Actor, signal: Signal, now: datetime, *, all_reports: bool) -> dict[str, Any]:
    """Return what the page shows of a signal to this reader."""
    is_health = actor.has_purpose("health")
    steps = list(signal.steps.order_by("at", "id"))
    reports = list(reports_behind(actor, signal.report_ids)) if is_health else []
    products = list(signal.products.order_by("formed_at"))
    read = readings(actor, [signal])[signal.pk] if is_health else []
    event = event_clock(signal, read, steps, now)
    return {
        "signal": signal,
        "line": signal_lines([signal], now)[0],
        "path": signal_path(signal, now),
        "reasons": _reasons(actor, signal),
        "clocks": clock_lines([*clocks_of(signal, steps, now), *([event] if event else [])]),
        "gauge": gauge_lines(read),
        "reports": report_lines(reports if all_reports else reports[-REPORTS_SHOWN:], now),
        "report_count": len(reports),
        "sources": sources(reports),
        "is_statistical": is_health and spoken_rule(signal) is not None,
        "outlook": outlook_line(actor, signal, now),
        "curve": curve(reports, day_of(now)),
        "orders": order_lines(orders_about(actor, signal.pk), now),
        "products": product_lines(actor, clocks_of_products(signal, products, now)),
        "assessments": assessment_lines(signal.assessments.order_by("-assessed_at")),
        "is_health": is_health,
        "steps": timeline(actor, steps),
        "may_assess": may(actor, SignalAct.ASSESS, signal),
    }


def outlook_line(actor: Actor, signal: Signal, now: datetime) -> str:
    """Return what the coming week of a verified event may bring, or why nothing is forecast; else nothing."""
    if signal.state not in LEADERS_SEE:
        return ""
    return outlook_words(actor, outlooks(actor, [signal], now)[signal.pk])


def _reasons(actor: Actor, signal: Signal) -> list[ReasonLine]:
    is_health = actor.has_purpose("health")
    records = {record.rule: record for record in rule_records(actor)} if is_health else {}
    return [
        ReasonLine(
            rule_title(reason.rule) if is_health else "",
            reason_words(actor, signal, reason),
            reason.count if is_health else None,
            reason.at,
            record_words(records.get(reason.rule)) if is_health else "",
        )
        for reason in signal.reasons.order_by("at")
    ]


def clock_lines(clocks: Iterable[ClockLine]) -> list[dict[str, Any]]:
    """Return clocks in the words of the page: title, moments, state."""
    return [
        {
            "title": own_words(clock.title),
            "due_at": clock.due_at,
            "done_at": clock.done_at,
            "is_late": clock.is_late,
            "state_kind": "overdue" if clock.is_late else "done" if clock.done_at else "working",
        }
        for clock in clocks
    ]


def record_words(record: RuleRecord | None) -> str:
    """Return how often a rule was right before: its predictive value with the 95 % interval."""
    if record is None or record.share is None or record.low is None or record.high is None:
        return _("此规则还没有核实过的信号")
    return _("此规则已判 %(decided)s 条，属实 %(verified)s 条：%(share)s%%（%(low)s–%(high)s%%）") % {
        "decided": record.verified + record.excluded,
        "verified": record.verified,
        "share": round(100 * record.share),
        "low": round(100 * record.low),
        "high": round(100 * record.high),
    }


def sources_of(actor: Actor, signals: Iterable[Signal]) -> dict[UUID, list[tuple[str, int]]]:
    """Return for each signal how many of its reports came by each door, the most first."""
    rows = list(signals)
    behind = {report for row in rows for report in row.report_ids}
    door = dict(visible_reports(actor).filter(pk__in=behind).values_list("pk", "source"))
    return {row.pk: _named(Counter(door[key] for key in row.report_ids if key in door)) for row in rows}


def source_words(found: Iterable[tuple[str, int]]) -> str:
    """Return doors with their numbers in one line."""
    return " · ".join(f"{name} {count}" for name, count in found)


def sources(reports: Iterable[CaseReport]) -> list[tuple[str, int]]:
    """Return how many reports came by each door, the most first."""
    return _named(Counter(report.source for report in reports))


def _named(counted: Counter[str]) -> list[tuple[str, int]]:
    return [(str(SOURCE_NAMES.get(source, source)), count) for source, count in counted.most_common()]


def curve(reports: Iterable[CaseReport], until: date) -> dict[str, object]:
    """Return the epidemic curve: reports a day by onset, up to the day given."""
    days = [report.onset_on for report in reports if report.onset_on]
    if not days:
        return {"days": [], "series": [], "marks": []}
    until = min(until, max(days) + timedelta(days=CURVE_TAIL_DAYS))
    first = max(min(days), until - timedelta(days=CURVE_DAYS))
    span = [first + timedelta(days=n) for n in range((max(until, *days) - first).days + 1)]
    return {
        "days": [day.isoformat() for day in span],
        "series": [{"name": _("报告数"), "counts": [days.count(day) for day in span]}],
        "marks": [],
    }


def assessment_lines(assessments: Iterable[RiskAssessment]) -> list[dict[str, Any]]:
    """Return the history of assessments, as the page shows it."""
    return [{"row": row, "is_by_matrix": row.matrix_grade in {"", row.grade}} for row in assessments]


def assessment_parts(actor: Actor, signal: Signal, form: AssessForm, now: datetime) -> dict[str, Any]:
    """Return what the page of the risk assessment shows: form, matrix, what was assessed before."""
    asked = [(part, [form[QUESTION + row.key] for row in questions() if row.part == part]) for part in ASKED]
    last = signal.assessments.order_by("-assessed_at").first()
    return {
        "signal": signal,
        "line": signal_lines([signal], now)[0],
        "form": form,
        "parts": [(PART_NAMES[part], fields) for part, fields in asked if fields],
        "matrix": matrix_lines(last),
        "assessments": assessment_lines(signal.assessments.order_by("-assessed_at")),
        "gauge": gauge_lines(readings(actor, [signal])[signal.pk]),
    }


def matrix_lines(last: RiskAssessment | None) -> list[dict[str, Any]]:
    """Return the rows of the matrix, each cell with its grade and whether the last assessment is there."""
    vulnerability = last.vulnerability if last else 1
    here = (last.likelihood, last.impact) if last else None
    named = {grade.key: grade for grade in grades()}
    return [
        {
            "likelihood": row.likelihood,
            "cells": [
                {
                    "title": own_words(named[key].title),
                    "rank": named[key].rank,
                    "here": here == (row.likelihood, impact),
                }
                for impact, key in enumerate(grades_of(row, vulnerability), start=1)
            ],
        }
        for row in matrix()
    ]
