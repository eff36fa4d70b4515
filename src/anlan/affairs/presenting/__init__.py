"""How the gate is put before people: lines, words of the lists, the decisions a post may take."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from anlan.affairs.forms import DecisionForm
from anlan.affairs.models import Admission, Objection
from anlan.affairs.pack import ListItem
from anlan.affairs.queries import CITABLE, list_item, list_items, may_decide
from anlan.affairs.rules import NEEDS_REASON, AdmissionState, Decision, ObjectionState
from anlan.foundation.actor import Actor
from anlan.foundation.pack_store import section
from anlan.foundation.packs import Source, Text
from anlan.organisation.models import Area
from anlan.organisation.queries import area_names, in_force, visible_areas
from anlan.organisation.rules import AreaLevel

SOON_DAYS = 7
NAMED_AREAS = 3
LIST_WORDS: dict[str, str | Promise] = {
    "own_duty": _("依法履职"),
    "assist": _("协助政府工作"),
    "certificate": _("证明"),
    "seal": _("印章使用"),
    "taken_back": _("上级收回"),
    "grid_may": _("网格员可以做"),
    "grid_must_not": _("网格员不得做"),
}
DECISION_WORDS: dict[Decision, str | Promise] = {
    Decision.ADMIT: _("同意准入"),
    Decision.HOLD: _("暂缓"),
    Decision.REFUSE: _("不予准入"),
    Decision.CONFIRM: _("复核确认"),
    Decision.END: _("提前结束"),
}
STEP_WORDS: dict[str, str | Promise] = {
    "request": _("提出申请"),
    "admit": _("同意准入"),
    "hold": _("暂缓"),
    "refuse": _("不予准入"),
    "confirm": _("复核确认"),
    "end": _("提前结束"),
    "expire": _("到期自动结束"),
    "admit_emergency": _("应急先行准入"),
    "widen": _("响应涉及的区域增加，须再复核"),
    "review_overdue": _("复核超时"),
}
MAIN = frozenset({Decision.ADMIT, Decision.CONFIRM})


@dataclass(frozen=True, slots=True)
class AdmissionLine:
    """One admission as a row of a list."""

    admission: Admission
    areas: str
    area_count: int
    days_left: int | None  # counted from today, None where it is not in force
    state_kind: str  # of c-state-text


@dataclass(frozen=True, slots=True)
class PossibleDecision:
    """Something the post may decide now."""

    key: str
    label: str | Promise
    is_main: bool
    form: DecisionForm


def admission_lines(admissions: Sequence[Admission], now: datetime, today: date) -> list[AdmissionLine]:
    """Return the rows of a list, with the names of what each addresses."""
    names = area_names((area.area_code for row in admissions for area in row.addressed.all()), now=now)
    return [_line(row, names, now, today) for row in admissions]


def _line(row: Admission, names: Mapping[str, str], now: datetime, today: date) -> AdmissionLine:
    codes = sorted(area.area_code for area in row.addressed.all())
    days_left = (row.ends_on - today).days if row.state == AdmissionState.ADMITTED else None
    shown = [names.get(code, code) for code in codes[:NAMED_AREAS]]
    return AdmissionLine(row, "、".join(shown), len(codes), days_left, _state_kind(row, days_left, now))


def _state_kind(row: Admission, days_left: int | None, now: datetime) -> str:
    is_unreviewed = row.review_due_at is not None and row.reviewed_at is None and days_left is not None
    if is_unreviewed and row.review_due_at is not None and row.review_due_at < now:
        return "overdue"
    if days_left is not None:
        return "soon" if days_left <= SOON_DAYS else "working"
    return "waiting" if row.state in {AdmissionState.REQUESTED, AdmissionState.HELD} else "done"


def addressed_names(admission: Admission, now: datetime) -> list[str]:
    """Return the names of every area an admission addresses."""
    codes = sorted(area.area_code for area in admission.addressed.all())
    names = area_names(codes, now=now)
    return [names.get(code, code) for code in codes]


def possible_decisions(
    actor: Actor, admission: Admission, sent: DecisionForm | None = None
) -> list[PossibleDecision]:
    """Return what the post may decide now, each with a form as sent or fresh."""
    return [
        PossibleDecision(item.value, DECISION_WORDS[item], item in MAIN, _form(item, admission, sent))
        for item in Decision
        if may_decide(actor, admission, item)
    ]


def _form(decision: Decision, admission: Admission, sent: DecisionForm | None) -> DecisionForm:
    if sent is not None and sent.data.get("decision") == decision:
        return sent
    first = {"decision": decision.value, "version": admission.version}
    form = DecisionForm(initial=first, auto_id=f"{decision.value}-%s")
    form.fields["reason"].required = decision in NEEDS_REASON
    return form


def in_words(text: Text | None) -> str:
    """Return a pack's words in the reader's language, '' for none."""
    if text is None:
        return ""
    return text.en if get_language() == "en" else text.zh


def list_parts(words: str, chosen: str) -> list[tuple[str | Promise, list[dict[str, str]]]]:
    """Return the lists in force with their items in the reader's language."""
    sources = {row.key: in_words(row.title) for row in section(Source)}
    found = list_items(words, [chosen] if chosen in LIST_WORDS else ())
    return [
        (title, [_item(item, sources) for item in found if item.list == name])
        for name, title in LIST_WORDS.items()
        if any(item.list == name for item in found)
    ]


def _item(item: ListItem, sources: Mapping[str, str]) -> dict[str, str]:
    return {
        "title": in_words(item.title),
        "basis": in_words(item.basis),
        "lead": in_words(item.lead),
        "minutes": str(item.minutes or ""),
        "source": " ".join(part for part in (sources.get(item.source, ""), _article(item)) if part),
        "since": item.effective_on.isoformat(),
        "is_editable": "1" if item.local_edit else "",
        "is_doubtful": "1" if item.check_before_use else "",
    }


def _article(item: ListItem) -> str:
    return str(_("第 %(article)s 条") % {"article": item.article}) if item.article else ""


def citable_items() -> list[tuple[str, str]]:
    """Return the items a community may cite when it gives an order back, as choices by list."""
    by_rank = sorted(list_items(lists=CITABLE), key=lambda item: CITABLE.index(item.list))
    return [(item.key, f"{LIST_WORDS[item.list]}：{in_words(item.title)}") for item in by_rank]


def assist_items() -> list[tuple[str, str]]:
    """Return the items of the list 协助, as choices."""
    return [(item.key, in_words(item.title)) for item in list_items(lists=["assist"])]


def item_words(key: str) -> str:
    """Return what an item of the lists is called, with its list."""
    item = list_item(key)
    return f"{LIST_WORDS[item.list]}：{in_words(item.title)}" if item else key


def area_choices(actor: Actor, now: datetime) -> list[tuple[str, str]]:
    """Return where a request may be addressed: whole subdistricts first, then communities."""
    levels = (AreaLevel.SUBDISTRICT, AreaLevel.COMMUNITY)
    rows = visible_areas(actor, now=now).filter(in_force(now), level__in=levels).order_by("code")
    own = [area for area in rows if actor.ranges.covers(area.code)]
    return [_choice(area) for level in levels for area in own if area.level == level]


def _choice(area: Area) -> tuple[str, str]:
    is_whole = area.level == AreaLevel.SUBDISTRICT
    return area.code, str(_("%(name)s全部社区") % {"name": area.name}) if is_whole else area.name


def objection_lines(rows: Iterable[Objection], now: datetime) -> list[tuple[Objection, str, str]]:
    """Return objections with the item they cite and the kind of their state."""
    return [(row, item_words(row.list_item), _ruling_kind(row, now)) for row in rows]


def _ruling_kind(row: Objection, now: datetime) -> str:
    if row.state != ObjectionState.RAISED:
        return "done"
    return "overdue" if row.due_at < now else "waiting"
