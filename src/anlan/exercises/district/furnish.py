"""Lets a district that was built be lived in: bodies, key people, who answers for whom, checklists.

It comes after the sign-ins, for what is written down names people as they are called then.
"""

from datetime import datetime

from django.db import transaction

from anlan.exercises.district.answers import store_answers
from anlan.exercises.district.bodies import store_bodies
from anlan.exercises.district.build import SINCE, Built
from anlan.exercises.district.contracts import store_assignments
from anlan.exercises.district.furnished import Furnished
from anlan.exercises.district.gatherings import store_gatherings
from anlan.exercises.district.looked_in_on import store_key_people
from anlan.exercises.district.patched import store_patches
from anlan.foundation import audit
from anlan.foundation.actor import AreaRanges
from anlan.foundation.pack_store import NoPackInForce, pack_in_force
from anlan.foundation.scope import duty


def furnish_district(built: Built, *, seed: int, now: datetime) -> dict[str, int]:
    """Store what the pack in force arranges, and return how much of each; nothing where no pack is."""
    try:
        version = pack_in_force().version
    except NoPackInForce:
        return {}
    ground = Furnished(
        built.layout, built.units, built.staff, built.people, built.houses,
        ids=built.ids, seed=seed, since=now - SINCE, now=now, version=version,
    )  # fmt: skip
    code = built.layout.code
    with transaction.atomic(), duty("build_district", ranges=AreaRanges.of([code]), cause=f"seed {seed}"):
        bodies = store_bodies(ground)
        meetings, calls = store_gatherings(ground, bodies)
        entries, visits = store_key_people(ground)
        counts = {
            "bodies": len(bodies),
            "meetings": meetings,
            "calls": calls,
            "key people": len(entries),
            "visits": visits,
            "assignments": store_assignments(ground, entries),
            "answers": store_answers(ground),
            "patches": store_patches(ground),
        }
        audit.record("build_district", "organisation.Body", area_code=code, detail=counts)
    return counts
