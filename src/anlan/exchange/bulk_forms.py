"""The form of a bulk edit: which column, and what is to stand in it."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from anlan.exchange.cells import LONGEST_CELL
from anlan.exchange.layout import SheetColumn
from anlan.foundation.errors import Refused
from anlan.foundation.ids import new_id


class BulkForm(forms.Form):
    """One column and one value; `batch_id` makes a second sending the same act."""

    batch_id = forms.UUIDField(widget=forms.HiddenInput)
    column = forms.ChoiceField(label=_("改哪一列"), widget=forms.RadioSelect)
    value = forms.CharField(
        label=_("都改成"),
        max_length=LONGEST_CELL,
        help_text=_("日期写成 2026-01-31；其他列照单条登记时的写法"),
    )

    def __init__(self, *args: Any, columns: Sequence[SheetColumn], **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"batch_id": new_id(), "column": columns[0].key})
        super().__init__(*args, **kwargs)
        field = self.fields["column"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(column.key, column.title) for column in columns]

    def show_refusal(self, refusal: Refused) -> None:
        """Put a refusal's sentences at the fields they concern."""
        for name, sentence in refusal.fields.items():
            self.add_error(name if name in self.fields else None, str(sentence))
        if not refusal.fields:
            self.add_error(None, str(refusal.message))
