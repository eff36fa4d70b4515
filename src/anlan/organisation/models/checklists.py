"""Answers to the checklists of the pack, item by item; the latest counts, those before are kept (scoped)."""

from django.db import models
from django.db.models import Q

from anlan.foundation.models import Scoped
from anlan.organisation.models.premises import Facility


class ChecklistAnswer(Scoped):
    """One item of a checklist answered for an area, or for a facility in it; it goes with its grid."""

    on_redraw = "moves"
    redraw_with = ("facility",)

    checklist = models.TextField()  # a key of the pack's checklists
    pack_version = models.TextField()
    facility = models.ForeignKey(Facility, null=True, on_delete=models.PROTECT, related_name="+")
    item = models.TextField()  # a key of the checklist's items
    is_met = models.BooleanField()
    evidence = models.TextField(blank=True)
    evidence_kind = models.TextField(default="none")  # as which it was read when it was given
    note = models.TextField(blank=True)
    answered_at = models.DateTimeField()
    replaced_at = models.DateTimeField(null=True)  # a later answer counts
    post_title = models.TextField()
    member_name = models.TextField()
    sending = models.UUIDField()  # the form it came with

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("checklist", "area_code", "facility", "item"),
                condition=Q(replaced_at=None),
                nulls_distinct=False,
                name="checklist_latest_answer_once",
            ),
            models.UniqueConstraint("sending", "item", name="checklist_sending_once"),
        )
        indexes = (models.Index("area_code", "id", name="checklistanswer_area"),)
