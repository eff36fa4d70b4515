"""Of which areas what is behind a signal speaks."""

import django.contrib.postgres.fields
from django.db import migrations, models

WHERE_THEY_LIE = "UPDATE surveillance_signal SET areas = ARRAY[area_code]"


class Migration(migrations.Migration):
    dependencies = [
        ("surveillance", "0005_responding"),
    ]

    operations = [
        migrations.AddField(
            model_name="signal",
            name="areas",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.TextField(), default=list, size=None
            ),
        ),
        migrations.RunSQL(WHERE_THEY_LIE, migrations.RunSQL.noop),
    ]
