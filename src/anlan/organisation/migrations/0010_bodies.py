"""Bodies with seats, calls, meetings and decisions, answers to checklists; each row under its place's policy.

A called member, a seated one and the post that answers for a decision also read what is theirs where the
body lies beyond their own ranges; whoever writes there does so under a duty (docs/decisions/0071).
"""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import anlan.foundation.ids
import anlan.foundation.models.scoped
from anlan.foundation.policies import IN_SCOPE, in_scope, protect


def theirs(table: str, *columns: str) -> str:
    """Return the condition that the post or member of a row belongs to a place in scope."""
    tables = {
        "post_id": "organisation_post",
        "member_id": "organisation_member",
        "accountable_id": "organisation_post",
    }
    parts = (
        f"EXISTS (SELECT FROM {tables[column]} o WHERE o.id = {table}.{column} AND {in_scope('o.area_code')})"
        for column in columns
    )
    return " OR ".join(parts)


READ_ALSO = {
    "organisation_seat": theirs("organisation_seat", "post_id", "member_id"),
    "organisation_callupreceipt": theirs("organisation_callupreceipt", "post_id", "member_id"),
    "organisation_decision": theirs("organisation_decision", "accountable_id"),
    "organisation_callup": "EXISTS (SELECT FROM organisation_callupreceipt r"
    " WHERE r.call_up_id = organisation_callup.id)",
    "organisation_meeting": "EXISTS (SELECT FROM organisation_decision d"
    " WHERE d.meeting_id = organisation_meeting.id)",
    "organisation_body": "EXISTS (SELECT FROM organisation_seat s WHERE s.body_id = organisation_body.id)"
    " OR EXISTS (SELECT FROM organisation_meeting m WHERE m.body_id = organisation_body.id)",
}


def also(table: str, condition: str) -> migrations.RunSQL:
    """Let rows of a table be read under a further condition."""
    return migrations.RunSQL(
        f"ALTER POLICY scope_read ON {table} USING ({IN_SCOPE} OR {condition})",
        f"ALTER POLICY scope_read ON {table} USING ({IN_SCOPE})",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("organisation", "0009_registers"),
    ]

    operations = [
        migrations.CreateModel(
            name="Body",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=anlan.foundation.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("area_code", anlan.foundation.models.scoped.AreaCodeField()),
                ("template", models.TextField()),
                ("pack_version", models.TextField()),
                ("name", models.TextField()),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField(blank=True, null=True)),
                ("end_reason", models.TextField(blank=True)),
                ("reason", models.TextField(blank=True)),
                ("cause_kind", models.TextField(blank=True)),
                ("cause_id", models.UUIDField(null=True)),
                ("version", models.IntegerField(default=1)),
            ],
            options={
                "indexes": [models.Index(models.F("area_code"), models.F("id"), name="body_area")],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("area_code"),
                        models.F("template"),
                        models.F("name"),
                        condition=models.Q(("ends_at", None)),
                        name="body_once_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_at", None),
                            models.Q(
                                ("ends_at__gte", models.F("starts_at")),
                                models.Q(("end_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="body_end_has_a_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CallUp",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=anlan.foundation.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("area_code", anlan.foundation.models.scoped.AreaCodeField()),
                ("text", models.TextField()),
                ("place", models.TextField(blank=True)),
                ("minutes", models.IntegerField()),
                ("asked_at", models.DateTimeField()),
                ("asked_by_name", models.TextField(blank=True)),
                ("due_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisation.post",
                    ),
                ),
                (
                    "body",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="call_ups",
                        to="organisation.body",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ChecklistAnswer",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=anlan.foundation.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("area_code", anlan.foundation.models.scoped.AreaCodeField()),
                ("checklist", models.TextField()),
                ("pack_version", models.TextField()),
                ("item", models.TextField()),
                ("is_met", models.BooleanField()),
                ("evidence", models.TextField(blank=True)),
                ("evidence_kind", models.TextField(default="none")),
                ("note", models.TextField(blank=True)),
                ("answered_at", models.DateTimeField()),
                ("replaced_at", models.DateTimeField(null=True)),
                ("post_title", models.TextField()),
                ("member_name", models.TextField()),
                ("sending", models.UUIDField()),
                (
                    "facility",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisation.facility",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Meeting",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=anlan.foundation.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("area_code", anlan.foundation.models.scoped.AreaCodeField()),
                ("held_at", models.DateTimeField()),
                ("place", models.TextField(blank=True)),
                ("agenda", models.TextField()),
                (
                    "present",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(), default=list, size=None
                    ),
                ),
                ("note", models.TextField(blank=True)),
                (
                    "body",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="meetings",
                        to="organisation.body",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Decision",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=anlan.foundation.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("area_code", anlan.foundation.models.scoped.AreaCodeField()),
                ("words", models.TextField()),
                ("due_on", models.DateField()),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "办理中"), ("done", "已办结"), ("dropped", "不再办理")],
                        default="open",
                        max_length=8,
                    ),
                ),
                ("reason", models.TextField(blank=True)),
                ("done_at", models.DateTimeField(null=True)),
                ("version", models.IntegerField(default=1)),
                (
                    "accountable",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organisation.post"
                    ),
                ),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="organisation.meeting",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Seat",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=anlan.foundation.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("area_code", anlan.foundation.models.scoped.AreaCodeField()),
                ("slot", models.TextField()),
                ("is_lead", models.BooleanField(default=False)),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField(blank=True, null=True)),
                (
                    "body",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="seats",
                        to="organisation.body",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisation.member",
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisation.post",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CallUpReceipt",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=anlan.foundation.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("area_code", anlan.foundation.models.scoped.AreaCodeField()),
                ("due_at", models.DateTimeField()),
                ("told_at", models.DateTimeField()),
                ("answered_at", models.DateTimeField(null=True)),
                (
                    "answer",
                    models.CharField(
                        blank=True, choices=[("coming", "能到"), ("cannot", "不能到")], max_length=6
                    ),
                ),
                ("reason", models.TextField(blank=True)),
                ("late_at", models.DateTimeField(null=True)),
                (
                    "call_up",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="receipts",
                        to="organisation.callup",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisation.member",
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisation.post",
                    ),
                ),
                (
                    "seat",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organisation.seat"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="callup",
            index=models.Index(models.F("area_code"), models.F("id"), name="callup_area"),
        ),
        migrations.AddIndex(
            model_name="callup",
            index=models.Index(models.F("body"), models.F("asked_at"), name="callup_body"),
        ),
        migrations.AddConstraint(
            model_name="callup",
            constraint=models.CheckConstraint(
                condition=models.Q(("due_at__gt", models.F("asked_at"))), name="call_up_gives_time"
            ),
        ),
        migrations.AddIndex(
            model_name="checklistanswer",
            index=models.Index(models.F("area_code"), models.F("id"), name="checklistanswer_area"),
        ),
        migrations.AddConstraint(
            model_name="checklistanswer",
            constraint=models.UniqueConstraint(
                condition=models.Q(("replaced_at", None)),
                fields=("checklist", "area_code", "facility", "item"),
                name="checklist_latest_answer_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="checklistanswer",
            constraint=models.UniqueConstraint(
                models.F("sending"), models.F("item"), name="checklist_sending_once"
            ),
        ),
        migrations.AddIndex(
            model_name="meeting",
            index=models.Index(models.F("area_code"), models.F("id"), name="meeting_area"),
        ),
        migrations.AddIndex(
            model_name="meeting",
            index=models.Index(models.F("body"), models.F("held_at"), name="meeting_body"),
        ),
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(
                models.F("area_code"), models.F("due_on"), models.F("id"), name="decision_area"
            ),
        ),
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(
                models.F("accountable"),
                models.F("due_on"),
                condition=models.Q(("state", "open")),
                name="decision_open_of",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("done_at", None), ("state", "open")),
                    models.Q(models.Q(("state", "open"), _negated=True), ("done_at__isnull", False)),
                    _connector="OR",
                ),
                name="decision_settled_has_a_moment",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "dropped"), _negated=True),
                    models.Q(("reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="decision_dropped_has_a_reason",
            ),
        ),
        migrations.AddIndex(
            model_name="seat",
            index=models.Index(models.F("area_code"), models.F("id"), name="seat_area"),
        ),
        migrations.AddIndex(
            model_name="seat",
            index=models.Index(models.F("post"), condition=models.Q(("ends_at", None)), name="seat_of_post"),
        ),
        migrations.AddIndex(
            model_name="seat",
            index=models.Index(
                models.F("member"), condition=models.Q(("ends_at", None)), name="seat_of_member"
            ),
        ),
        migrations.AddConstraint(
            model_name="seat",
            constraint=models.CheckConstraint(
                condition=models.Q(("post__isnull", False), ("member__isnull", False), _connector="OR"),
                name="seat_is_somebodys",
            ),
        ),
        migrations.AddConstraint(
            model_name="seat",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ends_at", None), ("ends_at__gte", models.F("starts_at")), _connector="OR"
                ),
                name="seat_ends_after_start",
            ),
        ),
        migrations.AddConstraint(
            model_name="seat",
            constraint=models.UniqueConstraint(
                models.F("body"),
                condition=models.Q(("ends_at", None), ("is_lead", True)),
                name="seat_one_leads_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="seat",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ends_at", None)),
                fields=("body", "slot", "post", "member"),
                name="seat_once_at_a_time",
                nulls_distinct=False,
            ),
        ),
        migrations.AddIndex(
            model_name="callupreceipt",
            index=models.Index(models.F("area_code"), models.F("id"), name="callupreceipt_area"),
        ),
        migrations.AddIndex(
            model_name="callupreceipt",
            index=models.Index(
                models.F("member"), condition=models.Q(("answered_at", None)), name="callupreceipt_waits"
            ),
        ),
        migrations.AddIndex(
            model_name="callupreceipt",
            index=models.Index(
                models.F("due_at"),
                condition=models.Q(("answered_at", None), ("late_at", None)),
                name="callupreceipt_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="callupreceipt",
            constraint=models.UniqueConstraint(
                models.F("call_up"), models.F("member"), name="call_up_receipt_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="callupreceipt",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answer", ""), ("answered_at", None)),
                    models.Q(
                        ("answered_at__isnull", False),
                        models.Q(
                            ("answer", "coming"),
                            models.Q(("answer", "cannot"), models.Q(("reason", ""), _negated=True)),
                            _connector="OR",
                        ),
                    ),
                    _connector="OR",
                ),
                name="call_up_answer_is_whole",
            ),
        ),
        *(protect(table) for table in (*READ_ALSO, "organisation_checklistanswer")),
        *(also(table, condition) for table, condition in READ_ALSO.items()),
    ]
