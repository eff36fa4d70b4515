"""Facilities (schools, pharmacies, care homes…) of an area, from a table."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import ClassVar

from django.utils.functional import lazy
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from anlan.exchange.cells import Cell, Unreadable, written_text
from anlan.exchange.layout import SheetColumn
from anlan.exchange.registers.attribute_columns import PREFIX, AttributeColumns, read_attributes
from anlan.exchange.registers.kinds import Line, Problem
from anlan.exchange.registers.premises import RECORD, Change, PremisesRegister, Reader, Said, words
from anlan.foundation.actor import Actor
from anlan.foundation.errors import Text
from anlan.foundation.pack_store import section
from anlan.organisation.models import Facility
from anlan.organisation.pack import FacilityKind
from anlan.organisation.queries.registers import definitions_in_force, kinds_of_posts
from anlan.organisation.rules import AreaLevel, place_word

LONGEST_NAME, LONGEST_ADDRESS = 60, 200


def kind_titles() -> dict[str, str]:
    """Return what each kind of facility is called in the reader's language."""
    is_english = get_language() == "en"
    return {row.key: row.title.en if is_english else row.title.zh for row in section(FacilityKind)}


def _choices() -> tuple[str, ...]:
    return tuple(kind_titles().values())


COLUMNS = (
    SheetColumn(
        "area", "所属区域",
        ("网格", "所属网格", "网格名称", "网格代码", "网格编码", "所在网格", "社区", "所属社区", "区域"),
        width=18, hint=_("网格、社区或街道的名称或代码；只管一个网格时可不填"),
    ),
    SheetColumn(
        "kind", "单位类型", ("类型", "类别", "单位类别", "机构类型", "场所类型"),
        is_needed=True, width=22, choices=lazy(_choices, tuple)(),
    ),
    SheetColumn("name", "单位名称", ("名称", "单位", "机构名称", "场所名称"), is_needed=True, width=26),
    SheetColumn("address", "地址", ("详细地址", "单位地址", "机构地址", "门牌"), width=30),
    *RECORD,
)  # fmt: skip


class Facilities(PremisesRegister[Facility]):
    """The facilities of the actor's areas as tables meet them."""

    key: ClassVar[str] = "facilities"
    title: ClassVar[Text] = _("单位")
    columns: ClassVar[tuple[SheetColumn, ...]] = AttributeColumns(COLUMNS)  # type: ignore[assignment]
    levels: ClassVar[tuple[AreaLevel, ...]] = (
        AreaLevel.GRID, AreaLevel.COMMUNITY, AreaLevel.SUBDISTRICT, AreaLevel.DISTRICT,
    )  # fmt: skip
    bulk: ClassVar[tuple[str, ...]] = ("address",)  # of all shops of a market, for example
    named_by: ClassVar[tuple[str, ...]] = ("kind", "name")
    model = Facility

    def readers(self) -> Mapping[str, Reader]:
        """Return how the cell of each field is read."""
        return {"kind": _kind_reader(), "name": words(LONGEST_NAME), "address": words(LONGEST_ADDRESS)}

    def __init__(self, actor: Actor, now: datetime) -> None:
        super().__init__(actor, now)
        self._definitions = definitions_in_force()

    def read(self, number: int, cells: Mapping[str, Cell]) -> Line:
        """Read one row, with the attributes it fills; those of another kind are objected to."""
        line = super().read(number, cells)
        asked = self._definitions.of_any_kind("facility")
        values, problems = read_attributes(cells, asked)
        kind = line.said.values.get("kind") if line.said else None
        if kind:
            problems += _of_other_kinds(values, {one.key for one in self._definitions.of("facility", kind)})
        if problems:
            line.problems += problems
            line.said = None
        elif line.said and values:
            line.said = Said(line.said.area_code, {**line.said.values, "attributes": values})
        return line

    def _change(self, row: Facility, said: Said) -> Change[Facility]:
        """Return what is said of a row; attributes that are not said stay as they are."""
        attributes = said.values.get("attributes")
        if attributes is None:
            return super()._change(row, said)
        merged = {**row.attributes, **attributes}
        return super()._change(row, Said(said.area_code, {**said.values, "attributes": merged}))

    def word(self, said: str) -> str:
        """Return a name as it is compared."""
        return place_word(said)

    def called(self, row: Facility) -> set[str]:
        """Return its name."""
        return {place_word(row.name)}

    def is_near(self, one: Facility, other: Facility) -> bool:
        """Say whether one lies in the area of the other."""
        here, there = str(one.area_code), str(other.area_code)
        return here.startswith(there) or there.startswith(here)

    def objections(self, changes: Mapping[int, Change[Facility]]) -> Mapping[int, list[Problem]]:
        """Say which have posts that their new kind does not have."""
        other = {number: change for number, change in changes.items() if "kind" in change.values}
        kinds = kinds_of_posts([change.row.pk for change in other.values()], now=self.now)
        found: dict[int, list[Problem]] = {
            number: [("kind", "kind_has_posts", "")]
            for number, change in other.items()
            if any(change.values["kind"] not in allowed for allowed in kinds[change.row.pk])
        }
        for number, change in changes.items():
            new = set(change.values.get("attributes", {})) - set(change.row.attributes)
            kind = change.values.get("kind", change.row.kind)
            foreign = _of_other_kinds(new, {one.key for one in self._definitions.of("facility", kind)})
            if foreign:
                found[number] = [*found.get(number, []), *foreign]
        return found


def _of_other_kinds(said: Iterable[str], asked: Collection[str]) -> list[Problem]:
    """Return an objection to each attribute that is not asked of the kind."""
    return [(f"{PREFIX}{key}", "attribute_of_other_kind", "") for key in said if key not in asked]


def _kind_reader() -> Reader:
    """Return a reader of the pack's kinds: titles in either language, with or without their brackets."""
    known: dict[str, set[str]] = defaultdict(set)
    for row in section(FacilityKind):
        for title in (row.title.zh, row.title.zh.partition("（")[0], row.title.en, row.key):
            known[place_word(title)].add(row.key)

    def read(cell: Cell) -> str:
        kinds = known.get(place_word(written_text(cell)), set())
        if len(kinds) != 1:
            raise Unreadable("kind_unknown")
        return next(iter(kinds))

    return read
