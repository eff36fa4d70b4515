"""What people write about a grant: the application, what was found, the decision, a reason."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from anlan.affairs.actions import GrantTerms, PointFound
from anlan.affairs.actions.admissions import LONGEST_WORDS
from anlan.affairs.actions.grant_applications import LONGEST_NOTE, LONGEST_STATEMENT
from anlan.affairs.actions.grant_decisions import LONGEST_CONDITION
from anlan.affairs.grant_rules import NEEDS_REASON, GrantAct
from anlan.affairs.models import Grant
from anlan.affairs.pack_grants import GrantKind
from anlan.affairs.presenting import in_words
from anlan.foundation.ids import new_id

WORDS = forms.Textarea(attrs={"rows": 2})
LONGEST_VERSION = 999_999_999
YES, NO = "yes", "no"


def _day_field(label: Any, hint: Any = "") -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, help_text=hint)


def _several(label: Any, choices: list[tuple[str, str]]) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, required=False, choices=choices, widget=forms.CheckboxSelectMultiple
    )


class ApplicationForm(forms.Form):
    """What a facility applies for, and what it says for it."""

    row_id = forms.UUIDField(widget=forms.HiddenInput)
    category = forms.ChoiceField(label=_("类别"), widget=forms.RadioSelect)
    statement = forms.CharField(
        label=_("申请理由和已具备的条件"),
        max_length=LONGEST_STATEMENT,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, kind: GrantKind, facility_kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("row_id", new_id())
        field = self.fields["category"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(row.key, in_words(row.title)) for row in kind.categories_for(facility_kind)]


class VersionedForm(forms.Form):
    """A form written to one version of a grant."""

    version = forms.IntegerField(min_value=1, max_value=LONGEST_VERSION, widget=forms.HiddenInput)


class CheckForm(VersionedForm):
    """Of each point whether it is met, with a note."""

    def __init__(self, *args: Any, kind: GrantKind, grant: Grant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("version", grant.version)
        self.keys = [point.key for point in kind.points]
        for point in kind.points:
            self.fields[f"met_{point.key}"] = forms.ChoiceField(
                label=in_words(point.text),
                help_text=_("必须达到") if point.required else "",
                choices=[(YES, _("达到")), (NO, _("没有达到"))],
                widget=forms.RadioSelect,
            )
            self.fields[f"note_{point.key}"] = forms.CharField(
                label=_("情况"), required=False, max_length=LONGEST_NOTE, widget=forms.TextInput
            )
        self.fields["note"] = forms.CharField(
            label=_("核查意见"), required=False, max_length=LONGEST_WORDS, widget=WORDS
        )

    def found(self) -> dict[str, PointFound]:
        """Return what was found of each point."""
        said = self.cleaned_data
        return {key: PointFound(said[f"met_{key}"] == YES, said[f"note_{key}"]) for key in self.keys}

    def pairs(self) -> list[tuple[Any, Any]]:
        """Return the two fields of each point."""
        return [(self[f"met_{key}"], self[f"note_{key}"]) for key in self.keys]


class ApprovalForm(VersionedForm):
    """The term, the conditions, what it permits, and why."""

    starts_on = _day_field(_("生效日期"))
    ends_on = _day_field(_("截止日期"), _("当日结束后自动失效。"))
    further_condition = forms.CharField(
        label=_("其他条件"), required=False, max_length=LONGEST_CONDITION, widget=WORDS
    )
    reason = forms.CharField(label=_("批准理由"), max_length=LONGEST_WORDS, widget=WORDS)

    def __init__(self, *args: Any, kind: GrantKind, grant: Grant, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        before = grant.renews.ends_on if grant.renews else None
        self.initial.setdefault("version", grant.version)
        self.initial.setdefault("starts_on", max(before + timedelta(days=1), today) if before else today)
        self.fields["ends_on"].help_text = _("当日结束后自动失效；最长 %(days)s 天。") % {
            "days": kind.longest_days
        }
        if kind.conditions:
            choices = [(row.key, in_words(row.text)) for row in kind.conditions]
            self.fields["conditions"] = _several(_("附带条件"), choices)
        if kind.permits:
            choices = [(row.key, in_words(row.title)) for row in kind.permits]
            self.fields["permits"] = _several(_("准予事项"), choices)

    def terms(self) -> GrantTerms:
        """Return what was decided."""
        said = self.cleaned_data
        return GrantTerms(
            starts_on=said["starts_on"],
            ends_on=said["ends_on"],
            conditions=tuple(said.get("conditions", ())),
            further_condition=said["further_condition"],
            permits=tuple(said.get("permits", ())),
        )


class ActForm(VersionedForm):
    """One act on a grant with its reason."""

    act = forms.ChoiceField(choices=[(act.value, act.value) for act in GrantAct], widget=forms.HiddenInput)
    reason = forms.CharField(label=_("理由"), required=False, max_length=LONGEST_WORDS, widget=WORDS)

    @classmethod
    def fresh(cls, act: GrantAct, grant: Grant) -> "ActForm":
        """Return the empty form of an act, its fields told apart from those of the page's other forms."""
        form = cls(initial={"act": act.value, "version": grant.version}, auto_id=f"{act.value}-%s")
        form.fields["reason"].required = act in NEEDS_REASON
        return form
