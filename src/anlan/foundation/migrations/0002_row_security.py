"""Put the foundation's tables of places under the scope policy, and make the audit append-only."""

from django.db import migrations

from anlan.foundation.policies import IN_SCOPE, append_only, protect, protect_by_row_purpose, serves

WORK = ("grid_work", "health", "org", "privacy")  # whose work has field history to read


class Migration(migrations.Migration):
    dependencies = [("foundation", "0001_initial")]

    operations = [
        protect_by_row_purpose("foundation_storedfile"),
        protect("foundation_fieldchange"),
        migrations.RunSQL(
            f"CREATE POLICY of_the_work ON foundation_fieldchange AS RESTRICTIVE FOR SELECT USING ({serves(*WORK)})",
            "DROP POLICY of_the_work ON foundation_fieldchange",
        ),
        protect("foundation_fact"),
        protect("foundation_envelope"),
        migrations.RunSQL(
            f"""
            ALTER TABLE foundation_auditentry ENABLE ROW LEVEL SECURITY;
            CREATE POLICY audit_read ON foundation_auditentry FOR SELECT USING ({IN_SCOPE} AND {serves("audit")});
            CREATE POLICY audit_insert ON foundation_auditentry FOR INSERT WITH CHECK (true);
            """,
            """
            DROP POLICY audit_read ON foundation_auditentry;
            DROP POLICY audit_insert ON foundation_auditentry;
            ALTER TABLE foundation_auditentry DISABLE ROW LEVEL SECURITY;
            """,
        ),
        append_only("foundation_auditentry"),
        append_only("foundation_auditseal"),
    ]
