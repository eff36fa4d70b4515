"""Put this app's tables under the scope policy: read by posts that serve residents, nobody else in range."""

from django.db import migrations

from anlan.foundation.policies import protect

PURPOSES = ["grid_work", "health", "privacy"]
TABLES = ("people_household", "people_resident", "people_searchtoken", "people_enrolment")


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial"), ("foundation", "0002_row_security")]

    operations = [protect(table, purposes=PURPOSES) for table in TABLES]
