"""Lays out a cluster: its folders and their owners, who is let in, roles, rights and extensions."""

import os
import pwd
import stat
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg

from anlan.foundation.postgres.address import (
    APPLICATION,
    DATABASE,
    OWNER,
    SUPERUSER,
    ServerFailed,
    dsn,
)

RELOCATED = Path("/var/lib/anlan/clusters")


def clean_environment() -> dict[str, str]:
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def running_as(account: pwd.struct_passwd) -> dict[str, Any]:
    """Popen's arguments to run as this account, for root only."""
    if os.geteuid() != 0:
        return {}
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def make_home(home: Path) -> None:
    """Make the cluster's folder; where `nobody` could not walk to it, outside, with a link in its place."""
    if home.exists():
        return
    if os.geteuid() != 0:
        home.mkdir(mode=0o700, exist_ok=True)
        return
    nobody = pwd.getpwnam("nobody")
    place = home
    if any(not parent.stat().st_mode & stat.S_IXOTH for parent in home.resolve().parents):
        place = RELOCATED / sha256(os.fsencode(home) + os.urandom(8)).hexdigest()[:16]
        RELOCATED.mkdir(parents=True, exist_ok=True, mode=0o755)
    place.mkdir(mode=0o711, exist_ok=True)
    os.chown(place, nobody.pw_uid, nobody.pw_gid)
    if place != home:
        home.unlink(missing_ok=True)  # a link whose target has gone
        home.symlink_to(place)


def make_socket_directory(path: Path, home: Path, account: pwd.struct_passwd) -> None:
    if path == home:
        return
    path.mkdir(mode=0o711, exist_ok=True)
    found = path.lstat()
    if os.geteuid() == 0 and found.st_uid == 0:
        os.chown(path, account.pw_uid, account.pw_gid)
    elif not stat.S_ISDIR(found.st_mode) or found.st_uid != account.pw_uid:
        raise ServerFailed(f"{path} belongs to someone else; choose a shorter ANLAN_DATA_DIR")


def write_access_rules(data_dir: Path, account: pwd.struct_passwd) -> None:
    """Let root and the cluster's owner be any of our three roles through the socket, and no one else."""
    roles = (SUPERUSER, OWNER, APPLICATION)
    people = {"root", account.pw_name} - {"nobody"}
    rules = {
        "pg_hba.conf": f"local all {','.join(roles)} peer map=anlan\n"
        f"local replication {SUPERUSER} peer map=anlan\n",
        "pg_ident.conf": "".join(f'anlan "{person}" {role}\n' for person in sorted(people) for role in roles),
    }
    for name, text in rules.items():
        path = data_dir / name
        if path.exists() and path.read_text() == text:
            continue  # on a full disk a file that is written anew would be left empty
        path.write_text(text)
        if os.geteuid() == 0:
            os.chown(path, account.pw_uid, account.pw_gid)


def prepare(folder: Path) -> None:
    """Make roles, rights and extensions in template1, so that test databases have them too, and ours."""
    with _superuser(folder, "template1") as connection:
        connection.execute(Path(__file__).with_name("roles.sql").read_bytes())
    with _superuser(folder, "postgres") as connection:
        if not connection.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone():
            connection.execute(f"create database {DATABASE} owner {OWNER}")


def _superuser(folder: Path, database: str) -> psycopg.Connection[tuple[Any, ...]]:
    at = dsn(folder, SUPERUSER, database)
    return psycopg.connect(dbname=database, user=SUPERUSER, host=at["HOST"], port=at["PORT"], autocommit=True)
