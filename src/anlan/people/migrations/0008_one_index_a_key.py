"""Drop the second of two indexes on the household of residents."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("people", "0007_twins"),)
    operations = (
        migrations.AlterField(
            "resident",
            "household",
            models.ForeignKey(
                null=True,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="residents",
                to="people.household",
            ),
        ),
    )
