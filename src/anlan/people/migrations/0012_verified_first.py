"""What nobody has verified for long is found by its day: of a whole district that is mostly up to date."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0011_grid_counts")]

    operations = [
        migrations.RemoveIndex(model_name="household", name="household_verified"),
        migrations.AddIndex(
            model_name="household",
            index=models.Index(models.F("verified_on"), models.F("area_code"), name="household_verified"),
        ),
    ]
