"""Let counts say where they lie in today's borders, beside where they were reported."""

from django.db import migrations, models

import anlan.foundation.models.scoped

FILL = """
    UPDATE surveillance_counted SET place_code = area_code;
    UPDATE surveillance_counted AS c SET building_id = r.building_id
    FROM health_casereport AS r WHERE r.id = c.source_id AND r.building_id IS NOT NULL;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("surveillance", "0006_areas_of_signals"),
        ("organisation", "0011_redraw"),
        ("health", "0008_event_cases_row_security"),
    ]

    operations = [
        migrations.AddField("counted", "building_id", models.UUIDField(null=True)),
        migrations.AddField(
            "counted",
            "place_code",
            anlan.foundation.models.scoped.AreaCodeField(default=""),
            preserve_default=False,
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AddIndex(
            "counted", models.Index(models.F("place_code"), models.F("on"), name="counted_place")
        ),
    ]
