"""How signals are put before people: a line, the row of steps, the forms a post may send."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django import forms
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from anlan.foundation.actor import Actor
from anlan.health.models import CaseReport
from anlan.health.queries import condition_title
from anlan.surveillance.forms import AssessForm, SignForm, VerifyForm, VersionForm, WordsForm
from anlan.surveillance.models import Signal
from anlan.surveillance.queries import may
from anlan.surveillance.rules import SignalAct, SignalState

PATH = (
    (SignalAct.ACKNOWLEDGE, _("响应")),
    (SignalAct.VERIFY, _("核实")),
    (SignalAct.ASSESS, _("评估")),
    (SignalAct.SIGN, _("签发")),
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
}
FORMS: dict[str, tuple[type[forms.Form], str | Promise]] = {
    SignalAct.ACKNOWLEDGE: (VersionForm, _("响应：由我核实")),
    SignalAct.VERIFY: (VerifyForm, _("提交核实结论")),
    SignalAct.ASSESS: (AssessForm, _("提交风险评估")),
    SignalAct.SIGN: (SignForm, _("签发警示信息通报")),
    SignalAct.CLOSE: (WordsForm, _("关闭信号")),
}
ACT_NAMES: dict[str, str | Promise] = {
    "raise": _("系统发出信号"),
    "acknowledge": _("响应"),
    "verify": _("核实属实"),
    "exclude": _("排除"),
    "assess": _("风险评估"),
    "sign": _("签发警示信息通报"),
    "passed_on": _("新涉及的网格已通报"),
    "answered": _("接收方全部应答"),
    "close": _("关闭"),
    "overdue": _("超过时限，已提示负责人"),
    "no_post_to_verify": _("核实岗位空缺"),
}
CURVE_DAYS, CURVE_TAIL_DAYS = 84, 3


@dataclass(frozen=True, slots=True)
class SignalLine:
    """One signal as a row of a list."""

    signal: Signal
    condition: str
    state: str
    state_kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class OpenForm:
    """A form the post may send now."""

    act: str
    label: str | Promise
    form: forms.Form


def own_language(zh: str, en: str) -> str:
    """Return the words in the language of the page."""
    return en if get_language() == "en" else zh


def signal_lines(signals: Iterable[Signal], now: datetime) -> list[SignalLine]:
    """Return the rows of a list; each signal comes with its first reason."""
    return [_line(signal, now) for signal in signals]


def _line(signal: Signal, now: datetime) -> SignalLine:
    title = condition_title(signal.condition)
    reason = next(iter(signal.reasons.all()), None)
    late = signal.due_at is not None and signal.due_at < now
    done = signal.state in {SignalState.CLOSED, SignalState.EXCLUDED}
    waiting = "overdue" if late else "working"
    return SignalLine(
        signal=signal,
        condition=own_language(title.zh, title.en) if title else signal.condition,
        state=str(SignalState(signal.state).label),
        state_kind="done" if done else waiting,
        reason=own_language(reason.words_zh, reason.words_en) if reason else "",
    )


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


def open_forms(actor: Actor, signal: Signal, sent: Mapping[str, forms.Form]) -> list[OpenForm]:
    """Return what the post may send now, each form as it was sent or fresh."""
    found = []
    for key, (form_class, label) in FORMS.items():
        act = SignalAct(key)
        if not may(actor, act, signal):
            continue
        if act is SignalAct.SIGN and not signal.products.filter(signed_at=None).exists():
            continue
        form = sent.get(act) or form_class(initial=_initial(act, signal), auto_id=f"{act}-%s")
        found.append(OpenForm(act.value, label, form))
    return found


def _initial(act: SignalAct, signal: Signal) -> dict[str, object]:
    """Return what a fresh form starts with: the version, and for signing the notice as it was formed."""
    unsigned = signal.products.filter(signed_at=None).first() if act is SignalAct.SIGN else None
    return {"version": signal.version, **({"text": unsigned.text} if unsigned else {})}


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
        "series": [{"name": str(_("报告数")), "counts": [days.count(day) for day in span]}],
        "marks": [],
    }
