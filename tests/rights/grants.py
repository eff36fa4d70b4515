"""Grants near and far for the rights test: applied for, and in force with a certificate."""

from tests.affairs.granting import applied, factory, in_force, industry
from tests.rights.placing import Placed
from tests.world import GRID_A, GRID_D, World


def grants_of(world: World) -> dict[str, list[Placed]]:
    """Return an application and a grant in force in two grids, applied for by their workers."""
    industry(world)
    placed: dict[str, list[Placed]] = {"grant": [], "certificate": []}
    for grid, worker in ((GRID_A, "wang"), (GRID_D, "du")):
        waiting = applied(world, factory(world, grid), worker)
        held = in_force(world, factory(world, grid), worker)
        placed["grant"].append(Placed("grant", waiting.pk, grid))
        placed["certificate"].append(Placed("certificate", held.pk, grid))
    return placed
