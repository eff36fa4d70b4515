"""What scripted staff do about signals: take them on, verify, assess, sign the products, close."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from anlan.exercises.replay.ground import Person
from anlan.exercises.replay.scripting import Due, Script
from anlan.foundation.actor import Actor
from anlan.foundation.pack_store import entry
from anlan.health.pack import Disease
from anlan.health.queries import condition_named
from anlan.response.models import PlanProposal
from anlan.response.queries import layers, open_proposal_of, plan_of
from anlan.response.rules import OPEN_STATES as OPEN_PLANS
from anlan.surveillance import actions
from anlan.surveillance.models import Signal, WarningProduct, WarningReceipt
from anlan.surveillance.pack import RiskGrade
from anlan.surveillance.queries import product_kind
from anlan.surveillance.rules import OPEN_STATES, ProductState, SignalState, open_places
from anlan.workorders.models import WorkOrder
from anlan.workorders.rules import OPEN_STAGES, Act

QUIET_DAYS = 14  # after the last case, where the pack knows no incubation period
GRADES = ((20, "high"), (5, "medium"), (0, "low"))  # by how many cases are known; the output says so
SCORES = {"low": 2, "medium": 3, "high": 4}
CDC = ("cdc_duty_officer",)


class SignalScript(Script):
    """The CDC's desk and the disease-control department."""

    def acts(self) -> Iterator[Due | None]:
        """Yield the next act on each signal that is not closed."""
        open_now = (*OPEN_STATES, SignalState.EXCLUDED)
        for signal in Signal.objects.filter(state__in=open_now, **self.own):
            yield self._act_on(signal)

    def _desk(self) -> Person | None:
        return self.ground.answering(CDC, self.ground.code)

    def _act_on(self, signal: Signal) -> Due | None:
        if signal.state == SignalState.RAISED:
            act = partial(actions.acknowledge_signal, signal_id=signal.pk, expected_version=signal.version)
            return self.due(signal.state_entered_at, "acknowledge", self._desk(), "acknowledge", act)
        if signal.state == SignalState.VERIFYING:
            return self._verify(signal)
        if signal.state == SignalState.VERIFIED:
            return self._assess(signal)
        formed = signal.products.filter(state=ProductState.FORMED).order_by("formed_at", "kind").first()
        return self._close(signal) if formed is None else self._sign(signal, formed)

    def _verify(self, signal: Signal) -> Due | None:
        """The duty officer decides once the health centre has fed back what it found."""
        order = WorkOrder.objects.filter(subject_id=signal.pk).order_by("opened_at").first()
        fed_back = order.steps.filter(act=Act.FEED_BACK).first() if order else None
        if order is not None and fed_back is None:
            return None
        since = max(signal.state_entered_at, fed_back.at) if fed_back else signal.state_entered_at
        act = partial(
            actions.verify_signal,
            signal_id=signal.pk,
            holds=True,
            note="卫生服务中心反馈属实",
            expected_version=signal.version,
        )
        return self.due(since, "verify", self._desk(), "verify", act)

    def _assess(self, signal: Signal) -> Due | None:
        key = next(name for least, name in GRADES if signal.case_count >= least)
        grade = entry(RiskGrade, key)
        assessment = actions.Assessment(
            grade=key,
            likelihood=SCORES[key],
            impact=SCORES[key],
            vulnerability=SCORES[key],
            evidence=f"{_known(signal)}（演练脚本按例数定级）",
            products=tuple(grade.products),
        )
        act = partial(
            actions.assess_signal,
            signal_id=signal.pk,
            assessment=assessment,
            expected_version=signal.version,
        )
        return self.due(signal.state_entered_at, "assess", self._desk(), "assess", act)

    def _sign(self, signal: Signal, product: WarningProduct) -> Due | None:
        signer = self.ground.answering(product_kind(product.kind).signed_by, self.ground.code)
        act = partial(_fill_and_sign, product_id=product.pk)
        return self.due(signal.state_entered_at, "sign", signer, f"sign {product.kind}", act)

    def _close(self, signal: Signal) -> Due | None:
        """Close when no case has joined for the longest incubation time and everything asked is in."""
        if signal.state not in {SignalState.WARNED, SignalState.ASSESSED, SignalState.EXCLUDED}:
            return None
        waiting = WarningReceipt.objects.filter(
            product_id__in=signal.products.values("pk"), acknowledged_at=None
        )
        orders = WorkOrder.objects.filter(subject_id=signal.pk, stage__in=OPEN_STAGES)
        plans = PlanProposal.objects.filter(signal=signal, state__in=OPEN_PLANS)
        if waiting.exists() or orders.exists() or plans.exists():
            return None
        last = max(signal.state_entered_at, signal.reasons.latest("spoken_at").spoken_at)
        act = partial(
            actions.close_signal,
            signal_id=signal.pk,
            note="最长潜伏期内无新发",
            expected_version=signal.version,
        )
        quiet = last + timedelta(days=_quiet_days(signal.condition))
        lifted = PlanProposal.objects.filter(signal=signal, lifted_at__isnull=False).order_by("-lifted_at")
        ended = lifted.values_list("lifted_at", flat=True).first()
        return self.due(max(quiet, ended or quiet), "close_signal", self._desk(), "close", act)


def _known(signal: Signal) -> str:
    return f"已知 {signal.case_count} 例" if signal.case_count else "尚无已知病例"


def _quiet_days(condition: str) -> float:
    found = condition_named(condition)
    incubation = found.incubation if isinstance(found, Disease) else None
    return incubation.max_days if incubation else QUIET_DAYS


def _fill_and_sign(*, actor: Actor, product_id: UUID, now: datetime) -> None:
    """Write into the places still open, from the proposed plan where one is, and sign."""
    product = WarningProduct.objects.select_related("signal").get(pk=product_id)
    texts = f"{product.text}{product.text_large}{product.text_broadcast}"
    open_now = open_places(texts)
    if open_now:
        words = _words(product)
        product = actions.write_product(
            actor=actor,
            product_id=product.pk,
            places={name: words.get(name, "见附件") for name in open_now},
            now=now,
            expected_version=product.version,
        )
    actions.sign_product(
        actor=actor, product_id=product.pk, text=product.text, now=now, expected_version=product.version
    )


def _words(product: WarningProduct) -> dict[str, str]:
    known = {
        "人群": "老人、儿童和慢性病患者",
        "预防要点": "勤洗手、常通风，不舒服时在家休息",
        "依据": "监测信号已核实",
        "不确定": "病例数还可能变化",
        "措施": "按响应方案",
        "范围": "受影响的场所",
        "人数": "—",
        "法条": "见响应方案",
        "条件": "见响应方案",
    }
    proposal = open_proposal_of(product.signal_id)
    if proposal is None:
        return known
    plan = plan_of(proposal)
    option = next(one for one in proposal.options if one["layer"] == proposal.layer)
    layer = next((one.title.zh for one in layers() if one.key == proposal.layer), proposal.layer)
    return known | {
        "措施": f"按“{plan.title.zh}”方案",
        "范围": layer,
        "人数": str(option["people"]),
        "法条": option["law_zh"],
        "条件": "，".join(one.text.zh for one in plan.lift),
    }
