"""Actors drawn for proofs about rights: the people of the town in turn, and posts with several ranges."""

from collections.abc import Collection
from random import Random

from anlan.organisation.models import PostRange
from tests.organisation.acting import hold
from tests.proof import Proof, Step
from tests.world import AREAS, DISTRICT, PEOPLE, World

EVERY_THIRD = 3  # is a post that no role of the pack describes
PURPOSES = ("grid_work", "health", "lead", "department", "reporting", "org", "privacy", "audit", "security")


def drawn_actor(world: World, proof: Proof, step: Step, among: Collection[str] = PEOPLE) -> str:
    """Return the handle of the actor of a step; a new post is to be undone by the caller."""
    if step.number % EVERY_THIRD == EVERY_THIRD - 1:
        return _with_several_ranges(world, step)
    handles = sorted(among)
    proof.random.shuffle(handles)
    in_turn = step.number - step.number // EVERY_THIRD
    return handles[in_turn % len(handles)]


def _with_several_ranges(world: World, step: Step) -> str:
    """Let somebody hold a post that ranges over one to three areas, which may lie within one another."""
    random, handle = step.random, f"drawn{step.number}"
    codes = _areas(random)
    wanted = random.sample(PURPOSES, random.randint(1, 4))
    purposes = sorted({*wanted, random.choice(("grid_work", "health"))})
    role = random.choice(sorted({role for _name, role, _area in PEOPLE.values()}))
    hold(world, handle, role=role, area_code=codes[0], purposes=purposes)
    PostRange.objects.bulk_create(PostRange(post=world.posts[handle], code=code) for code in codes[1:])
    return handle


def _areas(random: Random) -> list[str]:
    """Return areas below the district: with it, nothing would lie outside."""
    return random.sample(sorted(AREAS.keys() - {DISTRICT}), random.randint(1, 3))
