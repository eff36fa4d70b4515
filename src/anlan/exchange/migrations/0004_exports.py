"""Exports, under the scope policy: every post asks for its own, so no purpose is demanded."""

from django.db import migrations, models

import anlan.foundation.ids
import anlan.foundation.models.scoped
from anlan.foundation.policies import protect


class Migration(migrations.Migration):
    dependencies = [
        ("exchange", "0003_group_answers"),
        ("foundation", "0002_row_security"),
    ]

    operations = [
        migrations.CreateModel(
            name="Export",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=anlan.foundation.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("area_code", anlan.foundation.models.scoped.AreaCodeField()),
                ("number", models.CharField(max_length=8, unique=True)),
                ("list_key", models.TextField()),
                ("filters", models.JSONField(default=dict)),
                ("columns", models.JSONField(default=list)),
                (
                    "why",
                    models.CharField(
                        choices=[
                            ("visits", "入户走访，线下核对"),
                            ("register", "核对、补正登记后导回"),
                            ("response", "应急处置，断网或现场备用"),
                            ("superior", "依法向上级或主管部门报送"),
                            ("meeting", "会商、交接、总结"),
                            ("oversight", "监督检查、审计"),
                            ("request", "本人要求提供其信息"),
                        ],
                        max_length=10,
                    ),
                ),
                ("note", models.TextField(blank=True)),
                (
                    "format",
                    models.CharField(
                        choices=[("xlsx", "Excel 工作簿（.xlsx）"), ("csv", "CSV 文本（.csv）")], max_length=4
                    ),
                ),
                ("language", models.CharField(max_length=10)),
                ("is_personal", models.BooleanField()),
                ("ranges", models.JSONField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "待审批"),
                            ("approved", "已批准，等待生成"),
                            ("declined", "未批准"),
                            ("making", "生成中"),
                            ("ready", "可下载"),
                            ("expired", "已到期销毁"),
                            ("recalled", "已收回"),
                            ("failed", "未能生成"),
                        ],
                        max_length=8,
                    ),
                ),
                ("problem", models.TextField(blank=True)),
                ("estimate", models.IntegerField()),
                ("row_count", models.IntegerField(default=0)),
                ("run", models.IntegerField(default=0)),
                ("file_id", models.UUIDField(null=True)),
                ("account_id", models.UUIDField()),
                ("member_id", models.UUIDField()),
                ("member_name", models.TextField()),
                ("post_id", models.UUIDField()),
                ("post_title", models.TextField()),
                ("appointment_id", models.UUIDField()),
                ("asked_at", models.DateTimeField()),
                ("decided_member_id", models.UUIDField(null=True)),
                ("decided_name", models.TextField(blank=True)),
                ("decided_post_id", models.UUIDField(null=True)),
                ("decided_title", models.TextField(blank=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("decline_reason", models.TextField(blank=True)),
                ("ready_at", models.DateTimeField(null=True)),
                ("expires_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_by", models.TextField(blank=True)),
                ("version", models.IntegerField(default=1)),
            ],
            options={
                "indexes": [
                    models.Index(
                        models.F("post_id"),
                        models.OrderBy(models.F("asked_at"), descending=True),
                        name="export_post",
                    ),
                    models.Index(models.F("area_code"), models.F("state"), name="export_area_state"),
                    models.Index(
                        models.F("expires_at"), condition=models.Q(("state", "ready")), name="export_expiry"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_personal", False),
                            models.Q(
                                ("state__in", ["approved", "expired", "making", "ready"]), _negated=True
                            ),
                            models.Q(
                                ("decided_member_id__isnull", False),
                                models.Q(("decided_member_id", models.F("member_id")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="export_second_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "ready"), _negated=True),
                            models.Q(("expires_at__isnull", False), ("file_id__isnull", False)),
                            _connector="OR",
                        ),
                        name="export_ready_has_end",
                    ),
                ],
            },
        ),
        protect("exchange_export"),
    ]
