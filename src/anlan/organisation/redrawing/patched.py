"""What a redraw does to patches: a grid that ends leaves its patch, what takes over in the community joins.

A patch lies in its community and moves with it (`placed`); this is about its grids. Rows end and begin, none
is rewritten, so that a patch is readable as of any day.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import F

from anlan.organisation.models import Area, Patch, PatchGrid, Redraw
from anlan.organisation.redrawing.plans import Plan
from anlan.organisation.rules import AreaLevel, level_of, parent_of

PATCH, PATCH_GRID = Patch._meta.label, PatchGrid._meta.label
MOVING = "SELECT id, new FROM redraw_moved WHERE label = %s"
Pair = tuple[UUID, str]  # of a patch and a grid


@dataclass(frozen=True, slots=True)
class Regrouping:
    """Which rows of grids in patches end, which begin, and what that is grid by grid; '' is in no patch."""

    leaves: tuple[PatchGrid, ...] = ()
    joins: tuple[Pair, ...] = ()
    ways: dict[tuple[str, str], int] = field(default_factory=dict)


def regroup(plan: Plan, *, undoes: Redraw | None = None) -> Regrouping:
    """Return what a plan does to the grids of patches; after `find` of the same plan in this transaction.

    An undo ends what the redraw let join, and lets join again what it let leave, as far as nobody has
    decided otherwise since.
    """
    return _Regrouping(plan, undoes).done()


def settle(regrouping: Regrouping, now: datetime) -> dict[str, list[str]]:
    """End and begin grids in patches at a moment; return the ids of the rows that ended and that began."""
    left = [row.pk for row in regrouping.leaves]
    PatchGrid.objects.filter(pk__in=left).update(ends_at=now)
    begun = PatchGrid.objects.bulk_create(
        PatchGrid(patch_id=patch, code=code, starts_at=now) for patch, code in regrouping.joins
    )
    touched = {row.patch_id for row in regrouping.leaves} | {patch for patch, _code in regrouping.joins}
    Patch.objects.filter(pk__in=touched).update(version=F("version") + 1)  # a form open since is stale
    return {"left": [str(row) for row in left], "joined": [str(row.pk) for row in begun]}


class _Regrouping:
    def __init__(self, plan: Plan, undoes: Redraw | None) -> None:
        self._plan = plan
        self._lies_in = _communities_after()
        moving = PatchGrid.objects.filter(ends_at=None, patch__in=list(self._lies_in))
        named = PatchGrid.objects.filter(ends_at=None, code__in=plan.touched)
        self._rows = list((moving | named).select_related("patch").order_by("code"))
        self._begun, self._ended = _rows_of(undoes)
        self._forward = Plan.from_json(undoes.plan).codes if undoes else {}
        self._after: dict[str, UUID] = {}  # each grid that is in a patch afterwards, of those touched
        self._leaves: list[PatchGrid] = []

    def done(self) -> Regrouping:
        begun_pairs = {(row.patch_id, row.code) for row in self._begun}
        follow: list[PatchGrid] = []
        for row in self._rows:
            if (row.patch_id, row.code) in begun_pairs:
                self._leaves.append(row)
            elif self._stays(row):
                self._after[row.code] = row.patch_id
            else:
                self._leaves.append(row)
                follow.append(row)
        before = set(self._after)
        for row in follow:
            self._join(row.patch, self._plan.codes.get(row.code, row.code))
        for new, old in sorted(self._plan.out_of.items()):
            for row in (one for one in self._rows if one.code == old):
                self._join(row.patch, new)
        self._restore(begun_pairs)
        joins = tuple((patch, code) for code, patch in self._after.items() if code not in before)
        return Regrouping(tuple(self._leaves), joins, self._ways(joins))

    def _stays(self, row: PatchGrid) -> bool:
        is_gone = row.code in self._plan.ends_for_good
        return not is_gone and parent_of(row.code) == self._community(row.patch)

    def _community(self, patch: Patch) -> str:
        lies_in: str = patch.area_code
        return self._lies_in.get(patch.pk, lies_in)

    def _join(self, patch: Patch, code: str) -> None:
        """Let a grid join a patch if it is one of its community and in no other."""
        is_grid = len(code) > 0 and level_of(code) == AreaLevel.GRID
        if is_grid and parent_of(code) == self._community(patch):
            self._after.setdefault(code, patch.pk)

    def _restore(self, begun: set[Pair]) -> None:
        """Let join again what the redraw let leave, unless somebody took it out of the patch since."""
        there = {(row.patch_id, row.code) for row in self._rows}
        alive = _alive_after(self._plan, {row.code for row in self._ended})
        free = alive - _taken(alive, self._leaves)
        for row in self._ended:
            became = (row.patch_id, self._forward.get(row.code, ""))
            was_given_up = became in begun and became not in there
            if row.code in free and row.patch.ends_at is None and not was_given_up:
                self._join(row.patch, row.code)

    def _ways(self, joins: Iterable[Pair]) -> dict[tuple[str, str], int]:
        ways, explained = dict[tuple[str, str], int](), set[str]()
        for row in self._leaves:
            to = self._plan.codes.get(row.code, "")
            stays_grouped = self._after.get(to) == row.patch_id
            ways[row.code, to if stays_grouped else ""] = 1
            explained.add(to)
        for _patch, code in joins:
            if code not in explained:
                ways[self._plan.out_of.get(code, ""), code] = 1
        return ways


def _communities_after() -> dict[UUID, str]:
    """Return where each patch lies that moves with its community."""
    with connection.cursor() as cursor:
        cursor.execute(MOVING, [PATCH])
        return dict(cursor.fetchall())


def _rows_of(undone: Redraw | None) -> tuple[list[PatchGrid], list[PatchGrid]]:
    """Return the rows that a redraw began and those that it ended."""
    if undone is None:
        return [], []
    rows = PatchGrid.objects.select_related("patch").order_by("code")
    joined, left = (undone.links.get(name, ()) for name in ("joined", "left"))
    return list(rows.filter(pk__in=joined)), list(rows.filter(pk__in=left))


def _alive_after(plan: Plan, codes: set[str]) -> set[str]:
    """Return which of these codes an area bears after the redraw."""
    there = set(Area.objects.filter(code__in=codes, ends_at=None).values_list("code", flat=True))
    return (there - set(plan.ends_for_good)) | (codes & {area.code for area in plan.begins})


def _taken(codes: set[str], leaving: Iterable[PatchGrid]) -> set[str]:
    rows = PatchGrid.objects.filter(ends_at=None, code__in=codes)
    return set(rows.exclude(pk__in=[row.pk for row in leaving]).values_list("code", flat=True))
