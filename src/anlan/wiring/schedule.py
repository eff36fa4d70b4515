"""The door of the clock: what is done when, one row a duty."""

from anlan.affairs.actions import end_expired_admissions, mark_late_at_gate
from anlan.exchange.actions import expire_group_lists, expire_imports
from anlan.exchange.actions.exporting.ending import expire_exports
from anlan.foundation.files import expire_files
from anlan.foundation.inbox.keeping import purge_inbox
from anlan.foundation.ports import ScheduledDuty
from anlan.foundation.seals import seal_audit
from anlan.organisation.actions import announce_ended_appointments, mark_late_call_ups
from anlan.organisation.actions.carry_redraws import carry_out_redraws, gather_stragglers
from anlan.people.actions import count_grids, find_twins, forget_care
from anlan.surveillance.actions import mark_overdue_signals, mind_product_clocks
from anlan.surveillance.runs import run_detectors
from anlan.workorders.actions import end_expired_orders, mark_overdue_orders

# (every so many seconds, duty), called as duty(now=…) for the real districts together and for each practice
# district by its own clock, under the duty `keep_clocks`
SCHEDULE: list[tuple[int, ScheduledDuty]] = [
    (5, announce_ended_appointments),
    (5, carry_out_redraws),
    (30, count_grids),
    (300, gather_stragglers),
    (30, mark_late_call_ups),
    (30, mark_overdue_orders),
    (300, end_expired_orders),
    (30, mark_overdue_signals),
    (60, mind_product_clocks),
    (300, run_detectors),
    (30, end_expired_admissions),
    (30, mark_late_at_gate),
    (60, find_twins),
    (60, seal_audit),
    (300, expire_exports),
    (3600, expire_files),
    (3600, expire_imports),
    (3600, expire_group_lists),
    (3600, forget_care),
    (3600, purge_inbox),
]
