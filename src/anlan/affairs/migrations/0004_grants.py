"""Grants and their steps, under scope: each lies with its facility."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import anlan.foundation.ids
import anlan.foundation.models.scoped
from anlan.foundation.policies import protect


class Migration(migrations.Migration):
    dependencies = [
        ("affairs", "0003_review_escalation"),
        ("organisation", "0011_redraw"),
    ]

    operations = [
        migrations.CreateModel(
            name="Grant",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=anlan.foundation.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("area_code", anlan.foundation.models.scoped.AreaCodeField()),
                ("kind", models.TextField()),
                ("category", models.TextField()),
                ("statement", models.TextField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("applied", "待核查"),
                            ("checked", "待审批"),
                            ("refused", "不予批准"),
                            ("approved", "待公布"),
                            ("valid", "有效"),
                            ("suspended", "已暂停"),
                            ("revoked", "已撤销"),
                        ],
                        default="applied",
                        max_length=10,
                    ),
                ),
                ("applied_at", models.DateTimeField()),
                ("points", models.JSONField(default=list)),
                ("reason", models.TextField(blank=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("starts_on", models.DateField(null=True)),
                ("ends_on", models.DateField(null=True)),
                (
                    "conditions",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), default=list, size=None
                    ),
                ),
                ("further_condition", models.TextField(blank=True)),
                (
                    "permits",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), default=list, size=None
                    ),
                ),
                ("issued_at", models.DateTimeField(null=True)),
                ("code", models.TextField(blank=True, default="")),
                ("version", models.IntegerField(default=1)),
                (
                    "applied_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organisation.post"
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisation.post",
                    ),
                ),
                (
                    "facility",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="grants",
                        to="organisation.facility",
                    ),
                ),
                (
                    "renews",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="renewals",
                        to="affairs.grant",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="GrantStep",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=anlan.foundation.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("area_code", anlan.foundation.models.scoped.AreaCodeField()),
                ("act", models.TextField()),
                ("version", models.IntegerField()),
                ("at", models.DateTimeField()),
                ("member_id", models.UUIDField(null=True)),
                ("post_id", models.UUIDField(null=True)),
                ("post_title", models.TextField(blank=True)),
                ("member_name", models.TextField(blank=True)),
                ("note", models.TextField(blank=True)),
                (
                    "grant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="steps", to="affairs.grant"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="grant",
            index=models.Index(fields=["area_code", "-applied_at"], name="grant_area"),
        ),
        migrations.AddIndex(
            model_name="grant",
            index=models.Index(fields=["facility", "-applied_at"], name="grant_facility"),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.UniqueConstraint(
                models.F("facility"),
                models.F("kind"),
                condition=models.Q(("state__in", ("applied", "checked"))),
                name="grant_one_application_in_hand",
            ),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.UniqueConstraint(
                models.F("code"), condition=models.Q(("code", ""), _negated=True), name="grant_code_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ("approved", "valid", "suspended")), _negated=True),
                    models.Q(("ends_on__gte", models.F("starts_on")), ("starts_on__isnull", False)),
                    _connector="OR",
                ),
                name="grant_decided_has_a_term",
            ),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ("valid", "suspended")), _negated=True),
                    models.Q(("code", ""), _negated=True),
                    _connector="OR",
                ),
                name="grant_in_force_has_a_code",
            ),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ("applied", "checked")),
                    models.Q(models.Q(("reason", ""), _negated=True), ("decided_by__isnull", False)),
                    _connector="OR",
                ),
                name="grant_decided_has_a_reason",
            ),
        ),
        migrations.AddIndex(
            model_name="grantstep",
            index=models.Index(models.F("grant"), models.F("at"), name="grantstep_at"),
        ),
        migrations.AddConstraint(
            model_name="grantstep",
            constraint=models.UniqueConstraint(
                models.F("grant"), models.F("version"), name="grantstep_one_a_version"
            ),
        ),
        protect("affairs_grant"),
        protect("affairs_grantstep"),
    ]
