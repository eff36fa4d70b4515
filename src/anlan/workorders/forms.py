"""What a person writes when taking an order a step on."""

from django import forms
from django.utils.translation import gettext_lazy as _


class ActForm(forms.Form):
    """The words that go with a step, and the version of the order they were written to."""

    note = forms.CharField(
        label=_("情况说明"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
