"""Roll-ups of the register: whatever changes, what is shown is what the rows say, at every moment."""

from collections.abc import Callable
from random import Random
from threading import Barrier, Thread

import pytest
from django.db import connections, transaction

from anlan.foundation.actor import AreaRanges
from anlan.foundation.clock import utc_now
from anlan.foundation.scope import duty
from anlan.people.actions import count_grids
from anlan.people.models import Household, HouseholdAssignment, Recount, Resident
from anlan.people.queries.totals import totals_below
from tests.people.counting import GRID_DIGITS, counted, shown
from tests.proof import Proof
from tests.world import DISTRICT, GRID_A, GRID_B, GRIDS, World

pytestmark = pytest.mark.django_db
WHOLE = AreaRanges.of([DISTRICT])
LINES = ("contract_household", "five_on_one")
HOLDERS = ("wang", "shi", "kong")
SEATS = ("grid", "party", "doctor")
STEPS_A_SEQUENCE = 12


def by_clock() -> int:
    with duty("keep_clocks", ranges=WHOLE, cause="test"):
        return count_grids(now=utc_now())


def changes(world: World, random: Random) -> list[Callable[[], object]]:
    """Return what may happen to a household, a resident or an assignment."""
    homes = list(Household.objects.order_by("pk"))
    people = list(Resident.objects.order_by("pk"))
    held = list(HouseholdAssignment.objects.filter(ends_at=None).order_by("pk"))
    home, grid, line = random.choice(homes), random.choice(GRIDS), random.choice(LINES)

    def assign() -> None:
        taken = HouseholdAssignment.objects.filter(household=home, line=line, ends_at=None)
        free = set(HOLDERS) - {
            handle for handle in HOLDERS if taken.filter(holder=world.members[handle]).exists()
        }
        seats = [seat for seat in SEATS if not taken.filter(slot=seat).exists()]
        if free:
            HouseholdAssignment.objects.create(
                area_code=home.area_code, household=home, line=line, starts_at=world.now,
                holder=world.members[random.choice(sorted(free))],
                slot=random.choice(seats) if line == "five_on_one" and seats else "",
            )  # fmt: skip

    def move_home() -> None:
        for model, named in ((Household, "pk"), (Resident, "household"), (HouseholdAssignment, "household")):
            model.objects.filter(**{named: home.pk}).update(area_code=grid)

    possible: list[Callable[[], object]] = [
        assign,
        assign,
        move_home,
        lambda: Household.objects.create(area_code=grid, room="909", unit=9),
        lambda: Household.objects.filter(pk=home.pk).update(version=home.version + 1),  # counts alike
        lambda: Resident.objects.create(area_code=grid, name="新来"),
        lambda: Resident.objects.filter(pk=random.choice(people).pk).update(area_code=grid),
    ]
    if held:
        possible += [
            lambda: HouseholdAssignment.objects.filter(pk=random.choice(held).pk).update(ends_at=utc_now()),
            lambda: HouseholdAssignment.objects.filter(pk=random.choice(held).pk).delete(),
        ]
    return possible


@pytest.mark.proof(test=3, prove=100)
def test_what_is_shown_equals_a_count_of_the_rows(world: World, proof: Proof) -> None:
    for sequence in proof.steps():
        for _step in range(STEPS_A_SEQUENCE):
            with duty("redraw", ranges=WHOLE, cause="test"), transaction.atomic():
                sequence.random.choice(changes(world, sequence.random))()
                assert shown() == counted()
            if sequence.random.random() < 0.4:
                by_clock()
            with duty("redraw", ranges=WHOLE, cause="test"):
                assert shown() == counted()


def test_the_clock_counts_each_changed_place_once(world: World) -> None:
    by_clock()
    with duty("redraw", ranges=WHOLE, cause="test"):
        for room in ("901", "902"):
            Household.objects.create(area_code=GRID_A, room=room)
        Household.objects.filter(area_code=GRID_B).update(room="1")

    assert (by_clock(), by_clock()) == (1, 0)
    with duty("redraw", ranges=WHOLE, cause="test"):
        assert not Recount.objects.exists()
        assert totals_below(GRID_A, digits=GRID_DIGITS)[GRID_A].households == 6


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_change_that_is_not_yet_over_when_the_clock_counts_is_counted_the_next_time(world: World) -> None:
    by_clock()
    changed, was_counted = Barrier(2), Barrier(2)

    def register() -> None:
        try:
            with transaction.atomic(), duty("redraw", ranges=WHOLE, cause="test"):
                Household.objects.create(area_code=GRID_A, room="903")
                changed.wait(30)
                was_counted.wait(30)
        finally:
            connections.close_all()

    beside = Thread(target=register)
    beside.start()
    changed.wait(30)
    assert by_clock() == 0
    was_counted.wait(30)
    beside.join(30)

    for _before_the_clock_and_after in range(2):
        with transaction.atomic(), duty("redraw", ranges=WHOLE, cause="test"):
            assert shown() == counted()
            assert totals_below(GRID_A, digits=GRID_DIGITS)[GRID_A].households == 5
        by_clock()


def test_nobody_reads_the_counts_of_a_place_out_of_range(world: World) -> None:
    by_clock()
    with duty("redraw", ranges=AreaRanges.of([GRID_A]), cause="test"):
        assert list(totals_below(DISTRICT, digits=GRID_DIGITS)) == [GRID_A]
