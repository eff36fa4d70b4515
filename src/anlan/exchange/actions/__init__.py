"""Every change to import batches and to lists out of group texts."""

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
from anlan.exchange.actions.group_answers import DecisionUnknown, confirm_answers, decide_answer
from anlan.exchange.actions.group_lists import (
    GroupListClosed,
    GroupListInvalid,
    NewGroupList,
    Pasted,
    close_group_list,
    expire_group_lists,
    make_group_list,
    paste_again,
)
from anlan.exchange.actions.receiving import RegisterUnknown, receive_file
from anlan.exchange.actions.undoing import what_would_stay

__all__ = [
    "AnswersMissing",
    "BatchMovedOn",
    "DecisionUnknown",
    "GroupListClosed",
    "GroupListInvalid",
    "NewGroupList",
    "Pasted",
    "RegisterUnknown",
    "answer_questions",
    "carry_on",
    "close_group_list",
    "confirm_answers",
    "decide_answer",
    "decide_rows",
    "expire_group_lists",
    "expire_imports",
    "forget_person",
    "make_group_list",
    "paste_again",
    "receive_file",
    "stop_batch",
    "undo_batch",
    "what_would_stay",
    "write_batch",
]
