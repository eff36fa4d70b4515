"""The report form: few taps, nothing chosen beforehand."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from anlan.foundation.actor import Actor
from anlan.foundation.ids import new_id
from anlan.foundation.scope import within
from anlan.health.pack import Symptom
from anlan.health.queries import (
    FOUND_AT_MOST,
    ReportPlace,
    conditions,
    grids_in_range,
    place_of,
    symptoms,
)
from anlan.organisation.models import Building, FacilityGroup
from anlan.people.models import Resident

ALSO_COMMON = frozenset({"high_fever", "vomiting", "rash", "blisters"})


class ReportForm(forms.Form):
    """One person ill: what, since when, where. `report_id` makes a second sending the same report."""

    report_id = forms.UUIDField(widget=forms.HiddenInput)
    condition = forms.ChoiceField(label=_("病种或症候群"), required=False)
    symptoms = forms.MultipleChoiceField(label=_("症状"), required=False, widget=forms.CheckboxSelectMultiple)
    onset_on = forms.DateField(label=_("发病日期"), widget=forms.DateInput(attrs={"type": "date"}))
    area_code = forms.ChoiceField(label=_("所在网格"))
    building = forms.ModelChoiceField(
        label=_("楼栋"), queryset=Building.objects.none(), required=False, empty_label="—"
    )
    place = forms.CharField(label=_("网格、楼栋或班级"), max_length=60)
    group = forms.ModelChoiceField(
        label=_("班级或科室"), queryset=FacilityGroup.objects.none(), required=False, empty_label="—"
    )
    age_years = forms.IntegerField(label=_("年龄"), min_value=0, max_value=130, required=False)
    sex = forms.ChoiceField(
        label=_("性别"),
        choices=Resident.Sex.choices,
        widget=forms.RadioSelect,
        required=False,
    )
    note = forms.CharField(
        label=_("补充说明"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, actor: Actor, now: datetime, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"report_id": new_id()})
        super().__init__(*args, **kwargs)
        self.actor, self.now = actor, now
        self.chosen: ReportPlace | None = None  # what was found and picked, in a larger area
        english = get_language() == "en"
        self._offer("symptoms", [(row.key, _plain(row, english)) for row in _common_first()])
        self._offer_places()
        if actor.has_purpose("health"):
            names = [(row.key, row.title.en if english else row.title.zh) for row in conditions()]
            self._offer("condition", [("", "—"), *names])
        else:
            del self.fields["condition"]

    def _offer_places(self) -> None:
        """Offer a few grids with their buildings and classes at once; in a larger area a search."""
        in_range = within(self.actor.ranges)
        grids = list(grids_in_range(self.actor, now=self.now)[: FOUND_AT_MOST + 1])
        if len(grids) > FOUND_AT_MOST:
            for name in ("area_code", "building", "group"):
                del self.fields[name]
            return
        del self.fields["place"]
        self._offer("area_code", [(grid.code, grid.name) for grid in grids])
        buildings, groups = self.fields["building"], self.fields["group"]
        assert isinstance(buildings, forms.ModelChoiceField)
        assert isinstance(groups, forms.ModelChoiceField)
        buildings.queryset = Building.objects.filter(in_range).order_by("area_code", "number")
        rows = FacilityGroup.objects.filter(in_range).select_related("facility")
        groups.queryset = rows.order_by("facility", "name")
        groups.label_from_instance = _group_name  # type: ignore[method-assign,assignment]

    def clean_place(self) -> str:
        """Read a place that was found: a grid, or a building or class in it."""
        self.chosen = place_of(self.actor, str(self.cleaned_data["place"]), now=self.now)
        if self.chosen is None:
            raise forms.ValidationError(_("请从找到的网格、楼栋或班级中选一个。"))
        return self.chosen.value

    def _offer(self, name: str, choices: list[tuple[str, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def clean(self) -> dict[str, Any]:
        """Ask for a condition or a symptom: one of them must be there."""
        sent: dict[str, Any] = super().clean() or {}
        if not sent.get("condition") and not sent.get("symptoms"):
            self.add_error("symptoms", _("请至少选择一项症状。"))
        return sent


def _common_first() -> list[Symptom]:
    """Return all symptoms, those that most people who are ill have before the others."""
    return sorted(symptoms(), key=lambda row: not (row.ten_symptom_list or row.key in ALSO_COMMON))


def _plain(symptom: Symptom, english: bool) -> str:
    return symptom.plain_words.en if english else symptom.plain_words.zh


def _group_name(group: FacilityGroup) -> str:
    return f"{group.facility.name} {group.name}"
