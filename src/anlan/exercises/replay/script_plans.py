"""What scripted staff do about plans: approve in the smallest scope, review at the gate, lift, be told."""

from collections.abc import Iterator
from functools import partial

from django.db.models import Max, Q

from anlan.affairs.actions import decide_admission
from anlan.affairs.models import Admission
from anlan.affairs.queries import gate
from anlan.affairs.rules import AdmissionState, Decision
from anlan.exercises.replay.scripting import Due, Script
from anlan.exercises.replay.sending import MORNING
from anlan.foundation.clock import start_of
from anlan.response.actions import acknowledge_lifting, approve_proposal, lift_response
from anlan.response.models import LiftingNotice, PlanProposal
from anlan.response.queries import decided_by, plan_of
from anlan.response.rules import ProposalState, quiet_until
from anlan.surveillance.models import WarningProduct
from anlan.surveillance.queries import NOTIFICATION
from anlan.surveillance.rules import ProductState

ASKED = Q(steps__act__in=("admit_emergency", "widen"))  # steps after which a review is due


class PlanScript(Script):
    """Whoever decides the scope of a plan, who reviews at the gate, and who is told that it is over."""

    def acts(self) -> Iterator[Due | None]:
        """Yield the next act on each plan, emergency admission and notice of an end."""
        for proposal in PlanProposal.objects.filter(state=ProposalState.PROPOSED, **self.own):
            yield self._approve(proposal)
        running = PlanProposal.objects.filter(state=ProposalState.RUNNING, **self.own)
        for proposal in running.select_related("signal"):
            yield self._lift(proposal)
        yield from self._reviews()
        yield from self._answers()

    def _approve(self, proposal: PlanProposal) -> Due | None:
        """Activate it as proposed once its warning notification is signed: orders and notices in one act."""
        product = WarningProduct.objects.filter(signal_id=proposal.signal_id, kind=NOTIFICATION).first()
        if product is None or product.signed_at is None or product.state == ProductState.WITHDRAWN:
            return None
        decider = self.ground.answering([decided_by(proposal)], proposal.area_code)
        act = partial(
            approve_proposal,
            proposal_id=proposal.pk,
            notice_text=product.text,
            expected_version=proposal.version,
        )
        return self.due(max(proposal.proposed_at, product.signed_at), "approve", decider, "approve", act)

    def _lift(self, proposal: PlanProposal) -> Due | None:
        """Lift it on the first morning on which its counted conditions hold, vouching for the others."""
        conditions = plan_of(proposal).lift
        days = [day for one in conditions if (day := quiet_until(one, proposal.signal.last_on))]
        since = max([proposal.decided_at or proposal.proposed_at, *(start_of(day) + MORNING for day in days)])
        decider = self.ground.answering([decided_by(proposal)], proposal.area_code)
        act = partial(
            lift_response,
            proposal_id=proposal.pk,
            confirmed=[one.key for one in conditions if not one.quiet_days],
            reason="解除条件均已满足",
            expected_version=proposal.version,
        )
        return self.due(since, "lift", decider, "lift", act)

    def _reviews(self) -> Iterator[Due | None]:
        """Review what an activation let pass the gate at once, and again what was widened since."""
        waiting = Admission.objects.filter(
            is_emergency=True, state=AdmissionState.ADMITTED, reviewed_at=None, **self.own
        )
        for admission in waiting.annotate(waits_since=Max("steps__at", filter=ASKED)):
            act = partial(
                decide_admission,
                admission_id=admission.pk,
                decision=Decision.CONFIRM,
                reason="依据和期限清楚，事后复核通过",
                expected_version=admission.version,
            )
            reviewer = self.ground.answering(gate().reviewed_by, admission.area_code)
            yield self.due(admission.waits_since, "review", reviewer, "review admission", act)

    def _answers(self) -> Iterator[Due | None]:
        for notice in LiftingNotice.objects.filter(acknowledged_at=None, **self.own):
            act = partial(acknowledge_lifting, notice_id=notice.pk)
            who = self.receiver(notice.role, notice.area_code)
            yield self.due(notice.sent_at, "receipt", who, "lifting receipt", act)
