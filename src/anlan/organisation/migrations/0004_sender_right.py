"""Give the inbox two views: who may send for which areas and when, and which areas are in force."""

from django.db import migrations

SENDER_RIGHT = """
CREATE VIEW organisation_sender_right WITH (security_invoker = true) AS
SELECT held.id AS appointment_id,
       coalesce(m.account_id, m.id) AS account_id,
       p.id AS post_id,
       r.code AS low,
       (r.code || '~') COLLATE "C" AS high,
       held.starts_at AS held_since,
       greatest(held.starts_at, p.starts_at) AS starts_at,
       least(coalesce(held.ends_at, 'infinity'), coalesce(p.ends_at, 'infinity')) AS ends_at,
       p.area_code >= '99' AND p.area_code < '99~' AS is_practice
FROM organisation_appointment AS held
JOIN organisation_post AS p ON p.id = held.post_id
JOIN organisation_member AS m ON m.id = held.member_id
JOIN organisation_postrange AS r ON r.post_id = p.id
"""
AREA_IN_FORCE = """
CREATE VIEW organisation_area_in_force WITH (security_invoker = true) AS
SELECT code FROM organisation_area
WHERE starts_at <= now() AND (ends_at IS NULL OR ends_at > now())
"""


class Migration(migrations.Migration):
    dependencies = [("organisation", "0003_sender_indexes")]

    operations = [
        migrations.RunSQL(SENDER_RIGHT, "DROP VIEW organisation_sender_right"),
        migrations.RunSQL(AREA_IN_FORCE, "DROP VIEW organisation_area_in_force"),
    ]
