"""Forms of lists out of group texts: the first paste, a later one, the search for whom a line means."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from anlan.exchange.groups.rules import KEPT_DAYS, KEPT_WORDS, GroupPurpose
from anlan.foundation.errors import Refused
from anlan.foundation.ids import new_id
from anlan.foundation.reveal import RevealReason

Choices = Sequence[tuple[str, str]]
PASTED = {"rows": 12, "autocomplete": "off", "spellcheck": "false"}


class _RefusedForm(forms.Form):
    """A form that shows what an action refuses."""

    def show_refusal(self, refusal: Refused) -> None:
        """Put a refusal's sentences at the fields they concern."""
        for name, sentence in refusal.fields.items():
            self.add_error(name if name in self.fields else None, str(sentence))
        if not refusal.fields:
            self.add_error(None, str(refusal.message))


class PasteForm(_RefusedForm):
    """A group text for a place; `list_id` makes a second sending the same act."""

    list_id = forms.UUIDField(widget=forms.HiddenInput)
    text = forms.CharField(
        label=_("群里的接龙"), widget=forms.Textarea(attrs=PASTED), strip=False,
        help_text=_("在群里长按接龙、复制，粘贴到这里。一行一户或一人；编号、门牌怎么写都可以。"),
    )  # fmt: skip
    title = forms.CharField(
        label=_("问的是什么"), max_length=60, required=False,
        help_text=_("不填就用接龙的标题。不要用接龙收集病情，病情请走“报告病例”。"),
    )  # fmt: skip
    place = forms.ChoiceField(label=_("哪里的群"), widget=forms.Select(attrs={"class": "select"}))
    purpose = forms.ChoiceField(label=_("收集的目的"), choices=GroupPurpose.choices, widget=forms.RadioSelect)
    kept_days = forms.TypedChoiceField(
        label=_("保留"), coerce=int, choices=list(KEPT_WORDS.items()), initial=KEPT_DAYS,
        widget=forms.Select(attrs={"class": "select"}), help_text=_("到期自动删除，连同原文。"),
    )  # fmt: skip

    def __init__(self, *args: Any, areas: Choices, buildings: Choices, **kwargs: Any) -> None:
        place = areas[0][0] if areas else ""
        kwargs.setdefault("initial", {"list_id": new_id(), "place": place, "kept_days": KEPT_DAYS})
        super().__init__(*args, **kwargs)
        field = self.fields["place"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(_("区域"), list(areas))] if areas else []
        if buildings:
            field.choices = [*field.choices, (_("楼栋"), list(buildings))]


class AgainForm(_RefusedForm):
    """A later text of the same 接龙."""

    text = forms.CharField(
        label=_("现在的接龙"), widget=forms.Textarea(attrs=PASTED), strip=False,
        help_text=_("把整段接龙再复制一次。已有的行不会重复，只加新的、标出改过的。"),
    )  # fmt: skip


class TextRevealForm(forms.Form):
    """Why somebody needs the line as it was written."""

    why = forms.ChoiceField(
        label=_("查看原因"),
        choices=[("", _("请选择查看原因")), *RevealReason.choices],
        widget=forms.Select(attrs={"class": "select", "required": True}),
    )
