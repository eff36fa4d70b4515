"""Let residents be found by how the name sounds and the birth day: the block of the search for twins."""

from django.db import migrations, models

# As people.rules.born_token says; a test compares the two.
BLURRED = """replace(replace(replace(replace(replace(replace(
    p.token, 'zh', 'z'), 'ch', 'c'), 'sh', 's'), 'ng', 'n'), 'l', 'n'), 'v', 'u')"""
MONTH, DAY = "extract(month FROM r.birth_on)::int", "extract(day FROM r.birth_on)::int"
FILL = f"""
    INSERT INTO people_searchtoken (kind, token, area_code, resident_id)
    SELECT DISTINCT 'born', {BLURRED} || '/' || to_char(r.birth_on, 'FMYYYY-')
        || to_char(least({MONTH}, {DAY}), 'FM00') || '-' || to_char(greatest({MONTH}, {DAY}), 'FM00') COLLATE "C",
        p.area_code, p.resident_id
    FROM people_searchtoken AS p JOIN people_resident AS r ON r.id = p.resident_id
    WHERE p.kind = 'pinyin' AND r.birth_on IS NOT NULL
    ON CONFLICT DO NOTHING
"""
KINDS = [
    ("name", "Name"), ("pinyin", "Pinyin"), ("initials", "Initials"), ("id", "Id Number"), ("phone", "Phone"),
    ("tail", "Phone Tail"), ("door", "Door"), ("born", "Born"),
]  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("people", "0005_look_up_alarm")]

    operations = [
        migrations.AlterField("searchtoken", "kind", models.CharField(choices=KINDS, max_length=8)),
        migrations.RunSQL(FILL, "DELETE FROM people_searchtoken WHERE kind = 'born'"),
    ]
