"""Connections of the plain ASGI doors: asynchronous, as the application role, made again after a loss."""

import asyncio
from collections.abc import Mapping
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections

from anlan.foundation.actor import AreaRanges
from anlan.foundation.duties import DUTIES

Connection = psycopg.AsyncConnection[tuple[Any, ...]]
LOST = (psycopg.OperationalError, psycopg.InterfaceError, OSError)


def parameters() -> dict[str, Any]:
    """Return how the application role reaches the database Django uses."""
    settings = connections[DEFAULT_DB_ALIAS].settings_dict
    options = dict(settings.get("OPTIONS", {}))
    known = {
        "dbname": settings["NAME"],
        "user": settings["USER"],
        "password": settings["PASSWORD"],
        "host": settings["HOST"],
        "port": settings["PORT"],
    }
    names = ("options", "sslmode", "sslrootcert", "sslcert", "sslkey")
    return {name: value for name, value in known.items() if value} | {
        name: options[name] for name in names if options.get(name)
    }


async def connect(name: str, *, duty: str | None = None, **settings: str) -> Connection:
    """Open an autocommitting connection; with a duty it sees every area for that declared duty alone."""
    connection = await psycopg.AsyncConnection.connect(
        **parameters(), autocommit=True, application_name=f"anlan {name}", connect_timeout=5
    )
    if duty is not None:
        settings["anlan.scope"] = AreaRanges.everywhere().as_multirange()
        settings["anlan.purposes"] = ",".join(sorted(DUTIES[duty].purposes))
    for setting, value in settings.items():
        await connection.execute("SELECT set_config(%s, %s, false)", (setting, value))
    return connection


class Line:
    """One connection for small questions, one question at a time."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._lock = asyncio.Lock()
        self._connection: Connection | None = None

    async def fetch(self, query: str, values: Mapping[str, object]) -> list[tuple[Any, ...]]:
        """Return all rows; a connection that died is replaced once, then its error rises."""
        async with self._lock:
            for attempt in (1, 2):
                try:
                    if self._connection is None:
                        self._connection = await connect(self.name)
                    cursor = await self._connection.execute(query, values)
                    return await cursor.fetchall()
                except LOST:
                    await self._drop()
                    if attempt == 2:
                        raise
        raise AssertionError("unreachable")

    async def close(self) -> None:
        """Close the connection, if there is one."""
        async with self._lock:
            await self._drop()

    async def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()
