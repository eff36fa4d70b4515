"""Roll-ups of the register by grid, kept right by triggers that note what is to be counted again."""

from django.db import migrations, models

import anlan.foundation.ids
import anlan.foundation.models.scoped
from anlan.foundation.policies import protect

COUNTED = """
CREATE FUNCTION people_grid_total(area text) RETURNS TABLE (households int, residents int)
LANGUAGE sql STABLE AS $$
    SELECT (SELECT count(*)::int FROM people_household h WHERE h.area_code = area),
        (SELECT count(*)::int FROM people_resident r WHERE r.area_code = area)
$$;

CREATE FUNCTION people_line_counts(area text) RETURNS TABLE (line text, holders int, seats int, homes int)
LANGUAGE sql STABLE AS $$
    SELECT held.line, held.holders, held.seats, count(*)::int FROM (
        SELECT a.line, count(*)::int AS holders, (count(*) FILTER (WHERE a.slot <> ''))::int AS seats
        FROM people_householdassignment a WHERE a.area_code = area AND a.ends_at IS NULL
        GROUP BY a.line, a.household_id
    ) AS held GROUP BY held.line, held.holders, held.seats
$$;

CREATE FUNCTION people_line_loads(area text) RETURNS TABLE (line text, holder_id uuid, slot text, homes int)
LANGUAGE sql STABLE AS $$
    SELECT a.line, a.holder_id, a.slot, count(*)::int
    FROM people_householdassignment a WHERE a.area_code = area AND a.ends_at IS NULL
    GROUP BY a.line, a.holder_id, a.slot
$$;
"""
NO_LONGER_COUNTED = "DROP FUNCTION people_grid_total, people_line_counts, people_line_loads;"

# What is kept, but of a place that is to be counted again its rows as they are now.
NOW = """
CREATE VIEW {table}_now WITH (security_invoker = true) AS
    SELECT kept.area_code, {columns} FROM {table} AS kept
    WHERE NOT EXISTS (SELECT FROM people_recount AS due WHERE due.area_code = kept.area_code)
    UNION ALL
    SELECT due.area_code, {columns}
    FROM (SELECT DISTINCT area_code FROM people_recount) AS due, LATERAL {function}(due.area_code) AS counted;
"""
ROLL_UPS = (
    ("people_gridtotal", "people_grid_total", "households, residents"),
    ("people_linecount", "people_line_counts", "line, holders, seats, homes"),
    ("people_lineload", "people_line_loads", "line, holder_id, slot, homes"),
)

# Of a household and a resident only where they are counts; of an assignment also whose it is and that it ends.
NOTED = """
CREATE FUNCTION people_note_recount() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO people_recount (id, area_code)
            SELECT gen_random_uuid(), area_code FROM came GROUP BY area_code;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO people_recount (id, area_code)
            SELECT gen_random_uuid(), area_code FROM went GROUP BY area_code;
    ELSIF TG_TABLE_NAME = 'people_householdassignment' THEN
        INSERT INTO people_recount (id, area_code) SELECT gen_random_uuid(), area_code
            FROM (SELECT area_code FROM went UNION SELECT area_code FROM came) AS places;
    ELSE
        INSERT INTO people_recount (id, area_code) SELECT gen_random_uuid(), place
            FROM went JOIN came ON came.id = went.id AND came.area_code <> went.area_code,
            LATERAL unnest(ARRAY[went.area_code, came.area_code]) AS place
            GROUP BY place;
    END IF;
    RETURN NULL;
END $$;
"""
NOTE = """
CREATE TRIGGER counts_come AFTER INSERT ON {table} REFERENCING NEW TABLE AS came
    FOR EACH STATEMENT EXECUTE FUNCTION people_note_recount();
CREATE TRIGGER counts_go AFTER DELETE ON {table} REFERENCING OLD TABLE AS went
    FOR EACH STATEMENT EXECUTE FUNCTION people_note_recount();
CREATE TRIGGER counts_change AFTER UPDATE ON {table} REFERENCING OLD TABLE AS went NEW TABLE AS came
    FOR EACH STATEMENT EXECUTE FUNCTION people_note_recount();
"""
NOTE_NO_MORE = """
DROP TRIGGER counts_come ON {table};
DROP TRIGGER counts_go ON {table};
DROP TRIGGER counts_change ON {table};
"""
COUNTED_TABLES = ("people_household", "people_resident", "people_householdassignment")
ALL_AT_FIRST = """
INSERT INTO people_recount (id, area_code) SELECT gen_random_uuid(), area_code FROM (
    SELECT area_code FROM people_household UNION SELECT area_code FROM people_resident
    UNION SELECT area_code FROM people_householdassignment
) AS places;
"""
PURPOSES = ["grid_work", "health", "privacy"]


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0010_covering_line"),
    ]

    operations = [
        migrations.CreateModel(
            name="GridTotal",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=anlan.foundation.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("area_code", anlan.foundation.models.scoped.AreaCodeField()),
                ("households", models.IntegerField()),
                ("residents", models.IntegerField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(models.F("area_code"), name="gridtotal_once")],
            },
        ),
        migrations.CreateModel(
            name="LineCount",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=anlan.foundation.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("area_code", anlan.foundation.models.scoped.AreaCodeField()),
                ("line", models.TextField()),
                ("holders", models.IntegerField()),
                ("seats", models.IntegerField()),
                ("homes", models.IntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        models.F("area_code"),
                        models.F("line"),
                        models.F("holders"),
                        models.F("seats"),
                        name="linecount_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LineLoad",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=anlan.foundation.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("area_code", anlan.foundation.models.scoped.AreaCodeField()),
                ("line", models.TextField()),
                ("holder_id", models.UUIDField()),
                ("slot", models.TextField(blank=True)),
                ("homes", models.IntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        models.F("area_code"),
                        models.F("line"),
                        models.F("holder_id"),
                        models.F("slot"),
                        name="lineload_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Recount",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=anlan.foundation.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("area_code", anlan.foundation.models.scoped.AreaCodeField()),
            ],
            options={
                "indexes": [models.Index(models.F("area_code"), name="recount_area")],
            },
        ),
        *(protect(table, purposes=PURPOSES) for table, _function, _columns in ROLL_UPS),
        protect("people_recount"),
        migrations.RunSQL(COUNTED, NO_LONGER_COUNTED),
        *(
            migrations.RunSQL(
                NOW.format(table=table, function=function, columns=columns), f"DROP VIEW {table}_now"
            )
            for table, function, columns in ROLL_UPS
        ),
        migrations.RunSQL(NOTED, "DROP FUNCTION people_note_recount"),
        *(
            migrations.RunSQL(NOTE.format(table=table), NOTE_NO_MORE.format(table=table))
            for table in COUNTED_TABLES
        ),
        migrations.RunSQL(ALL_AT_FIRST, migrations.RunSQL.noop),
    ]
