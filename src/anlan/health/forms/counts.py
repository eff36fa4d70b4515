"""The one-minute count form: a grid of whole numbers, empty meaning none."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from anlan.health.actions import NewCount
from anlan.health.actions.counts import MOST
from anlan.health.models import CountLine
from anlan.health.pack import CountForm
from anlan.organisation.models import FacilityGroup

WHOLE = "unit"  # in a field's name: the whole unit or area, where counts are not by class


@dataclass(frozen=True, slots=True)
class CountRow:
    """One line of the grid: a class or the whole unit, its cells, and of how many they are a part."""

    key: str
    name: str
    cells: list[tuple[str, BoundField, int | None]]  # what is counted, field, the number of the time before
    of: BoundField | None
    is_filled: bool


class CountsForm(forms.Form):
    """Numbers by class and item; `version` is that of the sheet the page was made from."""

    on = forms.DateField(widget=forms.HiddenInput)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(
        self,
        *args: object,
        asked: CountForm,
        titles: dict[str, str],
        groups: list[FacilityGroup],
        before: Iterable[CountLine] = (),
        standing: Iterable[CountLine] = (),
        **kwargs: object,
    ) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.asked, self.titles = asked, titles
        self.before = {(line.group_id, line.item): line.count for line in before}
        self.rows_of: list[tuple[str, UUID | None, FacilityGroup | None]] = (
            [(group.pk.hex, group.pk, group) for group in groups] if groups else [(WHOLE, None, None)]
        )
        for key, _group_id, group in self.rows_of:
            if asked.of is not None:
                self.fields[f"of_{key}"] = _whole_number(group.headcount if group else None)
            for item in asked.items:
                self.fields[f"n_{key}_{item}"] = _whole_number(None)
        for line in standing:
            key = line.group_id.hex if line.group_id else WHOLE
            self.initial[f"n_{key}_{line.item}"] = line.count or None
            if line.denominator is not None:
                self.initial[f"of_{key}"] = line.denominator

    def rows(self) -> Iterator[CountRow]:
        """Return the lines of the grid."""
        for key, group_id, group in self.rows_of:
            cells = [
                (title, self[f"n_{key}_{item}"], self.before.get((group_id, item)))
                for item, title in self.titles.items()
            ]
            filled = any(field.value() or field.errors for _title, field, _before in cells)
            of = self[f"of_{key}"] if self.asked.of is not None else None
            yield CountRow(key, group.name if group else "", cells, of, filled)

    def totals(self) -> list[tuple[str, int]]:
        """Return (what is counted, its sum over the classes) as the fields stand."""
        rows = list(self.rows())
        return [
            (title, sum(_number(row.cells[place][1].value()) for row in rows))
            for place, title in enumerate(self.titles.values())
        ]

    def clean(self) -> dict[str, object]:
        """Hold each number against what it is a part of."""
        sent: dict[str, object] = super().clean() or {}
        for key, _group_id, _group in self.rows_of:
            of = sent.get(f"of_{key}")
            for item in self.asked.items:
                count = sent.get(f"n_{key}_{item}")
                if isinstance(count, int) and isinstance(of, int) and count > of:
                    self.add_error(f"n_{key}_{item}", _("不能大于总数"))
        return sent

    def lines(self) -> tuple[NewCount, ...]:
        """Return the numbers that are not none, each with what it is a part of."""
        sent = self.cleaned_data
        return tuple(
            NewCount(
                item=item,
                count=sent[f"n_{key}_{item}"],
                group_id=group_id,
                denominator=sent.get(f"of_{key}"),
            )
            for key, group_id, _group in self.rows_of
            for item in self.asked.items
            if sent.get(f"n_{key}_{item}")
        )


def _whole_number(initial: int | None) -> forms.IntegerField:
    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": 7})
    return forms.IntegerField(
        required=False, min_value=0, max_value=MOST, initial=initial, widget=widget, localize=False
    )


def _number(value: object) -> int:
    text = str(value or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(MOST)) else 0
