"""What people write about bodies and checklists; each form's id makes a second sending one act."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from anlan.organisation.actions import ItemSaid, NewDecision
from anlan.organisation.forms import MOMENT, OnceForm
from anlan.organisation.pack import BodyTemplate, Checklist
from anlan.organisation.rules.bodies import CallAnswer, DecisionState
from anlan.organisation.words import in_words

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
LINES = forms.Textarea(attrs={"rows": 2})
DECISIONS_OFFERED = 3
YES_OR_NO = (("yes", _("是")), ("no", _("否")))
Choices = list[tuple[str, str]]


def _offer(form: forms.Form, name: str, choices: Choices) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices


class BodyForm(OnceForm):
    """A body to be founded at an area."""

    template = forms.ChoiceField(label=_("哪种组织"))
    name = forms.CharField(
        label=_("名称"),
        max_length=60,
        required=False,
        help_text=_("不填则用模板名称；同类多个时请分别命名。"),
    )
    reason = forms.CharField(
        label=_("成立原因"),
        max_length=300,
        required=False,
        widget=LINES,
        help_text=_("随事件成立的组织必填。"),
    )

    def __init__(self, *args: Any, templates: Iterable[BodyTemplate], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "template", [("", "—"), *((row.key, in_words(row.title)) for row in templates)])


class SeatForm(OnceForm):
    """Who takes a seat: a post, whoever holds it, or a person."""

    who = forms.ChoiceField(label=_("岗位或人员"), widget=forms.RadioSelect)
    is_lead = forms.BooleanField(label=_("担任召集人"), required=False)

    def __init__(self, *args: Any, choices: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "who", choices)

    def chosen(self) -> tuple[UUID | None, UUID | None]:
        """Return (post, member) as chosen."""
        kind, _colon, row_id = self.cleaned_data["who"].partition(":")
        return (UUID(row_id), None) if kind == "post" else (None, UUID(row_id))


class BodyEndForm(forms.Form):
    """Why a body ends, written to one version of it."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    reason = forms.CharField(label=_("结束原因"), max_length=300, widget=LINES)


class CallForm(OnceForm):
    """What a body is called up for."""

    text = forms.CharField(label=_("召集什么"), max_length=500, widget=LINES)
    place = forms.CharField(label=_("地点"), max_length=100, required=False)
    minutes = forms.IntegerField(label=_("几分钟内应答"), min_value=1, max_value=1440)


class AnswerCallForm(forms.Form):
    """Whether one comes."""

    answer = forms.ChoiceField(label=_("应答"), choices=CallAnswer.choices, widget=forms.RadioSelect)
    reason = forms.CharField(label=_("原因"), max_length=300, required=False, help_text=_("不能到时必填。"))


class MeetingForm(OnceForm):
    """A meeting, and up to three things it decided."""

    held_at = forms.DateTimeField(label=_("开会时间"), widget=MOMENT)
    place = forms.CharField(label=_("地点"), max_length=100, required=False)
    agenda = forms.CharField(label=_("议题"), max_length=500, widget=LINES)
    present = forms.MultipleChoiceField(
        label=_("到会人员"), required=False, widget=forms.CheckboxSelectMultiple
    )
    note = forms.CharField(label=_("记录"), max_length=2000, required=False, widget=LINES)

    def __init__(self, *args: Any, members: Choices, posts: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "present", members)
        for number in range(1, DECISIONS_OFFERED + 1):
            self.fields[f"words_{number}"] = forms.CharField(
                label=_("议定事项"), max_length=500, required=False
            )
            self.fields[f"accountable_{number}"] = forms.ChoiceField(
                label=_("责任岗位"), choices=[("", "—"), *posts], required=False
            )
            self.fields[f"due_on_{number}"] = forms.DateField(label=_("完成期限"), required=False, widget=DAY)

    def clean(self) -> dict[str, Any]:
        """Ask of every decision for all its three parts."""
        said: dict[str, Any] = super().clean() or {}
        for number in range(1, DECISIONS_OFFERED + 1):
            parts = {name: said.get(f"{name}_{number}") for name in ("words", "accountable", "due_on")}
            if any(parts.values()):
                for name, value in parts.items():
                    if not value and f"{name}_{number}" not in self.errors:
                        self.add_error(f"{name}_{number}", _("事项、责任岗位、期限须一起填写。"))
        return said

    def decision_rows(self) -> list[tuple[forms.BoundField, ...]]:
        """Return the fields of each decision, as the page shows them."""
        names = ("words", "accountable", "due_on")
        return [tuple(self[f"{name}_{n}"] for name in names) for n in range(1, DECISIONS_OFFERED + 1)]

    def decisions(self) -> tuple[NewDecision, ...]:
        """Return what was decided."""
        said = self.cleaned_data
        return tuple(
            NewDecision(
                words=said[f"words_{n}"],
                accountable_id=UUID(said[f"accountable_{n}"]),
                due_on=said[f"due_on_{n}"],
            )
            for n in range(1, DECISIONS_OFFERED + 1)
            if said[f"words_{n}"]
        )


class SettleForm(forms.Form):
    """What became of a decision, written to one version of it."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    state = forms.ChoiceField(label=_("结果"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("说明"), max_length=500, required=False, widget=LINES, help_text=_("不再办理时必填。")
    )

    def __init__(self, *args: Any, may_drop: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        states = [DecisionState.DONE, *([DecisionState.DROPPED] if may_drop else [])]
        _offer(self, "state", [(state.value, str(state.label)) for state in states])


class ChecklistForm(OnceForm):
    """Items of a checklist; those left open stay as they are."""

    def __init__(self, *args: Any, listed: Checklist, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._items = listed.items
        for item in listed.items:
            self.fields[f"answer_{item.key}"] = forms.ChoiceField(
                label=in_words(item.text), choices=YES_OR_NO, required=False, widget=forms.RadioSelect
            )
            if item.evidence != "none":
                self.fields[f"evidence_{item.key}"] = _evidence_field(item.evidence)
            self.fields[f"note_{item.key}"] = forms.CharField(label=_("备注"), max_length=200, required=False)

    def said(self) -> dict[str, ItemSaid]:
        """Return what is said of each item that was answered."""
        said = self.cleaned_data
        return {
            item.key: ItemSaid(
                said[f"answer_{item.key}"] == "yes",
                said.get(f"evidence_{item.key}", ""),
                said[f"note_{item.key}"],
            )
            for item in self._items
            if said[f"answer_{item.key}"]
        }


EVIDENCE: dict[str, tuple[Any, Any]] = {
    "number": (_("数量"), forms.TextInput(attrs={"inputmode": "numeric"})),
    "date": (_("日期"), forms.TextInput(attrs={"type": "date"})),
    "note": (_("说明"), forms.TextInput()),
    "document": (_("文件名称或文号，存放在哪里"), forms.TextInput()),
}


def _evidence_field(kind: str) -> forms.CharField:
    label, widget = EVIDENCE[kind]
    return forms.CharField(label=label, max_length=200, required=False, widget=widget)
