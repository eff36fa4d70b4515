"""Grants to facilities, from the application to the end, and what was done with each."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from anlan.affairs.grant_rules import IN_HAND, ISSUED, TERMED, GrantState
from anlan.foundation.models import Scoped
from anlan.organisation.models import Facility, Post


class Grant(Scoped):
    """Something a facility applies for and is given until a day, with conditions; it lies with the facility.

    A renewal is a grant of its own that names the one before.
    """

    on_redraw = "moves"
    redraw_with = ("facility",)

    kind = models.TextField()  # a key of the pack's grants
    category = models.TextField()  # a key of the kind's categories
    facility = models.ForeignKey(Facility, on_delete=models.PROTECT, related_name="grants")
    statement = models.TextField()  # what the applicant says for it
    renews = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="renewals")
    state = models.CharField(max_length=10, choices=GrantState.choices, default=GrantState.APPLIED)
    applied_at = models.DateTimeField()
    applied_by = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    points = models.JSONField(default=list)  # what was checked: key, is_met, note of each point
    reason = models.TextField(blank=True)  # of the last act that needs one
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Post, null=True, on_delete=models.PROTECT, related_name="+")
    starts_on = models.DateField(null=True)  # in force from this day
    ends_on = models.DateField(null=True)  # in force to the end of this day
    conditions = ArrayField(models.TextField(), default=list)  # keys of the kind's conditions
    further_condition = models.TextField(blank=True)
    permits = ArrayField(models.TextField(), default=list)  # keys of the kind's permits
    issued_at = models.DateTimeField(null=True)
    code = models.TextField(blank=True, default="")  # the number by which anybody verifies it
    version = models.IntegerField(default=1)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                "facility", "kind", condition=Q(state__in=IN_HAND), name="grant_one_application_in_hand"
            ),
            models.UniqueConstraint("code", condition=~Q(code=""), name="grant_code_once"),
            models.CheckConstraint(
                condition=~Q(state__in=TERMED) | Q(starts_on__isnull=False, ends_on__gte=F("starts_on")),
                name="grant_decided_has_a_term",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=ISSUED[:2]) | ~Q(code=""), name="grant_in_force_has_a_code"
            ),
            models.CheckConstraint(
                condition=Q(state__in=IN_HAND) | (~Q(reason="") & Q(decided_by__isnull=False)),
                name="grant_decided_has_a_reason",
            ),
        )
        indexes = (
            models.Index(fields=("area_code", "-applied_at"), name="grant_area"),
            models.Index(fields=("facility", "-applied_at"), name="grant_facility"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.category}"


class GrantStep(Scoped):
    """What happened to a grant: when, by whom, through which post, and what was said."""

    on_redraw = "moves"
    redraw_with = ("grant",)

    grant = models.ForeignKey(Grant, on_delete=models.CASCADE, related_name="steps")
    act = models.TextField()
    version = models.IntegerField()  # of the grant after it
    at = models.DateTimeField()
    member_id = models.UUIDField(null=True)
    post_id = models.UUIDField(null=True)
    post_title = models.TextField(blank=True)
    member_name = models.TextField(blank=True)
    note = models.TextField(blank=True)

    class Meta:
        constraints = (models.UniqueConstraint("grant", "version", name="grantstep_one_a_version"),)
        indexes = (models.Index("grant", "at", name="grantstep_at"),)
