"""Forms of exports: what is asked for, and why one is declined."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from anlan.exchange.export_rules import LONGEST_NOTE, ExportFormat, ExportReason
from anlan.exchange.lists import Filters, ListColumn, ListSheet
from anlan.foundation.errors import Refused
from anlan.foundation.ids import new_id

APPROVE = "approve"


class ExportForm(forms.Form):
    """Why, which columns, which kind of file; `export_id` makes a second sending the same act."""

    export_id = forms.UUIDField(widget=forms.HiddenInput)
    why = forms.ChoiceField(label=_("导出原因"), choices=ExportReason.choices, widget=forms.RadioSelect)
    columns = forms.MultipleChoiceField(
        label=_("需要的列"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("只勾用得着的列。含个人信息的列默认不选；内容与页面一样遮盖。"),
    )
    format = forms.ChoiceField(label=_("文件格式"), choices=ExportFormat.choices, widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("补充说明"),
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("不要写姓名、证件号、电话。"),
    )

    def __init__(self, *args: Any, sheet: ListSheet, filters: Filters, **kwargs: Any) -> None:
        columns = sheet.columns_of(filters)
        plain = [column.key for column in columns if not column.is_personal]
        kwargs.setdefault("initial", {"export_id": new_id(), "columns": plain, "format": ExportFormat.XLSX})
        super().__init__(*args, **kwargs)
        field = self.fields["columns"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(column.key, _column_words(column)) for column in columns]

    def show_refusal(self, refusal: Refused) -> None:
        """Put a refusal's sentences at the fields they concern."""
        for name, sentence in refusal.fields.items():
            self.add_error(name if name in self.fields else None, str(sentence))
        if not refusal.fields:
            self.add_error(None, str(refusal.message))


def _column_words(column: ListColumn) -> str:
    return gettext("%(title)s（个人）") % {"title": column.title} if column.is_personal else str(column.title)


class DecisionForm(forms.Form):
    """A decision about an export; the reason is needed to decline."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    decision = forms.ChoiceField(choices=[(APPROVE, ""), ("decline", "")])
    reason = forms.CharField(label=_("不批准的理由"), widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.data.get("decision") == APPROVE:
            self.fields["reason"].required = False
