"""Plan proposals, their orders and timeline, notices that a response is over; statuses of persons."""

from django.db import models
from django.db.models import F, Func, Q

from anlan.foundation.models import Scoped
from anlan.health.models import CaseReport, EventFile, Pseudonym
from anlan.organisation.models import Member, Post
from anlan.response.rules import OPEN_STATES, ProposalState
from anlan.surveillance.models import Signal

DECIDERS = ("health", "lead")


class PlanProposal(Scoped):
    """A plan for one signal, from proposal to lifting; what was advised and what was chosen are both kept."""

    on_redraw = "stays"
    read_purposes = DECIDERS

    signal = models.ForeignKey(Signal, on_delete=models.PROTECT, related_name="+")
    plan = models.TextField()  # a key of the pack's plans
    pack_version = models.TextField()
    condition = models.TextField()
    place_kind = models.TextField()
    place_name = models.TextField(blank=True)
    grade = models.TextField()
    state = models.CharField(max_length=10, choices=ProposalState.choices, default=ProposalState.PROPOSED)
    options = models.JSONField(default=list)  # scoping.ScopeOption of each layer, the smallest first
    advised_layer = models.TextField()
    layer = models.TextField()
    wider_reason = models.TextField(blank=True)
    reported_at = models.DateTimeField(null=True)  # the first report behind the signal
    raised_at = models.DateTimeField()
    verified_at = models.DateTimeField(null=True)
    proposed_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)  # activated or declined
    decided_title = models.TextField(blank=True)
    decided_name = models.TextField(blank=True)
    decline_reason = models.TextField(blank=True)
    product_id = models.UUIDField(null=True)  # the warning notification that went out with it
    ends_on = models.DateField(null=True)  # orders to grids end by themselves after this day
    lifted_at = models.DateTimeField(null=True)
    lifted_title = models.TextField(blank=True)
    lifted_name = models.TextField(blank=True)
    lift_reason = models.TextField(blank=True)
    version = models.IntegerField(default=1)

    class Meta:
        constraints = (
            models.UniqueConstraint("signal", condition=Q(state__in=OPEN_STATES), name="one_open_plan"),
            models.CheckConstraint(
                condition=~Q(state=ProposalState.LIFTED)
                | Q(lifted_at__isnull=False, decided_at__isnull=False),
                name="lifted_has_moments",
            ),
        )
        indexes = (
            models.Index(fields=("area_code", "-proposed_at"), name="planproposal_area"),
            models.Index(fields=("state", "-proposed_at"), name="planproposal_state"),
        )


class PlannedOrder(Scoped):
    """An order a plan would send, and once active has sent; area_code is the receiver's."""

    on_redraw = "stays"
    read_purposes = DECIDERS

    proposal = models.ForeignKey(PlanProposal, on_delete=models.CASCADE, related_name="planned_orders")
    line = models.TextField()  # a key of the pack's plan_orders
    receiver = models.ForeignKey(Post, null=True, on_delete=models.PROTECT, related_name="+")  # none: vacant
    receiver_name = models.TextField()
    why = models.TextField(default="place")  # place, or the link by which the area is concerned
    is_chosen = models.BooleanField(default=True)
    change_reason = models.TextField(blank=True)
    position = models.IntegerField(default=0)
    order_id = models.UUIDField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint("proposal", "line", "area_code", name="plannedorder_once"),)


class ResponseStep(Scoped):
    """Something was done about a plan: what, when, by whom, through which post."""

    on_redraw = "stays"
    read_purposes = DECIDERS

    proposal = models.ForeignKey(PlanProposal, on_delete=models.CASCADE, related_name="steps")
    act = models.TextField()
    at = models.DateTimeField()
    post_title = models.TextField(blank=True)
    member_name = models.TextField(blank=True)
    note = models.TextField(blank=True)

    class Meta:
        indexes = (models.Index("proposal", "at", name="responsestep_proposal"),)


class LiftingNotice(Scoped):
    """The receiver's own row that a response is over; `role` empty: the area is told."""

    on_redraw = "moves"

    proposal_id = models.UUIDField()
    role = models.TextField(blank=True)
    receiver = models.TextField()
    from_area = models.TextField()
    text = models.TextField()
    sent_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.TextField(blank=True)
    post_title = models.TextField(blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint("proposal_id", "area_code", "role", name="liftingnotice_once"),
        )
        indexes = (models.Index(fields=("area_code", "-sent_at"), name="liftingnotice_area"),)


class PersonStatus(Scoped):
    """A status that limits a person: nine parts, each demanded by the database (SAFETY.md, privacy rule 12).

    Legal reason, evidence, proposer, another approver with jurisdiction, start, expiry, true notice,
    appeal to somebody else with a deadline, immutable record. What one row cannot say of itself triggers say
    (migration 0004). Nothing sets one yet; area_code is where the person is.
    """

    on_redraw = "stays"
    read_purposes = ("health",)

    event_file = models.ForeignKey(EventFile, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Pseudonym, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()  # of the view response_status_reason: the law's list, which no act adds to
    evidence = models.ForeignKey(CaseReport, on_delete=models.PROTECT, related_name="+")
    proposed_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    proposed_post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    approved_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    approved_post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    notice = models.TextField()  # as the person was told it
    noticed_at = models.DateTimeField()
    appeal_until = models.DateTimeField()
    appeal_post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")  # decides an appeal
    recorded_at = models.DateTimeField(db_default=Func(function="clock_timestamp"))

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=~Q(proposed_by=F("approved_by")) & ~Q(proposed_post=F("approved_post")),
                name="personstatus_two_persons",
            ),
            models.CheckConstraint(
                condition=Q(proposed_at__lte=F("approved_at"), approved_at__lte=F("noticed_at")),
                name="personstatus_told_once_approved",
            ),
            models.CheckConstraint(
                condition=Q(noticed_at__lte=F("starts_at"), starts_at__lt=F("ends_at")),
                name="personstatus_told_before_it_starts",
            ),
            models.CheckConstraint(
                condition=~Q(appeal_post=F("proposed_post")) & ~Q(appeal_post=F("approved_post")),
                name="personstatus_appeal_elsewhere",
            ),
        )
        indexes = (models.Index(fields=("area_code", "-starts_at"), name="personstatus_area"),)
