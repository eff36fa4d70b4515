"""The post that is told of a review past its time."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("affairs", "0002_row_security"),
        ("organisation", "0006_announced_ends"),
    ]

    operations = [
        migrations.AddField(
            model_name="admission",
            name="escalated_to",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="organisation.post",
            ),
        ),
    ]
