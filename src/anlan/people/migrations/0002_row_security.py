"""Put this app's tables of places under the scope policy."""

from django.db import migrations

from anlan.foundation.policies import protect


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial"), ("foundation", "0002_row_security")]

    operations = [
        protect("people_household"),
        protect("people_resident"),
        protect("people_searchtoken"),
        protect("people_enrolment"),
    ]
