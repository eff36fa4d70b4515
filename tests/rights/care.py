"""Objects of care in grids near and far: entries of key people, who answers for households, arrivals."""

from anlan.people.models import Household, Resident
from tests.people.caring import arrival, assignment, key_person
from tests.rights.placing import Placed
from tests.world import GRID_B, GRID_D, World

NAMES = {GRID_B: "王伟", GRID_D: "孙丽"}
LINE = "party_member"


def care_of(world: World) -> dict[str, list[Placed]]:
    """Return an entry of a key person and an assignment of each grid; arrivals are made beside them."""
    entries, held = [], []
    for grid, name in NAMES.items():
        person: Resident = world.resident(name, grid)
        home: Household = world.households[grid][0]
        arrival(world, person)
        entries.append(Placed("key_person", key_person(world, person, kind="disabled").pk, grid))
        held.append(Placed("assignment", assignment(world, home, "shi", LINE).pk, grid))
    return {"key_person": entries, "assignment": held}
