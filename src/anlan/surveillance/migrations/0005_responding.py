"""Since when a response to a signal runs."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("surveillance", "0004_matters_and_counts"),
    ]

    operations = [
        migrations.AddField(
            model_name="signal",
            name="responding_since",
            field=models.DateTimeField(null=True),
        ),
    ]
