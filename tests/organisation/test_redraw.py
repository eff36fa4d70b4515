"""Splitting, merging, moving, recoding, founding areas: nobody is lost, rights follow, all can be undone."""

from datetime import timedelta

import pytest

from anlan.foundation.actor import Actor, AreaRanges
from anlan.foundation.clock import utc_now
from anlan.foundation.errors import Invalid, NotAllowed, NotFound
from anlan.foundation.ids import new_id
from anlan.foundation.scope import duty, scope
from anlan.organisation.actions import declare_link
from anlan.organisation.actions.carry_redraws import (
    TwiceRegistered,
    carry_out_redraws,
    gather_stragglers,
)
from anlan.organisation.actions.redraws import (
    order_redraw,
    preview_redraw,
    withdraw_redraw,
)
from anlan.organisation.models import Area, AreaShape, Facility
from anlan.organisation.queries import access_area, neighbours_of, posts_of_account
from anlan.organisation.queries.outlines import polygon_of
from anlan.organisation.queries.redraws import code_now, posts_at, visible_redraws
from anlan.organisation.redrawing.making import Part
from anlan.organisation.redrawing.wishes import Wish
from anlan.organisation.rules import RedrawKind, RedrawState
from anlan.people.models import Enrolment, Household, Resident, SearchToken
from tests.organisation.acting import facts
from tests.organisation.redrawing import everything_in_place, parting, split_off, undone, wished
from tests.world import (
    BRIDGE,
    DISTRICT,
    FIELD,
    GRID_A,
    GRID_B,
    GRID_C,
    GRID_D,
    NORTH,
    SCHOOL_GRID,
    SOUTH,
    SPRING,
    World,
)

NEW_GRID = SPRING + "003"


@pytest.fixture
def second_building(world: World) -> Wish:
    """Grid A parted: the second building goes to a new grid."""
    return parting(world)


def names_seen(actor: Actor) -> set[str]:
    with scope(actor):
        return set(Resident.objects.values_list("name", flat=True))


def lying_in(code: str) -> set[str]:
    with duty("redraw", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        return set(Resident.objects.filter(area_code=code).values_list("name", flat=True))


def test_people_of_a_building_go_with_it(world: World, second_building: Wish) -> None:
    before = lying_in(GRID_A)

    redraw = wished(world, "qian", second_building)

    assert redraw.state == RedrawState.DONE
    assert lying_in(GRID_A) | lying_in(NEW_GRID) == before
    assert lying_in(NEW_GRID) == {"欧阳建国", "单玉珍", "龚𬀪"}
    with duty("redraw", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        assert not Household.objects.exclude(building__area_code=GRID_A).filter(area_code=GRID_A).exists()
        moved = Resident.objects.filter(area_code=NEW_GRID).values("pk")
        assert not SearchToken.objects.filter(resident__in=moved).exclude(area_code=NEW_GRID).exists()
        assert Enrolment.objects.get(resident__name="陈晓雯").area_code == GRID_A


def test_the_worker_of_the_old_grid_no_longer_sees_who_left_it(world: World, second_building: Wish) -> None:
    assert "龚𬀪" in names_seen(world.actor("wang"))

    wished(world, "qian", second_building)

    assert "龚𬀪" not in names_seen(world.actor("wang"))
    assert "龚𬀪" in names_seen(world.actor("qian"))


def test_a_preview_counts_what_the_act_moves_and_changes_nothing(world: World, second_building: Wish) -> None:
    before, qian = everything_in_place(), world.actor("qian")

    with scope(qian):
        preview = preview_redraw(actor=qian, wish=second_building, now=utc_now())

    assert everything_in_place() == before
    assert preview.found.ways["people.Resident", GRID_A, NEW_GRID] == 3
    assert preview.found.counts == wished(world, "qian", second_building).counts


def test_merging_joins_people_posts_borders_and_outline(world: World) -> None:
    before = everything_in_place()
    everyone = lying_in(GRID_A) | lying_in(GRID_B)

    redraw = wished(
        world, "qian", Wish(kind=RedrawKind.MERGE, code=GRID_A, others=(GRID_B,), name="春泉大网格")
    )

    assert lying_in(GRID_A) == everyone
    assert code_now(GRID_B) == GRID_A
    assert world.actor("liu").ranges.codes == (GRID_A,)
    assert neighbours_of(GRID_A, now=utc_now()) == [(SCHOOL_GRID, "border"), (GRID_C, "border")]
    area = access_area(GRID_A, now=utc_now())
    assert area.name == "春泉大网格"
    assert polygon_of(AreaShape.objects.get(area=area).rings).area == pytest.approx(20_000)
    undone(world, "qian", redraw)
    assert everything_in_place() == before


def test_one_number_in_both_grids_is_merged_first(world: World) -> None:
    with duty("redraw", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        twin = Resident.objects.filter(area_code=GRID_A, id_number_hash__isnull=False).first()
        assert twin is not None
        Resident.objects.filter(name="王伟").update(id_number_hash=twin.id_number_hash)
    before = everything_in_place()

    with pytest.raises(TwiceRegistered):
        wished(world, "qian", Wish(kind=RedrawKind.MERGE, code=GRID_A, others=(GRID_B,)))

    assert everything_in_place() == before


def test_a_community_moves_with_all_below_it(world: World) -> None:
    before = everything_in_place()

    redraw = wished(world, "mei", Wish(kind=RedrawKind.MOVE, code=BRIDGE, under=SOUTH))

    moved = access_area(SOUTH + "002", now=utc_now())
    assert moved.name == "新桥社区"
    assert lying_in(moved.code + "001") == {"陈大明"}
    assert world.actor("hou").ranges.codes == (moved.code + "001",)
    assert world.actor("li").area_code == moved.code
    with scope(world.actor("qian")):
        assert not Resident.objects.filter(pk=world.resident("陈大明", BRIDGE).pk).exists()
    assert (FIELD, "border") in neighbours_of(moved.code, now=utc_now())
    undone(world, "mei", redraw)
    assert everything_in_place() == before


def test_an_officer_may_not_hang_a_community_under_another_subdistrict(world: World) -> None:
    with pytest.raises(NotAllowed):
        wished(world, "qian", Wish(kind=RedrawKind.MOVE, code=BRIDGE, under=SOUTH))


@pytest.mark.parametrize("handle", ["wang", "kong", "zhou"])
def test_only_who_looks_after_posts_changes_the_tree(
    world: World, handle: str, second_building: Wish
) -> None:
    with pytest.raises(NotAllowed):
        wished(world, handle, second_building)


def test_a_neighbours_building_is_not_taken(world: World) -> None:
    foreign = world.buildings[GRID_D][0].pk

    with pytest.raises(Invalid):
        wished(world, "qian", split_off(GRID_A, keeps="甲", new="乙", building_ids=(foreign,)))


def test_a_new_code_leads_on_from_the_old(world: World) -> None:
    before = everything_in_place()

    redraw = wished(world, "mei", Wish(kind=RedrawKind.RECODE, code=SPRING, new_code=NORTH + "055"))

    assert code_now(GRID_A) == NORTH + "055001"
    assert access_area(NORTH + "055901", now=utc_now()).kind == "school"
    with duty("redraw", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        assert Facility.objects.get(pk=world.school.pk).area_code == NORTH + "055901"
    with pytest.raises(Invalid):
        wished(world, "mei", Wish(kind=RedrawKind.RECODE, code=BRIDGE, new_code=SPRING))
    undone(world, "mei", redraw)
    assert everything_in_place() == before


def test_a_rename_keeps_the_old_name_in_history(world: World) -> None:
    then = utc_now()

    wished(world, "qian", Wish(kind=RedrawKind.RENAME, code=GRID_A, name="泉水网格"))

    assert access_area(GRID_A, now=utc_now()).name == "泉水网格"
    assert access_area(GRID_A, now=then).name == "春泉第一网格"


def test_a_split_community_gives_its_grids_away(world: World) -> None:
    before = everything_in_place()

    redraw = wished(world, "qian", split_off(SPRING, keeps="春泉社区", new="新泉社区", area_codes=(GRID_B,)))

    new = NORTH + "003"
    assert access_area(new + "001", now=utc_now()).name == "春泉第二网格"
    assert lying_in(new + "001") == {"王伟", "王子涵"}
    assert world.actor("liu").area_code == new + "001"
    assert "王伟" not in names_seen(world.actor("kong"))
    assert polygon_of(AreaShape.objects.get(area=access_area(new, now=utc_now())).rings).area == 10_000
    undone(world, "qian", redraw)
    assert everything_in_place() == before


def test_buildings_pass_from_one_grid_to_another(world: World) -> None:
    going = world.buildings[GRID_A][1].pk
    before = everything_in_place()

    wish = Wish(
        kind=RedrawKind.REDRAW,
        code=GRID_A,
        others=(GRID_B,),
        parts=(Part(code=GRID_B, building_ids=(going,)),),
    )
    redraw = wished(world, "qian", wish)

    assert "龚𬀪" in lying_in(GRID_B)
    shapes = {code: AreaShape.objects.get(area=access_area(code, now=utc_now())) for code in (GRID_A, GRID_B)}
    assert polygon_of(shapes[GRID_A].rings).area < 10_000 < polygon_of(shapes[GRID_B].rings).area
    undone(world, "qian", redraw)
    assert everything_in_place() == before


def test_a_special_grid_is_founded_around_a_unit(world: World) -> None:
    part = Part(name="社区卫生服务中心网格", kind="hospital", facility_ids=(world.health_centre.pk,))

    wished(world, "qian", Wish(kind=RedrawKind.FOUND, code=SPRING, parts=(part,)))

    new = access_area(SPRING + "902", now=utc_now())
    with duty("redraw", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        assert Facility.objects.get(pk=world.health_centre.pk).area_code == new.code


def test_it_takes_effect_at_its_moment(world: World, second_building: Wish) -> None:
    at = utc_now() + timedelta(days=3)
    redraw = wished(world, "qian", second_building, at=at)
    assert "龚𬀪" in lying_in(GRID_A)

    for now, done in ((at - timedelta(seconds=1), 0), (at, 1), (at, 0)):
        with duty("keep_clocks", ranges=AreaRanges.of([DISTRICT]), cause="test"):
            assert carry_out_redraws(now=now) == done
            redraw.refresh_from_db()

    assert (redraw.state, redraw.done_at) == (RedrawState.DONE, at)
    assert "龚𬀪" in lying_in(NEW_GRID)
    assert len(facts("AreasRedrawn")) == 1


def test_a_plan_that_no_longer_fits_fails_and_says_so(world: World, second_building: Wish) -> None:
    at = utc_now() + timedelta(days=3)
    redraw = wished(world, "qian", second_building, at=at)
    wished(world, "qian", Wish(kind=RedrawKind.MERGE, code=GRID_B, others=(GRID_A,)))
    before = everything_in_place()

    with duty("keep_clocks", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        carry_out_redraws(now=at)
        redraw.refresh_from_db()

    assert redraw.state == RedrawState.FAILED
    assert redraw.problem
    assert everything_in_place() == before


def test_a_redraw_withdrawn_before_its_moment_does_nothing(world: World, second_building: Wish) -> None:
    at = utc_now() + timedelta(days=3)
    redraw = wished(world, "qian", second_building, at=at)
    qian = world.actor("qian")
    with scope(qian):
        withdraw_redraw(actor=qian, redraw_id=redraw.pk, expected_version=1)
        withdraw_redraw(actor=qian, redraw_id=redraw.pk, expected_version=1)  # the same form sent twice

    with duty("keep_clocks", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        assert carry_out_redraws(now=at) == 0


def test_a_form_sent_twice_is_one_redraw(world: World, second_building: Wish) -> None:
    qian, same = world.actor("qian"), new_id()
    with scope(qian):
        for _time in range(2):
            order_redraw(actor=qian, wish=second_building, reason="x", redraw_id=same, now=utc_now())

    assert Area.objects.filter(code__startswith=SPRING, ends_at=None, level="grid").count() == 4


def test_declared_links_follow(world: World) -> None:
    mei = world.actor("mei")
    with scope(mei):
        declare_link(actor=mei, code=GRID_B, other_code=GRID_D, reason="同一水源", now=utc_now())

    wished(world, "qian", Wish(kind=RedrawKind.MERGE, code=GRID_A, others=(GRID_B,)))

    assert (GRID_D, "declared") in neighbours_of(GRID_A, now=utc_now())


def test_posts_are_known_as_they_stood(world: World) -> None:
    then = utc_now()

    wished(world, "mei", Wish(kind=RedrawKind.MOVE, code=BRIDGE, under=SOUTH))

    assert world.posts["hou"] in posts_at(GRID_C, at=then)
    assert not posts_at(GRID_C, at=utc_now()).exists()
    assert posts_of_account(world.accounts["hou"].pk, now=utc_now())[0].area_code == SOUTH + "002001"


def test_a_neighbour_does_not_see_the_redraw(world: World, second_building: Wish) -> None:
    redraw = wished(world, "qian", second_building)

    bai, version = world.actor("bai"), redraw.version
    with scope(bai):
        assert not visible_redraws(bai).exists()
        with pytest.raises(NotFound):
            withdraw_redraw(actor=bai, redraw_id=redraw.pk, expected_version=version)


def test_what_was_being_written_during_a_redraw_follows(world: World, second_building: Wish) -> None:
    wished(world, "qian", second_building)
    with duty("redraw", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        late = Household.objects.create(
            area_code=GRID_A, building=world.buildings[GRID_A][1], unit=2, room="301"
        )
        stays = Household.objects.create(
            area_code=GRID_A, building=world.buildings[GRID_A][0], unit=2, room="301"
        )
        child = Resident.objects.create(area_code=GRID_A, household=late, name="迟到")

    with duty("keep_clocks", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        assert gather_stragglers(now=utc_now()) == 2
        assert gather_stragglers(now=utc_now()) == 0

    with duty("redraw", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        assert Household.objects.get(pk=late.pk).area_code == NEW_GRID
        assert Resident.objects.get(pk=child.pk).area_code == NEW_GRID
        assert Household.objects.get(pk=stays.pk).area_code == GRID_A
