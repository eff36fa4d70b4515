"""What a person writes when taking a signal a step on."""

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from anlan.surveillance.queries import grades

SCORES = [(score, str(score)) for score in range(1, 6)]


class VersionForm(forms.Form):
    """The version of the signal that the act was decided on."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)


class WordsForm(VersionForm):
    """Grounds, in words."""

    note = forms.CharField(label=_("依据"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))


class VerifyForm(WordsForm):
    """Whether the suspicion holds: nothing is chosen beforehand."""

    holds = forms.ChoiceField(
        label=_("核实结论"),
        choices=[("yes", _("属实，已核实")), ("no", _("不属实，排除"))],
        widget=forms.RadioSelect,
    )


class AssessForm(VersionForm):
    """The risk assessment form: three scores, a grade, the evidence."""

    likelihood = forms.TypedChoiceField(
        label=_("发生可能性"), choices=SCORES, coerce=int, widget=forms.RadioSelect
    )
    impact = forms.TypedChoiceField(label=_("影响程度"), choices=SCORES, coerce=int, widget=forms.RadioSelect)
    vulnerability = forms.TypedChoiceField(
        label=_("脆弱性"), choices=SCORES, coerce=int, widget=forms.RadioSelect
    )
    grade = forms.ChoiceField(label=_("风险等级"), widget=forms.RadioSelect)
    evidence = forms.CharField(label=_("证据"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    uncertainty = forms.CharField(
        label=_("不确定之处"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        english = get_language() == "en"
        field = self.fields["grade"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(row.key, row.title.en if english else row.title.zh) for row in grades()]


class SignForm(VersionForm):
    """The notice as it goes out: what the template left open is written in before signing."""

    text = forms.CharField(label=_("通报正文"), max_length=1000, widget=forms.Textarea(attrs={"rows": 5}))
