"""The life of a signal and its products in full, and the shifts of the CDC desk."""

from django.db import migrations, models

import anlan.foundation.ids
import anlan.foundation.models.scoped
from anlan.foundation.policies import protect


class Migration(migrations.Migration):
    dependencies = [
        ("surveillance", "0002_row_security"),
    ]

    operations = [
        migrations.CreateModel(
            name="ShiftHandover",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=anlan.foundation.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("area_code", anlan.foundation.models.scoped.AreaCodeField()),
                ("given_at", models.DateTimeField()),
                ("given_by", models.UUIDField()),
                ("given_title", models.TextField()),
                ("given_name", models.TextField()),
                ("note", models.TextField()),
                ("sheet", models.JSONField()),
                ("taken_at", models.DateTimeField(null=True)),
                ("taken_title", models.TextField(blank=True)),
                ("taken_name", models.TextField(blank=True)),
                ("version", models.IntegerField(default=1)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="warningreceipt",
            name="warningreceipt_once",
        ),
        migrations.AddField(
            model_name="riskassessment",
            name="answers",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="riskassessment",
            name="differs_because",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="riskassessment",
            name="matrix_grade",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="signal",
            name="escalated_to",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="signal",
            name="field_due_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="signal",
            name="overdue_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="signal",
            name="verified_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="warningproduct",
            name="answered_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="warningproduct",
            name="fed_back_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="warningproduct",
            name="formed_by_name",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="warningproduct",
            name="formed_by_title",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="warningproduct",
            name="late_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="warningproduct",
            name="places",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="warningproduct",
            name="sign_due_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="warningproduct",
            name="text_broadcast",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="warningproduct",
            name="text_large",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="warningreceipt",
            name="fed_back_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="warningreceipt",
            name="fed_back_by",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="warningreceipt",
            name="feedback",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="warningreceipt",
            name="receiver",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="warningreceipt",
            name="reminded_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="warningreceipt",
            name="reminders",
            field=models.SmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="warningreceipt",
            name="role",
            field=models.TextField(blank=True),
        ),
        migrations.AlterField(
            model_name="warningproduct",
            name="state",
            field=models.CharField(
                choices=[
                    ("formed", "已形成"),
                    ("passed_on", "已传递"),
                    ("answered", "已应答"),
                    ("fed_back", "已反馈"),
                    ("withdrawn", "已撤回"),
                ],
                default="formed",
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="warningreceipt",
            constraint=models.UniqueConstraint(
                models.F("product_id"), models.F("area_code"), models.F("role"), name="warningreceipt_once"
            ),
        ),
        migrations.AddIndex(
            model_name="shifthandover",
            index=models.Index(fields=["area_code", "-given_at"], name="shifthandover_area"),
        ),
        migrations.AddConstraint(
            model_name="shifthandover",
            constraint=models.UniqueConstraint(
                models.F("area_code"), condition=models.Q(("taken_at", None)), name="one_shift_to_take"
            ),
        ),
        protect("surveillance_shifthandover", purposes=["health"]),
    ]
