"""Every question about imports."""

from uuid import UUID

from django.db.models import QuerySet

from anlan.exchange.models import ImportBatch, ImportRow
from anlan.exchange.registers import REGISTERS
from anlan.foundation.actor import Actor
from anlan.foundation.errors import NotFound
from anlan.foundation.scope import within

DIGITS = 7  # of the largest row number


def may_import(actor: Actor, register: str) -> bool:
    """Say whether the post may import into a register."""
    known = REGISTERS.get(register)
    return known is not None and actor.has_purpose(*known.purposes)


def filing_purpose(actor: Actor, register: str) -> str:
    """Return the purpose for which files of a register's imports are kept."""
    return next(one for one in REGISTERS[register].purposes if actor.has_purpose(one))


def visible_batches(actor: Actor) -> QuerySet[ImportBatch]:
    """Return the imports of the actor's post: whoever holds it goes on with them."""
    return ImportBatch.objects.filter(within(actor.ranges), post_id=actor.post_id)


def access_batch(actor: Actor, batch_id: UUID) -> ImportBatch:
    """Return one import of the actor's post, or raise NotFound."""
    batch = visible_batches(actor).filter(pk=batch_id).first()
    if batch is None:
        raise NotFound
    return batch


def rows_of_batch(batch: ImportBatch, outcome: str = "", *, number: str = "") -> QuerySet[ImportRow]:
    """Return what became of the rows of an import; with `number` of the row that the spreadsheet calls so."""
    rows = batch.rows.all()
    if number:
        is_number = number.isascii() and number.isdigit() and len(number) <= DIGITS
        return rows.filter(number=int(number)) if is_number else rows.none()
    return rows.filter(outcome=outcome) if outcome else rows
