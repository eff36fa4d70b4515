"""The door of the clock: what is done when, one row a duty."""

from anlan.foundation.inbox.keeping import purge_inbox
from anlan.foundation.ports import ScheduledDuty
from anlan.foundation.seals import seal_audit

# (every so many seconds, duty), called as duty(now=…) for the real districts together and for each practice
# district by its own clock, under the duty `keep_clocks`
SCHEDULE: list[tuple[int, ScheduledDuty]] = [
    (60, seal_audit),
    (3600, purge_inbox),
]
