"""Whatever sequence of redraws, ended appointments and undo: nobody is lost, counts add up, rights follow."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from random import Random
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from anlan.foundation.actor import AreaRanges
from anlan.foundation.clock import utc_now
from anlan.foundation.crypto import encrypt
from anlan.foundation.errors import Refused
from anlan.foundation.ids import new_id
from anlan.foundation.inbox.shape import BODY, canonical
from anlan.foundation.models import Envelope
from anlan.foundation.runner.envelopes import drain_envelopes
from anlan.foundation.scope import duty, scope
from anlan.organisation.actions import PatchFacts, edit_patch, end_appointment, end_patch, make_patch
from anlan.organisation.actions.carry_redraws import gather_stragglers
from anlan.organisation.models import (
    Appointment,
    Area,
    Building,
    Facility,
    Patch,
    PatchGrid,
    Post,
    PostRange,
    Redraw,
)
from anlan.organisation.queries import in_force, posts_of_account
from anlan.organisation.queries.patches import grids_in, grids_of_community, patch_by_grid, patches_of
from anlan.organisation.redrawing.making import Part
from anlan.organisation.redrawing.wishes import Wish
from anlan.organisation.rules import RedrawKind, parent_of
from anlan.people.actions import count_grids
from anlan.people.models import Enrolment, Household, Resident, SearchToken
from anlan.surveillance.models import Counted, DailyCount
from anlan.surveillance.recounting import rebuild_counts
from anlan.workorders.models import OrderItem, OrderLeg, WorkOrder
from tests.organisation.redrawing import everything_in_place, undone, wished
from tests.people.caring import assignment
from tests.people.counting import counted, shown
from tests.proof import Proof
from tests.surveillance.test_loop import raise_signal, run_reactions
from tests.world import DISTRICT, GRID_A, GRID_B, World

WORKERS = ("wang", "liu", "hou", "du", "gao")
KEPT = (Resident, Household, Building, Facility, Enrolment, SearchToken, WorkOrder, OrderItem, OrderLeg, Post)
ACTS = 12  # of one sequence


@dataclass
class Town:
    """The town while it is redrawn: what must never change, and whose rights have ended."""

    world: World
    random: Random
    client: Client = field(default_factory=Client)
    redraws: list[Redraw] = field(default_factory=list)
    ended: set[str] = field(default_factory=set)
    codes_of: dict[str, set[str]] = field(default_factory=dict)  # every code a worker's phone may know
    reported: set[tuple[Any, ...]] = field(default_factory=set)
    done: list[str] = field(default_factory=list)

    def areas(self, level: str) -> list[Area]:
        return list(
            Area.objects.filter(in_force(utc_now()), level=level, kind="residential").order_by("code")
        )

    def worker(self) -> str | None:
        alive = [one for one in WORKERS if one not in self.ended]
        return self.random.choice(alive) if alive else None

    def order(self, wish: Wish) -> None:
        self.redraws.append(wished(self.world, "mei", wish))
        run_reactions()


def split(town: Town) -> None:
    area = town.random.choice(town.areas("grid"))
    pieces = list(Building.objects.filter(area_code=area.code).order_by("pk"))
    going = tuple(one.pk for one in pieces if town.random.random() < 0.5)
    posts = tuple(one.pk for one in Post.objects.filter(area_code=area.code) if town.random.random() < 0.3)
    keeps = area.code if town.random.random() < 0.7 else ""
    name = f"新网格{len(town.redraws)}"
    parts = (Part(code=keeps, name=area.name), Part(name=name, building_ids=going, post_ids=posts))
    town.order(Wish(kind=RedrawKind.SPLIT, code=area.code, parts=parts))


def split_community(town: Town) -> None:
    area = town.random.choice(town.areas("community"))
    below = [one.code for one in town.areas("grid") if one.parent_code == area.code]
    going = tuple(code for code in below if town.random.random() < 0.5)
    parts = (Part(code=area.code, name=area.name), Part(name=f"新社区{len(town.redraws)}", area_codes=going))
    town.order(Wish(kind=RedrawKind.SPLIT, code=area.code, parts=parts))


def merge(town: Town) -> None:
    level = town.random.choice(("grid", "community"))
    area = town.random.choice(town.areas(level))
    beside = [one.code for one in town.areas(level) if one.parent_code == area.parent_code and one != area]
    town.order(Wish(kind=RedrawKind.MERGE, code=area.code, others=tuple(beside[:2])))


def move(town: Town) -> None:
    level = town.random.choice(("grid", "community"))
    area = town.random.choice(town.areas(level))
    above = Area.objects.filter(
        in_force(utc_now()), level=("community" if level == "grid" else "subdistrict")
    )
    others = [one.code for one in above.order_by("code") if one.code != area.parent_code]
    if others:
        town.order(Wish(kind=RedrawKind.MOVE, code=area.code, under=town.random.choice(others)))


def recode(town: Town) -> None:
    area = town.random.choice(town.areas(town.random.choice(("grid", "community"))))
    code = f"{parent_of(area.code)}{town.random.randrange(100, 900)}"
    town.order(Wish(kind=RedrawKind.RECODE, code=area.code, new_code=code))


def border(town: Town) -> None:
    area = town.random.choice(town.areas("grid"))
    beside = [one.code for one in town.areas("grid") if one.parent_code == area.parent_code and one != area]
    if not beside:
        return
    to = town.random.choice(beside)
    going = tuple(one.pk for one in Building.objects.filter(area_code=area.code).order_by("pk")[:1])
    town.order(
        Wish(kind=RedrawKind.REDRAW, code=area.code, others=(to,), parts=(Part(code=to, building_ids=going),))
    )


def undo_last(town: Town) -> None:
    if town.redraws:
        undone(town.world, "mei", town.redraws.pop())
        run_reactions()


def do_and_undo(town: Town) -> None:
    before, done = everything_in_place(), len(town.redraws)
    act = town.random.choice((split, split_community, merge, move, recode, border))
    act(town)
    if len(town.redraws) > done:
        undo_last(town)
    after = everything_in_place()
    for label, rows in before.items():
        assert after[label] == rows, (label, act.__name__)


def group(town: Town) -> None:
    """Put free grids of a community in a new patch, or give and take grids of one, or end it."""
    area = town.random.choice(town.areas("community"))
    free = [row.code for row in grids_of_community(area.code)]
    free = sorted(set(free) - set(patch_by_grid(free)))
    patches = list(patches_of(area.code))
    mei, now = town.world.actor("mei"), utc_now()
    with scope(mei):
        if not patches or town.random.random() < 0.4:
            codes = tuple(free[: town.random.randint(0, 2)])
            facts = PatchFacts(f"片{new_id()}"[:40], codes)
            make_patch(actor=mei, patch_id=new_id(), area_code=area.code, facts=facts, now=now)
            return
        patch = town.random.choice(patches)
        if town.random.random() < 0.3:
            end_patch(actor=mei, patch_id=patch.pk, expected_version=patch.version, now=now)
            return
        facts = PatchFacts(patch.name, (*grids_in([patch])[patch.pk][1:], *free[:1]))
        edit_patch(actor=mei, patch_id=patch.pk, expected_version=patch.version, facts=facts, now=now)


def dismiss(town: Town) -> None:
    handle = town.worker()
    if handle is None or len(town.ended) > 2:
        return
    mei = town.world.actor("mei")
    held = Appointment.objects.get(pk=town.world.appointments[handle].pk)
    with scope(mei):
        end_appointment(
            actor=mei, appointment_id=held.pk, now=utc_now(), expected_version=held.version, reason="调岗"
        )
    town.ended.add(handle)


def report_by_phone(town: Town) -> None:
    """A phone that has not heard of the last redraws names any code its post ever had."""
    handle = town.worker()
    if handle is None:
        return
    code = town.random.choice(sorted(town.codes_of[handle]))
    mine = town.world.actor(handle)
    with scope(mine):
        homes = list(Building.objects.values_list("pk", flat=True))
    body = {"condition": "diarrhoea_vomiting"}
    if homes and town.random.random() < 0.7:
        body["building_id"] = str(town.random.choice(homes))
    with duty("accept_envelope", ranges=AreaRanges.everywhere(), cause="test"):
        Envelope.objects.create(
            source="case-reports",
            key=str(new_id()),
            record_id=new_id(),
            account_id=town.world.accounts[handle].pk,
            appointment_id=town.world.appointments[handle].pk,
            post_id=town.world.posts[handle].pk,
            area_code=code,
            body=encrypt(canonical(body), context=BODY),
            body_hash=sha256(canonical(body).encode()).digest(),
        )
    drain_envelopes()
    run_reactions()


Act = Callable[[Town], None]
DONE_TO_IT: tuple[Act, ...] = (
    split, split_community, merge, move, recode, border, undo_last, do_and_undo, dismiss, report_by_phone,
    report_by_phone, group, group,
)  # fmt: skip


@pytest.mark.proof(test=3, prove=150)
@pytest.mark.django_db
def test_nobody_is_lost_whatever_is_done_to_the_areas(proof: Proof, world: World) -> None:
    done: dict[str, int] = proof.figures.setdefault("acts", {})
    for step in proof.steps():
        point = transaction.savepoint()
        town = begin(world, step.random)
        for act in step.random.choices(DONE_TO_IT, k=ACTS):
            try:
                with transaction.atomic(), duty("redraw", ranges=AreaRanges.of([DISTRICT]), cause="test"):
                    act(town)
            except Refused:
                continue  # two of one number, no code left: said, and nothing done
            done[act.__name__] = done.get(act.__name__, 0) + 1
            with duty("keep_clocks", ranges=AreaRanges.of([DISTRICT]), cause="test"):
                assert gather_stragglers(now=utc_now()) == 0, act.__name__
            with duty("redraw", ranges=AreaRanges.of([DISTRICT]), cause="test"):
                check_rows(town)
                check_patches()
                check_counts(town)
                assert shown() == counted(), act.__name__
            if step.random.random() < 0.5:
                with duty("keep_clocks", ranges=AreaRanges.of([DISTRICT]), cause="test"):
                    count_grids(now=utc_now())
            check_rights(town)
        transaction.savepoint_rollback(point)


def begin(world: World, random: Random) -> Town:
    """Let orders be open, reports counted and households have holders; write down what must not change."""
    raise_signal(world)
    for grid, holder in ((GRID_A, "wang"), (GRID_B, "shi"), (GRID_B, "kong")):
        assignment(world, world.households[grid][0], holder, "contract_household")
    town = Town(world, random)
    town.codes_of = {handle: {world.posts[handle].area_code} for handle in WORKERS}
    with duty("redraw", ranges=AreaRanges.of([DISTRICT]), cause="test"):
        KNOWN.clear()
        KNOWN.update({model._meta.label: ids_of(model) for model in KEPT})
        town.reported = set(Counted.objects.values_list("source_id", "indicator", "area_code", "count"))
    return town


KNOWN: dict[str, set[Any]] = {}


def ids_of(model: type[Any]) -> set[Any]:
    names = ("kind", "token", "resident_id") if model is SearchToken else ("pk",)
    return set(model._default_manager.values_list(*names))


def check_rows(town: Town) -> None:
    """Every row is there once, in an area in force, with what it hangs on."""
    alive = set(Area.objects.filter(in_force(utc_now())).values_list("code", flat=True))
    for model in KEPT:
        rows = ids_of(model)
        assert KNOWN[model._meta.label] <= rows, model
        if model not in (WorkOrder, OrderItem, OrderLeg):
            assert rows == KNOWN[model._meta.label], model
        assert set(model._default_manager.values_list("area_code", flat=True)) <= alive, model
    assert set(PostRange.objects.values_list("code", flat=True)) & alive
    for model, home in ((Household, "building"), (Resident, "household"), (Enrolment, "resident")):
        for row in model._default_manager.select_related(home):
            above = getattr(row, home)
            assert above is None or row.area_code == above.area_code, model
    for token in SearchToken.objects.select_related("resident"):
        assert token.area_code == token.resident.area_code


def check_patches() -> None:
    """A grid is in one patch at most, and a patch holds grids in force of its own community alone."""
    rows = list(PatchGrid.objects.filter(ends_at=None).select_related("patch"))
    codes = [row.code for row in rows]
    assert len(codes) == len(set(codes))
    grids = Area.objects.filter(in_force(utc_now()), level="grid")
    assert set(codes) <= set(grids.values_list("code", flat=True))
    for row in rows:
        assert row.patch.ends_at is None
        assert parent_of(row.code) == row.patch.area_code
    communities = Area.objects.filter(in_force(utc_now()), level="community")
    lies_in = Patch.objects.filter(ends_at=None).values_list("area_code", flat=True)
    assert set(lies_in) <= set(communities.values_list("code", flat=True))


def check_counts(town: Town) -> None:
    """As reported nothing changed; in today's borders the roll-up is what a recount from scratch gives."""
    now_reported = set(Counted.objects.values_list("source_id", "indicator", "area_code", "count"))
    assert town.reported <= now_reported
    town.reported = now_reported
    kept = set(DailyCount.objects.values_list("indicator", "area_code", "on", "count"))
    places = set(Counted.objects.values_list("source_id", "indicator", "place_code"))
    assert rebuild_counts(DISTRICT, mend=False, now=utc_now()).agrees
    Counted.objects.all().delete()
    rebuild_counts(DISTRICT, mend=True, now=utc_now())
    assert set(Counted.objects.values_list("source_id", "indicator", "place_code")) == places
    assert set(DailyCount.objects.values_list("indicator", "area_code", "on", "count")) == kept


def check_rights(town: Town) -> None:
    """A worker sees who lives in the post's own grid, on page and phone alike; after its end nobody."""
    for handle in WORKERS:
        account = town.world.accounts[handle]
        posts = posts_of_account(account.pk, now=utc_now() + timedelta(milliseconds=1))
        assert bool(posts) == (handle not in town.ended)
        if not posts:
            continue
        town.codes_of[handle].add(posts[0].area_code)
        with scope(posts[0]):
            seen = set(Resident.objects.values_list("pk", flat=True))
        with duty("redraw", ranges=AreaRanges.of([DISTRICT]), cause="test"):
            theirs = Resident.objects.filter(area_code__in=posts[0].ranges.codes)
            assert seen == set(theirs.values_list("pk", flat=True))
    handle = town.random.choice(WORKERS)
    town.world.sign_in(town.client, handle)
    page = town.client.get(reverse("people"))
    phone = town.client.get(reverse("field_contact"))
    if handle in town.ended:
        assert page.status_code in {302, 403}
        assert phone.json()["acting"] is None  # its key stays, so that it may send what it wrote before
        assert not phone.json().keys() & {"buildings", "grids", "orders"}
    else:
        own = posts_of_account(town.world.accounts[handle].pk, now=utc_now())[0].ranges.codes
        assert {row.resident.area_code for row in page.context["lines"]} <= set(own)
        assert {one["area"] for one in phone.json()["buildings"]} <= set(own)
