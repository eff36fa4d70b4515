"""What a district has set, and the days on which its work calendar differs."""

from django.db import models
from django.db.models import Q

from anlan.foundation.ids import new_id
from anlan.foundation.models import AreaCodeField
from anlan.organisation.models.posts import Post


class Setting(models.Model):
    """A limit or switch a district has set, in force from–to; what is not set comes from the pack."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    key = models.TextField()
    area_code = AreaCodeField(blank=True)
    value = models.JSONField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    set_by_post = models.ForeignKey(Post, null=True, on_delete=models.PROTECT)

    class Meta:
        constraints = (
            models.UniqueConstraint("key", "area_code", condition=Q(ends_at=None), name="setting_once"),
        )
        indexes = (models.Index("key", "area_code", "starts_at", name="setting_key"),)


class Holiday(models.Model):
    """A day on which the work calendar differs from plain weekdays (seeded, then editable)."""

    on = models.DateField(primary_key=True)
    is_workday = models.BooleanField()
    name = models.TextField(blank=True)
