"""Policies of installations from before `policies.in_scope` ask by function too, not by operator."""

from django.db import migrations

BY_FUNCTION = r"""
DO $$
DECLARE
    p record;
    operator text := $re$((?:\w+\.)?area_code) <@ (\( SELECT \(current_setting\('anlan\.scope'::text\)\)::area_ranges AS current_setting\))$re$;
    called text := 'elem_contained_by_multirange(\1, \2)';
BEGIN
    FOR p IN SELECT * FROM pg_policies WHERE concat(qual, with_check) ~ operator LOOP
        EXECUTE format('ALTER POLICY %I ON %I.%I', p.policyname, p.schemaname, p.tablename)
            || coalesce(' USING (' || regexp_replace(p.qual, operator, called, 'g') || ')', '')
            || coalesce(' WITH CHECK (' || regexp_replace(p.with_check, operator, called, 'g') || ')', '');
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("foundation", "0010_voided_passwords")]

    operations = [migrations.RunSQL(BY_FUNCTION, migrations.RunSQL.noop)]
