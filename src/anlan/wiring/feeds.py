"""The door of other systems and offline phones: which source of the inbox is applied by what."""

from anlan.foundation.ports import Intake
from anlan.health.intake import apply_case_report, apply_counts
from anlan.workorders.intake import apply_order_work, apply_problem

# source: what applies it, called as intake(actor=…, envelope=…, body=…, now=…) under the sender's scope
SOURCES: dict[str, Intake] = {
    "case-reports": apply_case_report,
    "counts": apply_counts,
    "problems": apply_problem,
    "order-work": apply_order_work,
}
PHONE_SOURCES = frozenset(SOURCES)  # those that a signed-in person's phone may send to
