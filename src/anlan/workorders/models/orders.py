"""Work orders and the steps they went through."""

from django.db import models
from django.db.models import Q

from anlan.affairs.models import Admission
from anlan.foundation.models import Scoped
from anlan.organisation.models import Post
from anlan.workorders.rules import OPEN_STAGES, Stage


class WorkOrder(Scoped):
    """One task with one accountable post. `purpose`, where set, is needed to see it at all."""

    on_redraw = "moves"

    kind = models.TextField()  # a key of the pack's order_kinds
    pack_version = models.TextField(default="")
    purpose = models.TextField(default="", blank=True)
    place_name = models.TextField(blank=True)
    template = models.TextField(default="seven_stages")  # of the pack: what its stages are called
    category = models.TextField(blank=True)  # a key of the pack's problem_categories or call_and_respond
    task = models.TextField()  # what is asked, in a sentence; no diagnosis unless `purpose` is health
    subject_kind = models.TextField(blank=True)  # model label of what the order is about
    subject_id = models.UUIDField(null=True)
    asked_by = models.ForeignKey(Post, null=True, on_delete=models.PROTECT, related_name="orders_asked")
    accountable = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="orders_accountable")
    stage = models.CharField(max_length=12, choices=Stage.choices, default=Stage.DISPATCHED)
    admission = models.ForeignKey(Admission, null=True, on_delete=models.PROTECT, related_name="+")
    item = models.TextField(blank=True)  # a key of the lists, or the admission's title
    basis = models.TextField(blank=True)
    minutes = models.IntegerField(null=True)  # it is estimated to cost; None where no community is asked
    ends_on = models.DateField(null=True)  # of the admission
    finding = models.TextField(blank=True)  # what the accountable post found, as fed back
    opened_at = models.DateTimeField()
    stage_entered_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)  # of the present stage
    late_at = models.DateTimeField(null=True)  # when the clock first found a stage overdue
    closed_at = models.DateTimeField(null=True)
    escalated_to = models.ForeignKey(Post, null=True, on_delete=models.PROTECT, related_name="+")
    satisfaction = models.SmallIntegerField(null=True)  # 1 to 5, by whoever asked; of the matter
    version = models.IntegerField(default=1)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(stage=Stage.CLOSED, closed_at__isnull=False)
                | (~Q(stage=Stage.CLOSED) & (Q(closed_at=None) | Q(stage=Stage.EVALUATED))),
                name="workorder_closed_has_a_moment",
            ),
            models.CheckConstraint(
                condition=Q(satisfaction=None) | Q(satisfaction__gte=1, satisfaction__lte=5),
                name="workorder_satisfaction",
            ),
        )
        indexes = (
            models.Index(fields=("area_code", "-opened_at"), name="workorder_area"),
            models.Index("accountable", "due_at", name="workorder_due", condition=Q(stage__in=OPEN_STAGES)),
            models.Index("subject_id", name="workorder_subject"),
            models.Index("admission", name="workorder_admission"),
        )


class OrderStep(Scoped):
    """One stage entered: when, by whom, through which post, and what was said."""

    on_redraw = "stays"

    order = models.ForeignKey(WorkOrder, on_delete=models.CASCADE, related_name="steps")
    stage = models.CharField(max_length=12, choices=Stage.choices)
    act = models.TextField()
    at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    was_late = models.BooleanField(default=False)  # the stage before it ended after its clock
    post_id = models.UUIDField(null=True)
    post_title = models.TextField(blank=True)
    member_name = models.TextField(blank=True)
    note = models.TextField(blank=True)

    class Meta:
        indexes = (models.Index("order", "at", name="orderstep_order"),)
