"""Send the orders of a plan: what is asked of grids and communities through the gate, then each order."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from anlan.affairs.actions import HeldAtGate, admit_emergency
from anlan.foundation.clock import day_of
from anlan.foundation.pack_store import entry
from anlan.foundation.packs import Source
from anlan.organisation.queries import post_role
from anlan.response.actions.steps import SUBJECT
from anlan.response.models import PlannedOrder, PlanProposal
from anlan.response.pack import ScopeLayer
from anlan.response.planning import PLACE
from anlan.response.queries import order_line, version_of
from anlan.workorders.actions import open_order
from anlan.workorders.queries import order_kind

GRID_WORK, HEALTH = "grid_work", "health"
HELD = "该事项的准入已结束，未派出。"


def send_orders(
    proposal: PlanProposal, chosen: Sequence[PlannedOrder], *, asked_by_id: UUID, now: datetime
) -> None:
    """Send these planned orders, asked for by one post. Raises HeldAtGate where one rests on no item."""
    admitted = _pass_gate(proposal, chosen, asked_by_id, now)
    for order in chosen:
        _send(proposal, order, admitted, asked_by_id, now)


def send_what_passes(
    proposal: PlanProposal, chosen: Sequence[PlannedOrder], *, asked_by_id: UUID, now: datetime
) -> int:
    """Send those of these orders whose item is in force; return how many.

    The others are held at the gate, which logs them, and stand on the plan as not sent.
    """
    admitted = _pass_gate(proposal, chosen, asked_by_id, now)
    sent = 0
    for order in chosen:
        try:
            _send(proposal, order, admitted, asked_by_id, now)
            sent += 1
        except HeldAtGate:
            order.is_chosen, order.change_reason = False, HELD
            order.save(update_fields=["is_chosen", "change_reason"])
    return sent


def _pass_gate(
    proposal: PlanProposal, chosen: Iterable[PlannedOrder], asked_by_id: UUID, now: datetime
) -> dict[str, UUID]:
    """Let what is asked of grids and communities pass the gate at once, to be reviewed; by kind of order.

    Each admission names item, basis, minutes and end date, and the orders under it carry them.
    """
    basis = basis_of(proposal)
    asked: dict[str, list[PlannedOrder]] = {}
    for order in chosen:
        role = post_role(order.receiver.role) if order.receiver else None
        if role is not None and GRID_WORK in role.purposes:
            asked.setdefault(order_line(proposal, order.line).kind, []).append(order)
    return {
        kind: admit_emergency(
            asked_by_id=asked_by_id,
            cause_kind=SUBJECT,
            cause_id=proposal.pk,
            area_codes={order.area_code for order in orders},
            item=order_kind(kind).list_item or order_kind(kind).title.zh,
            basis=basis,
            minutes=order_kind(kind).estimated_minutes,
            ends_on=proposal.ends_on or day_of(now),
            now=now,
        ).pk
        for kind, orders in asked.items()
    }


def basis_of(proposal: PlanProposal) -> str:
    """Return what an activation rests on: the law by which its layer of scope is decided.

    Not the guide the plan follows: that bears the name of the illness (docs/decisions/0041).
    """
    version = version_of(proposal)
    layer = entry(ScopeLayer, proposal.layer, version)
    return f"{entry(Source, layer.source, version).title.zh} {layer.article}".strip()


def _send(
    proposal: PlanProposal,
    order: PlannedOrder,
    admitted: Mapping[str, UUID],
    asked_by_id: UUID,
    now: datetime,
) -> None:
    line = order_line(proposal, order.line)
    if order.receiver is None:
        return
    sent = open_order(
        kind=line.kind,
        area_code=order.area_code,
        accountable=order.receiver,
        task=line.task.zh,
        purpose=HEALTH if line.health_posts_only else "",
        place_name=proposal.place_name if order.why == PLACE else "",
        subject_kind=SUBJECT,
        subject_id=proposal.pk,
        asked_by_id=asked_by_id,
        admission_id=admitted.get(line.kind),
        now=now,
    )
    order.order_id = sent.pk
    order.save(update_fields=["order_id"])
