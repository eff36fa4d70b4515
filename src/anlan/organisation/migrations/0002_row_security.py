"""Put this app's tables of places under the scope policy."""

from django.db import migrations

from anlan.foundation.policies import protect


class Migration(migrations.Migration):
    dependencies = [("organisation", "0001_initial"), ("foundation", "0002_row_security")]

    operations = [
        protect("organisation_building"),
        protect("organisation_facility"),
        protect("organisation_facilitygroup"),
    ]
