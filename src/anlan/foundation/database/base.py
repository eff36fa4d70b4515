"""Django's PostgreSQL backend, with one addition: every transaction starts by stating its scope.

ATOMIC_REQUESTS opens the transaction inside the middleware, so a set_config made there would be
lost; here is the one place that every transaction passes (docs/decisions/0001).
"""

from django.db.backends.postgresql import base

from anlan.foundation.scope import current_scope, scope_settings


class DatabaseWrapper(base.DatabaseWrapper):
    """State the scope in force as the first act of every transaction."""

    def _set_autocommit(self, autocommit: bool) -> None:
        super()._set_autocommit(autocommit)  # type: ignore[misc]  # the stubs leave it out
        if not autocommit and current_scope() is not None:
            with self.wrap_database_errors, self.connection.cursor() as cursor:
                cursor.execute(
                    "SELECT set_config('anlan.scope', %s, true), set_config('anlan.purposes', %s, true)",
                    scope_settings(current_scope()),
                )
