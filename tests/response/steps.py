"""Steps of a response as sentences of tests, each taken by its own post."""

from uuid import UUID

from anlan.foundation.scope import duty, scope
from anlan.response.actions import prepare_proposal
from anlan.response.models import PlannedOrder, PlanProposal
from tests.surveillance.test_loop import WHOLE, assessed, run_reactions
from tests.world import World


def proposed(world: World, grade: str = "low") -> UUID:
    """Take two measles cases in a class to an assessed signal with its proposal; return the proposal's id."""
    assessed(world, grade)
    run_reactions()
    return the_proposal().pk


def the_proposal() -> PlanProposal:
    with duty("detect", ranges=WHOLE, cause="test"):
        return PlanProposal.objects.select_related("signal").get()


def planned(line: str = "") -> list[PlannedOrder]:
    with duty("detect", ranges=WHOLE, cause="test"):
        rows = PlannedOrder.objects.select_related("receiver").order_by("position")
        return list(rows.filter(line=line) if line else rows)


def prepare(
    world: World,
    handle: str = "wu",
    *,
    layer: str = "class_or_floor",
    wider_reason: str = "",
    taken_out: dict[UUID, str] | None = None,
) -> PlanProposal:
    actor, proposal = world.actor(handle), the_proposal()
    with scope(actor):
        return prepare_proposal(
            actor=actor,
            proposal_id=proposal.pk,
            layer=layer,
            wider_reason=wider_reason,
            taken_out=taken_out or {},
            now=world.now,
            expected_version=proposal.version,
        )
