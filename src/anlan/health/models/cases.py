"""Event files and what lies in them; all in the schema `epidemic`, under the purpose `health`."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from anlan.foundation.models import Scoped
from anlan.health.rules import CaseState, EventKind
from anlan.organisation.models import Building, Facility, FacilityGroup

HEALTH = ("health",)


class EventFile(Scoped):
    """What every health row belongs to: it has a reason, a beginning, an end, and a key that dies with it."""

    on_redraw = "stays"
    read_purposes = HEALTH

    key = models.TextField(unique=True)
    kind = models.CharField(max_length=8, choices=EventKind.choices)
    reason = models.TextField()
    data_key = models.BinaryField(null=True)  # wrapped; deleting it destroys what it sealed
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)


class Pseudonym(Scoped):
    """The id by which one event file knows a resident; nothing outside `health` can join it."""

    on_redraw = "stays"
    read_purposes = HEALTH

    event_file = models.ForeignKey(EventFile, on_delete=models.CASCADE)
    resident_id = models.UUIDField()

    class Meta:
        constraints = (models.UniqueConstraint("event_file", "resident_id", name="pseudonym_once"),)


class CaseReport(Scoped):
    """One report of one person ill, named by pseudonym or not at all; area_code is the grid it lies in."""

    on_redraw = "stays"
    read_purposes = HEALTH

    event_file = models.ForeignKey(EventFile, on_delete=models.PROTECT, related_name="reports")
    pseudonym = models.ForeignKey(Pseudonym, null=True, on_delete=models.PROTECT)
    condition = models.TextField()  # a disease or syndrome of the pack
    symptoms = ArrayField(models.TextField(), default=list)
    onset_on = models.DateField(null=True)
    reported_at = models.DateTimeField()
    source = models.TextField()  # the door it came by
    facility = models.ForeignKey(Facility, null=True, on_delete=models.PROTECT)
    group = models.ForeignKey(FacilityGroup, null=True, on_delete=models.PROTECT)
    building = models.ForeignKey(Building, null=True, on_delete=models.PROTECT)
    household_id = models.UUIDField(null=True)
    place_name = models.TextField(blank=True)
    sex = models.CharField(max_length=8, default="unknown")
    age_years = models.SmallIntegerField(null=True)
    note = models.BinaryField(null=True)  # sealed with the event file's key
    state = models.CharField(max_length=10, choices=CaseState.choices, default=CaseState.SUSPECTED)
    reporter_post_id = models.UUIDField(null=True)
    reporter_member_id = models.UUIDField(null=True)
    card_due_at = models.DateTimeField(null=True)  # the legal clock of a notifiable disease
    card_number = models.TextField(blank=True)  # of the statutory report; empty: 尚未网络直报
    not_notifiable_because = models.TextField(blank=True)
    version = models.IntegerField(default=1)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(age_years=None) | Q(age_years__gte=0, age_years__lte=130), name="casereport_age"
            ),
        )
        indexes = (
            models.Index(fields=("area_code", "-reported_at"), name="casereport_area"),
            models.Index("condition", "onset_on", name="casereport_condition"),
            models.Index("group", "condition", name="casereport_group"),
        )


class CaseStep(Scoped):
    """A case's state entered: when, by whom, through which post."""

    on_redraw = "stays"
    read_purposes = HEALTH

    report = models.ForeignKey(CaseReport, on_delete=models.CASCADE, related_name="steps")
    state = models.CharField(max_length=10, choices=CaseState.choices)
    at = models.DateTimeField()
    post_title = models.TextField(blank=True)
    member_name = models.TextField(blank=True)
    note = models.TextField(blank=True)

    class Meta:
        indexes = (models.Index("report", "at", name="casestep_report"),)


class EventCase(Scoped):
    """What the file of one event needs of a case report: copied in, sealed with the file's own key."""

    on_redraw = "stays"
    read_purposes = HEALTH

    event_file = models.ForeignKey(EventFile, on_delete=models.PROTECT, related_name="cases")
    report_id = models.UUIDField()  # of the standing file; the report stays there and is counted there alone
    pseudonym = models.ForeignKey(Pseudonym, null=True, on_delete=models.PROTECT)
    condition = models.TextField()
    symptoms = ArrayField(models.TextField(), default=list)
    onset_on = models.DateField(null=True)
    facility = models.ForeignKey(Facility, null=True, on_delete=models.PROTECT)
    group = models.ForeignKey(FacilityGroup, null=True, on_delete=models.PROTECT)
    building = models.ForeignKey(Building, null=True, on_delete=models.PROTECT)
    sex = models.CharField(max_length=8, default="unknown")
    age_years = models.SmallIntegerField(null=True)
    note = models.BinaryField(null=True)  # sealed with the event file's key
    state = models.CharField(max_length=10, choices=CaseState.choices)
    copied_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint("event_file", "report_id", name="eventcase_once"),)


class ReportReceipt(Scoped):
    """What a reporter is told of his report (回音): no diagnosis, seen without the purpose `health`."""

    on_redraw = "stays"

    report_id = models.UUIDField(unique=True)
    post_id = models.UUIDField(null=True)
    member_id = models.UUIDField(null=True)
    place_name = models.TextField(blank=True)
    reported_at = models.DateTimeField()
    reply = models.TextField(blank=True)  # a key of wording: received, looked_at, confirmed, excluded
    replied_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=("post_id", "-reported_at"), name="reportreceipt_post"),)
