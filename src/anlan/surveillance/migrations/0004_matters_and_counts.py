"""Signals of a matter with their places; counts by the pack's indicators, from reports and sheets alike.

The counts kept so far had other indicators: `anlan rebuild-counts` counts the reports anew.
"""

import django.contrib.postgres.fields
from django.db import migrations, models

import anlan.foundation.ids
import anlan.foundation.models.scoped
from anlan.foundation.policies import protect


class Migration(migrations.Migration):
    dependencies = [("surveillance", "0003_desk")]

    operations = [
        migrations.DeleteModel("Counted"),
        migrations.DeleteModel("DailyCount"),
        migrations.CreateModel(
            name="Counted",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=anlan.foundation.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("area_code", anlan.foundation.models.scoped.AreaCodeField()),
                ("source_id", models.UUIDField()),
                ("indicator", models.TextField()),
                ("on", models.DateField()),
                ("facility_id", models.UUIDField(null=True)),
                ("group_id", models.UUIDField(null=True)),
                ("count", models.IntegerField(default=1)),
                ("denominator", models.IntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="DailyCount",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=anlan.foundation.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("area_code", anlan.foundation.models.scoped.AreaCodeField()),
                ("indicator", models.TextField()),
                ("on", models.DateField()),
                ("count", models.IntegerField(default=0)),
                ("denominator", models.IntegerField(default=0)),
                ("source_count", models.IntegerField(default=0)),
                ("changed_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="DetectionRun",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=anlan.foundation.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("area_code", anlan.foundation.models.scoped.AreaCodeField()),
                ("on", models.DateField()),
                ("at", models.DateTimeField()),
                ("area_count", models.IntegerField()),
                ("indicator_count", models.IntegerField()),
                ("found_count", models.IntegerField()),
                ("raised_count", models.IntegerField()),
                ("held_count", models.IntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="HeldFinding",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=anlan.foundation.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("area_code", anlan.foundation.models.scoped.AreaCodeField()),
                ("rule", models.TextField()),
                ("matter", models.TextField()),
                ("condition", models.TextField()),
                ("place_kind", models.TextField()),
                ("place_key", models.TextField()),
                ("place_name", models.TextField(blank=True)),
                ("on", models.DateField()),
                ("z", models.FloatField()),
                ("words_zh", models.TextField()),
                ("words_en", models.TextField()),
                ("held_by", models.TextField()),
                ("held_at", models.DateTimeField()),
                ("signal_id", models.UUIDField(null=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="signal",
            name="one_open_signal",
        ),
        migrations.AddField(
            model_name="signal",
            name="counted_at",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.TextField(), default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="signal",
            name="is_statistical",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="signal",
            name="joined_to",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="signal",
            name="matter",
            field=models.TextField(default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="signal",
            name="places",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.TextField(), default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="signalreason",
            name="first_on",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="signalreason",
            name="place",
            field=models.TextField(default=""),
        ),
        migrations.AlterField(
            model_name="signal",
            name="state",
            field=models.CharField(
                choices=[
                    ("raised", "待响应"),
                    ("verifying", "核实中"),
                    ("verified", "已核实"),
                    ("excluded", "已排除"),
                    ("assessed", "已评估"),
                    ("warned", "已预警"),
                    ("closed", "已关闭"),
                    ("joined", "已并入"),
                ],
                default="raised",
                max_length=10,
            ),
        ),
        migrations.RunSQL(
            "UPDATE surveillance_signal SET matter = condition,"
            " places = ARRAY[place_kind || ':' || place_key]",
            migrations.RunSQL.noop,
        ),
        migrations.AddConstraint(
            model_name="signal",
            constraint=models.UniqueConstraint(
                models.F("matter"),
                models.F("place_kind"),
                models.F("place_key"),
                condition=models.Q(("state__in", ("raised", "verifying", "verified", "assessed", "warned"))),
                name="one_open_signal",
            ),
        ),
        migrations.AddIndex(
            model_name="counted",
            index=models.Index(models.F("area_code"), models.F("on"), name="counted_area"),
        ),
        migrations.AddIndex(
            model_name="counted",
            index=models.Index(models.F("group_id"), models.F("on"), name="counted_group"),
        ),
        migrations.AddIndex(
            model_name="counted",
            index=models.Index(models.F("facility_id"), models.F("on"), name="counted_facility"),
        ),
        migrations.AddConstraint(
            model_name="counted",
            constraint=models.UniqueConstraint(
                fields=("source_id", "indicator", "area_code", "on", "facility_id", "group_id"),
                name="counted_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="counted",
            constraint=models.CheckConstraint(
                condition=models.Q(("count__gte", 0)), name="counted_not_negative"
            ),
        ),
        migrations.AddIndex(
            model_name="dailycount",
            index=models.Index(models.F("area_code"), models.F("on"), name="dailycount_area"),
        ),
        migrations.AddIndex(
            model_name="dailycount",
            index=models.Index(models.F("changed_at"), name="dailycount_changed"),
        ),
        migrations.AddConstraint(
            model_name="dailycount",
            constraint=models.UniqueConstraint(
                models.F("indicator"), models.F("area_code"), models.F("on"), name="dailycount_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="dailycount",
            constraint=models.CheckConstraint(
                condition=models.Q(("count__gte", 0)), name="dailycount_not_negative"
            ),
        ),
        migrations.AddIndex(
            model_name="detectionrun",
            index=models.Index(fields=["area_code", "-at"], name="detectionrun_area"),
        ),
        migrations.AddIndex(
            model_name="heldfinding",
            index=models.Index(fields=["area_code", "-on"], name="heldfinding_area"),
        ),
        migrations.AddConstraint(
            model_name="heldfinding",
            constraint=models.UniqueConstraint(
                models.F("rule"),
                models.F("place_kind"),
                models.F("place_key"),
                models.F("on"),
                name="heldfinding_once",
            ),
        ),
        protect("surveillance_dailycount", purposes=["health"]),
        protect("surveillance_counted", purposes=["health"]),
        protect("surveillance_heldfinding", purposes=["health"]),
        protect("surveillance_detectionrun", purposes=["health"]),
    ]
