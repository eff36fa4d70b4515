"""How signals are put before people: a line, the row of steps, the timeline, the forms a post may send.

What a post may not know of (a diagnosis, a count under 5, words written for health posts) is left out here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from anlan.foundation.actor import Actor
from anlan.foundation.masks import SMALL_COUNT, visible_count
from anlan.foundation.scope import require_scope
from anlan.health.queries import condition_title
from anlan.surveillance.assessing import grade_named
from anlan.surveillance.forms import EventForm, FieldForm, ProductForm, VerifyForm, VersionForm, WordsForm
from anlan.surveillance.gauge import readings
from anlan.surveillance.indicators import indicator_named
from anlan.surveillance.models import Signal, SignalReason, SignalStep
from anlan.surveillance.outlook import Outlook, Reproduction, WhyNot, outlooks
from anlan.surveillance.queries import fused_rules, may, may_name, product_kinds
from anlan.surveillance.rules import ProductState, SignalAct, SignalState
from anlan.surveillance.words import own_words

PATH = (
    (SignalAct.ACKNOWLEDGE, _("响应")),
    (SignalAct.VERIFY, _("核实")),
    (SignalAct.ASSESS, _("评估")),
    ("sign", _("签发")),
    (SignalAct.CLOSE, _("关闭")),
)
REACHED = {
    SignalState.RAISED: 0,
    SignalState.VERIFYING: 1,
    SignalState.VERIFIED: 2,
    SignalState.ASSESSED: 3,
    SignalState.WARNED: 4,
    SignalState.EXCLUDED: 4,
    SignalState.CLOSED: 5,
    SignalState.JOINED: 5,
}
FORMS: dict[str, tuple[type[forms.Form], str | Promise]] = {
    SignalAct.ACKNOWLEDGE: (VersionForm, _("响应：由我核实")),
    SignalAct.VERIFY: (VerifyForm, _("提交核实结论")),
    SignalAct.FIELD: (FieldForm, _("记录现场核实")),
    SignalAct.EVENT: (EventForm, _("记录：已报告突发事件")),
    SignalAct.FORM: (ProductForm, _("形成预警产品")),
    SignalAct.CLOSE: (WordsForm, _("关闭信号")),
}
ACT_NAMES: dict[str, str | Promise] = {
    "raise": _("系统发出信号"),
    "acknowledge": _("响应"),
    "verify": _("核实属实"),
    "exclude": _("排除"),
    "field": _("现场核实"),
    "assess": _("风险评估"),
    "event": _("已报告突发公共卫生事件"),
    "form": _("形成预警产品"),
    "sign": _("签发预警产品"),
    "passed_on": _("新涉及的区域已通报"),
    "answered": _("接收方全部应答"),
    "fed_back": _("接收方全部反馈"),
    "reminded": _("催办未应答的接收方"),
    "unsigned": _("预警产品超过签发时限"),
    "unanswered": _("预警产品超过应答时限"),
    "close": _("关闭"),
    "join": _("与另一信号是同一件事，已并入"),
    "take_in": _("并入了另一信号"),
    "overdue": _("超过时限，已提示上一级"),
    "no_post_to_verify": _("核实岗位空缺"),
}
FOR_HEALTH_POSTS = _("监测规则已触发；病名和人数只对卫生岗位显示")
CURVE_DAYS, CURVE_TAIL_DAYS = 84, 3
WHY_NOT_WORDS: dict[WhyNot, str | Promise] = {
    WhyNot.NO_REPORTS: _("不作预测：只有汇总的报数，没有逐例报告"),
    WhyNot.TOO_SHORT: _("不作预测：首例报告不足两周"),
    WhyNot.TOO_FEW: _("不作预测：报告少于 10 例"),
}


@dataclass(frozen=True, slots=True)
class SignalLine:
    """One signal as a row of a list, as the reader may know it."""

    signal: Signal
    condition: str
    state: str
    state_kind: str
    reason: str
    cases: int | None  # how many ill persons are known; None: not shown
    is_late: bool


@dataclass(frozen=True, slots=True)
class OpenForm:
    """A form the post may send now."""

    act: str
    label: str | Promise
    form: forms.Form


def own_language(zh: str, en: str) -> str:
    """Return the words in the language of the page."""
    return en if get_language() == "en" else zh


def condition_name(actor: Actor | None, condition: str) -> str:
    """Return what a condition is called before this reader: closed ones are an infectious disease."""
    if actor is None or not may_name(actor, condition):
        return own_language("传染病", "Infectious disease")
    title = condition_title(condition)
    return own_words(title) if title else condition


def series_name(key: str) -> str:
    """Name what a day's count counts: an indicator of the pack, or a condition that was reported."""
    line = indicator_named(key)
    title = line.title if line else condition_title(key)
    return own_language(title.zh, title.en) if title else key


def reason_words(actor: Actor | None, signal: Signal, reason: SignalReason) -> str:
    """Return the sentence of a rule; where it would name a closed disease or few people, that it spoke."""
    if actor is not None and actor.has_purpose("health"):
        return own_language(reason.words_zh, reason.words_en)
    known = actor is not None and may_name(actor, signal.condition)
    if not known or visible_count(actor, reason.count) is None:
        return str(FOR_HEALTH_POSTS)
    return own_language(reason.words_zh, reason.words_en)


def signal_lines(signals: Iterable[Signal], now: datetime) -> list[SignalLine]:
    """Return the rows of a list as the actor of the scope may know them; each with its weightiest reason."""
    actor, rows = require_scope().actor, list(signals)
    names = {key: condition_name(actor, key) for key in {signal.condition for signal in rows}}
    return [_line(actor, signal, names[signal.condition], now) for signal in rows]


def _line(actor: Actor | None, signal: Signal, name: str, now: datetime) -> SignalLine:
    reason = min(signal.reasons.all(), key=_weight, default=None)
    done = signal.state in {SignalState.CLOSED, SignalState.EXCLUDED, SignalState.JOINED}
    late = signal.due_at is not None and signal.due_at < now and not done
    waiting = "overdue" if late else "working"
    return SignalLine(
        signal=signal,
        condition=name,
        state=str(SignalState(signal.state).label),
        state_kind="done" if done else waiting,
        reason=reason_words(actor, signal, reason) if reason else "",
        cases=visible_count(actor, signal.case_count),
        is_late=late,
    )


def outlook_lines(actor: Actor, signals: Sequence[Signal], now: datetime) -> dict[UUID, tuple[str, bool]]:
    """Return for each event what the coming week may bring, in words, and whether it is forecast."""
    found = outlooks(actor, signals, now) if signals else {}
    return {key: (outlook_words(actor, one), one.why_not is None) for key, one in found.items()}


def outlook_words(actor: Actor, outlook: Outlook) -> str:
    """Return what the coming week may bring, with its range; or why nothing is forecast."""
    if outlook.why_not is not None:
        return str(WHY_NOT_WORDS[outlook.why_not])
    words = gettext("未来 7 天预计新报告 %(low)s–%(high)s 例（八成把握），过去 7 天 %(last)s 例") % {
        "low": shown_count(actor, outlook.low),
        "high": shown_count(actor, outlook.high),
        "last": shown_count(actor, outlook.last_week),
    }
    if (rt := outlook.reproduction) is None:
        return words
    further = gettext("Rt %(mean)s（%(low)s–%(high)s）") % {"mean": rt.mean, "low": rt.low, "high": rt.high}
    return " · ".join([words, further, *_interval_words(actor, rt)])


def _interval_words(actor: Actor, rt: Reproduction) -> list[str]:
    """Return what Rt was made with, to those who may know the illness, and that it is a default to check."""
    said = []
    if may_name(actor, rt.condition):
        facts = {"days": f"{rt.interval.mean_days:g}", "paper": rt.interval.paper}
        said.append(gettext("代际间隔按 %(days)s 天（%(paper)s）") % facts)
    if not rt.is_checked:
        said.append(gettext("代际间隔是配置包的默认值，使用前请核对"))
    return said


def shown_count(actor: Actor, count: int) -> str:
    """Return a count of persons as this reader may see it: small ones only that they are small."""
    return f"<{SMALL_COUNT}" if visible_count(actor, count) is None else f"{count:,}"


def _weight(reason: SignalReason) -> tuple[bool, datetime, str]:
    """Rank reasons: first what names several sources with their shares, then the first that spoke."""
    return reason.rule not in fused_rules(), reason.at, reason.rule


def signal_path(signal: Signal, now: datetime) -> list[dict[str, str]]:
    """Return the row of steps of a signal."""
    reached = REACHED[SignalState(signal.state)]
    late = signal.due_at is not None and signal.due_at < now
    here = "late" if late else "now"
    states = ["done" if i < reached else here if i == reached else "ahead" for i in range(len(PATH))]
    return [
        {"label": str(label), "state": state, "note": ""}
        for (_act, label), state in zip(PATH, states, strict=True)
    ]


def timeline(actor: Actor, steps: Iterable[SignalStep]) -> list[tuple[str, SignalStep, str]]:
    """Return each step with its name and its note; notes in words are for health posts."""
    return [
        (str(ACT_NAMES.get(step.act, step.act)), step, _note(step, in_full=actor.has_purpose("health")))
        for step in steps
    ]


def _note(step: SignalStep, *, in_full: bool) -> str:
    kinds = {kind.key: own_words(kind.title) for kind in product_kinds()}
    if step.act == "assess":
        grade = grade_named(step.note)
        return own_words(grade.title) if grade else ""
    if step.act == "overdue":
        return str(ACT_NAMES.get(step.note, step.note))
    key, _space, number = step.note.partition(" ")
    if key in kinds:
        told = str(_("%s 个接收方") % number) if number and number != "0" else ""
        return f"{kinds[key]} {told}".strip()
    return step.note if in_full else ""


def open_forms(actor: Actor, signal: Signal, sent: Mapping[str, forms.Form]) -> list[OpenForm]:
    """Return what the post may send now, each form as it was sent or fresh."""
    found = []
    for key, (form_class, label) in FORMS.items():
        act = SignalAct(key)
        if not may(actor, act, signal) or not _is_asked_for(actor, act, signal):
            continue
        fresh: dict[str, Any] = {"initial": {"version": signal.version}, "auto_id": f"{act}-%s"}
        if act is SignalAct.FORM:
            kinds = [kind for kind in product_kinds() if kind.key in products_to_form(actor, signal)]
            if not kinds:
                continue
            fresh["kinds"] = kinds
        found.append(OpenForm(act.value, label, sent.get(act) or form_class(**fresh)))
    return found


def _is_asked_for(actor: Actor, act: SignalAct, signal: Signal) -> bool:
    """Say whether an act that is done once at most still waits: the visit, the report of an event."""
    if act is SignalAct.FIELD:
        return is_field_visit_open(signal)
    if act is SignalAct.EVENT:
        reached = any(reading.is_reached for reading in readings(actor, [signal])[signal.pk])
        return reached and not signal.steps.filter(act=SignalAct.EVENT).exists()
    return True


def is_field_visit_open(signal: Signal) -> bool:
    """Say whether nobody has yet written down a look on the spot."""
    return signal.field_due_at is not None or not signal.steps.filter(act=SignalAct.FIELD).exists()


def products_to_form(actor: Actor, signal: Signal) -> list[str]:
    """Return the kinds of product this post may still form at the signal's grade."""
    grade = grade_named(signal.grade)
    there = set(signal.products.exclude(state=ProductState.WITHDRAWN).values_list("kind", flat=True))
    return [
        kind.key
        for kind in product_kinds()
        if grade and kind.key in grade.products and kind.key not in there and actor.role in kind.formed_by
    ]
