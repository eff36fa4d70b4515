"""Forms of the registers: fields built from what the pack asks of a kind, beds, the end of a facility."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from anlan.foundation.actor import Actor
from anlan.organisation.actions import Beds, FacilityFacts, VehicleFacts
from anlan.organisation.attributes import LONGEST_TEXT
from anlan.organisation.forms import OnceForm
from anlan.organisation.models import Area, Facility
from anlan.organisation.pack_registers import Attribute
from anlan.organisation.queries import in_force, visible_areas
from anlan.organisation.queries.registers import may_keep, registered_facilities
from anlan.organisation.rules import place_word
from anlan.organisation.words import in_words

FEW_CHOICES = 4  # beyond it the answers wait in a list
SHORT_TEXT = 100
UNSAID = ("", _("未填"))


class VersionField(forms.IntegerField):
    """The version a form was written to; it comes along unseen."""

    widget = forms.HiddenInput

    def __init__(self, *, required: bool = True) -> None:
        super().__init__(min_value=0, max_value=999_999_999, required=required)


def field_of(attribute: Attribute) -> forms.Field:
    """Return the field in which an attribute is said; what fits is decided by organisation.attributes."""
    unit = f"（{in_words(attribute.unit)}）" if attribute.unit else ""
    hint = _("缺了算登记不完整，可以以后补。") if attribute.required else ""
    words: dict[str, Any] = {
        "label": f"{in_words(attribute.title)}{unit}",
        "required": False,
        "help_text": hint,
    }
    choices = [(one.key, in_words(one.title)) for one in attribute.choices]
    if attribute.type == "yes_no":
        answers = [("yes", _("是")), ("no", _("否")), UNSAID]
        return forms.ChoiceField(**words, choices=answers, widget=forms.RadioSelect)
    if attribute.type == "choice":
        if len(choices) <= FEW_CHOICES:
            return forms.ChoiceField(**words, choices=[*choices, UNSAID], widget=forms.RadioSelect)
        return forms.ChoiceField(**words, choices=[UNSAID, *choices])
    if attribute.type == "several":
        return forms.MultipleChoiceField(**words, choices=choices, widget=forms.CheckboxSelectMultiple)
    return forms.CharField(**words, widget=_widget_of(attribute))


def _widget_of(attribute: Attribute) -> forms.Widget:
    if attribute.type == "date":
        return forms.DateInput(attrs={"type": "date"})
    if attribute.type in {"integer", "number"}:
        return forms.TextInput(attrs={"inputmode": "numeric" if attribute.type == "integer" else "decimal"})
    longest = int(attribute.at_most or LONGEST_TEXT)
    if longest > SHORT_TEXT:
        return forms.Textarea(attrs={"rows": 2, "maxlength": longest})
    return forms.TextInput(attrs={"maxlength": longest})


def _as_said(attribute: Attribute, value: Any) -> Any:
    """Return a stored value as its field shows it."""
    if attribute.type == "yes_no":
        return "yes" if value is True else "no"
    return value


class AttributesForm(OnceForm):
    """A row of a register: its own fields, then one for each attribute of its kind."""

    version = VersionField(required=False)
    name = forms.CharField(label=_("名称"), max_length=60)

    def __init__(
        self, *args: Any, attributes: Sequence[Attribute], values: Mapping[str, Any], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._attributes = attributes
        for attribute in attributes:
            self.fields[attribute.key] = field_of(attribute)
            if attribute.key in values:
                self.initial.setdefault(attribute.key, _as_said(attribute, values[attribute.key]))

    @property
    def asked(self) -> list[BoundField]:
        """Return the fields of the attributes, in the pack's order."""
        return [self[attribute.key] for attribute in self._attributes]

    @property
    def said(self) -> dict[str, Any]:
        """Return what is said of the attributes."""
        return {attribute.key: self.cleaned_data.get(attribute.key) for attribute in self._attributes}


class FacilityForm(AttributesForm):
    """A facility; where it lies is said once, when it is entered."""

    area = forms.CharField(label=_("所属区域"), max_length=60, help_text=_("网格、社区或街道的代码或全名。"))
    address = forms.CharField(label=_("地址"), max_length=200, required=False)
    field_order = ("row_id", "version", "area", "name", "address")

    def __init__(self, *args: Any, actor: Actor, is_new: bool, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("单位名称")
        self._areas = visible_areas(actor, now=now)
        if not is_new:
            del self.fields["area"]

    def clean_area(self) -> str:
        """Return the code of the one area meant."""
        words: str = self.cleaned_data["area"].strip()
        rows: list[Area] = list(self._areas.filter(code=words)[:1] or self._areas.filter(name=words)[:2])
        if len(rows) != 1:
            raise forms.ValidationError(_("没有找到唯一一个这样的区域，请改填代码。"))
        return str(rows[0].code)

    def facts(self, kind: str) -> FacilityFacts:
        """Return what is said of the facility."""
        said = self.cleaned_data
        return FacilityFacts(kind, said["name"], said["address"], self.said)


class VehicleForm(AttributesForm):
    """A vehicle and the facility it belongs to; without one it is the area's own."""

    facility = forms.CharField(
        label=_("所属单位"), max_length=60, required=False, help_text=_("单位全名；不填为本岗位区域直管。")
    )
    field_order = ("row_id", "version", "name", "facility")

    def __init__(self, *args: Any, actor: Actor, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("车牌号或名称")
        self._actor, self._now = actor, now

    def clean_facility(self) -> Facility | None:
        """Return the one facility meant, of those the actor keeps vehicles for."""
        words: str = self.cleaned_data["facility"].strip()
        if not words:
            return None
        rows = registered_facilities(self._actor).filter(in_force(self._now), name__icontains=words)
        found = [row for row in rows if place_word(row.name) == place_word(words)]
        kept = [row for row in found if may_keep(self._actor, row)]
        if len(kept) != 1:
            raise forms.ValidationError(_("没有找到唯一一家由本岗位管理的这个名称的单位。"))
        return kept[0]

    def facts(self, kind: str, area_code: str) -> VehicleFacts:
        """Return what is said of the vehicle."""
        facility = self.cleaned_data["facility"]
        return VehicleFacts(
            kind, self.cleaned_data["name"], facility.pk if facility else None, area_code, self.said
        )


class BedsForm(forms.Form):
    """The beds of one day."""

    version = VersionField()
    on = forms.DateField(widget=forms.HiddenInput)
    open_count = forms.IntegerField(label=_("开放床位"), min_value=0, max_value=20_000)
    occupied_count = forms.IntegerField(label=_("已占用床位"), min_value=0, max_value=20_000)
    reason = forms.CharField(
        label=_("超出原因"), max_length=200, required=False, help_text=_("占用数超过开放数时填写，如加床。")
    )

    def beds(self) -> Beds:
        """Return what is said of the day."""
        said = self.cleaned_data
        return Beds(said["on"], said["open_count"], said["occupied_count"], said["reason"])


class FacilityEndForm(forms.Form):
    """Why a facility ends, written to one version of it."""

    version = VersionField()
    reason = forms.CharField(label=_("终止原因"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
