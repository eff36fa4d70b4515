"""A backup restores into another folder, row by row and file by file, and refuses what would do harm."""

import hashlib
import os
import tarfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from anlan.foundation.postgres import OWNER, Server, ServerFailed, dsn, ensure_cluster
from anlan.wiring.backup import back_up, restore

pytestmark = pytest.mark.skipif("DATABASE_URL" in os.environ, reason="needs the embedded PostgreSQL")


def as_owner(server: Server) -> psycopg.Connection[tuple[object, ...]]:
    at = dsn(server.folder, OWNER)
    return psycopg.connect(dbname=at["NAME"], user=OWNER, host=at["HOST"], port=at["PORT"])


@pytest.fixture
def filled(durable_server: Server) -> Server:
    with as_owner(durable_server) as owner:
        owner.execute("create table django_migrations (id int)")
        owner.execute("create schema epidemic create table report (id int, text text)")
        owner.execute("alter table epidemic.report enable row level security")
        owner.execute("create policy none on epidemic.report using (false)")
        owner.execute("revoke delete on epidemic.report from anlan_app")
        owner.execute("insert into epidemic.report values (1, '发热')")
    for name in ("files", "keys"):
        (durable_server.folder / name).mkdir()
        (durable_server.folder / name / "one").write_bytes(b"\x00sealed")
    return durable_server


@pytest.fixture
def other(short_folder: Path) -> Iterator[Server]:
    server = ensure_cluster(short_folder / "other", durable=False)
    server.start()
    yield server
    server.stop()


def test_rows_policies_rights_and_files_come_back_but_keys_do_not(
    filled: Server, other: Server, tmp_path: Path
) -> None:
    backup = back_up(filled, tmp_path)

    restore(other, backup)

    with as_owner(other) as owner:
        assert owner.execute("select * from epidemic.report").fetchall() == [(1, "发热")]
        assert owner.execute("select polname from pg_policy").fetchall() == [("none",)]
        may = "select has_table_privilege('anlan_app', 'epidemic.report', %s)"
        assert owner.execute(may, ["select"]).fetchone() == (True,)
        assert owner.execute(may, ["delete"]).fetchone() == (False,)
        owner.execute("create table epidemic.report_of_tomorrow (id int)")
        assert owner.execute(may.replace("report", "report_of_tomorrow"), ["delete"]).fetchone() == (True,)
    assert (other.folder / "files" / "one").read_bytes() == b"\x00sealed"
    assert not (other.folder / "keys").exists()
    assert b"sealed" in (backup / "files.tar").read_bytes()


def test_a_house_in_use_is_not_overwritten(filled: Server, tmp_path: Path) -> None:
    backup = back_up(filled, tmp_path)

    with pytest.raises(ServerFailed, match="not empty"):
        restore(filled, backup)


def test_an_archive_that_would_write_elsewhere_is_refused(
    filled: Server, other: Server, tmp_path: Path
) -> None:
    backup = back_up(filled, tmp_path)
    with tarfile.open(backup / "files.tar", "a") as archive:
        archive.addfile(tarfile.TarInfo("files/../../escaped"))
    sums = [
        hashlib.sha256((backup / name).read_bytes()).hexdigest() for name in ("database.dump", "files.tar")
    ]
    (backup / "SHA256SUMS").write_text(f"{sums[0]}  database.dump\n{sums[1]}  files.tar\n")

    with pytest.raises(ServerFailed, match="escaped"):
        restore(other, backup)

    assert not (other.folder.parent / "escaped").exists()


def test_a_damaged_backup_is_refused(filled: Server, other: Server, tmp_path: Path) -> None:
    backup = back_up(filled, tmp_path)
    dump = backup / "database.dump"
    dump.write_bytes(dump.read_bytes()[:-1] + b"x")

    with pytest.raises(ServerFailed, match="damaged"):
        restore(other, backup)
