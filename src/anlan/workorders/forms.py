"""What a person writes when taking an order a step on."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from anlan.affairs.presenting import citable_items


class ObjectionForm(forms.Form):
    """非社区职责: the item of the lists that is cited, and a word if one likes."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    list_item = forms.ChoiceField(label=_("引用清单"))
    note = forms.CharField(
        label=_("补充说明"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["list_item"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("请选择")), *citable_items()]


class ActForm(forms.Form):
    """The words that go with a step, and the version of the order they were written to."""

    note = forms.CharField(
        label=_("情况说明"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
