"""Large places: more grids than workers, communities that are nearly full, the district to measure with."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker

from anlan.exercises.district.build import Built, build_district
from anlan.exercises.district.layout import lay_out
from anlan.exercises.district.sign_ins import SignIn, give_sign_ins
from anlan.exercises.pack import MEAN_GRID_WORKERS, Place
from anlan.foundation.actor import AreaRanges
from anlan.foundation.clock import utc_now
from anlan.foundation.packs import read_pack
from anlan.foundation.scope import duty
from tests.exercises.places import place_of

LARGE = Path(__file__).parents[2] / "bench" / "large"
GRIDS_EACH = 3
NEARLY_FULL = 108 * MEAN_GRID_WORKERS  # grids


@pytest.fixture(scope="module")
def shared(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[tuple[Built, list[SignIn]]]:
    """The standard district in little, where a grid worker has three grids; rolled back."""
    place, now = place_of("standard").model_copy(update={"grids_each": GRIDS_EACH}), utc_now()
    with django_db_blocker.unblock(), transaction.atomic():
        built = build_district(
            place.code, residents=1000, seed=3, now=now, say=lambda _words: None, place=place
        )
        with duty("build_district", ranges=AreaRanges.of([place.code]), cause="test"):
            yield built, give_sign_ins(built.layout, built.staff, now)
        transaction.set_rollback(True)


def test_the_district_to_measure_with_has_the_size_that_issue_e_names() -> None:
    place = read_pack(LARGE).bodies(Place)[0]

    own = sum(line.count for line in place.at("own_grid"))
    reserved = sum(row.grids for row in place.reserved)

    assert place.residents == 1_000_000
    assert place.grids + own + reserved == 5000


def test_grids_are_evened_out_where_communities_are_nearly_full() -> None:
    place = place_of("standard").model_copy(update={"grids": NEARLY_FULL})

    layout = lay_out(place.code, np.random.default_rng(3), place)

    sizes = Counter(grid.code[:12] for grid in layout.grids if grid.use in ("residential", "village"))
    assert sum(sizes.values()) == NEARLY_FULL
    assert max(sizes.values()) == place.most_grids


def test_every_grid_has_a_post_and_a_worker_at_most_three_grids_of_one_community(
    shared: tuple[Built, list[SignIn]],
) -> None:
    built, _sign_ins = shared
    held = defaultdict(list)
    for row in built.staff.appointments:
        if row.post.role == "grid_worker":
            held[row.member_id].append(row.post.area_code)

    grids = [grid.code for grid in built.layout.grids if not grid.is_special]
    assert sorted(code for codes in held.values() for code in codes) == sorted(grids)
    assert max(len(codes) for codes in held.values()) == GRIDS_EACH
    assert all(len({code[:12] for code in codes}) == 1 for codes in held.values())
    assert len(held) == sum(
        -(-count // GRIDS_EACH) for count in Counter(code[:12] for code in grids).values()
    )


def test_the_worker_next_door_is_somebody_else(shared: tuple[Built, list[SignIn]]) -> None:
    _built, sign_ins = shared

    by_name = {row.username: row for row in sign_ins}

    assert by_name["liu.grid"].name != by_name["wang.grid"].name
