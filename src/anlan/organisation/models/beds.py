"""How many beds a unit has open, and how many of them are taken, day by day (scoped)."""

from django.db import models
from django.db.models import F, Q

from anlan.foundation.models import Scoped
from anlan.organisation.models.premises import Facility


class BedCount(Scoped):
    """The beds of one facility on one day, as last said; what was said before on that day is kept."""

    on_redraw = "stays"

    facility = models.ForeignKey(
        Facility, on_delete=models.PROTECT, related_name="bed_counts", db_index=False
    )
    on = models.DateField()  # Asia/Shanghai
    open_count = models.IntegerField()
    occupied_count = models.IntegerField()
    reason = models.TextField(blank=True)  # why more are taken than are open: added beds
    taken_at = models.DateTimeField()
    post_title = models.TextField()
    earlier = models.JSONField(
        default=list, blank=True
    )  # [[open, occupied, reason, taken at, post title], …]
    version = models.IntegerField(default=1)

    class Meta:
        constraints = (
            models.UniqueConstraint("facility", "on", name="bedcount_once_a_day"),
            models.CheckConstraint(
                condition=Q(open_count__gte=0) & Q(occupied_count__gte=0), name="bedcount_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(occupied_count__lte=F("open_count")) | ~Q(reason=""), name="bedcount_within_open"
            ),
        )
        indexes = (models.Index("area_code", "id", name="bedcount_area"),)
