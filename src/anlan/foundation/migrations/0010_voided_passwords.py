"""A password its owner forgot is voided, and the account says when and by whom."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("foundation", "0009_start_passwords"),
    ]

    operations = [
        migrations.AddField(
            model_name="account",
            name="password_voided_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="account",
            name="password_voided_by",
            field=models.UUIDField(blank=True, null=True),
        ),
    ]
