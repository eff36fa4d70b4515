"""Items, legs and extensions under scope, each seen with its order."""

from django.db import migrations

from anlan.foundation.policies import protect

TABLES = ("workorders_orderitem", "workorders_orderleg", "workorders_orderextension")


def with_its_order(table: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"CREATE POLICY with_its_order ON {table} AS RESTRICTIVE FOR SELECT"
        " USING (EXISTS (SELECT FROM workorders_workorder o WHERE o.id = order_id))",
        f"DROP POLICY with_its_order ON {table}",
    )


class Migration(migrations.Migration):
    dependencies = [("workorders", "0004_parts"), ("foundation", "0002_row_security")]

    operations = [operation for table in TABLES for operation in (protect(table), with_its_order(table))]
