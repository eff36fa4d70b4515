"""Say of who may send also what for: an open page hears of what its post may read."""

from django.db import migrations

SENDER_RIGHT = """
CREATE OR REPLACE VIEW organisation_sender_right WITH (security_invoker = true) AS
SELECT held.id AS appointment_id,
       coalesce(m.account_id, m.id) AS account_id,
       p.id AS post_id,
       r.code AS low,
       (r.code || '~') COLLATE "C" AS high,
       held.starts_at AS held_since,
       greatest(held.starts_at, p.starts_at) AS starts_at,
       least(coalesce(held.ends_at, 'infinity'), coalesce(p.ends_at, 'infinity')) AS ends_at,
       p.area_code >= '99' AND p.area_code < '99~' AS is_practice,
       p.purposes
FROM organisation_appointment AS held
JOIN organisation_post AS p ON p.id = held.post_id
JOIN organisation_member AS m ON m.id = held.member_id
JOIN organisation_postrange AS r ON r.post_id = p.id
"""


class Migration(migrations.Migration):
    dependencies = [("organisation", "0007_shift_version")]

    operations = [migrations.RunSQL(SENDER_RIGHT, migrations.RunSQL.noop)]
