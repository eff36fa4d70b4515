"""Orders under scope and their own purpose; a step is seen with its order."""

from django.db import migrations

from anlan.foundation.policies import protect, protect_by_row_purpose


class Migration(migrations.Migration):
    dependencies = [("workorders", "0001_initial"), ("foundation", "0002_row_security")]

    operations = [
        protect_by_row_purpose("workorders_workorder"),
        protect("workorders_orderstep"),
        migrations.RunSQL(
            "CREATE POLICY with_its_order ON workorders_orderstep AS RESTRICTIVE FOR SELECT"
            " USING (EXISTS (SELECT FROM workorders_workorder o WHERE o.id = order_id))",
            "DROP POLICY with_its_order ON workorders_orderstep",
        ),
    ]
