"""Vehicles of the district: what they are, where they belong, whether one can be sent (scoped)."""

from django.db import models
from django.db.models import Q

from anlan.foundation.models import Scoped
from anlan.organisation.models.attributes import said_attributes
from anlan.organisation.models.premises import Facility
from anlan.organisation.rules import VehicleState


class Vehicle(Scoped):
    """An ambulance, a sampling or sanitation vehicle; its place is that of the facility it belongs to."""

    on_redraw = "moves"
    redraw_with = ("facility",)

    kind = models.TextField()  # a key of the pack's vehicle_kinds
    name = models.TextField()  # the plate, or what it is called
    facility = models.ForeignKey(
        Facility, null=True, blank=True, on_delete=models.PROTECT, related_name="vehicles"
    )
    state = models.CharField(max_length=12, choices=VehicleState.choices, default=VehicleState.FREE)
    state_since = models.DateTimeField()
    attributes = said_attributes()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    version = models.IntegerField(default=1)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(state__in=VehicleState.values), name="vehicle_state"),
            models.CheckConstraint(condition=~Q(name=""), name="vehicle_named"),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gte=models.F("starts_at")),
                name="vehicle_ends_after_start",
            ),
        )
        indexes = (models.Index("area_code", "id", name="vehicle_area"),)

    def __str__(self) -> str:
        return self.name
