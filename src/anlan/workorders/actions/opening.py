"""Open an order: dispatched by a fact or a plan, raised as a problem, called for by a community."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from anlan.affairs.actions import Asked, pass_gate
from anlan.foundation import audit
from anlan.foundation.actor import Actor, AreaRanges
from anlan.foundation.errors import Invalid, NotAllowed
from anlan.foundation.ids import new_id
from anlan.foundation.outbox import publish
from anlan.foundation.pack_store import NoSuchEntry
from anlan.foundation.scope import duty
from anlan.organisation.models import Post
from anlan.organisation.queries import access_area
from anlan.workorders.actions.steps import SUBJECT, add_step, announce
from anlan.workorders.events import OrderOpened
from anlan.workorders.models import OrderItem, OrderLeg, WorkOrder
from anlan.workorders.pack import CallAndRespond, OrderKind
from anlan.workorders.queries import (
    CALL,
    PROBLEM,
    call_named,
    checklist_of,
    due_after,
    first_post,
    order_kind,
    posts_called,
    problem_categories,
)
from anlan.workorders.rules import Stage

TASK_LIMIT = 1000


class UnknownCategory(Invalid):
    """The pack has no such category of problem or situation to call for."""

    code = "unknown_category"
    sentence = _("没有这一类，请从列表选择。")


class WordsNeeded(Invalid):
    """A problem or call says in words what it is."""

    code = "words_needed"
    sentence = _("请用一句话说明（1 到 1000 字）。")


class NobodyToAnswer(Invalid):
    """No post in force answers for this here."""

    code = "nobody_to_answer"
    sentence = _("本地没有在任的岗位可以接办，请联系街道。")


def open_order(
    *,
    kind: str,
    area_code: str,
    accountable: Post,
    task: str,
    now: datetime,
    purpose: str = "",
    place_name: str = "",
    subject_kind: str = "",
    subject_id: UUID | None = None,
    asked_by_id: UUID | None = None,
    order_id: UUID | None = None,
    category: str = "",
    stage: Stage = Stage.DISPATCHED,
    items: Sequence[tuple[str, str, str]] = (),
    assisting: Iterable[Post] = (),
    arrival_minutes: int | None = None,
    admission_id: UUID | None = None,
    ends_on: date | None = None,
) -> WorkOrder:
    """Open an order at the post that answers for it, wherever that lies.

    `items` are (key, Chinese, English) beside those of the kind's checklist; `assisting` posts get a leg
    each, with an arrival clock where `arrival_minutes` says so. It ends by itself after `ends_on`, or
    after its admission's last day where that is earlier.
    Runs under the caller's scope and the duty `open_order`; the caller has proved the right to ask.
    Raises HeldAtGate where it asks something of a community and rests on no item.
    """
    of_kind = order_kind(kind)
    said = "" if purpose else task
    warrant = pass_gate(of_kind, Asked(area_code, accountable, asked_by_id, admission_id, said), now=now)
    with transaction.atomic(), duty("open_order", ranges=AreaRanges.of([area_code]), cause=kind):
        order = WorkOrder.objects.create(
            id=order_id or new_id(),
            area_code=area_code,
            kind=kind,
            template=of_kind.template,
            category=category,
            purpose=purpose,
            place_name=place_name,
            task=task,
            subject_kind=subject_kind,
            subject_id=subject_id,
            asked_by_id=asked_by_id,
            accountable=accountable,
            stage=stage,
            opened_at=now,
            stage_entered_at=now,
            due_at=due_after(of_kind, stage, now),
            admission_id=warrant.admission_id,
            item=warrant.item,
            basis=warrant.basis,
            minutes=warrant.minutes,
            ends_on=min((day for day in (ends_on, warrant.ends_on) if day), default=None),
        )
        _add_parts(order, of_kind, items, assisting, arrival_minutes)
        return _told(order, now)


def _told(order: WorkOrder, now: datetime) -> WorkOrder:
    """Write that the order was opened, tell whom it concerns, and return it."""
    add_step(order, "open", now, note="")
    audit.record("open_order", SUBJECT, [order.pk], area_code=order.area_code, detail={"kind": order.kind})
    publish(
        OrderOpened(
            order_id=order.pk,
            kind=order.kind,
            subject_id=order.subject_id,
            area_code=order.area_code,
            occurred_at=now,
        )
    )
    announce(order)
    return order


def _add_parts(
    order: WorkOrder,
    kind: OrderKind,
    items: Sequence[tuple[str, str, str]],
    assisting: Iterable[Post],
    arrival_minutes: int | None,
) -> None:
    _add_items(order, kind, items)
    _add_legs(order, assisting, order.opened_at, arrival_minutes)


def _add_items(order: WorkOrder, kind: OrderKind, further: Sequence[tuple[str, str, str]]) -> None:
    checklist = checklist_of(kind)
    known = checklist.items if checklist else []
    listed = [(item.key, item.text.zh, item.text.en, str(item.evidence)) for item in known]
    listed += [(key, zh, en, "none") for key, zh, en in further]
    OrderItem.objects.bulk_create(
        OrderItem(
            order=order,
            area_code=order.area_code,
            position=position,
            key=key,
            words_zh=zh,
            words_en=en,
            evidence=evidence,
        )
        for position, (key, zh, en, evidence) in enumerate(listed)
    )


def _add_legs(order: WorkOrder, posts: Iterable[Post], now: datetime, arrival_minutes: int | None) -> None:
    due_at = now + timedelta(minutes=arrival_minutes) if arrival_minutes else None
    called = {post.pk: post for post in posts}
    OrderLeg.objects.bulk_create(
        OrderLeg(
            order=order,
            area_code=order.area_code,
            post=post,
            is_lead=post.pk == order.accountable_id,
            asked_at=now,
            due_at=due_at,
        )
        for post in called.values()
    )


def raise_problem(
    *,
    actor: Actor,
    area_code: str,
    category: str,
    words: str,
    now: datetime,
    place_name: str = "",
    order_id: UUID | None = None,
) -> WorkOrder:
    """Raise a problem seen in a grid; it waits to be filed and dispatched, and its raiser hears back.

    The same id sent again by the same post is the same problem. Raises NotAllowed, UnknownCategory,
    WordsNeeded, NobodyToAnswer.
    """
    kind = order_kind(PROBLEM)
    words = words.strip()
    if not actor.ranges.covers(area_code) or actor.role not in kind.asked_by:
        raise NotAllowed
    access_area(area_code, now=now)
    if category not in {row.key for row in problem_categories()}:
        raise UnknownCategory(fields={"category": UnknownCategory.sentence})
    if not 0 < len(words) <= TASK_LIMIT:
        raise WordsNeeded(fields={"words": WordsNeeded.sentence})
    known = WorkOrder.objects.filter(pk=order_id, asked_by_id=actor.post_id).first() if order_id else None
    if known is not None:
        return known
    return open_order(
        kind=PROBLEM,
        area_code=area_code,
        accountable=closest_post(kind.accountable, kind.checked_by, area_code, now),
        task=words,
        now=now,
        place_name=place_name,
        asked_by_id=actor.post_id,
        order_id=order_id,
        category=category,
        stage=Stage.COLLECTED,
    )


def call_departments(
    *, actor: Actor, area_code: str, situation: str, words: str, now: datetime, order_id: UUID | None = None
) -> WorkOrder:
    """Call the departments and standing lists the pack names for a situation; each post gets a leg.

    Raises NotAllowed, UnknownCategory, WordsNeeded, NobodyToAnswer.
    """
    kind = order_kind(CALL)
    if not actor.ranges.covers(area_code) or actor.role not in kind.asked_by:
        raise NotAllowed
    area = access_area(area_code, now=now)
    call = _call(situation)
    words = words.strip()
    if not 0 < len(words) <= TASK_LIMIT:
        raise WordsNeeded(fields={"words": WordsNeeded.sentence})
    known = WorkOrder.objects.filter(pk=order_id, asked_by_id=actor.post_id).first() if order_id else None
    if known is not None:
        return known
    called = posts_called(actor, call, area_code, now=now)
    if not called:
        raise NobodyToAnswer
    return open_order(
        kind=CALL,
        area_code=area_code,
        accountable=called[0],
        task=f"{call.title.zh}：{words}",
        now=now,
        place_name=area.name,
        asked_by_id=actor.post_id,
        order_id=order_id,
        category=call.key,
        assisting=called,
        arrival_minutes=call.arrival_minutes,
    )


def _call(key: str) -> CallAndRespond:
    try:
        return call_named(key)
    except NoSuchEntry as error:
        raise UnknownCategory(fields={"situation": UnknownCategory.sentence}) from error


def closest_post(role: str, otherwise: Iterable[str], area_code: str, now: datetime) -> Post:
    """Return the closest post in force of the role, else of the next roles; raise NobodyToAnswer."""
    post = first_post((role, *otherwise), area_code, now=now)
    if post is None:
        raise NobodyToAnswer
    return post


def hand_orders_on(*, subject_id: UUID, to_subject_id: UUID) -> int:
    """Let the orders about one matter be about another that it was joined to; return how many."""
    return WorkOrder.objects.filter(subject_id=subject_id).update(subject_id=to_subject_id)
