"""Keep key people by consent, visits, who answers for which household, and arrivals; under the scope policy."""

import django.db.models.deletion
from django.db import migrations, models

import anlan.foundation.ids
import anlan.foundation.models.scoped
from anlan.foundation.policies import protect

PURPOSES = ["grid_work", "health", "privacy"]
TABLES = ("people_keyperson", "people_visit", "people_householdassignment", "people_arrival")


class Migration(migrations.Migration):
    dependencies = [
        ("organisation", "0008_sender_purposes"),
        ("people", "0008_one_index_a_key"),
    ]

    operations = [
        migrations.CreateModel(
            name="Arrival",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=anlan.foundation.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("area_code", anlan.foundation.models.scoped.AreaCodeField()),
                ("people_count", models.SmallIntegerField(default=1)),
                ("from_place", models.TextField()),
                ("on", models.DateField()),
                (
                    "transport",
                    models.CharField(
                        choices=[
                            ("train", "火车"),
                            ("plane", "飞机"),
                            ("coach", "客车"),
                            ("car", "自驾或拼车"),
                            ("other", "其他或不知道"),
                        ],
                        max_length=5,
                    ),
                ),
                ("noted_at", models.DateTimeField()),
                ("ends_on", models.DateField()),
                ("post_id", models.UUIDField()),
                ("post_title", models.TextField()),
                ("member_name", models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name="HouseholdAssignment",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=anlan.foundation.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("area_code", anlan.foundation.models.scoped.AreaCodeField()),
                ("line", models.TextField()),
                ("slot", models.TextField(blank=True)),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField(null=True)),
                ("reason", models.TextField(blank=True)),
                ("end_reason", models.TextField(blank=True)),
                ("version", models.IntegerField(default=1)),
            ],
        ),
        migrations.CreateModel(
            name="KeyPerson",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=anlan.foundation.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("area_code", anlan.foundation.models.scoped.AreaCodeField()),
                ("kind", models.TextField()),
                ("service", models.TextField(blank=True)),
                ("need", models.TextField(blank=True)),
                (
                    "basis",
                    models.CharField(
                        choices=[("consent", "本人或监护人同意"), ("statutory_duty", "法定职责")],
                        max_length=14,
                    ),
                ),
                ("given_on", models.DateField()),
                (
                    "given_by",
                    models.CharField(
                        blank=True, choices=[("self", "本人"), ("guardian", "监护人")], max_length=8
                    ),
                ),
                ("consent_until", models.DateField(null=True)),
                ("withdrawn_on", models.DateField(null=True)),
                ("notice", models.TextField(blank=True)),
                ("visit_every_days", models.SmallIntegerField(null=True)),
                ("last_visited_on", models.DateField(null=True)),
                ("due_on", models.DateField()),
                ("verified_on", models.DateField()),
                ("version", models.IntegerField(default=1)),
            ],
        ),
        migrations.CreateModel(
            name="Visit",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=anlan.foundation.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("area_code", anlan.foundation.models.scoped.AreaCodeField()),
                ("on", models.DateField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("visited", "上门见到"),
                            ("phoned", "电话联系上"),
                            ("not_found", "没有联系上"),
                        ],
                        max_length=9,
                    ),
                ),
                ("note", models.TextField(blank=True)),
                ("noted_at", models.DateTimeField()),
                ("post_id", models.UUIDField()),
                ("post_title", models.TextField()),
                ("member_name", models.TextField()),
            ],
        ),
        migrations.AddIndex(
            model_name="household",
            index=models.Index(models.F("area_code"), models.F("verified_on"), name="household_verified"),
        ),
        migrations.AddField(
            model_name="arrival",
            name="household",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="arrivals",
                to="people.household",
            ),
        ),
        migrations.AddField(
            model_name="arrival",
            name="resident",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="arrivals",
                to="people.resident",
            ),
        ),
        migrations.AddField(
            model_name="householdassignment",
            name="holder",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="household_assignments",
                to="organisation.member",
            ),
        ),
        migrations.AddField(
            model_name="householdassignment",
            name="household",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="assignments",
                to="people.household",
            ),
        ),
        migrations.AddField(
            model_name="householdassignment",
            name="post",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="organisation.post",
            ),
        ),
        migrations.AddField(
            model_name="keyperson",
            name="resident",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="care_entries",
                to="people.resident",
            ),
        ),
        migrations.AddField(
            model_name="visit",
            name="household",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="visits",
                to="people.household",
            ),
        ),
        migrations.AddField(
            model_name="visit",
            name="resident",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="visits",
                to="people.resident",
            ),
        ),
        migrations.AddIndex(
            model_name="arrival",
            index=models.Index(models.F("area_code"), models.F("on"), models.F("id"), name="arrival_area"),
        ),
        migrations.AddIndex(
            model_name="arrival",
            index=models.Index(models.F("ends_on"), name="arrival_end"),
        ),
        migrations.AddIndex(
            model_name="arrival",
            index=models.Index(models.F("resident"), name="arrival_resident"),
        ),
        migrations.AddIndex(
            model_name="arrival",
            index=models.Index(models.F("household"), name="arrival_household"),
        ),
        migrations.AddConstraint(
            model_name="arrival",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("resident__isnull", False), ("household__isnull", False), _connector="OR"
                ),
                name="arrival_of_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="arrival",
            constraint=models.CheckConstraint(
                condition=models.Q(("people_count__gte", 1)), name="arrival_counts"
            ),
        ),
        migrations.AddConstraint(
            model_name="arrival",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_on__gt", models.F("on"))), name="arrival_ends"
            ),
        ),
        migrations.AddIndex(
            model_name="householdassignment",
            index=models.Index(models.F("area_code"), models.F("id"), name="assignment_area"),
        ),
        migrations.AddIndex(
            model_name="householdassignment",
            index=models.Index(
                models.F("line"),
                models.F("area_code"),
                models.F("household"),
                models.F("holder"),
                condition=models.Q(("ends_at", None)),
                name="assignment_line",
            ),
        ),
        migrations.AddIndex(
            model_name="householdassignment",
            index=models.Index(models.F("household"), name="assignment_household"),
        ),
        migrations.AddConstraint(
            model_name="householdassignment",
            constraint=models.UniqueConstraint(
                models.F("household"),
                models.F("line"),
                models.F("holder"),
                condition=models.Q(("ends_at", None)),
                name="assignment_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="householdassignment",
            constraint=models.UniqueConstraint(
                models.F("household"),
                models.F("line"),
                models.F("slot"),
                condition=models.Q(("ends_at", None), models.Q(("slot", ""), _negated=True)),
                name="assignment_seat_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="householdassignment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ends_at", None), ("ends_at__gte", models.F("starts_at")), _connector="OR"
                ),
                name="assignment_ends_after_start",
            ),
        ),
        migrations.AddIndex(
            model_name="keyperson",
            index=models.Index(models.F("area_code"), models.F("id"), name="keyperson_area"),
        ),
        migrations.AddIndex(
            model_name="keyperson",
            index=models.Index(
                models.F("area_code"),
                models.F("due_on"),
                models.F("id"),
                condition=models.Q(("withdrawn_on", None)),
                name="keyperson_due",
            ),
        ),
        migrations.AddIndex(
            model_name="keyperson",
            index=models.Index(
                models.F("due_on"),
                models.F("id"),
                condition=models.Q(("withdrawn_on", None)),
                name="keyperson_queue",
            ),
        ),
        migrations.AddIndex(
            model_name="keyperson",
            index=models.Index(models.F("resident"), name="keyperson_resident"),
        ),
        migrations.AddConstraint(
            model_name="keyperson",
            constraint=models.UniqueConstraint(
                models.F("resident"),
                models.F("kind"),
                condition=models.Q(("withdrawn_on", None)),
                name="keyperson_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="keyperson",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("basis", "consent"), _negated=True),
                    models.Q(("consent_until__isnull", False), ("given_by__in", ["self", "guardian"])),
                    _connector="OR",
                ),
                name="keyperson_consent",
            ),
        ),
        migrations.AddIndex(
            model_name="visit",
            index=models.Index(models.F("area_code"), models.F("on"), name="visit_area"),
        ),
        migrations.AddIndex(
            model_name="visit",
            index=models.Index(models.F("resident"), models.F("on"), name="visit_resident"),
        ),
        migrations.AddIndex(
            model_name="visit",
            index=models.Index(models.F("household"), models.F("on"), name="visit_household"),
        ),
        migrations.AddConstraint(
            model_name="visit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("resident__isnull", False), ("household__isnull", False), _connector="OR"
                ),
                name="visit_of_somebody",
            ),
        ),
        *(protect(table, purposes=PURPOSES) for table in TABLES),
    ]
