"""Forms of the register: a person, and the asking for masked fields."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from anlan.foundation.errors import Invalid, Refused
from anlan.foundation.ids import new_id
from anlan.foundation.reveal import RevealReason
from anlan.people.models import Resident
from anlan.people.queries import ResidentFilter
from anlan.people.rules import AgeBand, ErasureBasis, TwinsApart, plain_name

OWN_NAMES = {"id": "resident_id"}  # what a refusal's field is called in the form


class ResidentForm(forms.Form):
    """A new person in a household; `resident_id` makes a second sending the same act."""

    resident_id = forms.UUIDField(widget=forms.HiddenInput, error_messages={"invalid": Invalid.sentence})
    name = forms.CharField(label=_("姓名"), max_length=60)
    id_number = forms.CharField(
        label=_("身份证号"), required=False, max_length=30,
        help_text=_("填写后自动得出性别和出生日期"),
    )  # fmt: skip
    phone = forms.CharField(label=_("电话"), required=False, max_length=30)
    sex = forms.ChoiceField(
        label=_("性别"), choices=Resident.Sex.choices, widget=forms.RadioSelect, required=False
    )
    birth_on = forms.DateField(
        label=_("出生日期"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    relation = forms.CharField(label=_("与户主关系"), required=False, max_length=20)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"resident_id": new_id()})
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.setdefault("autocomplete", "off")

    def show_refusal(self, refusal: Refused) -> None:
        """Put a refusal's sentences at the fields they concern."""
        for name, sentence in refusal.fields.items():
            field = OWN_NAMES.get(name, name)
            self.add_error(field if field in self.fields else None, str(sentence))
        if not refusal.fields:
            self.add_error(None, str(refusal.message))


class CorrectionForm(ResidentForm):
    """Changes to a person: an empty input of a masked field leaves it as it is."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    clear_phone = forms.BooleanField(label=_("删除电话"), required=False)

    def __init__(self, *args: Any, masked: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["resident_id"]
        self.fields["name"].required = False
        for name, shown in masked.items():
            if shown:
                self.fields[name].widget.attrs["placeholder"] = shown
                self.fields[name].help_text = _("留空表示不改")

    def take_version(self, version: int) -> None:
        """Let the next sending build on this version."""
        self.data = {**self.data.dict(), "version": str(version)} if isinstance(self.data, QueryDict) else {}

    def changes(self) -> dict[str, Any]:
        """Return the fields to be changed; masked fields only where something was written."""
        sent = self.cleaned_data
        changed = {"relation": sent["relation"]}
        masked = ("name", "id_number", "phone", "birth_on", "sex")
        changed |= {name: sent[name] for name in masked if sent[name]}
        if sent["clear_phone"]:
            changed["phone"] = ""
        return changed


class MoveForm(forms.Form):
    """Where somebody moves, chosen among what a search offered, written to one version of the row."""

    target: ClassVar[str]  # the field that is offered
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, offered: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offered = offered
        field = self.fields[self.target]
        assert isinstance(field, forms.ChoiceField)
        field.choices = offered

    def show_refusal(self, refusal: Refused) -> None:
        """Put a refusal's sentences at the fields they concern."""
        for name, sentence in refusal.fields.items():
            self.add_error(name if name in self.fields else None, str(sentence))
        if not refusal.fields:
            self.add_error(None, str(refusal.message))


class HouseholdMoveForm(MoveForm):
    """The door a household moves behind."""

    target = "building"

    building = forms.ChoiceField(label=_("楼栋"), widget=forms.RadioSelect)
    unit = forms.IntegerField(label=_("单元"), min_value=1, max_value=99)
    room = forms.CharField(label=_("房号"), max_length=20)


class ResidentMoveForm(MoveForm):
    """The household a person moves to."""

    target = "household"

    household = forms.ChoiceField(label=_("迁入的住户"), widget=forms.RadioSelect)


class MergeForm(forms.Form):
    """Which of two entries a field is taken from, where both know it and differ; nothing else is asked."""

    one_version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    other_version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, offered: Sequence[tuple[str, str | Promise, str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, word, one, other in offered:
            choices = [("one", _("左：") + one), ("other", _("右：") + other)]
            self.fields[name] = forms.ChoiceField(label=str(word), choices=choices, widget=forms.RadioSelect)

    def taken_from(self, side: str) -> list[str]:
        """Return the fields that were chosen from one side."""
        return [name for name in self.fields if self.cleaned_data.get(name) == side]


class ApartForm(forms.Form):
    """How it is known that two entries are two people; nothing is chosen beforehand."""

    why = forms.ChoiceField(label=_("怎么知道的"), choices=TwinsApart.choices, widget=forms.RadioSelect)


class RecordForm(forms.Form):
    """The number of a record, as the audit and the grid worker's page show it."""

    record = forms.UUIDField(label=_("记录编号"), help_text=_("在居民页面或查阅记录中可以找到。"))


class ErasureForm(forms.Form):
    """On what basis and why a person is erased, confirmed by typing the name in full."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    basis = forms.ChoiceField(label=_("法定情形"), choices=ErasureBasis.choices, widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("原因"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("长期保留。写依据和申请编号，不写姓名、电话、证件号。"),
    )  # fmt: skip
    typed_name = forms.CharField(
        label=_("输入此人全名以确认"), max_length=60, help_text=_("按申请材料上的姓名填写。")
    )

    def __init__(self, *args: Any, name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._name = name
        self.fields["typed_name"].widget.attrs["autocomplete"] = "off"

    def clean_typed_name(self) -> str:
        """Refuse another name than that of the record."""
        typed: str = self.cleaned_data["typed_name"]
        if plain_name(typed) != plain_name(self._name):
            raise forms.ValidationError(_("与这条记录的姓名不一致，没有删除。"))
        return typed

    def show_refusal(self, refusal: Refused) -> None:
        """Put a refusal's sentences at the fields they concern."""
        for name, sentence in refusal.fields.items():
            self.add_error(name if name in self.fields else None, str(sentence))
        if not refusal.fields:
            self.add_error(None, str(refusal.message))


class RevealForm(forms.Form):
    """Why somebody needs to see which masked fields; nothing is chosen beforehand."""

    why = forms.ChoiceField(label=_("查看原因"), choices=RevealReason.choices)
    fields_wanted = forms.MultipleChoiceField(label=_("要看的内容"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, offered: Sequence[tuple[str, str | Promise]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        wanted, why = self.fields["fields_wanted"], self.fields["why"]
        assert isinstance(wanted, forms.MultipleChoiceField)
        assert isinstance(why, forms.ChoiceField)
        wanted.choices = offered
        why.choices = [("", _("请选择")), *RevealReason.choices]


class FilterForm(forms.Form):
    """Area and age of a list, from the address; what is wrong is ignored."""

    area = forms.CharField(required=False, max_length=36)  # an area's code or a patch's id
    age = forms.ChoiceField(choices=[("", _("所有年龄")), *AgeBand.choices], required=False)

    def __init__(self, *args: Any, areas: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.areas = areas

    def chosen(self) -> ResidentFilter:
        """Return the filter."""
        self.is_valid()
        sent = self.cleaned_data
        return ResidentFilter(area_code=sent.get("area") or "", age_band=sent.get("age") or "")
