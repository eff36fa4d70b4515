"""Bodies: teams with seats, whom they call, when they meet and what they decide (scoped)."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from anlan.foundation.models import Scoped
from anlan.organisation.models.posts import Member, Post
from anlan.organisation.rules.bodies import CallAnswer, DecisionState


class Body(Scoped):
    """A team founded from a template of the pack at an area; read also by whoever sits in it."""

    on_redraw = "moves"

    template = models.TextField()  # a key of the pack's bodies
    pack_version = models.TextField()  # the slots it was founded with
    name = models.TextField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.TextField(blank=True)
    reason = models.TextField(blank=True)  # why one that lives for an event was founded
    cause_kind = models.TextField(blank=True)  # what it rests on: model label and id
    cause_id = models.UUIDField(null=True)
    version = models.IntegerField(default=1)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                "area_code", "template", "name", condition=Q(ends_at=None), name="body_once_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(ends_at=None) | (Q(ends_at__gte=models.F("starts_at")) & ~Q(end_reason="")),
                name="body_end_has_a_reason",
            ),
        )
        indexes = (models.Index("area_code", "id", name="body_area"),)

    def __str__(self) -> str:
        return self.name


class Seat(Scoped):
    """A seat in a slot of a body.

    With a post alone it follows whoever holds the post; with a member too it is held while that member holds
    the post; with a member alone it is that person's, an outside one or of the house.
    """

    on_redraw = "moves"
    redraw_with = ("body",)

    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="seats")
    slot = models.TextField()  # a key of the template's slots
    post = models.ForeignKey(Post, null=True, on_delete=models.PROTECT, related_name="+")
    member = models.ForeignKey(Member, null=True, on_delete=models.PROTECT, related_name="+")
    is_lead = models.BooleanField(default=False)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(post__isnull=False) | Q(member__isnull=False), name="seat_is_somebodys"
            ),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gte=models.F("starts_at")),
                name="seat_ends_after_start",
            ),
            models.UniqueConstraint(
                "body", condition=Q(is_lead=True, ends_at=None), name="seat_one_leads_at_a_time"
            ),
            models.UniqueConstraint(
                fields=("body", "slot", "post", "member"),
                condition=Q(ends_at=None),
                nulls_distinct=False,
                name="seat_once_at_a_time",
            ),
        )
        indexes = (
            models.Index("area_code", "id", name="seat_area"),
            models.Index("post", name="seat_of_post", condition=Q(ends_at=None)),
            models.Index("member", name="seat_of_member", condition=Q(ends_at=None)),
        )


class CallUp(Scoped):
    """All who sit in a body are called together, to a place, and answer by a moment."""

    on_redraw = "moves"
    redraw_with = ("body",)

    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="call_ups")
    text = models.TextField()
    place = models.TextField(blank=True)
    minutes = models.IntegerField()  # to answer in, as it was said to those called
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(Post, null=True, on_delete=models.PROTECT, related_name="+")
    asked_by_name = models.TextField(blank=True)
    due_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(due_at__gt=models.F("asked_at")), name="call_up_gives_time"),
        )
        indexes = (
            models.Index("area_code", "id", name="callup_area"),
            models.Index("body", "asked_at", name="callup_body"),
        )


class CallUpReceipt(Scoped):
    """What one called member answered. It lies where the body does; its member reads it too."""

    on_redraw = "moves"
    redraw_with = ("call_up",)

    call_up = models.ForeignKey(CallUp, on_delete=models.PROTECT, related_name="receipts")
    seat = models.ForeignKey(Seat, on_delete=models.PROTECT, related_name="+")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    post = models.ForeignKey(Post, null=True, on_delete=models.PROTECT, related_name="+")
    due_at = models.DateTimeField()
    told_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=6, choices=CallAnswer.choices, blank=True)
    reason = models.TextField(blank=True)
    late_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint("call_up", "member", name="call_up_receipt_once"),
            models.CheckConstraint(
                condition=Q(answered_at=None, answer="")
                | (
                    Q(answered_at__isnull=False) & (Q(answer="coming") | (Q(answer="cannot") & ~Q(reason="")))
                ),
                name="call_up_answer_is_whole",
            ),
        )
        indexes = (
            models.Index("area_code", "id", name="callupreceipt_area"),
            models.Index("member", name="callupreceipt_waits", condition=Q(answered_at=None)),
            models.Index("due_at", name="callupreceipt_due", condition=Q(answered_at=None, late_at=None)),
        )


class Meeting(Scoped):
    """A body met: when, where, on what, who was there."""

    on_redraw = "stays"

    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="meetings")
    held_at = models.DateTimeField()
    place = models.TextField(blank=True)
    agenda = models.TextField()
    present = ArrayField(models.UUIDField(), default=list)  # ids of members
    note = models.TextField(blank=True)

    class Meta:
        indexes = (
            models.Index("area_code", "id", name="meeting_area"),
            models.Index("body", "held_at", name="meeting_body"),
        )


class Decision(Scoped):
    """What a meeting decided, the one post that answers for it, and what became of it."""

    on_redraw = "moves"

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="decisions")
    words = models.TextField()
    accountable = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField()
    state = models.CharField(max_length=8, choices=DecisionState.choices, default=DecisionState.OPEN)
    reason = models.TextField(blank=True)  # why it was dropped, or how it was done
    done_at = models.DateTimeField(null=True)
    version = models.IntegerField(default=1)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(state=DecisionState.OPEN, done_at=None)
                | (~Q(state=DecisionState.OPEN) & Q(done_at__isnull=False)),
                name="decision_settled_has_a_moment",
            ),
            models.CheckConstraint(
                condition=~Q(state=DecisionState.DROPPED) | ~Q(reason=""),
                name="decision_dropped_has_a_reason",
            ),
        )
        indexes = (
            models.Index("area_code", "due_on", "id", name="decision_area"),
            models.Index("accountable", "due_on", name="decision_open_of", condition=Q(state="open")),
        )

    def __str__(self) -> str:
        return self.words
