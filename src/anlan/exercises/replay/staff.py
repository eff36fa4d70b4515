"""The scripted staff: who would act next, when, and the act itself, after the delays of the pack."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction

from anlan.exercises.replay.ground import Ground, practising
from anlan.foundation.actor import Actor
from anlan.foundation.pack_store import section
from anlan.foundation.scope import scope
from anlan.health.pack import Disease
from anlan.health.queries import condition_named
from anlan.surveillance import actions
from anlan.surveillance.models import Signal, WarningProduct, WarningReceipt
from anlan.surveillance.pack import ResponseDelay
from anlan.surveillance.rules import OPEN_STATES, ProductState, SignalState
from anlan.workorders.actions import ItemReply, advance_order, answer_items
from anlan.workorders.models import WorkOrder
from anlan.workorders.queries import order_kind
from anlan.workorders.rules import OF_ACCOUNTABLE_POST, OPEN_STAGES, Act, ItemAnswer, Stage

QUIET_DAYS = 14  # after the last case, where the pack knows no incubation period
GRADES = ((20, "high"), (5, "medium"), (0, "low"))  # by how many cases are known; the output says so
CDC, CONTROL = "cdc_duty_officer", "disease_control_officer"
ORDER_ACTS: dict[str, tuple[Act, str, str]] = {  # stage: act, delay step, words
    Stage.DISPATCHED: (Act.HANDLE, "accept", ""),
    Stage.HANDLED: (Act.FEED_BACK, "handle", "现场核实：报告属实"),
    Stage.FED_BACK: (Act.CHECK, "check", ""),
    Stage.CHECKED: (Act.CLOSE, "close", ""),
}


@dataclass(frozen=True, slots=True)
class Due:
    """One act that scripted staff will do, and when."""

    at: datetime
    who: str  # key of Ground.appointments
    what: str
    do: Callable[..., object]  # called with actor and now


class ScriptedStaff:
    """People of a practice district who verify, assess, sign, acknowledge and close after set delays."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.delays = {row.step: row.minutes for row in section(ResponseDelay)}

    def next_due(self) -> Due | None:
        """Return the earliest act that anybody has to do, or None where nobody has."""
        with practising(self.ground):
            found = [*self._signal_acts(), *self._order_acts(), *self._receipt_acts()]
        return min(found, key=lambda due: (due.at, due.what), default=None)

    def act(self, due: Due) -> None:
        """Let the person do it, under their own rights."""
        actor = self.ground.actor(due.who, due.at)
        with scope(actor), transaction.atomic():
            due.do(actor=actor, now=due.at)

    def _after(self, moment: datetime, step: str) -> datetime:
        return moment + timedelta(minutes=self.delays[step])

    def _signals(self) -> Iterator[Signal]:
        open_now = (*OPEN_STATES, SignalState.EXCLUDED)
        yield from Signal.objects.filter(area_code__startswith=self.ground.code, state__in=open_now)

    def _signal_acts(self) -> Iterator[Due]:
        for signal in self._signals():
            due = self._act_on(signal)
            if due is not None:
                yield due

    def _act_on(self, signal: Signal) -> Due | None:
        entered, key, version = signal.state_entered_at, signal.pk, signal.version
        if signal.state == SignalState.RAISED:
            return Due(
                self._after(entered, "acknowledge"),
                CDC,
                "acknowledge",
                partial(actions.acknowledge_signal, signal_id=key, expected_version=version),
            )
        if signal.state == SignalState.VERIFYING:
            return self._verify(signal)
        if signal.state == SignalState.VERIFIED:
            return self._assess(signal)
        formed = signal.products.filter(state=ProductState.FORMED).order_by("formed_at").first()
        if formed is not None:
            return self._sign(signal, formed)
        return self._close(signal)

    def _verify(self, signal: Signal) -> Due | None:
        """The duty officer decides once the health centre has fed back what it found."""
        order = WorkOrder.objects.filter(subject_id=signal.pk).order_by("opened_at").first()
        fed_back = order.steps.filter(act=Act.FEED_BACK).first() if order else None
        if order is not None and fed_back is None:
            return None
        since = max(signal.state_entered_at, fed_back.at) if fed_back else signal.state_entered_at
        return Due(
            self._after(since, "verify"),
            CDC,
            "verify",
            partial(
                actions.verify_signal,
                signal_id=signal.pk,
                holds=True,
                note="卫生服务中心反馈属实",
                expected_version=signal.version,
            ),
        )

    def _assess(self, signal: Signal) -> Due:
        grade = next(name for least, name in GRADES if signal.case_count >= least)
        score = {"low": 2, "medium": 3, "high": 4}[grade]
        assessment = actions.Assessment(
            grade=grade,
            likelihood=score,
            impact=score,
            vulnerability=score,
            evidence=f"已知 {signal.case_count} 例（演练脚本按例数定级）",
        )
        return Due(
            self._after(signal.state_entered_at, "assess"),
            CDC,
            "assess",
            partial(
                actions.assess_signal,
                signal_id=signal.pk,
                assessment=assessment,
                expected_version=signal.version,
            ),
        )

    def _sign(self, signal: Signal, product: WarningProduct) -> Due:
        return Due(
            self._after(signal.state_entered_at, "sign"),
            CONTROL,
            "sign",
            partial(
                actions.sign_product,
                product_id=product.pk,
                text=product.text,
                expected_version=product.version,
            ),
        )

    def _close(self, signal: Signal) -> Due | None:
        """Close when no case has joined for the longest incubation time, orders and answers being in."""
        if signal.state not in {SignalState.WARNED, SignalState.ASSESSED, SignalState.EXCLUDED}:
            return None
        waiting = WarningReceipt.objects.filter(
            product_id__in=signal.products.values("pk"), acknowledged_at=None
        )
        orders = WorkOrder.objects.filter(subject_id=signal.pk, stage__in=OPEN_STAGES)
        if waiting.exists() or orders.exists():
            return None
        last = max(signal.state_entered_at, signal.reasons.latest("spoken_at").spoken_at)
        return Due(
            last + timedelta(days=_quiet_days(signal.condition)),
            CDC,
            "close",
            partial(
                actions.close_signal,
                signal_id=signal.pk,
                note="最长潜伏期内无新发",
                expected_version=signal.version,
            ),
        )

    def _order_acts(self) -> Iterator[Due]:
        orders = WorkOrder.objects.filter(area_code__startswith=self.ground.code, stage__in=ORDER_ACTS)
        for order in orders.select_related("accountable"):
            act, step, note = ORDER_ACTS[order.stage]
            if act in {Act.CHECK, Act.CLOSE} and self._is_undecided(order):
                continue
            yield Due(
                self._after(order.stage_entered_at, step),
                self._who(order, act),
                f"order {act}",
                partial(_take_on, order=order, act=act, note=note),
            )

    def _who(self, order: WorkOrder, act: Act) -> str:
        """Return the key of the person who does this: the accountable post's, or the first that checks."""
        if act in OF_ACCOUNTABLE_POST:
            role = order.accountable.role
            return role if role in self.ground.appointments else order.accountable.area_code
        checkers = order_kind(order.kind).checked_by
        return next(role for role in checkers if role in self.ground.appointments)

    def _is_undecided(self, order: WorkOrder) -> bool:
        """Say whether the signal behind an order still waits for the duty officer's conclusion."""
        undecided = (SignalState.RAISED, SignalState.VERIFYING)
        if order.subject_id is None:
            return False
        return Signal.objects.filter(pk=order.subject_id, state__in=undecided).exists()

    def _receipt_acts(self) -> Iterator[Due]:
        unanswered = WarningReceipt.objects.filter(
            area_code__startswith=self.ground.code, acknowledged_at=None
        )
        for receipt in unanswered:
            yield Due(
                self._after(receipt.sent_at, "receipt"),
                receipt.role or receipt.area_code,
                "receipt",
                partial(actions.acknowledge_warning, receipt_id=receipt.pk),
            )


def _take_on(*, actor: Actor, order: WorkOrder, act: Act, note: str, now: datetime) -> None:
    """Take an order a stage on; before the result goes in, every item of its checklist is answered."""
    if act is Act.FEED_BACK:
        replies = [ItemReply(item.key, ItemAnswer.DONE) for item in order.items.all()]
        answer_items(actor=actor, order_id=order.pk, replies=replies, now=now)
    advance_order(actor=actor, order_id=order.pk, act=act, note=note, expected_version=order.version, now=now)


def _quiet_days(condition: str) -> float:
    found = condition_named(condition)
    incubation = found.incubation if isinstance(found, Disease) else None
    return incubation.max_days if incubation else QUIET_DAYS
