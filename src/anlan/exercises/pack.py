"""Pack section `place`: what stands in the place of a pack, how many work there, and what it adds up to."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_core import InitErrorDetails

from anlan.exercises.place_sums import declared
from anlan.foundation.packs import Key, Line, PackLine, PackModel, Ref, Text, register_section
from anlan.organisation.pack import FacilityKindKey

Spot = Literal[
    "own_grid",  # a special grid of its own (专属网格), cut out of a community
    "subdistrict",  # in the middle of a subdistrict or town, one after the other
    "urban",  # in a community that is not a village
    "village",  # in a village
    "community",  # in a community or village
    "district",  # in the middle of the district
    "spread",  # in ordinary grids, at most one a grid
    "campus",  # on the reserved community of a university
    "park",  # on the grids of the reserved community of an industrial park
]
OWN_GRID_KINDS = frozenset(
    {
        "kindergarten",
        "primary_school",
        "middle_school",
        "hospital",
        "care_home",
        "market",
        "construction_site",
    }
)
TOO_FEW_NAMES = "不同的名称有 {there} 个，需要 {needed} 个 / {there} different names, {needed} are needed"
DOES_NOT_ADD_UP = "写的是 {said}，各行相加是 {found} / it says {said}, the lines add up to {found}"
MOST_GRID_WORKERS = 13  # of a community: with secretary and community workers it stays at 8 to 16 people
MEAN_GRID_WORKERS = 12  # of all communities at most: where they are fuller, not all can be evened out
Value = str | bool | int | float | date | list[str]
AttributeKey = Annotated[str, Ref("attributes")]


class Said(PackModel):
    """One attribute of the register and what is said of it: of all that the line makes, the same."""

    key: AttributeKey
    value: Value


class WithAttributes(PackModel):
    """A line that says attributes of all it makes."""

    attributes: list[Said] = []

    def said(self) -> dict[str, Any]:
        """Return the attributes as the register stores them."""
        return {
            row.key: row.value.isoformat() if isinstance(row.value, date) else row.value
            for row in self.attributes
        }


class Wanted(PackModel):
    """One attribute and the answers that count."""

    key: AttributeKey
    among: list[Value] = Field(min_length=1)


class Reserved(PackModel):
    """A university or an industrial park: a community of the reserved block, drawn where it is put."""

    use: Literal["campus", "park"]
    name: Line
    x: float = Field(ge=-1, le=1)  # of half the width, from the middle to the east
    y: float = Field(ge=-1, le=1)  # of half the height, from the middle to the north
    cells: int = Field(ge=1, le=500)  # how large: a grid has about eight
    grids: int = Field(ge=1, le=50)


class TownNames(PackModel):
    """What the subdistricts or towns are called: five by where they lie, the others in turn."""

    middle: Line
    east: Line
    west: Line
    north: Line
    south: Line
    others: list[Line] = []
    ending: str = ""  # put behind each name: 街道

    def all(self) -> list[str]:
        """Return every name, without the ending."""
        return [self.middle, self.east, self.west, self.north, self.south, *self.others]


class Workers(PackModel):
    """How many people a community has, all together: drawn between the two."""

    fewest: int = Field(ge=3)
    most: int = Field(ge=3)


class StaffLine(PackModel):
    """So many people of one profession and one rank of title, over all institutions of the line."""

    profession: Key
    title_rank: Key
    count: int = Field(ge=1)


class Institution(WithAttributes):
    """So many institutions of one kind that stand in places of one sort.

    `name` may hold {district}, {area} (the area it stands for), {short} (that without 社区, 村), {ordinal},
    {number} (of the line, from 1) and {word} (of `words`, in turn). Staff and beds are those of all
    together; the first institutions get one more where they do not divide.
    """

    key: Key
    kind: FacilityKindKey
    at: Spot
    in_town: bool = False  # own_grid: only in the communities of the county town
    count: int = Field(ge=1)
    name: Line
    words: list[Line] = []
    staff: list[StaffLine] = []
    beds: int = Field(default=0, ge=0)  # open today

    @model_validator(mode="after")
    def _stands_somewhere(self) -> Self:
        if self.at == "own_grid" and self.kind not in OWN_GRID_KINDS:
            known = ", ".join(sorted(OWN_GRID_KINDS))
            raise ValueError(f"own_grid 只用于 / is only for: {known}")
        if "{word}" in self.name and not self.words:
            raise ValueError("name 里有 {word}，缺 words / name has {word} but there are no words")
        return self

    @field_validator("name")
    @classmethod
    def _is_a_pattern(cls, name: str) -> str:
        return checked_pattern(name, "district", "area", "short", "ordinal", "number", "word")


class VehicleLine(WithAttributes):
    """So many vehicles of one kind at the institutions of one line, one after the other.

    `name` may hold {district}, {facility} and {number} (of the line, from 1).
    """

    kind: Annotated[str, Ref("vehicle_kinds")]
    at: Key  # the key of a line of institutions
    count: int = Field(ge=1)
    name: Line

    @field_validator("name")
    @classmethod
    def _is_a_pattern(cls, name: str) -> str:
        return checked_pattern(name, "district", "facility", "number")


class PeopleLine(WithAttributes):
    """So many people who belong to no institution (liaison lines): registered over the areas of a level."""

    key: Key
    unit: Line  # the body they belong to, as written on the member
    count: int = Field(ge=1)
    at: Literal["subdistrict", "community", "grid"]


class Total(PackModel):
    """A figure of the source: what the lines of the place must add up to, and what is counted in the rows.

    `where` looks at the attributes of an institution or vehicle, `who` at those of a person.
    """

    key: Key
    title: Text
    counts: Literal[
        "facilities", "staff", "beds", "vehicles", "people", "subdistricts", "communities", "villages"
    ]
    kinds: list[Annotated[str, Ref("facility_kinds", "vehicle_kinds")]] = []  # none named: every kind
    where: list[Wanted] = []
    who: list[Wanted] = []
    number: int = Field(ge=0)


class Place(PackLine):
    """The place of a pack: its areas, what stands in them, who works there. Made synthetic, for trying out.

    A pack has one, under the key `place`. Residents are drawn beside it, as many as RESIDENTS says.
    """

    key: Literal["place"]
    code: str = Field(pattern=r"^\d{6}$")  # no real district's: identity numbers are made with it
    name: Line  # in full: 江城区
    residents: int = Field(ge=1000, le=5_000_000)  # where RESIDENTS says nothing
    subdistricts: int = Field(ge=5, le=60)
    communities: int = Field(ge=1, le=600)  # that are not villages
    villages: int = Field(ge=0, le=900)
    grids_each: int = Field(default=1, ge=1, le=5)  # of a grid worker
    grids: int = Field(ge=20, le=5000)  # ordinary ones, of all communities; none larger is measured
    county_town: bool = False  # the communities lie together in the middle, villages all around
    town_names: TownNames
    community_names: list[Line] = Field(min_length=1)  # taken in any order
    community_endings: list[str] = Field(default=[""], validate_default=True)  # each behind each name
    reserved: list[Reserved] = []
    workers: Workers  # of a community
    village_workers: Workers | None = None  # of a village; left out: as of a community
    institutions: list[Institution]
    vehicles: list[VehicleLine] = []
    people: list[PeopleLine] = []
    beds_taken: float = Field(default=0.6, ge=0, le=1)  # share of the open beds
    totals: list[Total] = []

    @field_validator("grids")
    @classmethod
    def _grids_have_room(cls, grids: int, info: ValidationInfo) -> int:
        communities = info.data.get("communities", 0) + info.data.get("villages", 0)
        most = communities * MEAN_GRID_WORKERS * info.data.get("grids_each", 1)
        if communities and grids > most:
            raise ValueError(
                f"这么多社区和村最多 {most} 个 / so many communities and villages hold {most} at most"
            )
        return grids

    @field_validator("town_names")
    @classmethod
    def _towns_have_names(cls, names: TownNames, info: ValidationInfo) -> TownNames:
        needed, there = info.data.get("subdistricts", 0), len(set(names.all()))
        if there < needed or there < len(names.all()):
            raise ValueError(TOO_FEW_NAMES.format(there=there, needed=needed))
        return names

    @field_validator("community_endings")
    @classmethod
    def _communities_have_names(cls, endings: list[str], info: ValidationInfo) -> list[str]:
        stems = info.data.get("community_names", [])
        there = len({stem + ending for ending in endings for stem in stems})
        needed = info.data.get("communities", 0) + info.data.get("villages", 0)
        if there < needed or there < len(stems) * len(endings):
            raise ValueError(TOO_FEW_NAMES.format(there=there, needed=needed))
        return endings

    @field_validator("institutions")
    @classmethod
    def _institutions_fit(cls, lines: list[Institution], info: ValidationInfo) -> list[Institution]:
        _differ(line.key for line in lines)
        rooms = {"campus": 0, "park": 0} | {row.use: row.grids for row in info.data.get("reserved", [])}
        for position, line in enumerate(lines):
            if line.count > rooms.get(line.at, line.count):
                wrong = f"{line.at} 只有 {rooms[line.at]} 个网格 / has only so many grids"
                raise _fault("institutions", (position, "count"), wrong, line.count)
            if line.in_town and not info.data.get("county_town"):
                wrong = "只有 county_town 的地方可用 / is only for a place with county_town"
                raise _fault("institutions", (position, "in_town"), wrong, line.in_town)
        if not any(line.kind == "primary_school" and line.at == "own_grid" for line in lines):
            raise ValueError("须有一所 own_grid 的小学 / a primary_school with own_grid is needed: "
                             "the sign-ins stand around it")  # fmt: skip
        return lines

    @field_validator("vehicles")
    @classmethod
    def _vehicles_belong(cls, lines: list[VehicleLine], info: ValidationInfo) -> list[VehicleLine]:
        known = {line.key for line in info.data.get("institutions", [])}
        for position, line in enumerate(lines):
            if line.at not in known:
                wrong = f"institutions 里没有 {line.at} / there is no such line of institutions"
                raise _fault("vehicles", (position, "at"), wrong, line.at)
        return lines

    @field_validator("people")
    @classmethod
    def _people_differ(cls, lines: list[PeopleLine]) -> list[PeopleLine]:
        _differ(line.key for line in lines)
        return lines

    @field_validator("totals")
    @classmethod
    def _totals_add_up(cls, totals: list[Total], info: ValidationInfo) -> list[Total]:
        _differ(total.key for total in totals)
        if {"institutions", "vehicles", "people"} <= info.data.keys():
            for position, total in enumerate(totals):
                found = declared(info.data, total)
                if found != total.number:
                    wrong = DOES_NOT_ADD_UP.format(said=total.number, found=found)
                    raise _fault("totals", (position, "number"), wrong, total.number)
        return totals

    def at(self, *spots: Spot) -> list[Institution]:
        """Return the lines of institutions that stand at spots of these sorts."""
        return [line for line in self.institutions if line.at in spots]

    def workers_of(self, kind: str) -> Workers:
        """Return how many people a community of this kind of area has."""
        return self.village_workers if kind == "village" and self.village_workers else self.workers

    @property
    def most_grids(self) -> int:
        """Return how many ordinary grids a community has at most."""
        return MOST_GRID_WORKERS * self.grids_each

    @property
    def ordinary_communities(self) -> int:
        """Return how many communities and villages there are, reserved ones left out."""
        return self.communities + self.villages


def checked_pattern(pattern: str, *names: str) -> str:
    """Return a pattern of a name that holds only these names in braces."""
    try:
        pattern.format_map(dict.fromkeys(names, ""))
    except (KeyError, ValueError, IndexError, AttributeError) as error:
        known = " ".join(f"{{{name}}}" for name in names)
        raise ValueError(f"花括号里只能是 / only these in braces: {known}") from error
    return pattern


def _differ(keys: Iterable[str]) -> None:
    twice = [key for key, count in Counter(keys).items() if count > 1]
    if twice:
        raise ValueError(f"key 重复 / used twice: {', '.join(twice)}")


def _fault(title: str, where: tuple[int | str, ...], wrong: str, said: Any) -> ValidationError:
    """Return a fault that names the line inside a list, where pydantic would name the list alone."""
    detail = InitErrorDetails(
        type="value_error", loc=where, input=said, ctx={"error": ValueError(wrong)}
    )  # fmt: skip
    return ValidationError.from_exception_data(title, [detail])


register_section("place", Place)
