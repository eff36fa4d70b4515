"""The house's ports with one source more, whose notes cost little, and the audit sealed every few seconds."""

from dataclasses import replace

from anlan.foundation.seals import seal_audit
from anlan.wiring.ports import PORTS as REAL
from tests.faults.loader import NOTES
from tests.foundation.inbox_ports import keep_note

SEAL_SECONDS = 3

PORTS = replace(
    REAL,
    sources={**REAL.sources, NOTES: keep_note},
    schedule=[(SEAL_SECONDS if duty is seal_audit else every, duty) for every, duty in REAL.schedule],
)
# The clock stands: for tests that compare what was told at two times.
WITHOUT_CLOCK = replace(PORTS, schedule=[])
