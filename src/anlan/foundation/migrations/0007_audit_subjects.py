"""Find the entries about one record by an index; lists of entries run by time."""

from django.db import migrations, models

from anlan.foundation.policies import append_only, serves


class Migration(migrations.Migration):
    dependencies = [("foundation", "0006_audit_offset")]

    operations = [
        migrations.CreateModel(
            name="AuditSubject",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "subject_id",
                        "entry_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("subject_id", models.UUIDField()),
                ("entry_id", models.UUIDField()),
            ],
        ),
        migrations.RemoveIndex(model_name="auditentry", name="audit_area_at"),
        migrations.AddIndex(
            model_name="auditentry", index=models.Index(models.F("at"), models.F("id"), name="audit_at")
        ),
        migrations.RunSQL(
            f"""
            ALTER TABLE foundation_auditsubject ENABLE ROW LEVEL SECURITY;
            CREATE POLICY audit_read ON foundation_auditsubject FOR SELECT USING ({serves("audit")});
            CREATE POLICY audit_insert ON foundation_auditsubject FOR INSERT WITH CHECK (true);
            """,
            """
            DROP POLICY audit_read ON foundation_auditsubject;
            DROP POLICY audit_insert ON foundation_auditsubject;
            ALTER TABLE foundation_auditsubject DISABLE ROW LEVEL SECURITY;
            """,
        ),
        append_only("foundation_auditsubject"),
    ]
