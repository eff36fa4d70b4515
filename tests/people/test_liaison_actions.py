"""Who answers for which household: many at once with a counted outcome, ended, handed over, refused."""

from typing import Any

import pytest

from anlan.foundation.actor import AreaRanges
from anlan.foundation.clock import day_of
from anlan.foundation.errors import NotAllowed, NotFound
from anlan.foundation.ids import new_id
from anlan.foundation.models import AuditEntry
from anlan.foundation.scope import duty, scope
from anlan.people.actions import (
    AssignmentChanged,
    AssignmentInvalid,
    NewHolder,
    NotAgreed,
    Outcome,
    assign_households,
    end_assignment,
    hand_over_assignments,
    homes_in,
)
from anlan.people.models import HouseholdAssignment
from anlan.people.queries.liaison import (
    Coverage,
    access_line,
    coverage_below,
    homes_of_line,
    loads_of_holders,
    who_answers_for,
    who_may_hold,
)
from anlan.people.queries.workload import workload_below
from tests.people.caring import arrival, assignment, key_person
from tests.world import DISTRICT, GRID_A, GRID_B, GRID_D, GRIDS, NORTH, SOUTH, SPRING, World

pytestmark = pytest.mark.django_db
WHOLE = AreaRanges.of([DISTRICT])
LINE = "contract_household"


def assign(world: World, homes: list[Any], holder: str = "wang", by: str = "kong", **given: Any) -> Outcome:
    actor, line = world.actor(by), given.pop("line", LINE)
    with scope(actor):
        return assign_households(
            actor=actor,
            holder=NewHolder(line, world.members[holder].pk, **given),
            household_ids=[home.pk for home in homes],
            now=world.now,
        )


def hand_over(world: World, to: str, by: str = "kong", **given: Any) -> Outcome:
    actor = world.actor(by)
    with scope(actor):
        return hand_over_assignments(
            actor=actor,
            from_id=world.members["wang"].pk,
            holder=NewHolder(given.get("line", LINE), world.members[to].pk, reason="离岗交接"),
            area_code=given.get("area_code", SPRING),
            now=world.now,
        )


def test_many_households_are_assigned_once_and_every_one_is_counted(world: World) -> None:
    homes = [*world.households[GRID_A], *world.households[GRID_B]]
    foreign = world.households[GRID_D][0]

    first = assign(world, [*homes, foreign])
    again = assign(world, [*homes, foreign])

    assert first == Outcome(done=8, already=0, refused=1)
    assert again == Outcome(done=0, already=8, refused=1)
    with scope(world.actor("kong")):
        rows = HouseholdAssignment.objects.all()
        assert {(row.area_code, row.post_id) for row in rows} == {
            (GRID_A, world.posts["wang"].pk), (GRID_B, world.posts["wang"].pk),
        }  # fmt: skip
    with duty("answer_audit", ranges=WHOLE, cause="test"):
        entries = AuditEntry.objects.filter(verb="assign_households")
        assert [entry.detail["done"] for entry in entries] == [8]


@pytest.mark.parametrize("handle", ["wang", "tao", "zheng", "zhao"])
def test_posts_that_do_not_lead_grid_work_assign_nobody(world: World, handle: str) -> None:
    with pytest.raises(NotAllowed):
        assign(world, world.households[GRID_A], by=handle)


def test_a_line_is_held_by_those_whose_duty_it_is(world: World) -> None:
    with pytest.raises(AssignmentInvalid) as refused:
        assign(world, world.households[GRID_A], holder="zhou")
    assert list(refused.value.fields) == ["member"]
    assert assign(world, world.households[GRID_A], holder="zhou", line="party_member").done == 4
    with pytest.raises(NotFound):
        assign(world, world.households[GRID_A], line="no_such_line")
    with pytest.raises(AssignmentInvalid):
        assign(world, [])


def test_a_family_doctor_is_assigned_only_to_households_that_signed(world: World) -> None:
    homes = world.households[GRID_D]

    with pytest.raises(NotAgreed):
        assign(world, homes, holder="feng", by="bai", line="family_doctor")
    done = assign(world, homes, holder="feng", by="bai", line="family_doctor", have_agreed=True)
    assert done.done == 4


def test_a_team_of_five_covers_a_household_only_with_every_seat_taken(world: World) -> None:
    home, kong = world.households[GRID_A][1], world.actor("kong")
    key_person(world, world.resident("赵秀兰"))
    seats = {"cadre": "tao", "grid": "wang", "police": "han", "volunteer": "shi"}
    with pytest.raises(AssignmentInvalid):
        assign(world, [home], line="five_on_one")
    for seat, holder in seats.items():
        assert assign(world, [home], holder=holder, line="five_on_one", seat=seat).done == 1

    def covered() -> list[Coverage]:
        with scope(kong):
            return coverage_below(kong, access_line("five_on_one"), SPRING, today=day_of(world.now))

    assert covered() == [Coverage(GRID_A, homes=1, covered=0, partly=1, doubled=0)]
    assert assign(world, [home], holder="kong", line="five_on_one", seat="cadre").refused == 1
    assert assign(world, [home], holder="zheng", line="five_on_one", seat="medic").done == 1
    assert covered() == [Coverage(GRID_A, homes=1, covered=1, partly=0, doubled=0)]


def test_coverage_counts_households_gaps_and_doubles_of_each_area_below(world: World) -> None:
    assign(world, world.households[GRID_A][:3])
    assign(world, world.households[GRID_A][:1], holder="liu")
    kong, qian, today = world.actor("kong"), world.actor("qian"), day_of(world.now)
    with scope(kong):
        line = access_line(LINE)
        below = coverage_below(kong, line, SPRING, today=today)
        assert [(row.area_code, row.homes, row.covered, row.uncovered, row.doubled) for row in below] == [
            (GRID_A, 4, 3, 1, 1), (GRID_B, 4, 0, 4, 0),
        ]  # fmt: skip
        assert (below[0].percent, below[1].percent) == (75, 0)
        missing = homes_of_line(kong, line, area_code=GRID_A, today=today, view="uncovered")
        double = homes_of_line(kong, line, area_code=GRID_A, today=today, view="double")
        assert [row.pk for row in missing] == [world.households[GRID_A][3].pk]
        assert [row.pk for row in double] == [world.households[GRID_A][0].pk]
        loads = loads_of_holders(kong, line, SPRING)
        assert (loads.holders, loads.only_over) == (2, False)
        assert sorted((load.member.name, load.homes, load.is_over) for load in loads.rows) == [
            ("刘洋", 1, False), ("王芳", 3, False),
        ]  # fmt: skip
        with pytest.raises(NotFound):
            coverage_below(kong, line, SOUTH, today=today)
        with pytest.raises(NotFound):
            coverage_below(kong, line, "", today=today)
    with scope(qian):
        above = coverage_below(qian, line, NORTH, today=today)
        assert (above[0].area_code, above[0].homes, above[0].covered) == (SPRING, 8, 3)


def test_too_many_households_for_one_holder_are_said(world: World) -> None:
    qian, line = world.actor("qian"), "centre_household"
    homes = [home for grid in GRIDS[:3] for home in world.households[grid]]
    for home in homes:
        assignment(world, home, "shi", line)
    with scope(qian):
        [load] = loads_of_holders(qian, access_line(line), NORTH).rows
        assert (load.homes, load.is_over) == (12, False)
        tight = access_line(line).model_copy(update={"most_per_holder": 11})
        assert loads_of_holders(qian, tight, NORTH).rows[0].is_over


def test_of_very_many_holders_those_alone_are_listed_who_have_too_many(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("anlan.people.queries.liaison.MOST_HOLDERS_LISTED", 1)
    for home in world.households[GRID_A][:3]:
        assignment(world, home, "shi", LINE)
    assignment(world, world.households[GRID_B][0], "wang", LINE)
    tight = access_line(LINE).model_copy(update={"most_per_holder": 2})
    qian = world.actor("qian")
    with scope(qian):
        loads = loads_of_holders(qian, tight, NORTH)

    assert (loads.holders, loads.only_over) == (2, True)
    assert [load.member for load in loads.rows] == [world.members["shi"]]


def test_an_assignment_ends_once_with_a_reason(world: World) -> None:
    home, kong, wang = world.households[GRID_A][0], world.actor("kong"), world.actor("wang")
    assign(world, [home])
    with scope(kong):
        row = HouseholdAssignment.objects.get()
        asked = {"assignment_id": row.pk, "now": world.now}
        with pytest.raises(AssignmentInvalid):
            end_assignment(actor=kong, expected_version=1, reason=" ", **asked)
        with pytest.raises(AssignmentChanged):
            end_assignment(actor=kong, expected_version=7, reason="搬走", **asked)
        ended = [end_assignment(actor=kong, expected_version=1, reason="搬走", **asked) for _t in (1, 2)]
        assert [one.version for one in ended] == [2, 2]
        assert who_answers_for(kong, home) == []
        with pytest.raises(NotFound):
            end_assignment(
                actor=kong, assignment_id=new_id(), expected_version=1, reason="搬走", now=world.now
            )
    with scope(wang), pytest.raises(NotAllowed):
        end_assignment(actor=wang, expected_version=1, reason="搬走", **asked)


def test_all_of_one_members_households_go_to_another_at_one_moment(world: World) -> None:
    assign(world, [*world.households[GRID_A], *world.households[GRID_B]])
    assign(world, world.households[GRID_A][:1], holder="liu")

    first, again = (hand_over(world, "liu") for _time in (1, 2))

    assert first == Outcome(done=7, already=1, refused=0)
    assert again == Outcome(0, 0, 0)
    with scope(world.actor("kong")):
        live = HouseholdAssignment.objects.filter(ends_at=None)
        assert set(live.values_list("holder", flat=True)) == {world.members["liu"].pk}
        assert live.count() == 8
        ended = HouseholdAssignment.objects.exclude(ends_at=None)
        assert set(ended.values_list("ends_at", "end_reason", "version")) == {(world.now, "离岗交接", 2)}


def test_a_hand_over_stays_inside_its_area_and_goes_to_somebody_else(world: World) -> None:
    assign(world, [*world.households[GRID_A], *world.households[GRID_B]])

    assert hand_over(world, "liu", area_code=GRID_A).done == 4
    with pytest.raises(AssignmentInvalid):
        hand_over(world, "wang")
    with pytest.raises(AssignmentInvalid):
        hand_over(world, "liu", area_code=SOUTH)
    with pytest.raises(NotAllowed):
        hand_over(world, "liu", by="tao")


def test_households_are_chosen_by_building_and_where_nobody_answers_yet(world: World) -> None:
    kong, first = world.actor("kong"), world.buildings[GRID_A][0]
    assign(world, world.households[GRID_A][:1])
    with scope(kong):
        chosen = {"area_code": GRID_A, "line": LINE, "now": world.now}
        assert len(homes_in(kong, building_ids=[], only_uncovered=False, **chosen)) == 4
        assert homes_in(kong, building_ids=[first.pk], only_uncovered=True, **chosen) == [
            world.households[GRID_A][1].pk
        ]
        with pytest.raises(NotFound):
            homes_in(kong, area_code=GRID_D, building_ids=[], line=LINE, only_uncovered=False, now=world.now)


def test_who_may_hold_a_line_is_found_by_duty_and_name(world: World) -> None:
    kong = world.actor("kong")
    with scope(kong):
        line, team = access_line(LINE), access_line("five_on_one")
        assert {row.member.name for row in who_may_hold(kong, line, now=world.now)} == {
            "王芳", "刘洋", "侯勇", "杜鹃", "高远", "石磊",
        }  # fmt: skip
        assert [row.member.name for row in who_may_hold(kong, line, words="王", now=world.now)] == ["王芳"]
        assert [row.member.name for row in who_may_hold(kong, team, "police", now=world.now)] == ["韩冰"]


def test_the_work_of_a_grid_is_shared_among_its_workers_and_grows_with_arrivals(world: World) -> None:
    kong, today = world.actor("kong"), day_of(world.now)
    key_person(world, world.resident("赵秀兰"))
    arrival(world, world.resident("陈大明", GRID_A))
    with scope(kong):
        grid_a, grid_b = workload_below(kong, SPRING, now=world.now, today=today)

        assert (grid_a.workers, grid_a.homes_each, grid_a.visits_each, grid_a.arrivals) == (1, 4, 1, 1)
        assert (grid_b.key_people, grid_b.due, grid_b.arrivals) == (0, 0, 0)
        with pytest.raises(NotFound):
            workload_below(kong, GRID_D, now=world.now, today=today)
