"""Who did what, through which post, and why; and the seals that make an alteration show."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Func

from anlan.foundation.models.scoped import AreaCodeField

# audit_offset() is 0 until the database is restored from a dump, which counts transactions anew from a low
# number; then the owner raises it, so that numbers go on where they were (foundation.audit_numbering).
TRANSACTION = "pg_current_xact_id()::text::bigint + audit_offset()"


class AuditEntry(models.Model):
    """One act or one look. Written by `foundation.audit.record`; never changed, never deleted."""

    id = models.UUIDField(primary_key=True, editable=False)
    at = models.DateTimeField(db_default=Func(function="clock_timestamp"))
    transaction = models.BigIntegerField(db_default=models.expressions.RawSQL(TRANSACTION, []), db_index=True)
    account_id = models.UUIDField(null=True)
    member_id = models.UUIDField(null=True)
    post_id = models.UUIDField(null=True)
    role = models.TextField(default="")
    duty = models.TextField(default="")
    cause = models.TextField(default="")
    verb = models.TextField()
    subject = models.TextField(default="")  # model label, e.g. people.Resident
    subject_ids = ArrayField(models.UUIDField(), default=list)
    area_code = AreaCodeField(default="")
    why = models.TextField(default="")
    detail = models.JSONField(default=dict)
    request_id = models.TextField(default="")

    class Meta:
        indexes = (
            models.Index("at", "id", name="audit_at"),
            models.Index("member_id", "at", name="audit_member_at"),
        )


class AuditSubject(models.Model):
    """Which entries are about a record: from a record to who looked, as an array has no usable index."""

    pk = models.CompositePrimaryKey("subject_id", "entry_id")
    subject_id = models.UUIDField()
    entry_id = models.UUIDField()  # made in the order of time


class AuditSeal(models.Model):
    """A Merkle root over all entries of one stretch, chained to the last seal and signed."""

    number = models.BigIntegerField(primary_key=True)
    sealed_at = models.DateTimeField()
    below_transaction = models.BigIntegerField()  # seals what is below this and not below the last seal's
    entry_count = models.IntegerField()
    first_id = models.UUIDField(null=True)
    last_id = models.UUIDField(null=True)
    root = models.BinaryField()
    leaves = models.BinaryField(default=bytes)  # 32 bytes an entry, in order: names the row that was altered
    previous = models.BinaryField()
    head = models.BinaryField()
    signature = models.BinaryField()
    suite = models.TextField()
