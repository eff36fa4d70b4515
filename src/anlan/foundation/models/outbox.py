"""Facts announced in the transaction that made them true, and which consequences were carried out."""

from django.db import models
from django.db.models import Func

from anlan.foundation.models.scoped import AreaCodeField


class Fact(models.Model):
    """Something that happened, waiting for its consequences (wiring/reactions.py)."""

    on_redraw = "stays"

    class State(models.TextChoices):
        """Where the fact stands."""

        WAITING = "waiting"
        DONE = "done"
        POISONED = "poisoned"

    id = models.BigAutoField(primary_key=True)
    name = models.TextField()  # app.EventName
    payload = models.JSONField()
    area_code = AreaCodeField()
    occurred_at = models.DateTimeField()  # the `now` of the action: practice time in practice districts
    recorded_at = models.DateTimeField(db_default=Func(function="clock_timestamp"))
    actor = models.JSONField(default=dict)
    state = models.TextField(choices=State.choices, default=State.WAITING)
    tries = models.SmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True)  # not to be tried again before
    problem = models.TextField(default="")

    class Meta:
        indexes = (
            models.Index("id", name="fact_waiting", condition=models.Q(state="waiting")),
            models.Index("id", name="fact_poisoned", condition=models.Q(state="poisoned")),
        )


class ConsequenceDone(models.Model):
    """A consequence that was carried out for a fact: a second run finds it and does nothing."""

    fact = models.ForeignKey(Fact, on_delete=models.CASCADE)
    consequence = models.TextField()
    done_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint("fact", "consequence", name="consequence_once"),)
