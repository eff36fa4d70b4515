"""A demo district is lived in: bodies with seats, key people by consent, who answers for whom, checklists."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

import pytest
from django.db import transaction
from django.db.models import Count, F, Q
from pytest_django.plugin import DjangoDbBlocker

from anlan.exercises.district.build import Built, build_district
from anlan.exercises.district.furnish import furnish_district
from anlan.foundation.actor import AreaRanges
from anlan.foundation.clock import day_of, utc_now
from anlan.foundation.scope import duty
from anlan.organisation.attributes import check_attributes
from anlan.organisation.models import (
    Area,
    BedCount,
    Body,
    CallUpReceipt,
    ChecklistAnswer,
    Decision,
    Facility,
    Member,
    Patch,
    Post,
    Seat,
    Vehicle,
)
from anlan.organisation.queries.bodies import body_templates, completeness_of, post_is_near, seats_held
from anlan.organisation.queries.checklists import checklists, states_of
from anlan.organisation.queries.registers import definitions_in_force, is_stale
from anlan.organisation.rules.bodies import DecisionState
from anlan.organisation.rules.checklists import ItemState
from anlan.people.models import Household, HouseholdAssignment, KeyPerson, Visit
from anlan.people.queries.care import kinds_of_key_people, service_needs
from anlan.people.queries.liaison import liaison_lines, roles_that_hold, seats_of
from anlan.people.rules.care import (
    LONGEST_NEED,
    CareBasis,
    ConsentBy,
    fits_age,
    is_below_guardian_age,
    names_illness,
    next_visit,
)
from tests.conftest import put_standard_pack_in_force
from tests.exercises.places import place_of

RESIDENTS, SEED = 4000, 3
NOW = utc_now()


def made(now: datetime) -> tuple[Built, dict[str, int]]:
    """Build and furnish the standard district in little."""
    place = place_of("standard")
    built = build_district(
        place.code, residents=RESIDENTS, seed=SEED, now=now, say=lambda _words: None, place=place
    )
    return built, furnish_district(built, seed=SEED, now=now)


@pytest.fixture(scope="module")
def furnished(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[tuple[Built, dict[str, int]]]:
    """The district, made once and rolled back."""
    with django_db_blocker.unblock():
        put_standard_pack_in_force()
    with django_db_blocker.unblock(), transaction.atomic():
        built, counts = made(NOW)
        with duty("build_district", ranges=AreaRanges.of([place_of("standard").code]), cause="test"):
            yield built, counts
        transaction.set_rollback(True)


def test_what_is_told_is_what_is_there(furnished: tuple[Built, dict[str, int]]) -> None:
    _built, counts = furnished

    assert counts["bodies"] == Body.objects.count()
    assert counts["key people"] == KeyPerson.objects.count() > RESIDENTS / 50
    assert counts["visits"] == Visit.objects.count()
    assert counts["assignments"] == HouseholdAssignment.objects.count()
    assert counts["answers"] == ChecklistAnswer.objects.count()


@pytest.mark.usefixtures("furnished")
def test_most_facilities_are_filled_in_and_found_true_and_not_all() -> None:
    definitions = definitions_in_force()
    facilities = list(Facility.objects.all())
    asked = [row for row in facilities if definitions.of("facility", row.kind)]

    for row in asked:
        checked = check_attributes(row.attributes, definitions.of("facility", row.kind))
        assert (checked.values, dict(checked.errors)) == (row.attributes, {})
        assert (row.verified_by == "") == (row.verified_on is None)
    lacking = [row for row in asked if definitions.missing("facility", row.kind, row.attributes)]
    assert 0 < len(lacking) < len(asked) / 2
    assert 0 < Facility.objects.filter(is_stale(definitions, day_of(NOW))).count() < len(facilities) / 2
    assert Vehicle.objects.exists() and BedCount.objects.exists()


@pytest.mark.usefixtures("furnished")
def test_every_template_of_the_pack_is_founded_where_it_belongs() -> None:
    kinds = {area.code: (area.level, area.kind) for area in Area.objects.all()}

    founded = Counter(Body.objects.values_list("template", flat=True))

    assert founded.keys() == body_templates().keys()
    for body in Body.objects.all():
        template, (level, kind) = body_templates()[body.template], kinds[body.area_code]
        assert template.level == level
        assert not template.area_kinds or kind in template.area_kinds
        assert (body.reason != "") == (template.kind == "on_activation")


@pytest.mark.usefixtures("furnished")
def test_seats_are_taken_by_posts_that_fit_and_most_bodies_are_complete_not_all() -> None:
    bodies = list(Body.objects.all())
    held = seats_held(bodies, now=NOW)
    posts = {row.pk: row for row in Post.objects.prefetch_related("post_ranges")}

    for body in bodies:
        slots = {slot.key: slot for slot in body_templates()[body.template].slots}
        sitting = [member.pk for row in held[body.pk] for member in row.holders]
        assert len(sitting) == len(set(sitting)) > 0
        for row in held[body.pk]:
            assert row.holders
            assert row.seat.post_id is not None
            post = posts[row.seat.post_id]
            assert post_is_near(post, body.area_code)
            assert not slots[row.seat.slot].posts or post.role in slots[row.seat.slot].posts
    complete = [row for row in bodies
                if completeness_of(body_templates()[row.template], held[row.pk]).is_complete]  # fmt: skip
    assert len(bodies) / 2 < len(complete) < len(bodies)


@pytest.mark.usefixtures("furnished")
def test_district_and_a_community_met_decided_and_were_called_up() -> None:
    decisions = list(Decision.objects.select_related("meeting__body", "accountable"))
    receipts = list(CallUpReceipt.objects.select_related("call_up"))

    states = Counter((len(row.area_code), row.state) for row in decisions)
    assert states == {(n, s): 1 for n in (6, 12) for s in (DecisionState.OPEN, DecisionState.DONE)}
    assert sum(row.state == "open" and row.due_on < day_of(NOW) for row in decisions) == 1
    assert all(post_is_near(row.accountable, row.area_code) for row in decisions)
    assert len({row.call_up_id for row in receipts}) == 2
    assert all(row.answered_at and row.told_at <= row.answered_at <= row.due_at for row in receipts)
    assert all(row.call_up.closed_at for row in receipts)
    assert Counter(row.answer for row in receipts)["cannot"] == 2


@pytest.mark.usefixtures("furnished")
def test_key_people_stand_there_by_the_rules_of_consent() -> None:
    kinds, today = kinds_of_key_people(), day_of(NOW)
    entries = list(KeyPerson.objects.select_related("resident"))

    assert {row.kind for row in entries} == kinds.keys()
    for row in entries:
        kind = kinds[row.kind]
        assert row.area_code == row.resident.area_code
        assert row.basis == kind.basis == CareBasis.CONSENT.value
        assert row.given_on <= today
        assert row.consent_until is not None
        assert (row.consent_until - row.given_on).days == kind.consent_valid_days
        is_child = is_below_guardian_age(row.resident.birth_on, today)
        assert row.given_by == (ConsentBy.GUARDIAN if is_child else ConsentBy.SELF)
        assert fits_age(row.resident.birth_on, kind.min_age_years, kind.max_age_years, today)
        assert row.service in service_needs()
        assert len(row.need) <= LONGEST_NEED
        assert not names_illness(row.need)
        rhythm = row.visit_every_days or kind.visit_every_days
        assert row.due_on == next_visit(row.last_visited_on or row.given_on, rhythm)
    late = sum(row.due_on < today for row in entries)
    assert 0 < late < len(entries) / 3


@pytest.mark.usefixtures("furnished")
def test_the_last_visit_is_on_record_by_somebody_of_the_place() -> None:
    visited = KeyPerson.objects.exclude(last_visited_on=None)
    noted = set(Visit.objects.values_list("resident", "on"))

    assert set(visited.values_list("resident", "last_visited_on")) == noted
    posts = set(Post.objects.values_list("pk", flat=True))
    assert {row.post_id for row in Visit.objects.all()} <= posts
    assert not Visit.objects.filter(Q(noted_at__gt=NOW) | ~Q(area_code=F("resident__area_code"))).exists()


@pytest.mark.usefixtures("furnished")
def test_whoever_answers_for_a_household_may_and_is_near_and_has_not_too_many() -> None:
    rows = list(HouseholdAssignment.objects.select_related("household", "post", "holder"))
    posts = {row.pk: row for row in Post.objects.prefetch_related("post_ranges")}
    lines = liaison_lines()

    loads = Counter((row.line, row.holder_id) for row in rows)
    assert {row.line for row in rows} == lines.keys() - {"deputy"}  # the district has no deputies on record
    assert all(count <= lines[line].most_per_holder for (line, _holder), count in loads.items())
    for row in rows:
        assert row.post_id is not None
        roles, post = roles_that_hold(lines[row.line], row.slot), posts[row.post_id]
        assert row.area_code == row.household.area_code
        assert not roles or post.role in roles
        assert (row.slot != "") == bool(seats_of(lines[row.line]))
        community = row.area_code[:12]
        assert post.area_code.startswith(community) or post_is_near(post, community)


@pytest.mark.usefixtures("furnished")
def test_some_households_have_nobody_and_some_two() -> None:
    held = HouseholdAssignment.objects.filter(line="contract_household")
    doubled = held.values("household").annotate(holders=Count("pk")).filter(holders__gt=1).count()

    covered = held.values("household").distinct().count()
    assert 0 < doubled < covered / 10
    assert 0 < covered < Household.objects.count()


@pytest.mark.usefixtures("furnished")
def test_checklists_are_answered_some_unmet_and_some_stale() -> None:
    by_subject: dict[tuple[str, str, object], list[ChecklistAnswer]] = {}
    for answer in ChecklistAnswer.objects.all():
        by_subject.setdefault((answer.checklist, answer.area_code, answer.facility_id), []).append(answer)

    states = Counter(
        state
        for (listed, _area, _unit), answers in by_subject.items()
        for state in states_of(checklists()[listed], answers, now=NOW).values()
    )

    assert {listed for listed, _area, _unit in by_subject} == checklists().keys()
    assert {"met", "not_met", "stale"} <= {str(state) for state in states} <= {
        "met", "not_met", "stale", "unanswered"
    }  # fmt: skip
    assert states[ItemState.MET] > sum(states.values()) / 2


def test_the_grids_of_one_community_make_two_patches_headed_from_within(
    furnished: tuple[Built, dict[str, int]],
) -> None:
    built, counts = furnished
    west, east = Patch.objects.select_related("head").order_by("-name")
    own = {patch: set(patch.grids.values_list("code", flat=True)) for patch in (west, east)}

    assert counts["patches"] == len(own)
    assert not own[west] & own[east]
    ordinary = {grid.code for grid in built.layout.grids if not grid.is_special}
    assert own[west] | own[east] == {code for code in ordinary if code.startswith(west.area_code)}
    for patch, codes in own.items():
        assert patch.head is not None
        assert patch.head.area_code in codes


@pytest.mark.django_db
@pytest.mark.usefixtures("standard_pack")
def test_the_same_seed_furnishes_the_same_and_takes_nobody_on() -> None:
    def drawn() -> list[object]:
        with transaction.atomic():
            made(NOW)
            with duty("build_district", ranges=AreaRanges.of([place_of("standard").code]), cause="test"):
                rows: list[object] = [
                    sorted(Body.objects.values_list("pk", "area_code", "template")),
                    sorted(Seat.objects.values_list("pk", "slot", "post", "is_lead")),
                    sorted(KeyPerson.objects.values_list("pk", "resident", "kind", "due_on")),
                    sorted(HouseholdAssignment.objects.values_list("pk", "household", "holder")),
                    sorted(ChecklistAnswer.objects.values_list("pk", "item", "is_met")),
                    [Member.objects.count()],
                ]
            transaction.set_rollback(True)
        return rows

    first = drawn()

    assert first == drawn()
    assert all(first)
