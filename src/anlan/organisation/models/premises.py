"""Facilities with their groups, and buildings: what stands in an area (scoped)."""

from django.db import models

from anlan.foundation.models import Scoped
from anlan.organisation.models.attributes import said_attributes
from anlan.organisation.rules import CODE_LENGTH, AreaLevel, building_word, place_word


class Facility(Scoped):
    """A school, pharmacy, clinic, care home…: a place with people of its own, usually a special grid."""

    on_redraw = "moves"

    kind = models.TextField()  # a key of the pack's facility_kinds
    name = models.TextField()
    address = models.TextField(blank=True)
    x_m = models.FloatField(null=True)
    y_m = models.FloatField(null=True)
    attributes = said_attributes()
    verified_on = models.DateField(null=True, blank=True)  # the day somebody last found all of it true
    verified_by = models.TextField(blank=True, default="", db_default="")  # the title of that post
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    version = models.IntegerField(default=1)

    class Meta:
        indexes = (models.Index("area_code", "id", name="facility_area"),)

    def __str__(self) -> str:
        return self.name

    @property
    def mark(self) -> tuple[str, ...]:
        """What tells it from the others of its area."""
        return self.area_code, self.kind, place_word(self.name)


class FacilityGroup(Scoped):
    """A class, dormitory, ward or floor of a facility."""

    on_redraw = "moves"
    redraw_with = ("facility",)

    facility = models.ForeignKey(Facility, on_delete=models.PROTECT, related_name="groups")
    kind = models.TextField(default="class")
    name = models.TextField()
    headcount = models.IntegerField(null=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (models.Index("area_code", "id", name="facilitygroup_area"),)

    def __str__(self) -> str:
        return self.name


class Building(Scoped):
    """A building of a grid, with its units (stairs) and floors."""

    on_redraw = "moves"

    number = models.TextField()
    name = models.TextField(blank=True)
    unit_count = models.SmallIntegerField(default=1)
    floor_count = models.SmallIntegerField(default=1)
    x_m = models.FloatField(null=True)
    y_m = models.FloatField(null=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    version = models.IntegerField(default=1)

    class Meta:
        indexes = (models.Index("area_code", "id", name="building_area"),)

    def __str__(self) -> str:
        return self.name or self.number

    @property
    def mark(self) -> tuple[str, ...]:
        """What tells it from the others of its grid."""
        return self.area_code[: CODE_LENGTH[AreaLevel.GRID]], building_word(self.number)
