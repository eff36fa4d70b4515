"""Areas, their outlines and links (unscoped: staff may know who answers for what)."""

from django.db import models
from django.db.models import Q

from anlan.foundation.ids import new_id
from anlan.foundation.models import AreaCodeField
from anlan.organisation.rules import AreaLevel, LinkKind


class Area(models.Model):
    """One node of the tree for one stretch of time; its code says where it hangs."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = AreaCodeField()
    parent_code = AreaCodeField(blank=True)
    level = models.CharField(max_length=12, choices=AreaLevel.choices)
    kind = models.TextField(default="residential")  # a key of the pack's area_kinds
    name = models.TextField()
    outside_codes = models.JSONField(default=dict)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint("code", condition=Q(ends_at=None), name="area_code_once_at_a_time"),
            models.CheckConstraint(condition=Q(code__regex=r"^\d{6}(\d{3}(\d{3}(\d{3}(\d{3})?)?)?)?$"),
                                   name="area_code_shape"),
            models.CheckConstraint(condition=Q(ends_at=None) | Q(ends_at__gt=models.F("starts_at")),
                                   name="area_ends_after_start"),
        )  # fmt: skip
        indexes = (
            models.Index("code", "starts_at", name="area_code_starts"),
            models.Index("parent_code", name="area_parent"),
        )

    def __str__(self) -> str:
        return self.name


class AreaShape(models.Model):
    """The outline of an area: one or more rings of [x, y] in metres on the district's plane."""

    area = models.OneToOneField(Area, on_delete=models.CASCADE, related_name="shape")
    rings = models.JSONField()
    label_x = models.FloatField()
    label_y = models.FloatField()


class AreaLink(models.Model):
    """Two areas of one level that concern each other: a common border, or a declared link."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    low_code = AreaCodeField()  # the smaller code of the two, so that a pair is stored once
    high_code = AreaCodeField()
    kind = models.CharField(max_length=10, choices=LinkKind.choices)
    reason = models.TextField(blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                "low_code", "high_code", "kind", condition=Q(ends_at=None), name="area_link_once"
            ),
            models.CheckConstraint(condition=Q(low_code__lt=models.F("high_code")), name="area_link_ordered"),
        )
        indexes = (models.Index("high_code", name="area_link_high"),)
