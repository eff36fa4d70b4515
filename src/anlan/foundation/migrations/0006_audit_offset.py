"""Number audit entries by transaction plus an offset that a restore raises."""

import django.db.models.expressions
from django.db import migrations, models

from anlan.foundation.audit_numbering import offset_function

NUMBER = "pg_current_xact_id()::text::bigint + audit_offset()"


class Migration(migrations.Migration):
    dependencies = [("foundation", "0005_seal_leaves")]

    operations = [
        migrations.RunSQL(offset_function(0), "DROP FUNCTION audit_offset()"),
        migrations.AlterField(
            model_name="auditentry",
            name="transaction",
            field=models.BigIntegerField(
                db_default=django.db.models.expressions.RawSQL(NUMBER, []), db_index=True
            ),
        ),
    ]
