"""Make a patch (片) of grids of a community, change it, end it, put an ended one in force again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from anlan.foundation import audit
from anlan.foundation.actor import Actor
from anlan.foundation.errors import Conflict, Invalid, NotAllowed, Text
from anlan.foundation.history import keep_changes
from anlan.foundation.live import announce_change
from anlan.organisation.actions.carry_redraws import alone_in
from anlan.organisation.models import Patch, PatchGrid
from anlan.organisation.queries import access_area_of, may_manage
from anlan.organisation.queries.patches import (
    access_patch,
    grids_in,
    grids_of_community,
    last_grids,
    patch_by_grid,
    patches_of,
    who_may_head,
)
from anlan.organisation.queries.redraws import codes_now
from anlan.organisation.rules import AreaLevel, place_word

SUBJECT = "organisation.Patch"
LONGEST_NAME = 40


class PatchInvalid(Invalid):
    """Say which field of a patch cannot be accepted."""

    code = "patch_invalid"


class PatchChanged(Conflict):
    """Somebody changed the patch first, or a redraw did."""

    code = "patch_changed"
    sentence = _("这个片刚被改过，请刷新后再看。")


@dataclass(frozen=True, slots=True)
class PatchFacts:
    """What is said of a patch: its name, its grids, the post that heads it if one does."""

    name: str
    grid_codes: tuple[str, ...]
    head_id: UUID | None = None


def make_patch(*, actor: Actor, patch_id: UUID, area_code: str, facts: PatchFacts, now: datetime) -> Patch:
    """Put some grids of a community together from now on; a second sending with the same id is the same act.

    Raises NotFound, NotAllowed, PatchInvalid, Conflict.
    """
    with transaction.atomic():
        _check_may(actor, access_area_of(actor, area_code, now=now).code)
        alone_in(area_code)
        earlier = Patch.objects.filter(pk=patch_id).first()
        if earlier is not None:
            return _same_act(earlier, area_code, facts)
        area = access_area_of(actor, area_code, now=now)
        if area.level != AreaLevel.COMMUNITY:
            raise PatchInvalid(_("片设在社区里：请从社区的页面进入。"))
        patch = Patch(id=patch_id, area_code=area_code, starts_at=now)
        patch.name, patch.head_id = _checked(patch, facts, now)
        codes = _checked_grids(patch, facts.grid_codes)
        patch.save(force_insert=True)
        _regroup(patch, codes, now)
        _note("make_patch", patch, {"grids": sorted(codes)})
    return patch


def edit_patch(
    *, actor: Actor, patch_id: UUID, expected_version: int, facts: PatchFacts, now: datetime
) -> Patch:
    """Give a patch the name, head and grids it has from now on; the same once more changes nothing.

    Raises NotFound, NotAllowed, PatchInvalid, PatchChanged.
    """
    with transaction.atomic():
        patch = _held(actor, patch_id)
        if patch.ends_at is not None:
            raise PatchChanged
        name, head_id = _checked(patch, facts, now)
        before = {"name": (patch.name, name), "head": (patch.head_id, head_id)}
        changes = {field: values for field, values in before.items() if values[0] != values[1]}
        codes, had = _checked_grids(patch, facts.grid_codes), set(grids_in([patch])[patch.pk])
        if not changes and codes == had:
            return patch
        if patch.version != expected_version:
            raise PatchChanged
        patch.name, patch.head_id, patch.version = name, head_id, patch.version + 1
        patch.save(update_fields=["name", "head", "version"])
        keep_changes(actor, patch, changes, source="page", now=now)
        _regroup(patch, codes, now)
        came_and_went = {"joined": sorted(codes - had), "left": sorted(had - codes)}
        _note("edit_patch", patch, {"fields": sorted(changes), **came_and_went})
    return patch


def end_patch(*, actor: Actor, patch_id: UUID, expected_version: int, now: datetime) -> Patch:
    """End a patch; its grids are in none from now on. Said twice, it ended once.

    Raises NotFound, NotAllowed, PatchChanged.
    """
    with transaction.atomic():
        patch = _held(actor, patch_id)
        if patch.ends_at is not None and patch.version == expected_version + 1:
            return patch
        if patch.ends_at is not None or patch.version != expected_version:
            raise PatchChanged
        PatchGrid.objects.filter(patch=patch, ends_at=None).update(ends_at=now)
        patch.ends_at, patch.version = now, patch.version + 1
        patch.save(update_fields=["ends_at", "version"])
        _note("end_patch", patch, {})
    return patch


def resume_patch(*, actor: Actor, patch_id: UUID, expected_version: int, now: datetime) -> Patch:
    """Put an ended patch in force again, with those of its last grids that are its community's and free.

    Raises NotFound, NotAllowed, PatchInvalid where none is left, PatchChanged.
    """
    with transaction.atomic():
        patch = _held(actor, patch_id)
        if patch.ends_at is None and patch.version == expected_version + 1:
            return patch
        if patch.ends_at is None or patch.version != expected_version:
            raise PatchChanged
        _check_name(patch, patch.name)
        codes = _still_free(patch)
        if not codes:
            raise PatchInvalid(_("原来的网格都已归入别的片或不在本社区，请另设一个片。"))
        patch.ends_at, patch.version = None, patch.version + 1
        patch.save(update_fields=["ends_at", "version"])
        _regroup(patch, codes, now)
        _note("resume_patch", patch, {"grids": sorted(codes)})
    return patch


def _check_may(actor: Actor, area_code: str) -> None:
    if not may_manage(actor, area_code):
        raise NotAllowed


def _held(actor: Actor, patch_id: UUID) -> Patch:
    """Return the patch, locked, while no redraw goes on, if the actor looks after its community."""
    alone_in(access_patch(actor, patch_id).area_code)
    patch = Patch.objects.select_for_update().get(pk=patch_id)
    _check_may(actor, patch.area_code)
    return patch


def _same_act(earlier: Patch, area_code: str, facts: PatchFacts) -> Patch:
    if (earlier.area_code, place_word(earlier.name)) != (area_code, place_word(facts.name)):
        raise Conflict
    return earlier


def _checked(patch: Patch, facts: PatchFacts, now: datetime) -> tuple[str, UUID | None]:
    """Return name and head as they are kept; a head that left the community may stay, but not be chosen."""
    errors: dict[str, Text] = {}
    name = " ".join(facts.name.split())
    if not place_word(name) or len(name) > LONGEST_NAME:
        errors["name"] = _("请填写片的名称（1 到 40 字）。")
    may_head = who_may_head(patch.area_code, now=now)
    if facts.head_id not in {None, patch.head_id} and not may_head.filter(pk=facts.head_id).exists():
        errors["head"] = _("请选择本社区或其网格的岗位。")
    if errors:
        raise PatchInvalid(fields=errors)
    _check_name(patch, name)
    return name, facts.head_id


def _check_name(patch: Patch, name: str) -> None:
    others = patches_of(patch.area_code).exclude(pk=patch.pk).values_list("name", flat=True)
    if place_word(name) in {place_word(other) for other in others}:
        raise PatchInvalid(fields={"name": _("本社区已有同名的片。")})


def _checked_grids(patch: Patch, codes: Iterable[str]) -> set[str]:
    """Return the grids as a set, if all are the community's and in no other patch."""
    wanted = set(codes)
    names = dict(grids_of_community(patch.area_code).values_list("code", "name"))
    if not wanted:
        raise PatchInvalid(fields={"grids": _("请至少选择一个网格。")})
    if not wanted <= names.keys():
        raise PatchInvalid(fields={"grids": _("所选网格不属于本社区，请刷新后重选。")})
    for code, other in sorted(patch_by_grid(wanted).items()):
        if other.pk != patch.pk:
            words = gettext("%(grid)s已归入“%(patch)s”，一个网格同时只归一个片。")
            raise PatchInvalid(fields={"grids": words % {"grid": names[code], "patch": other.name}})
    return wanted


def _still_free(patch: Patch) -> set[str]:
    last = last_grids(patch)
    now_codes = codes_now(last)
    there = set(grids_of_community(patch.area_code).values_list("code", flat=True))
    codes = {now_codes.get(code, code) for code in last} & there
    return codes - patch_by_grid(codes).keys()


def _regroup(patch: Patch, codes: set[str], now: datetime) -> None:
    """Let these grids, and no others, be in the patch from now on."""
    rows = PatchGrid.objects.filter(patch=patch, ends_at=None)
    rows.exclude(code__in=codes).update(ends_at=now)
    there = set(rows.values_list("code", flat=True))
    PatchGrid.objects.bulk_create(
        PatchGrid(patch=patch, code=code, starts_at=now) for code in sorted(codes - there)
    )


def _note(verb: str, patch: Patch, detail: dict[str, object]) -> None:
    said = {**detail, "version": patch.version}
    audit.record(verb, SUBJECT, [patch.pk], area_code=patch.area_code, detail=said)
    announce_change("areas", patch.area_code)
