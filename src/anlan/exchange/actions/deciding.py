"""What a person decides about a batch: answers, rows, writing, stopping, undoing."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from anlan.exchange.actions.receiving import SUBJECT
from anlan.exchange.actions.trying import count_rows
from anlan.exchange.layout import Layout
from anlan.exchange.models import ImportBatch, ImportRow
from anlan.exchange.queries import access_batch
from anlan.exchange.registers import REGISTERS
from anlan.exchange.rules import (
    AT_WORK,
    MAY_ANSWER,
    MAY_UNDO,
    MAY_WRITE,
    UNDECIDED,
    BatchState,
    Outcome,
    Question,
)
from anlan.exchange.starting import start
from anlan.foundation import audit
from anlan.foundation.actor import Actor
from anlan.foundation.errors import Conflict, Invalid

NEW, LEAVE = "new", "leave"
Allowed = frozenset[BatchState]


class BatchMovedOn(Conflict):
    """The batch is no longer in the state the page showed."""

    code = "import_moved_on"
    sentence = _("这个导入的状态已经变了，请看最新情况后再操作。")


class AnswersMissing(Invalid):
    """Say which questions are open."""

    code = "answers_missing"
    sentence = _("请答复下面的问题。")


def answer_questions(
    *,
    actor: Actor,
    batch_id: UUID,
    expected_version: int,
    answers: Mapping[str, str],
    columns: Mapping[int, str],
    now: datetime,
) -> ImportBatch:
    """Take the answers and the meaning of the columns (place from 0: key), and try the batch with them.

    Raises NotFound, BatchMovedOn, AnswersMissing.
    """
    with transaction.atomic():
        batch = _take(actor, batch_id, MAY_ANSWER, expected_version)
        before = dict(batch.answers)
        batch.answers = {**before, **answers}
        rereads = any(
            batch.answers.get(key) != before.get(key) for key in (Question.ENCODING, Question.SHEET)
        )
        if rereads:
            batch.state = BatchState.RECEIVED
        else:
            if columns:
                batch.layout = {
                    **batch.layout,
                    "columns": {str(p): k for p, k in _checked(batch, columns).items()},
                }
                batch.answers[Question.COLUMNS] = "said"
            missing = [key for key in batch.questions if not batch.answers.get(key)]
            if missing:
                raise AnswersMissing(fields=dict.fromkeys(missing, AnswersMissing.sentence))
            batch.state, batch.next_chunk = BatchState.TRYING, 0  # whoever carries it begins anew
        return _keep(actor, batch, "answer_import")


def _checked(batch: ImportBatch, columns: Mapping[int, str]) -> dict[int, str]:
    known = {column.key: column for column in REGISTERS[batch.register].columns}
    chosen = {place: key for place, key in columns.items() if key}
    wrong = set(chosen.values()) - set(known)
    twice = [key for key, count in Counter(chosen.values()).items() if count > 1]
    missing = [one.title for one in known.values() if one.is_needed and one.key not in chosen.values()]
    width = len(Layout.from_json(batch.layout).headings)
    if wrong or twice or any(not 0 <= place < width for place in chosen):
        raise AnswersMissing(fields={Question.COLUMNS: _("同一项内容只能对应一列。")})
    if missing:
        words = _("还没有指定这一列：%(column)s") % {"column": "、".join(missing)}
        raise AnswersMissing(fields={Question.COLUMNS: words})
    return chosen


def write_batch(*, actor: Actor, batch_id: UUID, expected_version: int, now: datetime) -> ImportBatch:
    """Let everything that was tried and decided be written. Raises NotFound, BatchMovedOn."""
    with transaction.atomic():
        batch = _take(actor, batch_id, MAY_WRITE, expected_version)
        batch.state, batch.next_chunk = BatchState.WRITING, 0
        return _keep(actor, batch, "write_import")


def stop_batch(*, actor: Actor, batch_id: UUID, now: datetime) -> ImportBatch:
    """Stop a batch at work after the chunk it is at; what is written stays and can be undone or gone on with.

    Raises NotFound, BatchMovedOn.
    """
    with transaction.atomic():
        batch = _take(actor, batch_id, AT_WORK)
        if batch.state == BatchState.RECEIVED:
            batch.state, batch.problem = BatchState.REFUSED, "stopped_before_reading"
        else:
            batch.state = BatchState.ASKED if batch.state == BatchState.TRYING else BatchState.STOPPED
        batch.version += 1
        batch.save()
        audit.record("stop_import", SUBJECT, [batch.pk], area_code=batch.area_code)
    return batch


def undo_batch(*, actor: Actor, batch_id: UUID, expected_version: int, now: datetime) -> ImportBatch:
    """Take back what a batch wrote, as far as nobody acted on it since. Raises NotFound, BatchMovedOn."""
    with transaction.atomic():
        batch = _take(actor, batch_id, MAY_UNDO, expected_version)
        batch.state, batch.next_chunk, batch.stayed_count = BatchState.UNDOING, batch.chunk_count - 1, 0
        return _keep(actor, batch, "undo_import")


def decide_rows(*, actor: Actor, batch_id: UUID, decisions: Mapping[int, str], now: datetime) -> ImportBatch:
    """Decide parked rows by number: `new`, `leave`, or the id of the record that the row speaks of.

    They are written with the next writing. Raises NotFound, BatchMovedOn.
    """
    with transaction.atomic():
        batch = _take(actor, batch_id, MAY_WRITE)
        rows = batch.rows.select_for_update().filter(number__in=decisions, outcome__in=UNDECIDED)
        was = [Outcome(row.outcome) for row in rows]
        for row in rows:
            _decide(row, decisions[row.number])
        count_rows(batch, came=(Outcome(row.outcome) for row in rows), went=was)
        batch.version += 1
        batch.save()
        audit.record("decide_import", SUBJECT, [batch.pk], detail={"rows": len(decisions)})
    return batch


def _decide(row: ImportRow, decision: str) -> None:
    known = {str(key): version for key, version, *_rest in row.candidates}
    if row.target_id:
        known.setdefault(str(row.target_id), row.target_version)
    if decision == LEAVE:
        row.outcome, row.problems = Outcome.LEFT_OUT, [["", "left_out", ""]]
    elif decision == NEW and row.outcome == Outcome.TO_DECIDE:
        row.outcome, row.problems, row.target_id = Outcome.NEW, [], None
    elif decision in known:
        row.outcome, row.problems = Outcome.CHANGED, []
        row.target_id, row.target_version = UUID(decision), known[decision]
    row.save(update_fields=["outcome", "problems", "target_id", "target_version"])


def _take(actor: Actor, batch_id: UUID, allowed: Allowed, expected_version: int | None = None) -> ImportBatch:
    access_batch(actor, batch_id)
    batch = ImportBatch.objects.select_for_update().get(pk=batch_id)
    if batch.state not in allowed or expected_version not in (None, batch.version):
        raise BatchMovedOn
    return batch


def _keep(actor: Actor, batch: ImportBatch, verb: str) -> ImportBatch:
    """Save the batch, and let the worker go on with the rights of who asked."""
    batch.appointment_id, batch.problem = actor.appointment_id, ""
    batch.version += 1
    batch.save()
    audit.record(verb, SUBJECT, [batch.pk], area_code=batch.area_code)
    start(batch)
    return batch
