"""Counts and signals under scope and the purpose `health`; leaders read what is theirs to see."""

from django.db import migrations

from anlan.foundation.policies import protect, serves

LEADERS_SIGNAL = f"{serves('lead')} AND seen_by_leaders"
LEADERS_PART = f"{serves('lead')} AND EXISTS (SELECT FROM surveillance_signal s WHERE s.id = signal_id AND s.seen_by_leaders)"
PARTS = ("signalreason", "signalstep", "riskassessment", "warningproduct")


class Migration(migrations.Migration):
    dependencies = [("surveillance", "0001_initial"), ("foundation", "0002_row_security")]

    operations = [
        protect("surveillance_dailycount", purposes=["health"]),
        protect("surveillance_counted", purposes=["health"]),
        protect("surveillance_signal", purposes=["health"], read_also=LEADERS_SIGNAL),
        *(protect(f"surveillance_{part}", purposes=["health"], read_also=LEADERS_PART) for part in PARTS),
        protect("surveillance_warningreceipt"),
    ]
