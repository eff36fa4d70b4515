"""Keep epidemic data in a schema of their own, under scope and the purpose `health`."""

from django.db import migrations

from anlan.foundation.policies import move_to_schema, protect

TABLES = ("health_eventfile", "health_pseudonym", "health_casereport", "health_casestep")


class Migration(migrations.Migration):
    dependencies = [("health", "0001_initial"), ("foundation", "0002_row_security")]

    operations = [
        *(protect(table, purposes=["health"]) for table in TABLES),
        *(move_to_schema(table, "epidemic") for table in TABLES),
        protect("health_reportreceipt"),
    ]
