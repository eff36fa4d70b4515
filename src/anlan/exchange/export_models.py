"""Exports: a list somebody asked for as a file, who allowed it, and what became of the file."""

from django.db import models
from django.db.models import F, Q

from anlan.exchange.export_rules import NEEDS_DECISION, ExportFormat, ExportReason, ExportState
from anlan.foundation.models import Scoped


class Export(Scoped):
    """One list as a file: asked for, decided, made, ended. The row stays when the file is gone.

    A list with personal data comes to nothing without somebody else's approval: the database refuses.
    """

    on_redraw = "stays"

    number = models.CharField(max_length=8, unique=True)  # stands in the watermark
    list_key = models.TextField()  # a key of exchange.lists
    filters = models.JSONField(default=dict)
    columns = models.JSONField(default=list)  # keys of the chosen columns
    why = models.CharField(max_length=10, choices=ExportReason.choices)
    note = models.TextField(blank=True)  # an addition; holds no identity
    format = models.CharField(max_length=4, choices=ExportFormat.choices)
    language = models.CharField(max_length=10)
    is_personal = models.BooleanField()
    ranges = models.JSONField()  # codes of the areas that the asking post covers
    state = models.CharField(max_length=8, choices=ExportState.choices)
    problem = models.TextField(blank=True)  # a key of export_rules.PROBLEMS
    estimate = models.IntegerField()  # rows when it was asked for
    row_count = models.IntegerField(default=0)  # written so far
    run = models.IntegerField(default=0)  # which run of the job writes; an earlier one stops
    file_id = models.UUIDField(null=True)
    account_id = models.UUIDField()
    member_id = models.UUIDField()
    member_name = models.TextField()
    post_id = models.UUIDField()
    post_title = models.TextField()
    appointment_id = models.UUIDField()
    asked_at = models.DateTimeField()
    decided_member_id = models.UUIDField(null=True)
    decided_name = models.TextField(blank=True)
    decided_post_id = models.UUIDField(null=True)
    decided_title = models.TextField(blank=True)
    decided_at = models.DateTimeField(null=True)
    decline_reason = models.TextField(blank=True)
    ready_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.TextField(blank=True)  # post and name of who recalled it
    version = models.IntegerField(default=1)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(is_personal=False)
                | ~Q(state__in=sorted(NEEDS_DECISION))
                | (Q(decided_member_id__isnull=False) & ~Q(decided_member_id=F("member_id"))),
                name="export_second_person",
            ),
            models.CheckConstraint(
                condition=~Q(state=ExportState.READY) | Q(file_id__isnull=False, expires_at__isnull=False),
                name="export_ready_has_end",
            ),
        )
        indexes = (
            models.Index(F("post_id"), F("asked_at").desc(), name="export_post"),
            models.Index("area_code", "state", name="export_area_state"),
            models.Index("expires_at", name="export_expiry", condition=Q(state=ExportState.READY)),
        )

    def __str__(self) -> str:
        return self.number
