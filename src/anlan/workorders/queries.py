"""Every question about orders."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from anlan.affairs.rules import is_of_community
from anlan.foundation.actor import Actor
from anlan.foundation.errors import NotFound
from anlan.foundation.pack_store import entry, section
from anlan.foundation.scope import within
from anlan.organisation.models import Area, Post
from anlan.organisation.pack import Checklist
from anlan.organisation.queries import in_force, posts_with_role
from anlan.organisation.queries.bodies import posts_seated
from anlan.organisation.queries.work_calendar import worktime_after
from anlan.organisation.rules import AreaLevel
from anlan.workorders.models import OrderExtension, OrderLeg, OrderStep, WorkOrder
from anlan.workorders.pack import CallAndRespond, OrderKind, OrderStage, ProblemCategory
from anlan.workorders.rules import (
    FROM_TO,
    LEG_FROM_TO,
    OF_ACCOUNTABLE_POST,
    OF_CALLED_POST,
    OF_DECIDER,
    ON_THE_WAY,
    OPEN_LEGS,
    OPEN_STAGES,
    REPLY_WITHIN,
    Act,
    ExtensionState,
    LegAct,
    Stage,
)

CALL = "call_and_respond"
PROBLEM = "resident_problem"
TASK = "community_task"
ENDED_STAGES = (Stage.CLOSED, Stage.EVALUATED)
NOBODY = Value(UUID(int=0))  # the raiser of a problem that came from outside the posts


ENDED = (Stage.CLOSED, Stage.EVALUATED)


def order_kind(key: str) -> OrderKind:
    """Return a kind of order of the pack in force."""
    return entry(OrderKind, key)


def order_kinds() -> list[OrderKind]:
    """Return all kinds of order."""
    return section(OrderKind)


def stages_of(template: str) -> list[OrderStage]:
    """Return the stages of a template, in their order."""
    return sorted((row for row in section(OrderStage) if row.template == template), key=lambda row: row.rank)


def due_after(kind: OrderKind, stage: str, since: datetime) -> datetime | None:
    """Return when a stage entered at `since` must be left, on the work calendar where the kind says so."""
    running = {row.key for row in stages_of(kind.template) if stage in row.runs_while}
    moment = since
    for limit in kind.stages:
        if limit.stage in running:
            worked = limit.counted == "worktime"
            span = timedelta(minutes=limit.minutes)
            moment = worktime_after(moment, limit.minutes) if worked else moment + span
    return moment if moment > since else None


def checklist_of(kind: OrderKind) -> Checklist | None:
    """Return the checklist that an order of this kind answers, if it has one."""
    return entry(Checklist, kind.checklist) if kind.checklist else None


def call_named(key: str) -> CallAndRespond:
    """Return one situation of the call-and-respond table."""
    return entry(CallAndRespond, key)


def calls() -> list[CallAndRespond]:
    """Return the call-and-respond table, in its order."""
    return section(CallAndRespond)


def first_post(roles: Iterable[str], area_code: str, *, now: datetime) -> Post | None:
    """Return the closest post in force of the first of these roles that an area has one of."""
    found = (posts_with_role(role, covering=area_code, now=now).first() for role in roles)
    return next((post for post in found if post is not None), None)


def posts_called(actor: Actor, call: CallAndRespond, area_code: str, *, now: datetime) -> list[Post]:
    """Return whom a call reaches, each once: who leads, departments that assist, standing lists of the area.

    None at all where nobody in force would lead.
    """
    lead = first_post((call.leads, order_kind(CALL).accountable), area_code, now=now)
    assisting = (first_post([role], area_code, now=now) for role in call.assists)
    standing = posts_seated(call.joined_by, covering=area_code, now=now)
    others = (post for post in standing if post.area_code != actor.area_code)  # not those who call
    return list(dict.fromkeys([lead, *(post for post in assisting if post), *others])) if lead else []


def problem_categories() -> list[ProblemCategory]:
    """Return what a problem may be about."""
    return section(ProblemCategory)


def at_home(orders: Iterable[WorkOrder]) -> list[WorkOrder]:
    """Return those for which somebody waits at home, by what the problem is about."""
    helped = {row.key for row in problem_categories() if row.at_home}
    return [row for row in orders if row.kind == PROBLEM and row.category in helped]


def visible_orders(actor: Actor) -> QuerySet[WorkOrder]:
    """Return the orders in the actor's ranges; those of a purpose only to posts serving it (the policy)."""
    return WorkOrder.objects.filter(within(actor.ranges)).select_related("accountable", "asked_by")


def my_orders(actor: Actor) -> QuerySet[WorkOrder]:
    """Return open orders the post answers for or is called to, the most urgent first."""
    called = OrderLeg.objects.filter(order=OuterRef("pk"), post_id=actor.post_id, state__in=OPEN_LEGS)
    mine = visible_orders(actor).filter(stage__in=OPEN_STAGES)
    return mine.filter(Q(accountable_id=actor.post_id) | Exists(called)).order_by("due_at", "id")


def orders_to_check(actor: Actor) -> QuerySet[WorkOrder]:
    """Return orders that wait for the actor's role: to be filed, dispatched, checked or closed."""
    checks = [kind.key for kind in order_kinds() if actor.role in kind.checked_by]
    dispatches = [kind.key for kind in order_kinds() if actor.role in dispatchers_of(kind)]
    waiting = Q(kind__in=checks, stage__in=(Stage.FED_BACK, Stage.CHECKED)) | Q(
        kind__in=dispatches, stage__in=(Stage.COLLECTED, Stage.FILED)
    )
    return visible_orders(actor).filter(waiting).order_by("due_at", "id")


def orders_asked(actor: Actor) -> QuerySet[WorkOrder]:
    """Return orders the actor's post asked for, the latest first."""
    return visible_orders(actor).filter(asked_by_id=actor.post_id).order_by("-opened_at", "id")


def orders_in_view(actor: Actor, view: str, now: datetime) -> QuerySet[WorkOrder]:
    """Return one of the lists of orders: mine, check, asked, open, late, closed; another word is mine."""
    every = visible_orders(actor)
    lists: dict[str, Callable[[], QuerySet[WorkOrder]]] = {
        "check": lambda: orders_to_check(actor),
        "asked": lambda: orders_asked(actor),
        "open": lambda: every.filter(stage__in=OPEN_STAGES),
        "late": lambda: every.filter(stage__in=OPEN_STAGES, due_at__lt=now),
        "closed": lambda: every.filter(stage__in=ENDED_STAGES),
    }
    return lists.get(view, lambda: my_orders(actor))()


def orders_about(actor: Actor, subject_id: UUID) -> QuerySet[WorkOrder]:
    """Return the orders about one matter."""
    return visible_orders(actor).filter(subject_id=subject_id).order_by("opened_at")


def overdue_orders(now: datetime) -> QuerySet[WorkOrder]:
    """Return open orders whose present stage is past its clock and not yet marked."""
    return WorkOrder.objects.filter(Q(stage__in=OPEN_STAGES, due_at__lt=now, late_at=None))


def late_legs(now: datetime) -> QuerySet[OrderLeg]:
    """Return legs whose arrival clock has run out and that are not yet marked."""
    return OrderLeg.objects.filter(state__in=ON_THE_WAY, due_at__lt=now, late_at=None)


def unanswered_orders(now: datetime) -> QuerySet[WorkOrder]:
    """Return open problems of whose raiser nobody took notice in time, and that are not yet marked."""
    steps = OrderStep.objects.filter(order=OuterRef("pk"))
    answered = steps.filter(post_id__isnull=False).exclude(post_id=OuterRef("asked_by_id"))
    waiting = WorkOrder.objects.filter(kind=PROBLEM, stage__in=OPEN_STAGES, asked_by__isnull=False)
    waiting = waiting.filter(opened_at__lt=now - REPLY_WITHIN)
    return waiting.filter(~Exists(answered), ~Exists(steps.filter(act="no_reply")))


def unanswered_problems(actor: Actor, *, since: datetime) -> QuerySet[WorkOrder]:
    """Return open problems raised before `since` that no other post than the raiser's has touched yet."""
    answered = OrderStep.objects.filter(order=OuterRef("pk"), post_id__isnull=False)
    answered = answered.exclude(post_id=Coalesce(OuterRef("asked_by_id"), NOBODY))
    waiting = visible_orders(actor).filter(kind=PROBLEM, stage__in=OPEN_STAGES, opened_at__lt=since)
    return waiting.filter(~Exists(answered)).order_by("opened_at", "id")


def first_reply(order: WorkOrder) -> OrderStep | None:
    """Return the first step by another post than the raiser's: what the raiser hears first."""
    replies = order.steps.filter(post_id__isnull=False).exclude(post_id=order.asked_by_id)
    return replies.order_by("at", "id").first()


def narrowed(rows: QuerySet[WorkOrder], *, kind: str, area_code: str, text: str) -> QuerySet[WorkOrder]:
    """Return those orders of a kind, at or below an area, whose place or task holds the text."""
    rows = rows.filter(kind=kind) if kind else rows
    rows = rows.filter(area_code__startswith=area_code) if area_code else rows
    return rows.filter(Q(place_name__icontains=text) | Q(task__icontains=text)) if text else rows


def areas_to_choose(actor: Actor, *, now: datetime) -> QuerySet[Area]:
    """Return the communities in the actor's ranges, or the grids where that is one community or less."""
    near = Area.objects.filter(in_force(now), within(actor.ranges, "code")).order_by("code")
    communities = near.filter(level=AreaLevel.COMMUNITY)
    return communities if communities.count() > 1 else near.filter(level=AreaLevel.GRID)


def access_order(actor: Actor, order_id: UUID) -> WorkOrder:
    """Return one order, or raise NotFound."""
    order = visible_orders(actor).filter(pk=order_id).first()
    if order is None:
        raise NotFound
    return order


def access_leg(actor: Actor, leg_id: UUID) -> OrderLeg:
    """Return one leg of an order the actor sees, or raise NotFound."""
    leg = OrderLeg.objects.filter(within(actor.ranges), pk=leg_id).select_related("post").first()
    if leg is None:
        raise NotFound
    return leg


def steps_of(order: WorkOrder) -> QuerySet[OrderStep]:
    """Return the order's timeline, oldest first."""
    return order.steps.order_by("at", "id")


def may_object(actor: Actor, order: WorkOrder) -> bool:
    """Say whether the actor may give this order back as not the community's: its post, or the secretary."""
    if order.stage not in OPEN_STAGES or order.minutes is None:  # minutes: it asks something of a community
        return False
    leads = actor.has_purpose("lead") and is_of_community(actor.area_code)
    return order.accountable_id == actor.post_id or (leads and actor.ranges.covers(order.area_code))


def open_extension(order: WorkOrder) -> OrderExtension | None:
    """Return the extension that waits for a decision, if one does."""
    return order.extensions.filter(state=ExtensionState.ASKED).first()


def extensions_left(order: WorkOrder) -> int:
    """Return how many more extensions the kind allows this order."""
    used = order.extensions.exclude(state=ExtensionState.REFUSED).count()
    return max(0, order_kind(order.kind).extensions - used)


def dispatchers_of(kind: OrderKind) -> Iterable[str]:
    """Return the roles that file and dispatch orders of a kind."""
    return kind.dispatched_by or kind.checked_by


def may(actor: Actor, act: Act, order: WorkOrder) -> bool:
    """Say whether the actor's post may do this to the order at its present stage."""
    if order.stage not in FROM_TO[act][0]:
        return False
    kind = order_kind(order.kind)
    if act in OF_ACCOUNTABLE_POST:
        return order.accountable_id == actor.post_id
    if act in {Act.FILE, Act.DISPATCH}:
        return actor.role in dispatchers_of(kind)
    if act is Act.EVALUATE and order.asked_by_id:  # whoever raised it, and nobody in their stead
        return order.asked_by_id == actor.post_id
    return actor.role in kind.checked_by


def may_leg(actor: Actor, act: LegAct, leg: OrderLeg) -> bool:
    """Say whether the actor's post may do this to the leg in its present state."""
    if leg.state not in LEG_FROM_TO[act][0] or leg.order.stage not in OPEN_STAGES:
        return False
    if act is LegAct.FINISH and leg.due_at and not leg.arrived_at:  # the caller confirms its coming first
        return False
    if act in OF_CALLED_POST:
        return leg.post_id == actor.post_id
    if act in OF_DECIDER:
        return actor.role in order_kind(leg.order.kind).decided_by
    return leg.order.asked_by_id == actor.post_id


def may_send_task(actor: Actor) -> bool:
    """Say whether the actor's post may send tasks to communities."""
    return actor.role in order_kind(TASK).asked_by


def may_remind(actor: Actor, order: WorkOrder) -> bool:
    """Say whether the actor's post may press for an open order: who asked, who checks, who is told."""
    if order.stage not in OPEN_STAGES or order.accountable_id == actor.post_id:
        return False
    asks = actor.post_id in (order.asked_by_id, order.escalated_to_id)
    return asks or actor.role in order_kind(order.kind).checked_by


def candidates(order: WorkOrder, *, now: datetime) -> list[Post]:
    """Return posts an order of this kind may be given to: the kind's own roles that cover the place."""
    kind = order_kind(order.kind)
    found: dict[UUID, Post] = {}
    for role in dict.fromkeys((kind.accountable, *kind.assists)):
        for post in posts_with_role(role, covering=order.area_code, now=now):
            found.setdefault(post.pk, post)
    below = Post.objects.filter(
        in_force(now), role__in=(kind.accountable, *kind.assists), area_code__startswith=order.area_code
    )
    for post in below.order_by("area_code", "pk")[:40]:
        found.setdefault(post.pk, post)
    return list(found.values())
