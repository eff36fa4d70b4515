"""Questions about patches (片): those of a community, then and now, their grids, what may still join one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery

from anlan.foundation.actor import Actor
from anlan.foundation.errors import NotFound
from anlan.foundation.scope import within
from anlan.organisation.models import Area, Patch, PatchGrid, Post, RedrawMove
from anlan.organisation.queries import area_names, in_force, in_realm
from anlan.organisation.rules import AreaLevel


@dataclass(frozen=True, slots=True)
class Place:
    """What a list is narrowed to: an area with all below it, or the grids of a patch that are in range.

    `area_code` is that area, or the community of the patch.
    """

    area_code: str
    grids: tuple[str, ...] | None = None  # None: an area
    patch: Patch | None = None

    @property
    def codes(self) -> tuple[str, ...]:
        """Return the codes below which everything of the place lies."""
        return (self.area_code,) if self.grids is None else self.grids


def place_of(actor: Actor, said: str) -> Place:
    """Return the place that an area's code or a patch's id names; raise NotFound for one out of range."""
    if said.isascii() and said.isdigit() and actor.ranges.covers(said):
        return Place(said)
    patch = _patch_named(actor, said)
    if patch is None:
        raise NotFound
    grids = grids_in([patch])[patch.pk]
    covered = tuple(code for code in grids if actor.ranges.covers(code))
    if not covered and not actor.ranges.covers(patch.area_code):
        raise NotFound
    return Place(patch.area_code, covered, patch)


def _patch_named(actor: Actor, said: str) -> Patch | None:
    patch_id = _id_of(said)
    if patch_id is None:
        return None
    return Patch.objects.filter(in_realm(actor, "area_code"), pk=patch_id, ends_at=None).first()


def _id_of(said: str) -> UUID | None:
    try:
        return UUID(said)
    except ValueError:
        return None


def patch_names(said: Iterable[str]) -> dict[str, str]:
    """Return the names of the patches among these words of an address, ended ones too."""
    known = {patch_id: word for word in said if not word.isdigit() and (patch_id := _id_of(word))}
    return {known[pk]: name for pk, name in Patch.objects.filter(pk__in=known).values_list("pk", "name")}


def place_names(said: Iterable[str], *, now: datetime) -> dict[str, str]:
    """Return the names of the areas and the patches among these words of an address."""
    words = set(said) - {""}
    return area_names(words, now=now) | patch_names(words)


def patches_of(code: str) -> QuerySet[Patch]:
    """Return the patches in force of a community, by name."""
    return Patch.objects.filter(area_code=code, ends_at=None).select_related("head").order_by("name", "pk")


def patch_of(code: str) -> Patch | None:
    """Return the patch a grid is in, if it is in one."""
    row = PatchGrid.objects.filter(code=code, ends_at=None).select_related("patch").first()
    return row.patch if row else None


def wanted_patches(actor: Actor, words: str) -> QuerySet[Patch]:
    """Return the patches in force in the actor's ranges whose name holds these words."""
    near = PatchGrid.objects.filter(within(actor.ranges, "code"), ends_at=None).values("patch")
    rows = Patch.objects.filter(within(actor.ranges) | Q(pk__in=near), ends_at=None).select_related("head")
    return rows.filter(name__icontains=words) if words else rows


def access_patch(actor: Actor, patch_id: UUID) -> Patch:
    """Return one patch of the actor's world, ended or not, or raise NotFound."""
    rows = Patch.objects.filter(in_realm(actor, "area_code"), pk=patch_id)
    patch = rows.select_related("head").first()
    if patch is None:
        raise NotFound
    return patch


def patches_at(code: str, *, at: datetime) -> QuerySet[Patch]:
    """Return the patches that a community had at a moment, also those that lie elsewhere or ended since."""
    moves = RedrawMove.objects.filter(
        label=Patch._meta.label, row_id=OuterRef("pk"), moved_at__gt=at
    )  # fmt: skip
    then = Subquery(moves.order_by("moved_at").values("from_code")[:1])
    lay = Q(area_then=code) | Q(area_then=None, area_code=code)
    grouped = PatchGrid.objects.filter(in_force(at)).values("patch")
    rows = Patch.objects.filter(in_force(at), pk__in=grouped).annotate(area_then=then)
    return rows.filter(lay).select_related("head").order_by("name", "pk")


def grids_in(patches: Iterable[Patch], *, at: datetime | None = None) -> dict[UUID, tuple[str, ...]]:
    """Return the codes of the grids of each patch, now or as they were at a moment."""
    ids = [patch.pk for patch in patches]
    rows = PatchGrid.objects.filter(in_force(at) if at else Q(ends_at=None), patch__in=ids)
    found: dict[UUID, list[str]] = {pk: [] for pk in ids}
    for patch_id, code in rows.order_by("code").values_list("patch", "code"):
        found[patch_id].append(code)
    return {pk: tuple(codes) for pk, codes in found.items()}


def last_grids(patch: Patch) -> tuple[str, ...]:
    """Return the grids of a patch: of one that ended those it had to the end."""
    rows = PatchGrid.objects.filter(patch=patch, ends_at=patch.ends_at)
    return tuple(rows.order_by("code").values_list("code", flat=True))


def grids_of_community(code: str) -> QuerySet[Area]:
    """Return the grids that a community has."""
    rows = Area.objects.filter(parent_code=code, level=AreaLevel.GRID, ends_at=None)
    return rows.order_by("code")


def patch_by_grid(codes: Iterable[str]) -> Mapping[str, Patch]:
    """Return the patch of each of these grids that is in one."""
    rows = PatchGrid.objects.filter(code__in=list(codes), ends_at=None).select_related("patch")
    return {row.code: row.patch for row in rows}


def who_may_head(code: str, *, now: datetime) -> QuerySet[Post]:
    """Return the posts at a community and below it, one of which may head a patch of it."""
    rows = Post.objects.filter(in_force(now), area_code__startswith=code)
    return rows.order_by("area_code", "title", "pk")


def joined_and_left(patch: Patch) -> QuerySet[PatchGrid]:
    """Return every grid that is or was in a patch, with from when to when."""
    return PatchGrid.objects.filter(patch=patch).order_by("starts_at", "code")
