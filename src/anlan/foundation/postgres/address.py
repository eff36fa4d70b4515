"""Says where the database is: the embedded server's socket, or the addresses of the environment."""

import os
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

OWNER, APPLICATION, SUPERUSER = "anlan_owner", "anlan_app", "postgres"
DATABASE = "anlan"
PORT = "5432"
SOCKET_PATH_BYTES = 93  # sun_path has 108; PostgreSQL adds "/.s.PGSQL.5432.lock"


class ServerFailed(RuntimeError):
    """The embedded PostgreSQL could not be made, started or reached; the text says why."""


def socket_directory(folder: Path) -> Path:
    """The folder of the cluster's socket; in /tmp where the data folder's path is too long for a socket."""
    home = folder.absolute() / "pg"
    if len(os.fsencode(home)) <= SOCKET_PATH_BYTES:
        return home
    return Path("/tmp") / f"anlan-{sha256(os.fsencode(home)).hexdigest()[:16]}"


def dsn(folder: Path, role: str = APPLICATION, database: str = DATABASE) -> dict[str, str]:
    """Django's NAME, USER, HOST and PORT for a role of the cluster in this folder."""
    return {"NAME": database, "USER": role, "HOST": str(socket_directory(folder)), "PORT": PORT}


def django_databases(data_dir: Path, environ: Mapping[str, str] | None = None) -> dict[str, dict[str, Any]]:
    """Django's DATABASES: `default` is the application's login, `owner` the one that may migrate.

    With DATABASE_URL both point there; without OWNER_DATABASE_URL the owner has the application's login, so
    that migrating is refused by the database instead of being tried with rights it should not have.
    """
    environ = os.environ if environ is None else environ
    url = environ.get("DATABASE_URL", "")
    if url:
        application, owner = _from_url(url), _from_url(environ.get("OWNER_DATABASE_URL") or url)
    else:
        application, owner = dict[str, Any](dsn(data_dir)), dict[str, Any](dsn(data_dir, OWNER))
    default = {
        "ENGINE": "anlan.foundation.database",
        "ATOMIC_REQUESTS": True,
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "TEST": {"MIRROR": "owner"},
        **application,
    }
    owner_alias = {"ENGINE": "django.db.backends.postgresql", "TEST": {"DEPENDENCIES": []}, **owner}
    return {"default": default, "owner": owner_alias}


def _from_url(url: str) -> dict[str, Any]:
    """Read postgresql://user:password@host:port/name?option=value."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise ServerFailed("DATABASE_URL must look like postgresql://user:password@host:port/name")
    options = dict(parse_qsl(parts.query))
    return {
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", unquote(parts.hostname or "")),
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
    }
