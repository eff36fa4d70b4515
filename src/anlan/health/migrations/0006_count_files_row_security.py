"""Keep files of counts under scope and the purpose `health`; who sent one reads it under a duty."""

from django.db import migrations

from anlan.foundation.policies import protect

TABLES = ("health_countfile", "health_countfilerow")


class Migration(migrations.Migration):
    dependencies = [("health", "0005_count_files")]

    operations = [protect(table, purposes=["health"]) for table in TABLES]
