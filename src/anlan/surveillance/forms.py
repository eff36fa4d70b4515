"""What a person writes when taking a signal or a product a step on."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from anlan.foundation.packs import Text
from anlan.surveillance.actions import Assessment
from anlan.surveillance.assessing import grade_named, grades, questions
from anlan.surveillance.pack import WarningProduct as ProductKind
from anlan.surveillance.queries import product_kinds
from anlan.surveillance.words import own_words

QUESTION = "q_"  # prefix of the fields that ask the pack's questions
PLACE = "place_"  # prefix of the fields for a product's «places», by their order


class VersionForm(forms.Form):
    """The version of the row that the act was decided on."""

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


class FieldForm(VersionForm):
    """What a look on the spot found."""

    note = forms.CharField(label=_("现场所见"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))


class EventForm(VersionForm):
    """The number under which the happening was reported as an event, or to whom and how."""

    note = forms.CharField(label=_("事件报告编号，或向谁、怎样报告"), max_length=2000)


class ProductForm(VersionForm):
    """Which further product is formed."""

    kind = forms.ChoiceField(label=_("预警产品"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, kinds: Iterable[ProductKind] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = product_kinds() if kinds is None else kinds
        _offer(self, "kind", [(kind.key, own_words(kind.title)) for kind in offered])


class AssessForm(VersionForm):
    """The risk assessment form: the pack's questions, the evidence, the grade, the products that follow."""

    evidence = forms.CharField(label=_("证据"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    uncertainty = forms.CharField(
        label=_("不确定之处"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    grade = forms.ChoiceField(label=_("风险等级"), widget=forms.RadioSelect)
    differs_because = forms.CharField(
        label=_("与风险矩阵不同时的理由"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    products = forms.MultipleChoiceField(
        label=_("随后形成的预警产品"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for question in questions():
            choices = [(index, own_words(choice)) for index, choice in enumerate(question.choices)]
            self.fields[QUESTION + question.key] = forms.TypedChoiceField(
                label=own_words(question.title), choices=choices, coerce=int, widget=forms.RadioSelect
            )
        _offer(self, "grade", [(row.key, own_words(row.title)) for row in grades()])
        _offer(self, "products", [(kind.key, own_words(kind.title)) for kind in product_kinds()])
        self.order_fields(["version", *(name for name in self.fields if name.startswith(QUESTION))])

    def clean(self) -> dict[str, Any]:
        """Ask for a product where the grade gives at least one."""
        sent = super().clean() or {}
        grade = grade_named(sent.get("grade", ""))
        if grade is not None and grade.products and not sent.get("products"):
            self.add_error("products", _("这一等级至少形成一种预警产品，请选择。"))
        return sent

    def assessment(self) -> Assessment:
        """Return the form as the action takes it."""
        sent = self.cleaned_data
        return Assessment(
            grade=sent["grade"],
            evidence=sent["evidence"],
            uncertainty=sent["uncertainty"],
            differs_because=sent["differs_because"],
            products=tuple(sent["products"]),
            answers={
                name.removeprefix(QUESTION): value
                for name, value in sent.items()
                if name.startswith(QUESTION)
            },
        )


class PlacesForm(VersionForm):
    """Words for the «places» of a product's template."""

    def __init__(self, *args: Any, names: Iterable[str] = (), known: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names = list(names)
        for index, name in enumerate(self.names):
            self.fields[f"{PLACE}{index}"] = forms.CharField(
                label=name,
                max_length=500,
                required=False,
                initial=known.get(name, ""),
                widget=forms.Textarea(attrs={"rows": 2})
                if len(known.get(name, "")) > 20
                else forms.TextInput,
            )

    def places(self) -> dict[str, str]:
        """Return the words by the name of their place."""
        return {name: self.cleaned_data[f"{PLACE}{index}"] for index, name in enumerate(self.names)}


class SignForm(VersionForm):
    """The product as it goes out: three versions, and what it must say ticked point by point."""

    text = forms.CharField(label=_("正文"), max_length=2000, widget=forms.Textarea(attrs={"rows": 5}))
    text_large = forms.CharField(
        label=_("大字版"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    text_broadcast = forms.CharField(
        label=_("广播稿"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    said = forms.MultipleChoiceField(label=_("已写明"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, must_say: Iterable[Text] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.points = [(str(index), own_words(point)) for index, point in enumerate(must_say)]
        _offer(self, "said", self.points)

    def clean_said(self) -> list[str]:
        """Refuse a signature while a point that must be said is not ticked."""
        said: list[str] = self.cleaned_data["said"]
        if len(said) < len(self.points):
            raise forms.ValidationError(_("每一项都要写明并勾选后才能签发。"))
        return said


class FeedbackForm(forms.Form):
    """What was done about a notice."""

    words = forms.CharField(
        label=_("反馈：做了什么、发现什么"), max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )


class HandoverForm(forms.Form):
    """What the shift notes for the next."""

    note = forms.CharField(
        label=_("本班留言：要接着办的事"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
    )


def _offer(form: forms.Form, name: str, choices: list[tuple[str, str]]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices
