"""What hangs on an order: items to answer, legs of the posts called to it, extensions asked for."""

from django.db import models
from django.db.models import Q

from anlan.foundation.models import Scoped
from anlan.organisation.models import Post
from anlan.workorders.models.orders import WorkOrder
from anlan.workorders.rules import OPEN_LEGS, ExtensionState, ItemAnswer, LegState


class OrderItem(Scoped):
    """One line of the order's checklist; all are answered before the result is fed back."""

    on_redraw = "moves"
    redraw_with = ("order",)

    order = models.ForeignKey(WorkOrder, on_delete=models.CASCADE, related_name="items")
    position = models.SmallIntegerField()
    key = models.TextField()
    words_zh = models.TextField()
    words_en = models.TextField()
    evidence = models.TextField(default="none")  # what the answer names: note, number, date, document
    answer = models.CharField(max_length=12, choices=ItemAnswer.choices, default=ItemAnswer.OPEN)
    note = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)
    post_title = models.TextField(blank=True)
    member_name = models.TextField(blank=True)

    class Meta:
        constraints = (models.UniqueConstraint("order", "key", name="orderitem_once"),)


class OrderLeg(Scoped):
    """One post called to an order beside the accountable one: comes, refuses with reason, does its part."""

    on_redraw = "moves"
    redraw_with = ("post",)

    order = models.ForeignKey(WorkOrder, on_delete=models.CASCADE, related_name="legs")
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="order_legs")
    is_lead = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=LegState.choices, default=LegState.ASKED)
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)  # by when it has arrived
    late_at = models.DateTimeField(null=True)  # when the clock first found it late
    arrived_at = models.DateTimeField(null=True)  # as the caller confirmed
    note = models.TextField(blank=True)  # the reason of a refusal, or what was done
    version = models.IntegerField(default=1)

    class Meta:
        constraints = (models.UniqueConstraint("order", "post", name="orderleg_once"),)
        indexes = (models.Index("post", "due_at", name="orderleg_due", condition=Q(state__in=OPEN_LEGS)),)


class OrderExtension(Scoped):
    """More time asked for a stage, with the reason and the decision; one open at a time."""

    on_redraw = "stays"

    order = models.ForeignKey(WorkOrder, on_delete=models.CASCADE, related_name="extensions")
    minutes = models.IntegerField()
    reason = models.TextField()
    state = models.CharField(max_length=8, choices=ExtensionState.choices, default=ExtensionState.ASKED)
    asked_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.TextField(blank=True)  # post and name
    version = models.IntegerField(default=1)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                "order", condition=Q(state=ExtensionState.ASKED), name="orderextension_one_open"
            ),
            models.CheckConstraint(condition=Q(minutes__gt=0), name="orderextension_minutes"),
        )
