"""What people write: appointments, posts, members, links; each form's id makes a second sending one act."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from anlan.foundation.actor import Actor
from anlan.foundation.errors import Refused
from anlan.foundation.ids import new_id
from anlan.organisation.models import Area, Facility, Member
from anlan.organisation.queries import (
    area_names,
    level_is_optional,
    post_roles,
    visible_areas,
    visible_facilities,
)
from anlan.organisation.queries.patches import grids_in, patch_of
from anlan.organisation.rules import fits_level
from anlan.organisation.words import in_words

MOMENT = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


def blame(form: forms.Form, refusal: Refused) -> None:
    """Put a refusal at the fields it names, or over the whole form."""
    named = {name: text for name, text in refusal.fields.items() if name in form.fields}
    for name, text in named.items():
        form.add_error(name, str(text))
    if not named:
        form.add_error(None, str(refusal.message))


class OnceForm(forms.Form):
    """A form that carries the id of what it makes."""

    row_id = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("row_id", new_id())


class AppointForm(OnceForm):
    """Who holds the post, from when to when, and why."""

    member = forms.ChoiceField(label=_("人员"), widget=forms.RadioSelect)
    starts_at = forms.DateTimeField(
        label=_("开始时间"), required=False, widget=MOMENT, help_text=_("不填即从现在开始。")
    )
    ends_at = forms.DateTimeField(
        label=_("结束时间"), required=False, widget=MOMENT, help_text=_("到这一刻权限即停止；不填为长期。")
    )
    reason = forms.CharField(label=_("任命原因"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, members: Iterable[Member], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["member"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(row.pk), f"{row.name}　{row.unit}".strip()) for row in members]


class EndForm(forms.Form):
    """When an appointment ends and why, written to one version of it."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    ends_at = forms.DateTimeField(
        label=_("结束时间"), required=False, widget=MOMENT, help_text=_("不填即立刻结束。")
    )
    reason = forms.CharField(label=_("结束原因"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))

    def is_at_once(self) -> bool:
        """Say whether no later moment was given."""
        return self.cleaned_data["ends_at"] is None


class ShiftForm(OnceForm):
    """Who of a post's holders is on duty, from when to when."""

    member = forms.ChoiceField(label=_("值班人员"), widget=forms.RadioSelect)
    starts_at = forms.DateTimeField(label=_("开始时间"), widget=MOMENT)
    ends_at = forms.DateTimeField(label=_("结束时间"), widget=MOMENT)

    def __init__(self, *args: Any, members: Iterable[Member], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["member"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(row.pk), row.name) for row in members]


class PostForm(OnceForm):
    """A duty at an area."""

    role = forms.ChoiceField(label=_("角色"))
    facility = forms.ModelChoiceField(
        label=_("所属单位"),
        queryset=Facility.objects.none(),
        required=False,
        empty_label="—",
        help_text=_("学校、医院、药店等单位的岗位须选单位。"),
    )
    title = forms.CharField(
        label=_("岗位名称"), max_length=60, required=False, help_text=_("不填则用角色名称。")
    )
    further_codes = forms.RegexField(
        r"^[\d\s,，、]*$",
        label=_("另管区域"),
        required=False,
        help_text=_("本区域以外还要负责的区域代码，用空格分开。"),
    )

    whole_patch = forms.BooleanField(label=_("负责整个片"), required=False)

    def __init__(self, *args: Any, actor: Actor, area: Area, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        patch = patch_of(area.code)
        self._patch_codes = grids_in([patch])[patch.pk] if patch else ()
        if len(self._patch_codes) > 1:
            names = area_names(self._patch_codes, now=now)
            self.fields["whole_patch"].help_text = "、".join(names[code] for code in sorted(names))
        else:
            del self.fields["whole_patch"]
        role, facility = self.fields["role"], self.fields["facility"]
        assert isinstance(role, forms.ChoiceField)
        assert isinstance(facility, forms.ModelChoiceField)
        role.choices = [("", "—"), *_roles_at(area)]
        facility.queryset = visible_facilities(actor, area.code, now=now)

    def codes(self) -> tuple[str, ...]:
        """Return the further areas as codes, with the grids of the patch if the post is for all of it."""
        words: str = self.cleaned_data["further_codes"]
        said = words.replace(",", " ").replace("，", " ").replace("、", " ").split()
        return (*said, *(self._patch_codes if self.cleaned_data.get("whole_patch") else ()))


def _roles_at(area: Area) -> list[tuple[str, str]]:
    return [
        (key, in_words(role.title))
        for key, role in post_roles().items()
        if fits_level(area.level, role.level, is_optional=level_is_optional(role.level))
    ]


class MemberForm(OnceForm):
    """A person who can hold posts."""

    name = forms.CharField(label=_("姓名"), max_length=40)
    unit = forms.CharField(label=_("所在单位"), max_length=80, required=False)
    phone = forms.CharField(label=_("工作电话"), max_length=20, required=False)
    username = forms.SlugField(
        label=_("登录名"),
        max_length=40,
        required=False,
        help_text=_("字母、数字、短横线；不填则没有账号。开始口令在下一页只显示一次。"),
    )


class SwapForm(forms.Form):
    """The shift one is swapped with."""

    other = forms.UUIDField()


class SettingEndForm(forms.Form):
    """The setting that is taken back."""

    before = forms.UUIDField()


class SettingForm(forms.Form):
    """A new value of a setting at one place, written over the one it was opened with."""

    area = forms.CharField(max_length=18, widget=forms.HiddenInput)
    before = forms.UUIDField(required=False, widget=forms.HiddenInput)
    value = forms.IntegerField(label=_("新的取值"))


class LinkForm(forms.Form):
    """Another area of the same level, by code or name, and why it concerns this one."""

    other = forms.CharField(label=_("对方区域"), max_length=60, help_text=_("同一层级区域的代码或全名。"))
    reason = forms.CharField(label=_("关联原因"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, actor: Actor, area: Area, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._same_level = visible_areas(actor, now=now).filter(level=area.level)

    def clean_other(self) -> str:
        """Return the code of the one area meant."""
        words: str = self.cleaned_data["other"].strip()
        rows = self._same_level.filter(code=words) or self._same_level.filter(name=words)
        if len(rows) != 1:
            raise forms.ValidationError(_("没有找到唯一一个这样的同级区域，请改填代码。"))
        code: str = rows[0].code
        return code
