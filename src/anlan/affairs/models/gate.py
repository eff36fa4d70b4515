"""Admissions with the areas they address and their steps; the gate's log; objections."""

from django.db import models
from django.db.models import Q

from anlan.affairs.rules import AdmissionState, Frequency, ObjectionState, Outcome, WhyHeld
from anlan.foundation.models import Scoped
from anlan.organisation.models import Post


class Admission(Scoped):
    """Something a department asks of communities, until a day; in the smallest area around them.

    Read also where it is addressed (docs/decisions/0040).
    """

    on_redraw = "moves"

    title = models.TextField()  # 事项
    list_item = models.TextField(blank=True)  # a key of the pack's lists, where it stands on one
    asked_by = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    basis = models.TextField()
    minutes = models.IntegerField()  # of one community, each time
    frequency = models.CharField(max_length=10, choices=Frequency.choices)
    hand_back = models.TextField(blank=True)  # what is handed back, and in what form
    staffing = models.TextField(blank=True)  # people and funds that come with it
    state = models.CharField(max_length=10, choices=AdmissionState.choices, default=AdmissionState.REQUESTED)
    reason = models.TextField(blank=True)
    requested_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Post, null=True, on_delete=models.PROTECT, related_name="+")
    starts_on = models.DateField(null=True)  # in force from this day
    ends_on = models.DateField()  # in force to the end of this day
    ended_at = models.DateTimeField(null=True)
    is_emergency = models.BooleanField(default=False)
    cause_kind = models.TextField(blank=True)  # what an emergency rests on: model label and id
    cause_id = models.UUIDField(null=True)
    review_due_at = models.DateTimeField(null=True)
    review_late_at = models.DateTimeField(null=True)
    escalated_to = models.ForeignKey(Post, null=True, on_delete=models.PROTECT, related_name="+")
    reviewed_at = models.DateTimeField(null=True)
    version = models.IntegerField(default=1)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(minutes__gt=0), name="admission_costs_minutes"),
            models.CheckConstraint(
                condition=~Q(state=AdmissionState.ADMITTED) | Q(starts_on__isnull=False),
                name="admission_in_force_has_a_start",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[AdmissionState.HELD, AdmissionState.REFUSED]) | ~Q(reason=""),
                name="admission_refused_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(is_emergency=False) | Q(review_due_at__isnull=False),
                name="admission_emergency_is_reviewed",
            ),
        )
        indexes = (
            models.Index(fields=("area_code", "-requested_at"), name="admission_area"),
            models.Index("ends_on", name="admission_ends", condition=Q(state=AdmissionState.ADMITTED)),
        )

    def __str__(self) -> str:
        return self.title


class AddressedArea(Scoped):
    """A community or grid that an admission addresses."""

    on_redraw = "moves"

    admission = models.ForeignKey(Admission, on_delete=models.CASCADE, related_name="addressed")

    class Meta:
        constraints = (models.UniqueConstraint("admission", "area_code", name="addressed_area_once"),)
        indexes = (models.Index("area_code", "admission", name="addressed_area_code"),)


class AdmissionStep(Scoped):
    """What happened to an admission: when, by whom, through which post, and what was said."""

    on_redraw = "stays"

    admission = models.ForeignKey(Admission, on_delete=models.CASCADE, related_name="steps")
    act = models.TextField()
    at = models.DateTimeField()
    post_id = models.UUIDField(null=True)
    post_title = models.TextField(blank=True)
    member_name = models.TextField(blank=True)
    note = models.TextField(blank=True)

    class Meta:
        indexes = (models.Index("admission", "at", name="admissionstep_at"),)


class GateEntry(Scoped):
    """An order to a community or grid that came to the gate: let through, or held and why."""

    on_redraw = "stays"

    kind = models.TextField()  # of the order
    title = models.TextField()
    task = models.TextField(blank=True)  # left out where the order needs a purpose to be seen
    accountable = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(Post, null=True, on_delete=models.PROTECT, related_name="+")
    post_id = models.UUIDField(null=True)  # through which it was tried
    post_title = models.TextField(blank=True)
    member_name = models.TextField(blank=True)
    at = models.DateTimeField()
    attempts = models.IntegerField(default=1)  # the same again within the hour
    outcome = models.CharField(max_length=6, choices=Outcome.choices)
    why = models.CharField(max_length=14, choices=WhyHeld.choices, blank=True)
    admission = models.ForeignKey(Admission, null=True, on_delete=models.PROTECT, related_name="+")
    list_item = models.TextField(blank=True)
    minutes = models.IntegerField(default=0)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=(Q(outcome=Outcome.HELD) & ~Q(why="")) | (Q(outcome=Outcome.PASSED) & Q(why="")),
                name="gateentry_held_has_a_why",
            ),
        )
        indexes = (models.Index(fields=("area_code", "-at"), name="gateentry_area"),)


class Objection(Scoped):
    """非社区职责: a community gives an order back, citing a list; the subdistrict decides."""

    on_redraw = "moves"

    order_id = models.UUIDField()
    title = models.TextField()  # of the order
    list_item = models.TextField()  # a key of the pack's lists
    note = models.TextField(blank=True)
    raised_by = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    member_name = models.TextField(blank=True)
    raised_at = models.DateTimeField()
    due_at = models.DateTimeField()
    late_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, choices=ObjectionState.choices, default=ObjectionState.RAISED)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Post, null=True, on_delete=models.PROTECT, related_name="+")
    decision = models.TextField(blank=True)
    version = models.IntegerField(default=1)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                "order_id", condition=Q(state=ObjectionState.RAISED), name="objection_once_at_a_time"
            ),
        )
        indexes = (models.Index(fields=("area_code", "-raised_at"), name="objection_area"),)
