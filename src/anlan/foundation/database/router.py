"""Migrations run as the owner of the tables, and only as the owner."""

from typing import Any


class OwnerMigrates:
    """Send every migration to the alias `owner`; leave reads and writes to the application role."""

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        """Allow migrations on `owner` alone."""
        return db == "owner"

    def allow_relation(self, obj1: object, obj2: object, **hints: Any) -> bool:
        """Allow relations: both aliases are one database."""
        return True
