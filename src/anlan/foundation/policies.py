"""Row security as migration operations: one policy for every scoped table."""

from collections.abc import Sequence

from django.db.migrations.operations import RunSQL

SCOPE = "(SELECT current_setting('anlan.scope')::area_ranges)"


def in_scope(column: str = "area_code") -> str:
    """Return the SQL condition that a row lies in the transaction's ranges.

    It says what `column <@ ranges` says. The planner takes that operator to let one row of two hundred pass,
    and then reads and sorts a whole table for one page of a list; of a function it expects one of three.
    """
    return f"elem_contained_by_multirange({column}, {SCOPE})"


IN_SCOPE = in_scope()


def serves(*purposes: str) -> str:
    """Return the SQL condition that the transaction serves one of these purposes."""
    listed = ",".join(f"'{purpose}'" for purpose in purposes)
    return (
        f"(SELECT string_to_array(current_setting('anlan.purposes', true), ',') && ARRAY[{listed}]::text[])"
    )


def protect(table: str, *, purposes: Sequence[str] = (), read_also: str = "") -> RunSQL:
    """Put a table under the scope policy.

    With `purposes`, reading and writing also need one of them. `read_also` is a further SQL
    condition under which rows in scope may be read without the purpose.
    """
    write = IN_SCOPE + (f" AND {serves(*purposes)}" if purposes else "")
    read = f"{IN_SCOPE} AND ({serves(*purposes)} OR ({read_also}))" if purposes and read_also else write
    return RunSQL(
        f"""
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        CREATE POLICY scope_read ON {table} FOR SELECT USING ({read});
        CREATE POLICY scope_insert ON {table} FOR INSERT WITH CHECK ({write});
        CREATE POLICY scope_update ON {table} FOR UPDATE USING ({read}) WITH CHECK ({write});
        CREATE POLICY scope_delete ON {table} FOR DELETE USING ({write});
        """,
        f"""
        DROP POLICY scope_read ON {table};
        DROP POLICY scope_insert ON {table};
        DROP POLICY scope_update ON {table};
        DROP POLICY scope_delete ON {table};
        ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;
        """,
    )


def protect_by_row_purpose(table: str) -> RunSQL:
    """Put a table under the scope policy, each row also under the purpose written in it ('' for none)."""
    own = "SELECT unnest(string_to_array(current_setting('anlan.purposes', true), ','))"
    served = f"(purpose = '' OR purpose IN ({own}))"
    condition = f"{IN_SCOPE} AND {served}"
    return RunSQL(
        f"""
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        CREATE POLICY scope_all ON {table} USING ({condition}) WITH CHECK ({condition});
        """,
        f"DROP POLICY scope_all ON {table}; ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;",
    )


def move_to_schema(table: str, schema: str) -> RunSQL:
    """Move a table into another schema of the search path."""
    return RunSQL(
        f"ALTER TABLE {table} SET SCHEMA {schema}", f"ALTER TABLE {schema}.{table} SET SCHEMA public"
    )


def append_only(table: str) -> RunSQL:
    """Let the application role add rows to a table and never change or delete them."""
    return RunSQL(
        f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM anlan_app",
        f"GRANT UPDATE, DELETE ON {table} TO anlan_app",
    )
