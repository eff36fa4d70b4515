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
from anlan.foundation.actor import AreaRanges
from anlan.foundation.packs import LIBRARY, read_pack
from anlan.foundation.scope import duty

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
