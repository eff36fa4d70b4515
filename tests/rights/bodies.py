"""Bodies and checklists for the rights test: a team of a grid near and one far, its call and decision."""

from tests.organisation.seating import called, decided, grid_team, receipt_of, seat
from tests.rights.placing import Placed
from tests.world import GRID_A, GRID_D, World


def bodies_of(world: World) -> dict[str, list[Placed]]:
    """Return what is placed of bodies: each grid's worker leads the team and calls the secretary."""
    kinds = ("body", "seat", "decision", "call", "call_up", "checklist")
    found: dict[str, list[Placed]] = {kind: [] for kind in kinds}
    for secretary, worker, grid in (("kong", "wang", GRID_A), ("bai", "du", GRID_D)):
        body = grid_team(world, secretary, grid, worker)
        sits = seat(world, body, "cadre", secretary, by=secretary)
        call = called(world, body, by=worker)
        targets = {
            "body": body.pk,
            "seat": sits.pk,
            "decision": decided(world, body, worker, by=worker).pk,
            "call": call.pk,
            "call_up": receipt_of(world, call, secretary).pk,
        }
        for kind, target in targets.items():
            found[kind].append(Placed(kind, target, grid))
        found["checklist"].append(Placed("checklist", "five_haves_one_grid", grid, within=grid))
    return found
