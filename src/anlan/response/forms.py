"""What a person sends about a plan: its scope and orders, approval, a reason, confirmed conditions."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from anlan.foundation.ids import new_id
from anlan.response.models import PlannedOrder

KEEP, WHY = "keep_", "why_"


class VersionForm(forms.Form):
    """The version of the plan that the act was decided on."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)


class PrepareForm(VersionForm):
    """The scope, why a wider one, and for each order whether it stays or why not."""

    layer = forms.CharField(max_length=40)
    wider_reason = forms.CharField(
        label=_("选更大范围的理由"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, orders: Iterable[PlannedOrder], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_ids = [order.pk for order in orders]
        for order_id in self.order_ids:
            self.fields[f"{KEEP}{order_id}"] = forms.BooleanField(required=False)
            self.fields[f"{WHY}{order_id}"] = forms.CharField(required=False, max_length=1000)

    def taken_out(self) -> dict[UUID, str]:
        """Return the orders left out, each with the reason given."""
        sent = self.cleaned_data
        return {one: sent[f"{WHY}{one}"] for one in self.order_ids if not sent[f"{KEEP}{one}"]}


class ApproveForm(VersionForm):
    """The words of the warning notification that goes out with the plan, where it is not signed yet."""

    notice_text = forms.CharField(
        label=_("警示信息通报正文（随方案一并签发）"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )

    def __init__(self, *args: Any, signs: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not signs:  # signed before, or not this post's to sign
            del self.fields["notice_text"]


class ReasonForm(VersionForm):
    """A reason in words."""

    reason = forms.CharField(label=_("理由"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))


class BodyForm(forms.Form):
    """A body to be founded for a running response, where, and why; it carries the id of what it makes."""

    row_id = forms.UUIDField(widget=forms.HiddenInput)
    place = forms.CharField(label=_("哪种组织、在哪里"), widget=forms.Select)  # checked where it is founded
    reason = forms.CharField(label=_("成立原因"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, places: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("row_id", new_id())
        widget = self.fields["place"].widget
        assert isinstance(widget, forms.Select)
        widget.choices = [("", "—"), *places]


class LiftForm(ReasonForm):
    """The conditions the person vouches for, and why the response ends."""

    confirmed = forms.MultipleChoiceField(
        label=_("已确认的解除条件"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, conditions: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["confirmed"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = list(conditions)
