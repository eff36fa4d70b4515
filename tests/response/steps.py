"""Steps of a response as sentences of tests, each taken by its own post."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Model

from anlan.foundation.scope import duty, scope
from anlan.response.actions import approve_proposal, lift_response, prepare_proposal
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


NOTICE = "辖区附近班级出现发热出疹聚集，请留意发热出疹，发现后联系社区卫生服务中心。"


def approve(world: World, handle: str = "wu", *, text: str = NOTICE, version: int = 0) -> PlanProposal:
    actor, proposal = world.actor(handle), the_proposal()
    with scope(actor):
        return approve_proposal(
            actor=actor,
            proposal_id=proposal.pk,
            notice_text=text,
            now=world.now,
            expected_version=version or proposal.version,
        )


def lift(
    world: World,
    handle: str = "wu",
    *,
    days: int = 30,
    confirmed: tuple[str, ...] = ("vaccinated",),
    reason: str = "末例后满 21 天无新发",
    version: int = 0,
) -> PlanProposal:
    actor, proposal = world.actor(handle), the_proposal()
    with scope(actor):
        return lift_response(
            actor=actor,
            proposal_id=proposal.pk,
            confirmed=confirmed,
            reason=reason,
            now=world.now + timedelta(days=days),
            expected_version=version or proposal.version,
        )


def rows(model: type[Model]) -> list[Any]:
    with duty("detect", ranges=WHOLE, cause="test"):
        return list(model._default_manager.order_by("area_code"))
