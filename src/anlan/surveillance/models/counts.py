"""What is counted by indicator, grid and day, and what the runs of the detectors found in it."""

from django.db import models
from django.db.models import Q

from anlan.foundation.models import AreaCodeField, Scoped

HEALTH = ("health",)


class DailyCount(Scoped):
    """The roll-up of one indicator, grid and day in today's borders; higher levels are sums over a range.

    No row means that nobody reported, which is not the same as a row that says 0. A redraw recasts it from
    `Counted` (surveillance.recasting), where the counts also stand as they were reported.
    """

    on_redraw = "stays"
    read_purposes = HEALTH

    indicator = models.TextField()  # a key of the pack's indicators
    on = models.DateField()
    count = models.IntegerField(default=0)
    denominator = models.IntegerField(default=0)  # of how many people or visits; 0: not told
    source_count = models.IntegerField(default=0)  # how many rows of Counted stand behind it
    changed_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint("indicator", "area_code", "on", name="dailycount_once"),
            models.CheckConstraint(condition=Q(count__gte=0), name="dailycount_not_negative"),
        )
        indexes = (
            models.Index("area_code", "on", name="dailycount_area"),
            models.Index("changed_at", name="dailycount_changed"),
        )


class Counted(Scoped):
    """What one case report or count sheet adds to an indicator, per class and unit; replaced when amended.

    `area_code` is where it was reported and stays; `place_code` is where that lies in today's borders.
    """

    on_redraw = "stays"
    read_purposes = HEALTH

    source_id = models.UUIDField()  # of the case report or the sheet
    indicator = models.TextField()
    on = models.DateField()
    facility_id = models.UUIDField(null=True)
    group_id = models.UUIDField(null=True)
    building_id = models.UUIDField(null=True)
    place_code = AreaCodeField()
    count = models.IntegerField(default=1)
    denominator = models.IntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("source_id", "indicator", "area_code", "on", "facility_id", "group_id"),
                name="counted_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=Q(count__gte=0), name="counted_not_negative"),
        )
        indexes = (
            models.Index("area_code", "on", name="counted_area"),
            models.Index("place_code", "on", name="counted_place"),
            models.Index("group_id", "on", name="counted_group"),
            models.Index("facility_id", "on", name="counted_facility"),
        )


class HeldFinding(Scoped):
    """What the alert budget held back on one day: nobody was rung, the CDC may read it, it may rise later."""

    on_redraw = "stays"
    read_purposes = HEALTH

    rule = models.TextField()
    matter = models.TextField()
    condition = models.TextField()
    place_kind = models.TextField()
    place_key = models.TextField()
    place_name = models.TextField(blank=True)
    on = models.DateField()
    z = models.FloatField()
    words_zh = models.TextField()
    words_en = models.TextField()
    held_by = models.TextField()  # a key of the pack's alert_budget
    held_at = models.DateTimeField()
    signal_id = models.UUIDField(null=True)  # the signal it rose as after all

    class Meta:
        constraints = (
            models.UniqueConstraint("rule", "place_kind", "place_key", "on", name="heldfinding_once"),
        )
        indexes = (models.Index(fields=("area_code", "-on"), name="heldfinding_area"),)


class DetectionRun(Scoped):
    """One run of the detectors over a district: what it looked at and what came of it."""

    on_redraw = "stays"
    read_purposes = HEALTH

    on = models.DateField()
    at = models.DateTimeField()
    area_count = models.IntegerField()
    indicator_count = models.IntegerField()
    found_count = models.IntegerField()  # findings: raised, joined and held together
    raised_count = models.IntegerField()
    held_count = models.IntegerField()

    class Meta:
        indexes = (models.Index(fields=("area_code", "-at"), name="detectionrun_area"),)
