"""Turns what somebody wants done to the tree into a plan, whatever its kind."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from anlan.foundation.errors import Conflict, Invalid
from anlan.organisation.models import Area, AreaShape, Building, Facility, Post
from anlan.organisation.queries import area_kinds, areas_below, in_force
from anlan.organisation.queries.outlines import Rings, joined, parted
from anlan.organisation.redrawing.plans import NewArea, Piece, Plan
from anlan.organisation.rules import CODE_LENGTH, AreaLevel, level_of, parent_of

FIRST_SPECIAL = 901  # special grids, campuses and parks take the upper block of an area's numbers
LAST_NUMBER = 999
NAME_LIMIT = 60


class RedrawInvalid(Invalid):
    """Say what is wrong with what is to be done to the tree."""

    code = "redraw_invalid"


class NoCodeLeft(Conflict):
    """All numbers below an area were used once; a code is never given twice."""

    code = "no_code_left"
    sentence = _("上级区域下的编号已用完，编号不重复使用。请先调整上级区域。")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One of the areas that a split makes, or one that takes pieces; `code` of one that is there already."""

    name: str = ""
    code: str = ""
    kind: str = ""
    building_ids: tuple[UUID, ...] = ()
    facility_ids: tuple[UUID, ...] = ()
    post_ids: tuple[UUID, ...] = ()
    area_codes: tuple[str, ...] = ()  # of areas below that go there, with all below them


class Numbers:
    """Gives out numbers below areas that were never used, not even by an area that ended."""

    def __init__(self) -> None:
        self._used: dict[str, set[int]] = {}

    def next(self, parent: str, *, special: bool) -> str:
        """Return the next free code below an area; raise NoCodeLeft."""
        used = self._used.setdefault(parent, self._known(parent))
        first, last = (FIRST_SPECIAL, LAST_NUMBER) if special else (1, FIRST_SPECIAL - 1)
        highest = max((number for number in used if first <= number <= last), default=first - 1)
        free = [*range(highest + 1, last + 1), *range(first, highest)]
        for number in free:
            if number not in used:
                used.add(number)
                return f"{parent}{number:03}"
        raise NoCodeLeft

    @staticmethod
    def _known(parent: str) -> set[int]:
        codes = Area.objects.filter(parent_code=parent).values_list("code", flat=True)
        return {int(code[-3:]) for code in codes}


@dataclass(slots=True)
class Maker:
    """Makes plans against the tree as it stands at a moment."""

    now: datetime

    def rename(self, area: Area, name: str) -> Plan:
        """Return the plan that gives an area another name."""
        return Plan(begins=(replace(self._again(area), name=checked_name(name)),), ends=(area.code,))

    def recode(self, area: Area, code: str) -> Plan:
        """Return the plan that gives an area another code of its level, with all below it."""
        if len(code) != len(area.code) or not code.isdigit() or parent_of(code) != area.parent_code:
            raise RedrawInvalid(fields={"code": _("新代码须为同一上级下的同级代码；改上级请用“改隶”。")})
        if Area.objects.filter(code=code).exists():
            raise RedrawInvalid(fields={"code": _("这个代码已使用过，代码不重复使用。")})
        return self._carried([(area, code)])

    def move(self, area: Area, under: Area) -> Plan:
        """Return the plan that hangs an area, with all below it, under another area."""
        if area.level == AreaLevel.DISTRICT or under.level != level_of(area.parent_code):
            raise RedrawInvalid(fields={"under": _("请选择与原上级同一层级的区域。")})
        if under.code == area.parent_code:
            raise RedrawInvalid(fields={"under": _("该区域已属于这个上级。")})
        code = Numbers().next(under.code, special=self._is_special(area.kind))
        plan = self._carried([(area, code)])
        return self._with_parents(plan, {area.parent_code: ([], [area]), under.code: ([area], [])})

    def merge(self, areas: Sequence[Area], into: Area, name: str = "") -> Plan:
        """Return the plan that lets areas of one level and one parent go on as one of them."""
        others = [area for area in areas if area.code != into.code]
        if not others or {(area.level, area.parent_code) for area in areas} != {
            (into.level, into.parent_code)
        }:
            raise RedrawInvalid(fields={"others": _("请选择同一上级下同一层级的其他区域。")})
        numbers = Numbers()
        below = [(child, numbers.next(into.code, special=self._is_special(child.kind)))
                 for area in others for child in areas_below(area.code, now=self.now)]  # fmt: skip
        plan = self._carried(below)
        one = replace(
            self._again(into),
            name=checked_name(name or into.name),
            rings=joined(self._rings([into, *others]).values()),
        )
        return Plan(
            begins=(one, *plan.begins),
            ends=(into.code, *(area.code for area in others), *plan.ends),
            codes={**{area.code: into.code for area in others}, **plan.codes},
        )

    def split(self, area: Area, parts: Sequence[Part]) -> Plan:
        """Return the plan that makes several areas of one; a part with the area's code is what remains.

        What is in no part goes with the part that keeps the code, else with the first.
        """
        if len(parts) < 2 or area.level in {AreaLevel.DISTRICT}:
            raise RedrawInvalid(_("拆分须至少分成两部分。"))
        numbers = Numbers()
        named = []
        for part in parts:
            kind = part.kind or area.kind
            code = part.code or numbers.next(area.parent_code, special=self._is_special(kind))
            if part.code not in {"", area.code}:
                raise RedrawInvalid(_("拆分出的部分不能沿用别的区域的代码。"))
            named.append(replace(part, code=code, kind=kind, name=checked_name(part.name or area.name)))
        if len({part.name for part in named}) < len(named):
            raise RedrawInvalid(_("各部分的名称不能相同。"))
        rest = next((part.code for part in named if part.code == area.code), named[0].code)
        below = self._sent_below(area, named, rest, numbers)
        plan = self._carried(below)
        outlines = self._parted([area], named, rest)
        begins = tuple(
            NewArea(part.code, part.name, part.kind, _outside(area, part.code), outlines.get(part.code))
            for part in named
        )
        return Plan(
            begins=(*begins, *plan.begins),
            ends=(area.code, *plan.ends),
            codes={**({} if rest == area.code else {area.code: rest}), **plan.codes},
            pieces=self._pieces([area], [part for part in named if part.code != rest]),
            out_of={part.code: area.code for part in named if part.code != area.code},
        )

    def redraw(self, areas: Sequence[Area], parts: Sequence[Part]) -> Plan:
        """Return the plan that lets areas of one level give pieces to one another."""
        known = {area.code: area for area in areas}
        if (
            not parts
            or any(part.code not in known for part in parts)
            or len({len(code) for code in known}) > 1
        ):
            raise RedrawInvalid(_("请选择同一层级的区域，并指明每一块划归哪里。"))
        numbers = Numbers()
        below = [
            (child, numbers.next(part.code, special=self._is_special(child.kind)))
            for part in parts
            for child in self._in_force(part.area_codes)
            if child.parent_code != part.code
        ]
        if any(child.parent_code not in known for child, _code in below):
            raise RedrawInvalid(_("只能在所选区域之间划转。"))
        plan = self._carried(below)
        pieces = self._pieces(areas, parts)
        if not pieces and not below:
            raise RedrawInvalid(_("没有要划转的楼栋、单位或下级区域。"))
        named = [replace(part, name=known[part.code].name, kind=known[part.code].kind) for part in parts]
        outlines = self._parted(list(known.values()), named, "")
        begins = tuple(replace(self._again(area), rings=outlines.get(area.code)) for area in areas)
        return Plan((*begins, *plan.begins), (*known, *plan.ends), plan.codes, pieces)

    def found(self, parent: Area, part: Part) -> Plan:
        """Return the plan of a new area below another: a special grid, a micro-grid, an area to be filled."""
        kind = self._fitting_kind(parent, part.kind)
        code = Numbers().next(parent.code, special=self._is_special(kind))
        pieces = self._pieces(self._all_below(parent), [replace(part, code=code)])
        return Plan(begins=(NewArea(code, checked_name(part.name), kind),), pieces=pieces)

    def _fitting_kind(self, parent: Area, kind: str) -> str:
        kinds = area_kinds()
        level = level_of(parent.code + "001") if len(parent.code) < CODE_LENGTH[AreaLevel.MICRO_GRID] else ""
        if kind not in kinds or level not in kinds[kind].levels:
            raise RedrawInvalid(fields={"kind": _("这类区域不设在这一层级。")})
        return kind

    def _again(self, area: Area) -> NewArea:
        """Return the area as it would begin again, unchanged."""
        rings = self._rings([area]).get(area.code)
        return NewArea(area.code, area.name, area.kind, dict(area.outside_codes), rings)

    def _carried(self, moves: Iterable[tuple[Area, str]]) -> Plan:
        """Return the plan that gives these areas, each with all below it, other codes."""
        listed = list(moves)
        begins, codes = [], {}
        for top, code in listed:
            branch = list(Area.objects.filter(in_force(self.now), code__startswith=top.code).order_by("code"))
            rings = self._rings(branch)
            for area in branch:
                new = code + area.code[len(top.code) :]
                codes[area.code] = new
                begins.append(NewArea(new, area.name, area.kind, _outside(area, new), rings.get(area.code)))
        return Plan(begins=tuple(begins), ends=tuple(codes), codes=codes)

    def _sent_below(
        self, area: Area, parts: Sequence[Part], rest: str, numbers: Numbers
    ) -> list[tuple[Area, str]]:
        """Return the areas below with their codes in the part each goes to; those that stay are left out."""
        part_of = {code: part.code for part in parts for code in part.area_codes}
        sent = []
        for child in areas_below(area.code, now=self.now):
            part = part_of.pop(child.code, rest)
            if part != area.code:
                sent.append((child, numbers.next(part, special=self._is_special(child.kind))))
        if part_of:
            raise RedrawInvalid(_("所选的下级区域不属于要拆分的区域。"))
        return sent

    def _pieces(self, areas: Sequence[Area], parts: Sequence[Part]) -> tuple[Piece, ...]:
        """Return what is sent by name, each with where it lies now; raise where it lies elsewhere."""
        lies_in = {area.code for area in areas}
        sent: list[Piece] = []
        for model, name in ((Building, "building_ids"), (Facility, "facility_ids"), (Post, "post_ids")):
            wanted = {row: part.code for part in parts for row in getattr(part, name)}
            sent += _pieces_of(model, wanted, lies_in)
        return tuple(piece for piece in sent if piece.from_code != piece.to_code)

    def _parted(self, areas: Sequence[Area], parts: Sequence[Part], rest: str) -> dict[str, Rings | None]:
        """Return outlines after pieces went where they are sent, as far as they can be known."""
        known = self._rings(areas)
        if len(known) < len(areas):
            return {rest or code: rings for code, rings in known.items()}
        if areas[0].level in {AreaLevel.GRID, AreaLevel.MICRO_GRID}:
            return self._by_buildings(areas, known, parts, rest)
        part_of = {code: part.code for part in parts for code in part.area_codes}
        members: dict[str, list[Area]] = {}
        for area in areas:
            for child in areas_below(area.code, now=self.now):
                members.setdefault(part_of.get(child.code, rest or area.code), []).append(child)
        return {
            code: joined(self._rings(rows).get(row.code, []) for row in rows)
            for code, rows in members.items()
        }

    def _by_buildings(
        self, areas: Sequence[Area], known: Mapping[str, Rings], parts: Sequence[Part], rest: str
    ) -> dict[str, Rings | None]:
        part_of = {row: part.code for part in parts for row in part.building_ids}
        points, names = [], []
        for building in _standing_in(areas, self.now):
            if building.x_m is not None and building.y_m is not None:
                points.append((building.x_m, building.y_m))
                names.append(part_of.get(building.pk, rest or building.area_code))
        if not points:
            return {rest or code: rings for code, rings in known.items()}
        around = joined(known.values())
        return dict(parted(around, points, names)) if around else {}

    def _rings(self, areas: Iterable[Area]) -> dict[str, Rings]:
        shapes = AreaShape.objects.filter(area__in=[area.pk for area in areas]).select_related("area")
        return {shape.area.code: shape.rings for shape in shapes}

    def _in_force(self, codes: Iterable[str]) -> list[Area]:
        return list(Area.objects.filter(in_force(self.now), code__in=list(codes)).order_by("code"))

    def _all_below(self, area: Area) -> list[Area]:
        return list(Area.objects.filter(in_force(self.now), code__startswith=area.code).order_by("code"))

    def _is_special(self, kind: str) -> bool:
        known = area_kinds().get(kind)
        return known is not None and (known.special_grid or known.reserved_code_block)

    def _with_parents(self, plan: Plan, changes: Mapping[str, tuple[list[Area], list[Area]]]) -> Plan:
        """Add that the outlines of the areas above change: each with what comes to it and what goes."""
        begins, ends = list(plan.begins), list(plan.ends)
        for parent in self._in_force(changes):
            come, gone = changes[parent.code]
            left = [row for row in areas_below(parent.code, now=self.now) if row not in gone] + come
            outlines = self._rings(left)
            rings = joined(outlines.get(row.code, []) for row in left)
            begins.append(replace(self._again(parent), rings=rings))
            ends.append(parent.code)
        return replace(plan, begins=tuple(begins), ends=tuple(ends))


def checked_name(name: str) -> str:
    """Return the name of an area as it is kept; raise RedrawInvalid."""
    words = " ".join(name.split())
    if not 1 <= len(words) <= NAME_LIMIT:
        raise RedrawInvalid(fields={"name": _("请填写名称（1 到 60 字）。")})
    return words


def _outside(area: Area, code: str) -> dict[str, str]:
    """Return the codes of outside systems that stay true of an area: those of one that keeps its own code."""
    return dict(area.outside_codes) if code == area.code else {}


def _standing_in(areas: Iterable[Area], now: datetime) -> list[Building]:
    codes = [area.code for area in areas]
    return list(Building.objects.filter(in_force(now), area_code__in=codes).order_by("pk"))


def _pieces_of(model: type[Model], wanted: Mapping[UUID, str], lies_in: set[str]) -> list[Piece]:
    rows = model._default_manager.filter(pk__in=list(wanted), area_code__in=lies_in)
    found = dict(rows.values_list("pk", "area_code"))
    if len(found) < len(wanted):
        raise RedrawInvalid(_("所选的楼栋、单位或岗位不在要调整的区域内，请刷新后重选。"))
    return [Piece(model._meta.label, row, found[row], code) for row, code in sorted(wanted.items())]
