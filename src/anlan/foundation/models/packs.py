"""The regional configuration in force, as versioned rows."""

from django.db import models

from anlan.foundation.ids import new_id


class PackVersion(models.Model):
    """One loaded state of a pack; running matters keep the version they began under."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.TextField()
    version = models.TextField()  # hash of the content
    loaded_at = models.DateTimeField()
    in_force = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint("name", "version", name="pack_version_once"),
            models.UniqueConstraint("in_force", condition=models.Q(in_force=True), name="one_pack_in_force"),
        )


class PackEntry(models.Model):
    """One entry of a section, with the file and line it came from."""

    pack_version = models.ForeignKey(PackVersion, on_delete=models.CASCADE, related_name="entries")
    section = models.TextField()
    key = models.TextField()
    body = models.JSONField()
    file = models.TextField()
    line = models.IntegerField()
    position = models.IntegerField()

    class Meta:
        constraints = (models.UniqueConstraint("pack_version", "section", "key", name="pack_entry_once"),)
