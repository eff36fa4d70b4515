"""What a field held before, what it holds now, who said so and through which post."""

from django.db import models

from anlan.foundation.models.scoped import Scoped


class FieldChange(Scoped):
    """One field of one row changed. Values of encrypted fields are kept encrypted."""

    on_redraw = "stays"

    model = models.TextField()
    row_id = models.UUIDField()
    field = models.TextField()
    old = models.TextField(blank=True)
    new = models.TextField(blank=True)
    source = models.TextField(default="page")
    post_id = models.UUIDField(null=True)
    member_name = models.TextField(default="")
    version = models.IntegerField()
    changed_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index("row_id", "changed_at", name="fieldchange_row"),)
