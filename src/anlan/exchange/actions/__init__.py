"""Every change to import batches."""

from anlan.exchange.actions.carrying import carry_on
from anlan.exchange.actions.deciding import (
    AnswersMissing,
    BatchMovedOn,
    answer_questions,
    decide_rows,
    stop_batch,
    undo_batch,
    write_batch,
)
from anlan.exchange.actions.expiring import expire_imports, forget_person
from anlan.exchange.actions.receiving import RegisterUnknown, receive_file
from anlan.exchange.actions.undoing import what_would_stay

__all__ = [
    "AnswersMissing",
    "BatchMovedOn",
    "RegisterUnknown",
    "answer_questions",
    "carry_on",
    "decide_rows",
    "expire_imports",
    "forget_person",
    "receive_file",
    "stop_batch",
    "undo_batch",
    "what_would_stay",
    "write_batch",
]
