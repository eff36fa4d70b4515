"""A small place of a pack for tests: loaded, made and rolled back."""

from collections.abc import Iterator
from functools import lru_cache
from io import StringIO
from pathlib import Path

from django.core.management import call_command
from django.db import transaction
from django.test import override_settings
from pytest_django.plugin import DjangoDbBlocker

from anlan.exercises.pack import Place
from anlan.foundation.actor import Actor, AreaRanges
from anlan.foundation.clock import utc_now
from anlan.foundation.ids import new_id
from anlan.foundation.packs import LIBRARY, read_pack
from anlan.foundation.scope import duty
from anlan.organisation.queries.mechanisms import MechanismNow, mechanisms_now

RESIDENTS = 2000


@lru_cache
def place_of(name: str) -> Place:
    """Return the place of a pack that comes with the product."""
    return read_pack(LIBRARY / name).bodies(Place)[0]


def built(name: str, folder: Path, blocker: DjangoDbBlocker) -> Iterator[Place]:
    """Load a pack and make its place, in a scope that covers it."""
    place = place_of(name)
    with blocker.unblock(), override_settings(DATA_DIR=folder, PACK=name), transaction.atomic():
        call_command("load_pack", stdout=StringIO())
        call_command("create_district", residents=RESIDENTS, seed=5, stdout=StringIO())
        with duty("build_district", ranges=AreaRanges.of([place.code]), cause="test"):
            yield place
        transaction.set_rollback(True)


def mechanisms_of(place: Place) -> dict[str, MechanismNow]:
    """Return what the mechanisms of the pack come to for somebody who leads the whole county."""
    actor = Actor(
        account_id=new_id(),
        member_id=new_id(),
        member_name="",
        appointment_id=new_id(),
        post_id=new_id(),
        post_title="",
        role="district_commander",
        area_code=place.code,
        area_name=place.name,
        ranges=AreaRanges.of([place.code]),
        purposes=frozenset({"lead"}),
    )
    return {row.mechanism.key: row for row in mechanisms_now(actor, now=utc_now())}


def counts_of(row: MechanismNow) -> list[int | None]:
    """Return how many there are of each part of a mechanism."""
    return [part.tally.count if part.tally else None for part in row.parts]
