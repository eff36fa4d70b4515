"""What people do to signals, assessments, warning products, their receipts and the shift of the desk."""

from anlan.surveillance.actions.assessment import Assessment, GradeNeeded, ReasonNeeded, assess_signal
from anlan.surveillance.actions.handover import SameHands, ShiftOpen, ShiftTaken, give_shift, take_shift
from anlan.surveillance.actions.products import (
    BlanksLeft,
    MustNotSay,
    ProductMoved,
    form_product,
    pass_on_product,
    sign_product,
    write_product,
)
from anlan.surveillance.actions.receipts import (
    acknowledge_warning,
    feed_back_warning,
    mind_product_clocks,
    remind_receivers,
    settle_product,
)
from anlan.surveillance.actions.signals import (
    NoticesUnanswered,
    OrdersStillOpen,
    ResponseRuns,
    StillOpen,
    acknowledge_signal,
    close_signal,
    holds_open,
    mark_overdue_signals,
    note_field_visit,
    note_response,
    record_field_visit,
    verify_signal,
)
from anlan.surveillance.actions.steps import SignalMoved, WordsNeeded

__all__ = [
    "Assessment",
    "BlanksLeft",
    "GradeNeeded",
    "MustNotSay",
    "NoticesUnanswered",
    "OrdersStillOpen",
    "ProductMoved",
    "ReasonNeeded",
    "ResponseRuns",
    "SameHands",
    "ShiftOpen",
    "ShiftTaken",
    "SignalMoved",
    "StillOpen",
    "WordsNeeded",
    "acknowledge_signal",
    "acknowledge_warning",
    "assess_signal",
    "close_signal",
    "feed_back_warning",
    "form_product",
    "give_shift",
    "holds_open",
    "mark_overdue_signals",
    "mind_product_clocks",
    "note_field_visit",
    "note_response",
    "pass_on_product",
    "record_field_visit",
    "remind_receivers",
    "settle_product",
    "sign_product",
    "take_shift",
    "verify_signal",
    "write_product",
]
