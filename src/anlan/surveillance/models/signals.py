"""Signals, their reasons and steps, assessments, products, receipts, shifts."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from anlan.foundation.models import Scoped
from anlan.organisation.models import Post
from anlan.surveillance.rules import OPEN_STATES, ProductState, SignalState

HEALTH = ("health",)


class Signal(Scoped):
    """A suspicion with reasons: one open at a time for a place and matter."""

    on_redraw = "stays"
    read_purposes = HEALTH

    matter = models.TextField()  # the conditions that rules count together, named by their first
    condition = models.TextField()  # the one of them most reports name
    place_kind = models.TextField()
    place_key = models.TextField()
    place_name = models.TextField(blank=True)
    places = ArrayField(models.TextField(), default=list)  # kind:key of every place a rule was met in
    areas = ArrayField(models.TextField(), default=list)  # codes of areas in which what is behind it lies
    counted_at = ArrayField(models.TextField(), default=list)  # those of them met by counts, not by reports
    is_statistical = models.BooleanField(default=False)  # raised by a detector: counts against the budget
    joined_to = models.UUIDField(null=True)  # the signal it turned out to be one with
    state = models.CharField(max_length=10, choices=SignalState.choices, default=SignalState.RAISED)
    urgency = models.TextField()
    receives = ArrayField(models.TextField(), default=list)  # roles the rule names
    report_ids = ArrayField(models.UUIDField(), default=list)
    case_count = models.IntegerField(default=0)  # ill persons known; sales and calls are none
    first_on = models.DateField()
    last_on = models.DateField()
    raised_at = models.DateTimeField()
    state_entered_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    grade = models.TextField(blank=True)  # a key of the pack's risk_grades, once assessed
    seen_by_leaders = models.BooleanField(default=False)
    verified_at = models.DateTimeField(null=True)
    field_due_at = models.DateTimeField(null=True)  # of the verification on the spot; null once done
    overdue_at = models.DateTimeField(null=True)  # when the clock of the present state was found run out
    escalated_to = models.TextField(blank=True)  # the role that was told of it
    responding_since = models.DateTimeField(null=True)  # while a response to it runs
    closed_at = models.DateTimeField(null=True)
    version = models.IntegerField(default=1)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                "matter",
                "place_kind",
                "place_key",
                condition=Q(state__in=OPEN_STATES),
                name="one_open_signal",
            ),
        )
        indexes = (models.Index(fields=("area_code", "-raised_at"), name="signal_area"),)


class SignalReason(Scoped):
    """One rule that spoke for the signal, in the words it spoke."""

    on_redraw = "stays"
    read_purposes = HEALTH

    signal = models.ForeignKey(Signal, on_delete=models.CASCADE, related_name="reasons")
    rule = models.TextField()  # a key of the pack's rules
    place = models.TextField(default="")  # kind:key of where it spoke loudest
    words_zh = models.TextField()
    words_en = models.TextField()
    count = models.IntegerField()
    first_on = models.DateField(null=True)  # of the stretch of days the words speak of
    at = models.DateTimeField()  # when the rule first spoke
    spoken_at = models.DateTimeField()  # when it last did

    class Meta:
        constraints = (models.UniqueConstraint("signal", "rule", name="signalreason_once"),)


class SignalStep(Scoped):
    """Something was done to a signal: what, when, by whom, through which post."""

    on_redraw = "stays"
    read_purposes = HEALTH

    signal = models.ForeignKey(Signal, on_delete=models.CASCADE, related_name="steps")
    act = models.TextField()
    at = models.DateTimeField()
    was_late = models.BooleanField(default=False)
    post_title = models.TextField(blank=True)
    member_name = models.TextField(blank=True)
    note = models.TextField(blank=True)

    class Meta:
        indexes = (models.Index("signal", "at", name="signalstep_signal"),)


class RiskAssessment(Scoped):
    """Likelihood, impact and vulnerability weighed into one of four grades, with the evidence."""

    on_redraw = "stays"
    read_purposes = HEALTH

    signal = models.ForeignKey(Signal, on_delete=models.CASCADE, related_name="assessments")
    grade = models.TextField()
    likelihood = models.SmallIntegerField()
    impact = models.SmallIntegerField()
    vulnerability = models.SmallIntegerField()
    answers = models.JSONField(default=dict)  # key of a risk question: which of its choices, from 0
    matrix_grade = models.TextField(blank=True)  # what the pack's matrix gives for the scores
    differs_because = models.TextField(blank=True)  # why the officer graded otherwise
    evidence = models.TextField()
    uncertainty = models.TextField(blank=True)
    assessed_at = models.DateTimeField()
    post_title = models.TextField()
    member_name = models.TextField()


class WarningProduct(Scoped):
    """A notice formed from an assessed signal; it leaves the desk when it is signed."""

    on_redraw = "stays"
    read_purposes = HEALTH

    signal = models.ForeignKey(Signal, on_delete=models.CASCADE, related_name="products")
    kind = models.TextField()  # a key of the pack's warning_products
    state = models.CharField(max_length=10, choices=ProductState.choices, default=ProductState.FORMED)
    places = models.JSONField(default=dict)  # what stands in the template's «places»
    text = models.TextField()
    text_large = models.TextField(blank=True)  # large type, for those who read with difficulty
    text_broadcast = models.TextField(blank=True)  # to be read out
    formed_at = models.DateTimeField()
    formed_by_title = models.TextField(blank=True)
    formed_by_name = models.TextField(blank=True)
    sign_due_at = models.DateTimeField(null=True)
    signed_at = models.DateTimeField(null=True)
    signed_by = models.ForeignKey(Post, null=True, on_delete=models.PROTECT, related_name="+")
    signer_name = models.TextField(blank=True)
    answer_due_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)  # by the last receiver
    fed_back_at = models.DateTimeField(null=True)  # by the last receiver
    late_at = models.DateTimeField(null=True)  # when signing, later answering, was found overdue
    version = models.IntegerField(default=1)

    class Meta:
        constraints = (models.UniqueConstraint("signal", "kind", name="warningproduct_once"),)


class WarningReceipt(Scoped):
    """The receiver's own row of a notice: what it must know, its answer, its feedback. No diagnosis by name.

    `role` empty: the area is told, and who answers for it answers; else one kind of post at this area.
    """

    on_redraw = "moves"

    product_id = models.UUIDField()
    kind = models.TextField()
    text = models.TextField()
    from_area = models.TextField()
    link_kind = models.TextField(default="border")
    role = models.TextField(blank=True)
    receiver = models.TextField(blank=True)  # the area, unit or post told, by name
    sent_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.TextField(blank=True)
    post_title = models.TextField(blank=True)
    feedback = models.TextField(blank=True)  # what was done about it
    fed_back_at = models.DateTimeField(null=True)
    fed_back_by = models.TextField(blank=True)
    reminders = models.SmallIntegerField(default=0)
    reminded_at = models.DateTimeField(null=True)
    version = models.IntegerField(default=1)

    class Meta:
        constraints = (
            models.UniqueConstraint("product_id", "area_code", "role", name="warningreceipt_once"),
        )
        indexes = (models.Index(fields=("area_code", "-sent_at"), name="warningreceipt_area"),)


class ShiftHandover(Scoped):
    """The sheet of a CDC desk's shift: what stood open, what the shift noted, who gave it and who took it."""

    on_redraw = "stays"
    read_purposes = HEALTH

    given_at = models.DateTimeField()
    given_by = models.UUIDField()  # the member
    given_title = models.TextField()
    given_name = models.TextField()
    note = models.TextField()
    sheet = (
        models.JSONField()
    )  # handover.Sheet as it stood: signals, legal clocks, silent reporters, products
    taken_at = models.DateTimeField(null=True)
    taken_title = models.TextField(blank=True)
    taken_name = models.TextField(blank=True)
    version = models.IntegerField(default=1)

    class Meta:
        constraints = (
            models.UniqueConstraint("area_code", condition=Q(taken_at=None), name="one_shift_to_take"),
        )
        indexes = (models.Index(fields=("area_code", "-given_at"), name="shifthandover_area"),)
