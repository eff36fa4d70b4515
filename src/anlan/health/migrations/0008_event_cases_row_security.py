"""Keep the cases of an event's file with the rest of its data: own schema, scope, the purpose `health`."""

from django.db import migrations

from anlan.foundation.policies import move_to_schema, protect


class Migration(migrations.Migration):
    dependencies = [("health", "0007_event_cases")]

    operations = [
        protect("health_eventcase", purposes=["health"]),
        move_to_schema("health_eventcase", "epidemic"),
    ]
