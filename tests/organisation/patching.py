"""What tests of patches need: to make one, and to write down which grids are in which."""

from uuid import UUID

from django.db import transaction

from anlan.foundation.clock import utc_now
from anlan.foundation.ids import new_id
from anlan.foundation.scope import scope
from anlan.organisation.actions import PatchFacts, make_patch
from anlan.organisation.models import Patch, PatchGrid
from tests.world import GRID_A, SPRING, World


def patched(
    world: World,
    *grids: str,
    name: str = "东片",
    community: str = SPRING,
    handle: str = "qian",
    head_id: UUID | None = None,
) -> Patch:
    """Let somebody put grids of a community together; grid A alone where none is named."""
    actor, facts = world.actor(handle), PatchFacts(name, grids or (GRID_A,), head_id)
    with transaction.atomic(), scope(actor):
        return make_patch(actor=actor, patch_id=new_id(), area_code=community, facts=facts, now=utc_now())


def grouped() -> dict[str, set[str]]:
    """Return the grids of each patch in force, by its name and community."""
    found: dict[str, set[str]] = {
        f"{patch.name} {patch.area_code}": set() for patch in Patch.objects.filter(ends_at=None)
    }
    for row in PatchGrid.objects.filter(ends_at=None).select_related("patch"):
        found[f"{row.patch.name} {row.patch.area_code}"].add(row.code)
    return found
