"""Who is looked in on by consent, what visits came of it, who answers for which household, who arrived."""

from django.db import models
from django.db.models import Q

from anlan.foundation.models import Scoped
from anlan.organisation.models import Member, Post
from anlan.people.models.register import PURPOSES, Household, Resident
from anlan.people.rules.care import CareBasis, ConsentBy, Transport, VisitKind

LIVE = Q(withdrawn_on=None)
IN_FORCE = Q(ends_at=None)


def _person_or_door() -> Q:
    return Q(resident__isnull=False) | Q(household__isnull=False)


class KeyPerson(Scoped):
    """A person is looked in on for one reason, with consent until a day; no diagnosis stands here."""

    on_redraw = "moves"
    redraw_with = ("resident",)
    read_purposes = PURPOSES

    resident = models.ForeignKey(
        Resident, on_delete=models.CASCADE, related_name="care_entries", db_index=False
    )
    kind = models.TextField()  # a key of the pack's key_people
    service = models.TextField(blank=True)  # a key of the pack's service_needs
    need = models.TextField(blank=True)  # what help is wanted, in a few words
    basis = models.CharField(max_length=14, choices=CareBasis.choices)
    given_on = models.DateField()  # of consent; of a statutory duty, the day it was entered
    given_by = models.CharField(max_length=8, choices=ConsentBy.choices, blank=True)
    consent_until = models.DateField(null=True)
    withdrawn_on = models.DateField(null=True)
    notice = models.TextField(blank=True)  # which was read to them: key and version of the pack
    visit_every_days = models.SmallIntegerField(null=True)  # instead of the kind's
    last_visited_on = models.DateField(null=True)
    due_on = models.DateField()
    verified_on = models.DateField()
    version = models.IntegerField(default=1)

    class Meta:
        constraints = (
            models.UniqueConstraint("resident", "kind", condition=LIVE, name="keyperson_once"),
            models.CheckConstraint(
                condition=~Q(basis=CareBasis.CONSENT)
                | (Q(consent_until__isnull=False) & Q(given_by__in=ConsentBy.values)),
                name="keyperson_consent",
            ),
        )
        indexes = (
            models.Index("area_code", "id", name="keyperson_area"),
            models.Index("area_code", "due_on", "id", condition=LIVE, name="keyperson_due"),
            models.Index("due_on", "id", condition=LIVE, name="keyperson_queue"),
            models.Index("resident", name="keyperson_resident"),
        )


class Visit(Scoped):
    """Somebody looked in on a person or at a door, and what came of it."""

    on_redraw = "stays"
    read_purposes = PURPOSES

    resident = models.ForeignKey(
        Resident, null=True, on_delete=models.CASCADE, related_name="visits", db_index=False
    )
    household = models.ForeignKey(
        Household, null=True, on_delete=models.CASCADE, related_name="visits", db_index=False
    )
    on = models.DateField()
    kind = models.CharField(max_length=9, choices=VisitKind.choices)
    note = models.TextField(blank=True)
    noted_at = models.DateTimeField()
    post_id = models.UUIDField()
    post_title = models.TextField()
    member_name = models.TextField()

    class Meta:
        constraints = (models.CheckConstraint(condition=_person_or_door(), name="visit_of_somebody"),)
        indexes = (
            models.Index("area_code", "on", name="visit_area"),
            models.Index("resident", "on", name="visit_resident"),
            models.Index("household", "on", name="visit_household"),
        )


class HouseholdAssignment(Scoped):
    """A member answers for a household on one line of liaison, from–to; of a team, in one seat."""

    on_redraw = "moves"
    redraw_with = ("household",)
    read_purposes = PURPOSES

    household = models.ForeignKey(
        Household, on_delete=models.CASCADE, related_name="assignments", db_index=False
    )
    line = models.TextField()  # a key of the pack's liaison_lines
    slot = models.TextField(blank=True)  # a seat of the line's team
    holder = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="household_assignments")
    post = models.ForeignKey(Post, null=True, on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)
    end_reason = models.TextField(blank=True)
    version = models.IntegerField(default=1)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                "household", "line", "holder", condition=IN_FORCE, name="assignment_once"
            ),
            models.UniqueConstraint(
                "household", "line", "slot", condition=IN_FORCE & ~Q(slot=""), name="assignment_seat_once"
            ),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gte=models.F("starts_at")),
                name="assignment_ends_after_start",
            ),
        )
        indexes = (
            models.Index("area_code", "id", name="assignment_area"),
            models.Index(
                "line",
                "area_code",
                "household",
                "holder",
                include=("slot",),
                condition=IN_FORCE,
                name="assignment_line",
            ),
            models.Index("household", name="assignment_household"),
        )


class Arrival(Scoped):
    """Somebody came, or came back, to live in the grid: from where, when, how; forgotten after its day."""

    on_redraw = "moves"
    redraw_with = ("resident", "household")
    read_purposes = PURPOSES

    resident = models.ForeignKey(
        Resident, null=True, on_delete=models.CASCADE, related_name="arrivals", db_index=False
    )
    household = models.ForeignKey(
        Household, null=True, on_delete=models.CASCADE, related_name="arrivals", db_index=False
    )
    people_count = models.SmallIntegerField(default=1)
    from_place = models.TextField()
    on = models.DateField()
    transport = models.CharField(max_length=5, choices=Transport.choices)
    noted_at = models.DateTimeField()
    ends_on = models.DateField()  # from then on the row is deleted
    post_id = models.UUIDField()
    post_title = models.TextField()
    member_name = models.TextField()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=_person_or_door(), name="arrival_of_somebody"),
            models.CheckConstraint(condition=Q(people_count__gte=1), name="arrival_counts"),
            models.CheckConstraint(condition=Q(ends_on__gt=models.F("on")), name="arrival_ends"),
        )
        indexes = (
            models.Index("area_code", "on", "id", name="arrival_area"),
            models.Index("ends_on", name="arrival_end"),
            models.Index("resident", name="arrival_resident"),
            models.Index("household", name="arrival_household"),
        )
