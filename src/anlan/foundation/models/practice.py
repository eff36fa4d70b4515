"""The clock of a practice district: the `now` its rules and work calendars are given."""

from django.db import models

from anlan.foundation.models.scoped import AreaCodeField


class PracticeClock(models.Model):
    """What time it is in a practice district; it stands until it is moved (DESIGN.md section 7)."""

    district_code = AreaCodeField(primary_key=True)
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(district_code__startswith="99"), name="practice_clock_only_in_practice"
            ),
        )
