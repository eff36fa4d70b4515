"""Patches (片) of a community: grids grouped for door-to-door work (unscoped, as areas are)."""

from django.db import models
from django.db.models import Q

from anlan.foundation.ids import new_id
from anlan.foundation.models import AreaCodeField
from anlan.organisation.models.posts import Post


class Patch(models.Model):
    """Some grids of a community that are worked through together, from one moment to another."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    area_code = AreaCodeField()  # its community
    name = models.TextField()
    head = models.ForeignKey(Post, null=True, blank=True, on_delete=models.PROTECT, related_name="patches")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    version = models.IntegerField(default=1)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gte=models.F("starts_at")),
                name="patch_ends_after_start",
            ),
        )
        indexes = (models.Index("area_code", "starts_at", name="patch_area"),)

    def __str__(self) -> str:
        return self.name


class PatchGrid(models.Model):
    """A grid in a patch, from one moment to another: in one patch at a time."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    patch = models.ForeignKey(Patch, on_delete=models.CASCADE, related_name="grids")
    code = AreaCodeField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint("code", condition=Q(ends_at=None), name="patchgrid_one_patch"),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gte=models.F("starts_at")),
                name="patchgrid_ends_after_start",
            ),
        )
        indexes = (models.Index("patch", "starts_at", name="patchgrid_patch"),)
