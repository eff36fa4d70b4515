"""Give premises and staff attributes, and keep vehicles and bed counts, under the scope policy."""

import django.db.models.deletion
from django.db import migrations, models

import anlan.foundation.ids
import anlan.foundation.models.scoped
from anlan.foundation.policies import protect


class Migration(migrations.Migration):
    dependencies = [
        ("organisation", "0008_sender_purposes"),
    ]

    operations = [
        migrations.AddField(
            model_name="facility",
            name="attributes",
            field=models.JSONField(blank=True, db_default=models.Value({}, models.JSONField()), default=dict),
        ),
        migrations.AddField(
            model_name="facility",
            name="verified_by",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
        migrations.AddField(
            model_name="facility",
            name="verified_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="member",
            name="attributes",
            field=models.JSONField(blank=True, db_default=models.Value({}, models.JSONField()), default=dict),
        ),
        migrations.AddField(
            model_name="member",
            name="facility",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="staff",
                to="organisation.facility",
            ),
        ),
        migrations.CreateModel(
            name="BedCount",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=anlan.foundation.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("area_code", anlan.foundation.models.scoped.AreaCodeField()),
                ("on", models.DateField()),
                ("open_count", models.IntegerField()),
                ("occupied_count", models.IntegerField()),
                ("reason", models.TextField(blank=True)),
                ("taken_at", models.DateTimeField()),
                ("post_title", models.TextField()),
                ("earlier", models.JSONField(blank=True, default=list)),
                ("version", models.IntegerField(default=1)),
                (
                    "facility",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bed_counts",
                        to="organisation.facility",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(models.F("area_code"), models.F("id"), name="bedcount_area")],
                "constraints": [
                    models.UniqueConstraint(models.F("facility"), models.F("on"), name="bedcount_once_a_day"),
                    models.CheckConstraint(
                        condition=models.Q(("open_count__gte", 0), ("occupied_count__gte", 0)),
                        name="bedcount_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("occupied_count__lte", models.F("open_count")),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="bedcount_within_open",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Vehicle",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=anlan.foundation.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("area_code", anlan.foundation.models.scoped.AreaCodeField()),
                ("kind", models.TextField()),
                ("name", models.TextField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("free", "空闲"),
                            ("on_duty", "出车"),
                            ("maintenance", "维修保养"),
                            ("out", "停用"),
                        ],
                        default="free",
                        max_length=12,
                    ),
                ),
                ("state_since", models.DateTimeField()),
                (
                    "attributes",
                    models.JSONField(
                        blank=True, db_default=models.Value({}, models.JSONField()), default=dict
                    ),
                ),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField(blank=True, null=True)),
                ("version", models.IntegerField(default=1)),
                (
                    "facility",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="vehicles",
                        to="organisation.facility",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(models.F("area_code"), models.F("id"), name="vehicle_area")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["free", "on_duty", "maintenance", "out"])),
                        name="vehicle_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True), name="vehicle_named"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_at", None), ("ends_at__gte", models.F("starts_at")), _connector="OR"
                        ),
                        name="vehicle_ends_after_start",
                    ),
                ],
            },
        ),
        protect("organisation_vehicle"),
        protect("organisation_bedcount"),
    ]
