"""Whom a plan would ask in a scope: one planned order for each receiver, vacant posts named as such."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from anlan.foundation.pack_store import entry
from anlan.organisation.models import Post
from anlan.organisation.pack import PostRole
from anlan.organisation.queries import area_names, is_vacant, post_roles, posts_with_role
from anlan.people.queries import grids_of_groups
from anlan.response.models import PlannedOrder, PlanProposal
from anlan.response.pack import Plan, PlanOrder
from anlan.response.queries import order_line, plan_of
from anlan.response.scoping import Place, groups_in_scope, place_of
from anlan.surveillance.models import Signal
from anlan.surveillance.queries import HOME, concerned_areas, is_closed_to_leaders
from anlan.workorders.pack import OrderKind

PLACE = "place"
HEALTH = "health"


@dataclass(frozen=True, slots=True)
class _Receiver:
    area_code: str
    post: Post | None
    name: str
    why: str


def concerned_by(signal: Signal, place: Place, layer: str, now: datetime) -> dict[str, str]:
    """Return the areas to be warned, each with why: a border, a declared link, homes of pupils."""
    homes = grids_of_groups([group.pk for group in groups_in_scope(place, layer, now)], now=now)
    concerned = dict(concerned_areas(signal, now)) | dict.fromkeys(homes, HOME)
    concerned.pop(signal.area_code, None)
    return concerned


def plan_orders(
    proposal: PlanProposal, signal: Signal, place: Place, plan: Plan, *, now: datetime
) -> list[PlannedOrder]:
    """Return the orders of the plan in the proposal's scope, unsaved, in the plan's order.

    Of a disease for health posts alone only orders to health posts are planned.
    """
    concerned = concerned_by(signal, place, proposal.layer, now)
    closed = is_closed_to_leaders(signal.condition)
    roles = post_roles()
    planned: list[PlannedOrder] = []
    for line in (order_line(proposal, key) for key in plan.orders):
        if not _is_sent(line, place, proposal.layer, roles, closed=closed):
            continue
        receivers = _in_each(line, concerned, now) if line.where == "concerned" else [_here(line, place, now)]
        planned += [
            PlannedOrder(
                proposal=proposal,
                area_code=one.area_code,
                line=line.key,
                receiver=one.post,
                receiver_name=one.name,
                why=one.why,
                position=len(planned) + index,
            )
            for index, one in enumerate(receivers)
        ]
    return planned


def plan_again(proposal: PlanProposal, signal: Signal, *, now: datetime) -> list[PlannedOrder]:
    """Return what the proposal would send now, unsaved; what people left out before stays out."""
    left_out = proposal.planned_orders.filter(is_chosen=False)
    reasons = {(one.line, one.area_code): one.change_reason for one in left_out}
    planned = plan_orders(proposal, signal, place_of(signal), plan_of(proposal), now=now)
    for order in planned:
        reason = reasons.get((order.line, order.area_code))
        order.is_chosen, order.change_reason = reason is None, reason or ""
    return planned


def _is_sent(line: PlanOrder, place: Place, layer: str, roles: dict[str, PostRole], *, closed: bool) -> bool:
    if line.layers and layer not in line.layers:
        return False
    if line.facility_groups and place.facility_group not in line.facility_groups:
        return False
    role = roles.get(line.to)
    return not closed or bool(role and HEALTH in role.purposes)


def _here(line: PlanOrder, place: Place, now: datetime) -> _Receiver:
    """Return who does it for the place: the unit's own post where it has one, else the closest held."""
    posts = posts_with_role(line.to, covering=place.area_code, now=now).exclude(is_vacant(now=now))
    own = posts.filter(facility=place.facility) if place.facility and line.facility_groups else posts.none()
    post = own.select_related("facility").first() or posts.select_related("facility").first()
    return _Receiver(place.area_code, post, _name(post) or _role_title(line.to), PLACE)


def _in_each(line: PlanOrder, concerned: dict[str, str], now: datetime) -> Iterator[_Receiver]:
    """Yield who does it in each area: its own post, else the next of the order's kind that covers it."""
    names = area_names(concerned, now=now)
    roles: Sequence[str] = (line.to, *entry(OrderKind, line.kind).assists)
    for code, why in sorted(concerned.items()):
        held = (posts_with_role(role, covering=code, now=now).exclude(is_vacant(now=now)) for role in roles)
        post = next((found for posts in held if (found := posts.first()) is not None), None)
        yield _Receiver(code, post, f"{names.get(code, code)} {post.title if post else ''}".strip(), why)


def _name(post: Post | None) -> str:
    if post is None:
        return ""
    return f"{post.facility.name if post.facility else ''} {post.title}".strip()


def _role_title(key: str) -> str:
    role = post_roles().get(key)
    return role.title.zh if role else key
