"""Every change to an order: one verb, one transaction: check, change, audit, announce."""

from anlan.workorders.actions.advancing import (
    ItemsOpen,
    LegsOpen,
    NoteNeeded,
    NotSatisfied,
    OrderMoved,
    PostNeeded,
    advance_order,
)
from anlan.workorders.actions.clocks import mark_overdue_orders
from anlan.workorders.actions.on_the_way import work_order
from anlan.workorders.actions.opening import (
    NobodyToAnswer,
    UnknownCategory,
    WordsNeeded,
    call_departments,
    hand_orders_on,
    open_order,
    raise_problem,
)
from anlan.workorders.actions.parts import (
    ItemReply,
    NoExtensionLeft,
    WrongMinutes,
    act_on_leg,
    answer_items,
    ask_extension,
    decide_extension,
    remind,
)
from anlan.workorders.actions.sending import NewTask, PlaceNeeded, send_task
from anlan.workorders.actions.withdrawing import (
    close_for_ended_admission,
    end_expired_orders,
    note_objection,
    object_to_order,
    withdraw_order,
)

__all__ = [
    "ItemReply",
    "ItemsOpen",
    "LegsOpen",
    "NewTask",
    "NoExtensionLeft",
    "NobodyToAnswer",
    "NotSatisfied",
    "NoteNeeded",
    "OrderMoved",
    "PlaceNeeded",
    "PostNeeded",
    "UnknownCategory",
    "WordsNeeded",
    "WrongMinutes",
    "act_on_leg",
    "advance_order",
    "answer_items",
    "ask_extension",
    "call_departments",
    "close_for_ended_admission",
    "decide_extension",
    "end_expired_orders",
    "hand_orders_on",
    "mark_overdue_orders",
    "note_objection",
    "object_to_order",
    "open_order",
    "raise_problem",
    "remind",
    "send_task",
    "withdraw_order",
    "work_order",
]
