"""Keep counts under scope and the purpose `health`; a unit's post reads its own under a duty."""

from django.db import migrations

from anlan.foundation.policies import protect

TABLES = ("health_countsheet", "health_countline", "health_countamendment")


class Migration(migrations.Migration):
    dependencies = [("health", "0003_counts")]

    operations = [protect(table, purposes=["health"]) for table in TABLES]
