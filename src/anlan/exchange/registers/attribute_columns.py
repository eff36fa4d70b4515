"""Columns for what the pack asks of facilities: taken where a file names them, read by the same rules."""

from collections.abc import Iterable, Mapping
from typing import Any

from anlan.exchange.cells import DAY, Cell, Unreadable, written_text
from anlan.exchange.layout import SheetColumn
from anlan.exchange.registers.kinds import Problem
from anlan.organisation.queries import Attribute, check_attributes
from anlan.organisation.queries.registers import definitions_in_force
from anlan.organisation.rules import place_word

PREFIX = "attribute."
BETWEEN = str.maketrans(dict.fromkeys(",，、;；/", "\n"))  # answers of one cell


class AttributeColumns:
    """The columns of the register of facilities: its own, then one for each attribute of the pack."""

    def __init__(self, own: tuple[SheetColumn, ...]) -> None:
        self._own = own

    def __get__(self, instance: object, owner: type) -> tuple[SheetColumn, ...]:
        return (*self._own, *(_column(one) for one in definitions_in_force().of_any_kind("facility")))


def _column(attribute: Attribute) -> SheetColumn:
    """Return the column of an attribute, known by its title in both languages."""
    choices = tuple(choice.title.zh for choice in attribute.choices)
    return SheetColumn(
        f"{PREFIX}{attribute.key}",
        attribute.title.zh,
        (attribute.title.en,),
        width=16,
        choices=("是", "否") if attribute.type == "yes_no" else choices,
        is_further=True,
    )


def read_attributes(
    cells: Mapping[str, Cell], attributes: Iterable[Attribute]
) -> tuple[dict[str, Any], list[Problem]]:
    """Return what the cells say of the attributes, and what is wrong with them; empty cells say nothing."""
    asked = list(attributes)
    said: dict[str, Any] = {}
    problems: list[Problem] = []
    for one in asked:
        cell = cells.get(f"{PREFIX}{one.key}", Cell())
        try:
            if not cell.is_empty:
                said[one.key] = _said(cell, one)
        except Unreadable as unreadable:
            problems.append((f"{PREFIX}{one.key}", unreadable.reason, ""))
    found = check_attributes(said, [one for one in asked if one.key in said])
    problems += [(f"{PREFIX}{key}", "attribute_invalid", str(words)) for key, words in found.errors.items()]
    return dict(found.values), problems


def _said(cell: Cell, attribute: Attribute) -> Any:
    """Return what a cell says: of a day its date, of answers their keys, else its text."""
    text = written_text(cell)
    if cell.kind.lower() == DAY:
        return text[:10]
    if not attribute.choices:
        return text
    keys = {
        place_word(word): one.key
        for one in attribute.choices
        for word in (one.title.zh, one.title.en, one.key)
    }
    if attribute.type == "choice":
        return keys.get(place_word(text), text)
    answers = [answer for answer in text.translate(BETWEEN).split("\n") if answer.strip()]
    return [keys.get(place_word(answer), answer) for answer in answers]
