"""Coverage is counted from the index alone: the seat stands in it too."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("organisation", "0011_redraw"),
        ("people", "0009_care"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="householdassignment",
            name="assignment_line",
        ),
        migrations.AddIndex(
            model_name="householdassignment",
            index=models.Index(
                models.F("line"),
                models.F("area_code"),
                models.F("household"),
                models.F("holder"),
                condition=models.Q(("ends_at", None)),
                include=("slot",),
                name="assignment_line",
            ),
        ),
    ]
