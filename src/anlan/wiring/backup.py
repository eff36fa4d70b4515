"""Backs up the embedded database and the encrypted files, and restores them into an empty house.

Who was erased after a backup was made is known from the ledgers beside the data and in newer backups; the
next start erases them again.
The keys are never part of a backup: destroying an event's key must destroy its data in every old backup too.
"""

import hashlib
import os
import subprocess
import sys
import tarfile
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from anlan.foundation.ledger import ERASED, add_to_ledger, read_ledger
from anlan.foundation.postgres import APPLICATION, DATABASE, OWNER, Server, ServerFailed, dsn
from anlan.foundation.postgres.binaries import choose_binaries
from anlan.foundation.postgres.cluster import clean_environment

DUMP, FILES, SUMS = "database.dump", "files.tar", "SHA256SUMS"


def back_up(server: Server | None, into: Path) -> Path:
    """Write database and files into a new dated folder below `into`; return it."""
    server = _embedded(server)
    target = into.absolute() / f"anlan-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    target.mkdir(parents=True, mode=0o700)
    _tool(server, "pg_dump", "--format=custom", f"--file={target / DUMP}", DATABASE)
    with tarfile.open(target / FILES, "w") as archive:
        if (server.folder / "files").exists():
            archive.add(server.folder / "files", "files")
    erased = server.folder / ERASED
    (target / ERASED).write_bytes(erased.read_bytes() if erased.exists() else b"")
    (target / SUMS).write_text(
        "".join(f"{_digest(target / name)}  {name}\n" for name in (DUMP, FILES, ERASED))
    )
    return target


def restore(server: Server | None, source: Path) -> int:
    """Fill an empty database and files folder from a backup; refuse a damaged one or a house in use.

    Returns how many people are known to have been erased since the backup was made.
    """
    server = _embedded(server)
    source = source.absolute()
    _check_digests(source)
    at = dsn(server.folder, OWNER)
    with psycopg.connect(dbname=at["NAME"], user=OWNER, host=at["HOST"], port=at["PORT"]) as connection:
        if connection.execute("select to_regclass('django_migrations')").fetchone() != (None,):
            raise ServerFailed("the database is not empty: restore into a new ANLAN_DATA_DIR")
        # Else each table would get these rights as it is made, and what was taken away (the right to delete
        # audit rows) would be back. The dump holds the exact rights, and these defaults as its last entry.
        for rights in ("ALL ON TABLES", "ALL ON SEQUENCES", "ALL ON SCHEMAS"):
            connection.execute(
                f"ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} REVOKE {rights} FROM {APPLICATION}".encode()
            )
    contents = _tool(server, "pg_restore", "--list", str(source / DUMP)).splitlines()
    wanted = [line for line in contents if " EXTENSION " not in line and " SCHEMA - public " not in line]
    listed = server.folder / "restore.list"  # extensions are a superuser's, and are there already
    listed.write_text("\n".join(wanted))
    _tool(
        server,
        "pg_restore",
        f"--use-list={listed}",
        f"--dbname={DATABASE}",
        "--exit-on-error",
        str(source / DUMP),
    )
    listed.unlink()
    with tarfile.open(source / FILES) as archive:
        for member in archive:
            if not (member.isfile() or member.isdir()) or not _is_below_files(member.name):
                raise ServerFailed(f"{source / FILES} holds {member.name}, which no backup of Anlan holds")
            archive.extract(member, server.folder)  # filters came with Python 3.11.4; Debian 12 has 3.11.2
    return _gather_erasures(source, server.folder / ERASED)


def _check_digests(backup: Path) -> None:
    for line in (backup / SUMS).read_text().splitlines():
        digest, name = line.split()
        if _digest(backup / name) != digest:
            raise ServerFailed(f"{backup / name} is damaged: its digest is not the one written beside it")


def _gather_erasures(source: Path, ledger: Path) -> int:
    """Bring the ledgers of all backups lying beside this one into the house's own; return what is newer."""
    for other in sorted(source.parent.glob(f"*/{ERASED}")):
        add_to_ledger(ledger, read_ledger(other), key="resident_id")
    then = {line["resident_id"] for line in read_ledger(source / ERASED)}
    return sum(line["resident_id"] not in then for line in read_ledger(ledger))


def _embedded(server: Server | None) -> Server:
    if server is None:
        raise ServerFailed("with DATABASE_URL use your own PostgreSQL's pg_dump and pg_restore")
    return server


def _tool(server: Server, name: str, *arguments: str) -> str:
    """Run one of PostgreSQL's programs as the owner of the tables; return what it printed."""
    tools = choose_binaries(server.account(), (server.data_dir / "PG_VERSION").read_text().strip()).folder
    at = dsn(server.folder, OWNER)
    environment = {**clean_environment(), "PGHOST": at["HOST"], "PGPORT": at["PORT"], "PGUSER": OWNER}
    environment["HOME"] = os.environ.get("HOME", "/")
    told = subprocess.run(
        [str(tools / name), *arguments], capture_output=True, text=True, env=environment, check=False
    )
    if told.returncode:
        raise ServerFailed(f"{name} failed:\n{told.stderr}")
    sys.stderr.write(told.stderr)
    return told.stdout


def _is_below_files(name: str) -> bool:
    parts = Path(name).parts
    return parts[:1] == ("files",) and ".." not in parts


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
