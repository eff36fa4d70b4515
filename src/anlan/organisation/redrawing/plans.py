"""What a redraw does, whatever its kind: which areas begin and end, and where every piece then lies."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

from anlan.organisation.models import Area
from anlan.organisation.rules import level_of, parent_of

Rings = list[list[list[float]]]  # of an outline: rings of [x, y] in metres on the district's plane


@dataclass(frozen=True, slots=True)
class NewArea:
    """An area that begins with the redraw; its code says its level and where it hangs."""

    code: str
    name: str
    kind: str
    outside_codes: dict[str, str] = field(default_factory=dict)
    rings: Rings | None = None  # None: its outline is not known

    def row(self, **more: Any) -> Area:
        """Return the row of the area, not yet saved."""
        return Area(
            code=self.code,
            parent_code=parent_of(self.code),
            level=level_of(self.code),
            kind=self.kind,
            name=self.name,
            outside_codes=self.outside_codes,
            **more,
        )


@dataclass(frozen=True, slots=True)
class Piece:
    """One row that is sent to an area by name: a building, a facility, a post. `label` is its model's."""

    label: str
    row_id: UUID
    from_code: str
    to_code: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A redraw as it is kept and carried out.

    `codes` leads every code that no area bears afterwards to the one that takes its place: all that is not
    a piece, and does not hang on one, goes there. An area that only changes its name or outline ends and
    begins under the same code and leads nowhere. `out_of` names, of a split, what each new area was part of.
    """

    begins: tuple[NewArea, ...] = ()
    ends: tuple[str, ...] = ()
    codes: Mapping[str, str] = field(default_factory=dict)
    pieces: tuple[Piece, ...] = ()
    out_of: Mapping[str, str] = field(default_factory=dict)

    @property
    def touched(self) -> tuple[str, ...]:
        """Return every code that begins, ends, gives or takes, in order."""
        among = {area.code for area in self.begins} | set(self.ends) | set(self.codes.values())
        for piece in self.pieces:
            among |= {piece.from_code, piece.to_code}
        return tuple(sorted(among))

    @property
    def ends_for_good(self) -> tuple[str, ...]:
        """Return the codes that no area bears afterwards."""
        again = {area.code for area in self.begins}
        return tuple(code for code in self.ends if code not in again)

    @property
    def begins_anew(self) -> tuple[str, ...]:
        """Return the codes that no area bore before."""
        before = set(self.ends)
        return tuple(area.code for area in self.begins if area.code not in before)

    def as_json(self) -> dict[str, Any]:
        """Return the plan as it is kept with the redraw."""
        return {
            "begins": [asdict(area) for area in self.begins],
            "ends": list(self.ends),
            "codes": dict(self.codes),
            "out_of": dict(self.out_of),
            "pieces": [[one.label, str(one.row_id), one.from_code, one.to_code] for one in self.pieces],
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Plan":
        """Return the plan that `as_json` wrote."""
        return cls(
            begins=tuple(NewArea(**area) for area in kept["begins"]),
            ends=tuple(kept["ends"]),
            codes=dict(kept["codes"]),
            out_of=dict(kept.get("out_of", {})),
            pieces=tuple(
                Piece(label, UUID(row), from_code, to_code)
                for label, row, from_code, to_code in kept["pieces"]
            ),
        )


def common_area(codes: tuple[str, ...]) -> str:
    """Return the code of the smallest area around all of these, '' where no district holds them all."""
    if not codes:
        return ""
    around = codes[0]
    while around and not all(code.startswith(around) for code in codes):
        around = parent_of(around)
    return around
