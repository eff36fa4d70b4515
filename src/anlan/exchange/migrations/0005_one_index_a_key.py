"""Drop the indexes of foreign keys that another index begins with."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("exchange", "0004_exports"),)
    operations = (
        migrations.AlterField(
            "groupanswer",
            "group_list",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="answers",
                to="exchange.grouplist",
            ),
        ),
        migrations.AlterField(
            "importchunk",
            "batch",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="chunks",
                to="exchange.importbatch",
            ),
        ),
        migrations.AlterField(
            "importrow",
            "batch",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="rows",
                to="exchange.importbatch",
            ),
        ),
    )
