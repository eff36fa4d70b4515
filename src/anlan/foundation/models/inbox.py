"""What outside systems and phones sent, as it was accepted."""

from django.db import models
from django.db.models import Func

from anlan.foundation.models.scoped import AreaCodeField


class Envelope(models.Model):
    """One accepted message. The row is its own entry of receipt; answered only after its commit.

    Keys are unique per sender. `record_id` is made by the client and becomes the record's id.
    """

    on_redraw = "stays"

    class State(models.TextChoices):
        """What became of the envelope."""

        WAITING = "waiting"
        APPLIED = "applied"
        DUPLICATE = "duplicate"  # applied before under another key: the record id was there
        REVIEW = "review"  # set aside for a person: outside the sender's time or place, or implausible
        POISONED = "poisoned"  # could not be applied; sender and reviewer see why
        DISMISSED = "dismissed"  # a person looked and left it unused; the audit says why

    id = models.BigAutoField(primary_key=True)
    source = models.TextField()
    key = models.TextField(db_collation="C")
    record_id = models.UUIDField()
    account_id = models.UUIDField()
    appointment_id = models.UUIDField()
    post_id = models.UUIDField()
    area_code = AreaCodeField()
    body = models.BinaryField()  # encrypted JSON; suite id first
    body_hash = models.BinaryField()  # keyed hash: the same again, or another body under one key?
    device_at = models.DateTimeField(null=True)  # what the sender's clock said; never trusted for order
    device_implausible = models.BooleanField(default=False)
    received_at = models.DateTimeField(db_default=Func(function="clock_timestamp"))
    practice_at = models.DateTimeField(null=True)  # the practice clock at receipt, in practice districts
    state = models.TextField(choices=State.choices, default=State.WAITING)
    tries = models.SmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True)  # not to be tried again before
    applied_at = models.DateTimeField(null=True)
    problem = models.TextField(default="")

    class Meta:
        constraints = (
            models.UniqueConstraint("account_id", "key", name="envelope_key_per_sender"),
            models.UniqueConstraint("source", "record_id", name="envelope_record_once"),
        )
        indexes = (
            models.Index("id", name="envelope_waiting", condition=models.Q(state="waiting")),
            models.Index(
                "state", "id", name="envelope_set_aside", condition=models.Q(state__in=("review", "poisoned"))
            ),
            models.Index("received_at", name="envelope_received"),
            models.Index(fields=("area_code", "-id"), name="envelope_area"),
        )
