"""Patches (片): grids of a community put together, one patch a grid, and what redraws do to them."""

from functools import partial

import pytest
from django.db import IntegrityError, transaction

from anlan.foundation.actor import AreaRanges
from anlan.foundation.clock import utc_now
from anlan.foundation.errors import NotAllowed, NotFound
from anlan.foundation.ids import new_id
from anlan.foundation.models import AuditEntry
from anlan.foundation.scope import duty, scope
from anlan.organisation.actions import (
    PatchChanged,
    PatchFacts,
    PatchInvalid,
    edit_patch,
    end_patch,
    make_patch,
    resume_patch,
)
from anlan.organisation.actions.redraws import preview_redraw, preview_undo
from anlan.organisation.models import Patch, PatchGrid
from anlan.organisation.queries.patches import grids_in, last_grids, patches_at, place_of
from anlan.organisation.redrawing.making import Part
from anlan.organisation.redrawing.patched import PATCH_GRID
from anlan.organisation.redrawing.wishes import Wish
from anlan.organisation.rules import RedrawKind
from tests.organisation.patching import grouped, patched
from tests.organisation.redrawing import everything_in_place, parting, undone, wished
from tests.world import BRIDGE, FIELD, GRID_A, GRID_B, GRID_C, GRID_D, SCHOOL_GRID, SOUTH, SPRING, World

pytestmark = pytest.mark.django_db
NEW_GRID = SPRING + "003"
EAST, WEST = f"东片 {SPRING}", f"西片 {SPRING}"
MERGED = Wish(kind=RedrawKind.MERGE, code=GRID_A, others=(GRID_B,))


def edited(world: World, patch: Patch, *grids: str, handle: str = "qian", version: int = 0) -> Patch:
    patch.refresh_from_db()
    actor, facts = world.actor(handle), PatchFacts(patch.name, grids)
    with transaction.atomic(), scope(actor):
        return edit_patch(
            actor=actor,
            patch_id=patch.pk,
            expected_version=version or patch.version,
            facts=facts,
            now=utc_now(),
        )


def ended(world: World, patch: Patch) -> Patch:
    qian = world.actor("qian")
    patch.refresh_from_db()
    with transaction.atomic(), scope(qian):
        return end_patch(actor=qian, patch_id=patch.pk, expected_version=patch.version, now=utc_now())


def resumed(world: World, patch: Patch) -> Patch:
    qian = world.actor("qian")
    patch.refresh_from_db()
    with transaction.atomic(), scope(qian):
        return resume_patch(actor=qian, patch_id=patch.pk, expected_version=patch.version, now=utc_now())


def test_grids_of_a_community_are_put_together(world: World) -> None:
    patch = patched(world, GRID_A, SCHOOL_GRID, head_id=world.posts["kong"].pk)

    assert grouped() == {EAST: {GRID_A, SCHOOL_GRID}}
    assert patch.head == world.posts["kong"]
    with duty("answer_audit", ranges=AreaRanges.everywhere(), cause="test"):
        entry = AuditEntry.objects.get(verb="make_patch")
    assert (entry.subject_ids, entry.area_code) == ([patch.pk], SPRING)


def test_a_grid_is_in_one_patch_at_a_time(world: World) -> None:
    patch = patched(world, GRID_A)

    with pytest.raises(PatchInvalid) as refused:
        patched(world, GRID_A, GRID_B, name="西片")
    with pytest.raises(IntegrityError), transaction.atomic():
        PatchGrid.objects.create(patch=patch, code=GRID_A, starts_at=utc_now())

    assert "东片" in str(refused.value.fields["grids"])
    assert grouped() == {EAST: {GRID_A}}


@pytest.mark.parametrize(
    ("name", "grids", "field"),
    [
        ("  ", (GRID_A,), "name"),
        ("东" * 41, (GRID_A,), "name"),
        ("北片", (), "grids"),
        ("北片", (GRID_C,), "grids"),
        ("北片", (SPRING,), "grids"),
        (" 东 片", (GRID_A,), "name"),
    ],
)
def test_what_cannot_be_a_patch_is_refused(
    world: World, name: str, grids: tuple[str, ...], field: str
) -> None:
    patched(world, GRID_B)
    qian = world.actor("qian")

    with scope(qian), pytest.raises(PatchInvalid) as refused:
        make_patch(
            actor=qian,
            patch_id=new_id(),
            area_code=SPRING,
            facts=PatchFacts(name, grids),
            now=utc_now(),
        )

    assert field in refused.value.fields


def test_a_post_of_another_community_does_not_head_a_patch(world: World) -> None:
    with pytest.raises(PatchInvalid) as refused:
        patched(world, GRID_A, head_id=world.posts["li"].pk)

    assert "head" in refused.value.fields


@pytest.mark.parametrize(
    ("handle", "community", "refusal"),
    [("kong", SPRING, NotAllowed), ("wang", SPRING, NotAllowed), ("qian", FIELD, NotAllowed),
     ("qian", SPRING + "9", NotFound)],
)  # fmt: skip
def test_only_who_looks_after_the_area_makes_one(
    world: World, handle: str, community: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        patched(world, GRID_D, community=community, handle=handle)

    assert grouped() == {}


def test_a_neighbours_patch_is_not_changed(world: World) -> None:
    patch = patched(world, GRID_D, community=FIELD, handle="mei")

    with pytest.raises(NotAllowed):
        edited(world, patch, GRID_D, SOUTH + "001002")
    with pytest.raises(NotAllowed):
        ended(world, patch)


def test_a_subdistrict_has_no_patches(world: World) -> None:
    with pytest.raises(PatchInvalid):
        patched(world, SPRING, community=SPRING[:9])


def test_sent_twice_it_is_one_patch(world: World) -> None:
    qian, patch_id, facts = world.actor("qian"), new_id(), PatchFacts("东片", (GRID_A,))
    made = partial(make_patch, actor=qian, patch_id=patch_id, area_code=SPRING, facts=facts)

    with scope(qian):
        assert made(now=utc_now()) == made(now=utc_now())

    assert grouped() == {EAST: {GRID_A}}


def test_a_grid_leaves_and_another_joins_from_now_on(world: World) -> None:
    patch = patched(world, GRID_A)
    before = utc_now()

    edited(world, patch, GRID_B)

    assert grouped() == {EAST: {GRID_B}}
    assert grids_in([patch], at=before) == {patch.pk: (GRID_A,)}


def test_a_form_that_is_older_than_the_patch_is_refused(world: World) -> None:
    patch = patched(world, GRID_A)
    edited(world, patch, GRID_A, GRID_B)

    with pytest.raises(PatchChanged):
        edited(world, patch, GRID_A, version=1)
    edited(world, patch, GRID_A, GRID_B, version=1)  # says what is so already

    assert grouped() == {EAST: {GRID_A, GRID_B}}


def test_an_ended_patch_stays_readable_and_frees_its_grids(world: World) -> None:
    patch = patched(world, GRID_A, GRID_B)
    before = utc_now()

    ended(world, patch)
    other = patched(world, GRID_A)

    assert grouped() == {EAST: {GRID_A}}
    assert last_grids(Patch.objects.get(pk=patch.pk)) == (GRID_A, GRID_B)
    assert list(patches_at(SPRING, at=before)) == [patch]
    assert list(patches_at(SPRING, at=utc_now())) == [other]
    with pytest.raises(PatchChanged):
        edited(world, patch, GRID_B)
    with scope(world.actor("kong")), pytest.raises(NotFound):
        place_of(world.actor("kong"), str(patch.pk))


def test_an_end_is_taken_back_with_the_grids_that_are_still_free(world: World) -> None:
    patch = patched(world, GRID_A, GRID_B)
    ended(world, patch)
    patched(world, GRID_B, name="西片")

    resumed(world, patch)

    assert grouped() == {EAST: {GRID_A}, WEST: {GRID_B}}


def test_an_end_is_not_taken_back_where_all_grids_are_in_other_patches(world: World) -> None:
    patch = patched(world, GRID_A)
    ended(world, patch)
    patched(world, GRID_A, name="西片")

    with pytest.raises(PatchInvalid):
        resumed(world, patch)


def test_the_end_said_twice_is_one(world: World) -> None:
    patch, qian = patched(world), world.actor("qian")

    with scope(qian):
        said = partial(end_patch, actor=qian, patch_id=patch.pk, expected_version=1, now=utc_now())
        assert said().version == said().version == 2


def test_a_place_is_an_area_or_the_grids_of_a_patch_in_range(world: World) -> None:
    patch = patched(world, GRID_A, GRID_B)
    kong, wang, li = (world.actor(handle) for handle in ("kong", "wang", "li"))

    assert place_of(kong, SPRING).codes == (SPRING,)
    assert place_of(kong, str(patch.pk)).codes == (GRID_A, GRID_B)
    assert place_of(wang, str(patch.pk)).codes == (GRID_A,)
    for said in (str(patch.pk), str(new_id()), "no", ""):
        with pytest.raises(NotFound):
            place_of(li, said)


# --- what redraws do


def test_a_split_grid_and_the_new_one_are_in_its_patch(world: World) -> None:
    patched(world, GRID_A)
    before, qian = everything_in_place(), world.actor("qian")
    with scope(qian):
        looked = preview_redraw(actor=qian, wish=parting(world), now=utc_now()).found

    redraw = wished(world, "qian", parting(world))

    assert grouped() == {EAST: {GRID_A, NEW_GRID}}
    assert looked.ways[PATCH_GRID, GRID_A, NEW_GRID] == 1
    assert looked.counts == redraw.counts
    undone(world, "qian", redraw)
    assert everything_in_place() == before


def test_a_split_that_keeps_no_code_leaves_both_parts_in_the_patch(world: World) -> None:
    patched(world, GRID_A, GRID_B)
    before = everything_in_place()
    parts = (Part(name="甲"), Part(name="乙", building_ids=(world.buildings[GRID_A][0].pk,)))

    redraw = wished(world, "qian", Wish(kind=RedrawKind.SPLIT, code=GRID_A, parts=parts))

    assert grouped() == {EAST: {GRID_B, NEW_GRID, SPRING + "004"}}
    undone(world, "qian", redraw)
    assert everything_in_place() == before


def test_a_merged_grid_stays_in_its_own_patch(world: World) -> None:
    patched(world, GRID_A)
    patched(world, GRID_B, name="西片")
    before = everything_in_place()

    redraw = wished(world, "qian", MERGED)

    assert grouped() == {EAST: {GRID_A}, WEST: set()}
    undone(world, "qian", redraw)
    assert everything_in_place() == before


def test_a_grid_that_takes_in_one_of_a_patch_joins_it(world: World) -> None:
    patched(world, GRID_B)
    before = everything_in_place()

    redraw = wished(world, "qian", MERGED)

    assert grouped() == {EAST: {GRID_A}}
    undone(world, "qian", redraw)
    assert everything_in_place() == before


def test_a_grid_that_goes_to_another_community_leaves_its_patch(world: World) -> None:
    patch = patched(world, GRID_A, GRID_B)
    before, qian = everything_in_place(), world.actor("qian")
    wish = Wish(kind=RedrawKind.MOVE, code=GRID_B, under=BRIDGE)
    with scope(qian):
        looked = preview_redraw(actor=qian, wish=wish, now=utc_now()).found

    redraw = wished(world, "qian", wish)

    assert grouped() == {EAST: {GRID_A}}
    assert looked.ways[PATCH_GRID, GRID_B, ""] == 1
    patch.refresh_from_db()
    assert patch.version == 2
    with scope(qian):
        back = preview_undo(actor=qian, redraw_id=redraw.pk, now=utc_now()).found
    assert back.ways[PATCH_GRID, "", GRID_B] == 1
    undone(world, "qian", redraw)
    assert everything_in_place() == before


def test_a_patch_goes_with_its_community(world: World) -> None:
    patched(world, GRID_A)
    before, at = everything_in_place(), utc_now()

    redraw = wished(world, "mei", Wish(kind=RedrawKind.MOVE, code=SPRING, under=SOUTH))

    assert grouped() == {f"东片 {SOUTH}002": {f"{SOUTH}002001"}}
    assert [patch.name for patch in patches_at(SPRING, at=at)] == ["东片"]
    assert not patches_at(SPRING, at=utc_now()).exists()
    undone(world, "mei", redraw)
    assert everything_in_place() == before


def test_patches_of_a_merged_community_go_on_in_the_other(world: World) -> None:
    patched(world, GRID_C, community=BRIDGE)
    patched(world, GRID_A)
    before = everything_in_place()

    redraw = wished(world, "qian", Wish(kind=RedrawKind.MERGE, code=SPRING, others=(BRIDGE,)))

    assert PatchGrid.objects.filter(ends_at=None, code__startswith=SPRING).count() == 2
    assert set(Patch.objects.values_list("area_code", flat=True)) == {SPRING}
    undone(world, "qian", redraw)
    assert everything_in_place() == before


def test_grids_that_a_split_sends_to_a_new_community_leave_the_patch(world: World) -> None:
    patched(world, GRID_A, GRID_B)
    before = everything_in_place()
    parts = (Part(code=SPRING, name="春泉社区"), Part(name="春泉二社区", area_codes=(GRID_B,)))

    redraw = wished(world, "qian", Wish(kind=RedrawKind.SPLIT, code=SPRING, parts=parts))

    assert grouped() == {EAST: {GRID_A}}
    undone(world, "qian", redraw)
    assert everything_in_place() == before


def test_what_somebody_decided_since_outlasts_the_undo(world: World) -> None:
    east = patched(world, GRID_A)
    redraw = wished(world, "qian", Wish(kind=RedrawKind.RECODE, code=GRID_A, new_code=SPRING + "100"))
    edited(world, east, GRID_B)
    patched(world, SPRING + "100", name="西片")

    undone(world, "qian", redraw)

    assert grouped() == {EAST: {GRID_B}, WEST: {GRID_A}}


def test_a_grid_taken_out_since_is_not_put_back_by_the_undo(world: World) -> None:
    east = patched(world, GRID_A, GRID_B)
    redraw = wished(world, "qian", Wish(kind=RedrawKind.RECODE, code=GRID_A, new_code=SPRING + "100"))
    edited(world, east, GRID_B)

    undone(world, "qian", redraw)

    assert grouped() == {EAST: {GRID_B}}


def test_a_patch_ended_since_is_not_put_in_force_by_the_undo(world: World) -> None:
    east = patched(world, GRID_A)
    redraw = wished(world, "qian", MERGED)
    ended(world, east)

    undone(world, "qian", redraw)

    assert grouped() == {}


def test_an_ended_patch_is_resumed_under_the_codes_of_today(world: World) -> None:
    patch = patched(world, GRID_A)
    ended(world, patch)
    wished(world, "qian", Wish(kind=RedrawKind.RECODE, code=GRID_A, new_code=SPRING + "100"))

    resumed(world, patch)

    assert grouped() == {EAST: {SPRING + "100"}}
