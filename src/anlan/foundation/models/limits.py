"""How often one person did a thing in a day, for things that are limited."""

from django.db import models


class DailyUse(models.Model):
    """One member's uses of one limited act (revealing fields, searching) on one day in Asia/Shanghai."""

    member_id = models.UUIDField()
    use = models.TextField()
    on = models.DateField()
    count = models.IntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint("member_id", "use", "on", name="dailyuse_once"),)
