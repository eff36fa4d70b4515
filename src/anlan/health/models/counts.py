"""Counts a unit sends for a day: a sheet, its lines, and what stood there before it was amended."""

from django.db import models
from django.db.models import F, Q

from anlan.foundation.models import Scoped
from anlan.health.models.cases import HEALTH
from anlan.organisation.models import Facility, FacilityGroup


class CountSheet(Scoped):
    """What one unit, or one area where there is no unit, reported for one day through one form.

    A sheet without lines says that nobody was ill; where nothing was reported there is no sheet.
    """

    on_redraw = "stays"
    read_purposes = HEALTH

    form = models.TextField()  # a key of the pack's count_forms
    facility = models.ForeignKey(Facility, null=True, on_delete=models.PROTECT)
    on = models.DateField()  # the day counted, Asia/Shanghai
    reported_at = models.DateTimeField()  # of the version that stands
    first_reported_at = models.DateTimeField()  # what the deadline is held against
    source = models.TextField()  # the door it came by
    reporter_post_id = models.UUIDField(null=True)
    reporter_member_id = models.UUIDField(null=True)
    version = models.IntegerField(default=1)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                "form", "facility", "on", condition=Q(facility__isnull=False), name="countsheet_unit_day"
            ),
            models.UniqueConstraint(
                "form", "area_code", "on", condition=Q(facility=None), name="countsheet_area_day"
            ),
        )
        indexes = (
            models.Index(fields=("area_code", "-on"), name="countsheet_area"),
            models.Index(fields=("form", "on"), name="countsheet_form"),
        )


class CountLine(Scoped):
    """How many of one item, in one class or in the whole unit; of how many where that is known."""

    on_redraw = "stays"
    read_purposes = HEALTH

    sheet = models.ForeignKey(CountSheet, on_delete=models.CASCADE, related_name="lines")
    group = models.ForeignKey(FacilityGroup, null=True, on_delete=models.PROTECT)
    item = models.TextField()  # a symptom, or an item of the form
    count = models.IntegerField()
    denominator = models.IntegerField(null=True)  # pupils enrolled, visits, tests: what the form says

    class Meta:
        constraints = (
            models.UniqueConstraint(
                "sheet", "group", "item", nulls_distinct=False, name="countline_item_once"
            ),
            models.CheckConstraint(condition=Q(count__gte=0), name="countline_not_negative"),
            models.CheckConstraint(
                condition=Q(denominator=None) | Q(count__lte=F("denominator")), name="countline_within"
            ),
        )


class CountAmendment(Scoped):
    """The numbers of a sheet that were replaced, and by whom."""

    on_redraw = "stays"
    read_purposes = HEALTH

    sheet = models.ForeignKey(CountSheet, on_delete=models.CASCADE, related_name="amendments")
    version = models.IntegerField()  # the version these numbers were
    lines = models.JSONField()  # [[group id or null, item, count, denominator or null], …]
    source = models.TextField()
    reported_at = models.DateTimeField()
    replaced_at = models.DateTimeField()
    reporter_post_id = models.UUIDField(null=True)
    reporter_member_id = models.UUIDField(null=True)  # who sent the replaced numbers

    class Meta:
        constraints = (models.UniqueConstraint("sheet", "version", name="countamendment_version"),)


class CountFile(Scoped):
    """A file of counts handed over: every row of it stored, rejected, duplicate or parked."""

    on_redraw = "stays"
    read_purposes = HEALTH

    source = models.TextField()
    name = models.TextField()
    digest = models.TextField()  # SHA-256 of the content: the same file again changes nothing
    heading = models.JSONField(default=list)
    rows_in = models.IntegerField()
    stored = models.IntegerField(default=0)
    rejected = models.IntegerField(default=0)
    duplicate = models.IntegerField(default=0)
    parked = models.IntegerField(default=0)
    received_at = models.DateTimeField()
    post_id = models.UUIDField()
    member_id = models.UUIDField()
    version = models.IntegerField(default=1)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(rows_in=F("stored") + F("rejected") + F("duplicate") + F("parked")),
                name="countfile_nothing_lost",
            ),
        )
        indexes = (models.Index(fields=("area_code", "-received_at"), name="countfile_area"),)


class CountFileRow(Scoped):
    """A row of a file that was not stored: rejected for good, or parked until its place is known."""

    on_redraw = "stays"
    read_purposes = HEALTH

    file = models.ForeignKey(CountFile, on_delete=models.CASCADE, related_name="rows")
    number = models.IntegerField()
    raw = models.JSONField()  # its cells as written
    outcome = models.CharField(max_length=8, choices=[("rejected", "rejected"), ("parked", "parked")])
    reason = models.TextField()  # a key of count_rows.REASONS

    class Meta:
        constraints = (models.UniqueConstraint("file", "number", name="countfilerow_number"),)
