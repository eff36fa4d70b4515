"""What people write at the gate: a request, a decision with its reason, an objection's ruling."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from anlan.affairs.rules import Decision, Frequency
from anlan.foundation.errors import Refused
from anlan.foundation.ids import new_id

AREA = forms.Textarea(attrs={"rows": 2})
LONGEST_MINUTES = 2400  # a week of one person: what takes longer is no task but a post


def show_refusal(form: forms.Form, refusal: Refused) -> None:
    """Put a refusal at the fields it names, or over the whole form."""
    for name, text in refusal.fields.items():
        form.add_error(name, str(text))
    if not refusal.fields:
        form.add_error(None, str(refusal.message))


class RequestForm(forms.Form):
    """社区工作准入事项审批表."""

    row_id = forms.UUIDField(widget=forms.HiddenInput)
    title = forms.CharField(label=_("事项名称"), max_length=100)
    list_item = forms.ChoiceField(
        label=_("清单事项"), required=False, help_text=_("在协助清单上的请选出；不在清单上的留空。")
    )
    basis = forms.CharField(
        label=_("法律或文件依据"), max_length=500, widget=AREA, help_text=_("写明名称、文号、条款。")
    )
    minutes = forms.IntegerField(label=_("每个社区每次约需分钟"), min_value=1, max_value=LONGEST_MINUTES)
    frequency = forms.ChoiceField(label=_("多久一次"), choices=Frequency.choices, widget=forms.RadioSelect)
    ends_on = forms.DateField(
        label=_("截止日期"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("当日结束后自动失效，名下工单随之结束。"),
    )
    areas = forms.MultipleChoiceField(label=_("面向哪里"), widget=forms.CheckboxSelectMultiple)
    hand_back = forms.CharField(label=_("交回什么"), max_length=500, widget=AREA)
    staffing = forms.CharField(label=_("随事项的人员和经费"), max_length=500, required=False, widget=AREA)

    def __init__(
        self, *args: Any, areas: Iterable[tuple[str, str]], items: Iterable[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("row_id", new_id())
        self._offer("areas", areas)
        self._offer("list_item", [("", _("不在清单上")), *items])

    def _offer(self, name: str, choices: Iterable[tuple[Any, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(choices)


class DecisionForm(forms.Form):
    """One decision with its reason, written to one version."""

    decision = forms.ChoiceField(
        choices=[(item.value, item.value) for item in Decision], widget=forms.HiddenInput
    )
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    reason = forms.CharField(label=_("理由"), required=False, max_length=2000, widget=AREA)


class RulingForm(forms.Form):
    """Whether an order is the community's, with the reason."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    ruling = forms.ChoiceField(
        label=_("裁定"),
        choices=[("upheld", _("异议成立，收回工单")), ("rejected", _("异议不成立，由社区办理"))],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(label=_("理由"), max_length=2000, widget=AREA)
