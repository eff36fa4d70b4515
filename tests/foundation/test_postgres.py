"""The embedded PostgreSQL: starts, is shared, survives kills, dies with its holder, refuses strangers."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from anlan.foundation.postgres import (
    APPLICATION,
    OWNER,
    Server,
    ServerFailed,
    django_databases,
    dsn,
    ensure_cluster,
    socket_directory,
)
from anlan.foundation.postgres.binaries import SYSTEM


@pytest.fixture(scope="module")
def shared_server() -> Iterator[Server]:
    """One for the tests that neither kill nor end it."""
    folder = Path(tempfile.mkdtemp(prefix=f"anlan-test-{os.getpid()}-", dir="/tmp"))
    folder.chmod(0o711)
    server = ensure_cluster(folder)
    server.start()
    yield server
    server.stop()
    shutil.rmtree(folder)


HOLDER = """
import sys, time
from pathlib import Path
from anlan.foundation.postgres import ensure_cluster
server = ensure_cluster(Path(sys.argv[1]))
server.start()
print("holds" if server.process else "shares", flush=True)
time.sleep(600)
"""


def connect(server: Server, role: str = APPLICATION, database: str = "anlan") -> psycopg.Connection[Any]:
    at = dsn(server.folder, role, database)
    return psycopg.connect(
        dbname=at["NAME"], user=at["USER"], host=at["HOST"], port=at["PORT"], autocommit=True
    )


def hold(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def eventually(condition: Callable[[], bool], wait_seconds: float = 30) -> bool:
    end = time.monotonic() + wait_seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


def postmaster(server: Server) -> int:
    return int((server.data_dir / "postmaster.pid").read_text().splitlines()[0])


def test_tables_of_the_owner_are_usable_but_not_changeable_by_the_application(shared_server: Server) -> None:
    with connect(shared_server, OWNER) as owner:
        owner.execute("create schema epidemic create table epidemic.note (id int, text text)")
        owner.execute("create table note (id int, text text)")

    with connect(shared_server) as application:
        for table in ("note", "epidemic.note"):
            application.execute(f"insert into {table} values (1, '安澜')")
            assert application.execute(f"select text from {table}").fetchall() == [("安澜",)]
        for forbidden in ("drop table note", "create table mine (id int)", "set role anlan_owner"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                application.execute(forbidden)


def test_databases_made_by_the_owner_have_the_same_rights_and_extensions(shared_server: Server) -> None:
    with connect(shared_server, OWNER, "postgres") as owner:
        owner.execute("create database test_other")
    with connect(shared_server, OWNER, "test_other") as owner:
        owner.execute("create table note (id int)")

    with connect(shared_server, APPLICATION, "test_other") as application:
        application.execute("insert into note values (1)")
        extensions = {row[0] for row in application.execute("select extname from pg_extension")}

    assert {"btree_gin", "pg_trgm"} <= extensions


def test_chinese_text_has_trigrams(shared_server: Server) -> None:
    with connect(shared_server) as application:
        trigrams = application.execute("select show_trgm('锡山区')").fetchone()

    assert trigrams is not None
    assert len(trigrams[0]) > 0


def test_neither_application_nor_owner_passes_row_security(shared_server: Server) -> None:
    with connect(shared_server) as application:
        rows = application.execute(
            "select rolname, rolsuper, rolbypassrls from pg_roles where rolname like 'anlan%'"
        ).fetchall()

    assert sorted(rows) == [(APPLICATION, False, False), (OWNER, False, False)]


def test_the_server_keeps_what_it_acknowledged(shared_server: Server) -> None:
    with connect(shared_server) as application:
        settings = {
            name: application.execute(f"show {name}").fetchone()
            for name in ("fsync", "synchronous_commit", "full_page_writes", "listen_addresses")
        }

    assert settings == {
        "fsync": ("on",),
        "synchronous_commit": ("on",),
        "full_page_writes": ("on",),
        "listen_addresses": ("",),
    }


def test_a_killed_postmaster_is_started_again_with_every_committed_row(durable_server: Server) -> None:
    with connect(durable_server, OWNER) as owner:
        owner.execute("create table kept (id int)")
        owner.execute("insert into kept select generate_series(1, 1000)")
        os.kill(postmaster(durable_server), signal.SIGKILL)
    assert durable_server.process is not None
    durable_server.process.wait()
    assert not durable_server.is_running()

    durable_server.start()

    with connect(durable_server) as application:
        assert application.execute("select count(*) from kept").fetchone() == (1000,)


def test_a_second_process_uses_the_running_server_and_leaves_it_running(shared_server: Server) -> None:
    second = hold(shared_server.folder)
    try:
        assert said(second) == "shares"
    finally:
        second.kill()
        second.wait()

    assert shared_server.is_running()
    with connect(shared_server) as application:
        assert application.execute("select 1").fetchone() == (1,)


def test_the_server_ends_when_its_holder_is_killed_and_the_next_start_takes_over(short_folder: Path) -> None:
    holder = hold(short_folder)
    assert said(holder) == "holds"
    server = ensure_cluster(short_folder)
    assert server.is_running()
    pid = postmaster(server)

    holder.kill()
    holder.wait()
    server.start()

    try:
        assert server.process is not None
        assert server.process.pid != pid
        assert eventually(lambda: not Path(f"/proc/{pid}").exists())
        with connect(server) as application:
            assert application.execute("select 1").fetchone() == (1,)
    finally:
        server.stop()
    assert not server.is_running()


def test_two_first_starts_at_once_make_one_cluster(short_folder: Path) -> None:
    first, second = hold(short_folder), hold(short_folder)
    try:
        assert sorted([said(first), said(second)]) == ["holds", "shares"]
    finally:
        for process in (first, second):
            process.kill()
            process.wait()
    assert eventually(lambda: not ensure_cluster(short_folder).is_running())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as another user")
def test_another_user_of_the_machine_is_refused(shared_server: Server) -> None:
    shared_server.home.chmod(0o777)
    (shared_server.socket_dir / ".s.PGSQL.5432").chmod(0o777)
    stranger = pwd.getpwnam("daemon")
    reached = os.fork()
    if reached == 0:
        os.setgroups([])
        os.setgid(stranger.pw_gid)
        os.setuid(stranger.pw_uid)
        try:
            connect(shared_server)
        except psycopg.OperationalError as error:
            os._exit(0 if "Peer authentication failed" in str(error) else 2)
        os._exit(1)

    assert os.waitstatus_to_exitcode(os.waitpid(reached, 0)[1]) == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has a cluster that must be moved")
def test_a_folder_closed_to_others_still_serves_root(short_folder: Path) -> None:
    closed = short_folder / "closed"
    closed.mkdir(mode=0o700)
    server = ensure_cluster(closed / "data", durable=False)

    server.start()

    try:
        assert server.home.is_symlink()
        with connect(server) as application:
            assert application.execute("select 1").fetchone() == (1,)
    finally:
        server.stop()
        target = server.home.resolve()
        subprocess.run(["rm", "-r", str(target)], check=True)


def test_a_long_path_moves_the_socket_only(short_folder: Path) -> None:
    folder = short_folder / ("x" * 90)
    server = ensure_cluster(folder, durable=False)

    server.start()

    try:
        assert socket_directory(folder).parent == Path("/tmp")
        assert server.data_dir == folder / "pg" / "data"
        with connect(server) as application:
            assert application.execute("select 1").fetchone() == (1,)
    finally:
        server.stop()
        socket_directory(folder).rmdir()


@pytest.mark.skipif(not list(SYSTEM.glob("*/bin/initdb")), reason="the system has no PostgreSQL")
def test_without_the_wheel_the_systems_binaries_serve(
    short_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("anlan.foundation.postgres.binaries.find_spec", lambda name: None)
    server = ensure_cluster(short_folder, durable=False)

    server.start()

    try:
        with connect(server) as application:
            assert application.execute("select array_length(show_trgm('锡山'), 1) > 0").fetchone() == (True,)
            version = application.execute("show server_version").fetchone()
        assert version is not None
        assert version[0].split(".")[0] == (server.data_dir / "PG_VERSION").read_text().strip()
    finally:
        server.stop()


def test_settings_name_two_roles_of_the_embedded_server(short_folder: Path) -> None:
    databases = django_databases(short_folder, {})

    assert databases["default"]["USER"] == APPLICATION
    assert databases["owner"]["USER"] == OWNER
    assert databases["default"]["HOST"] == str(short_folder / "pg")
    assert databases["default"]["TEST"] == {"MIRROR": "owner"}


def test_settings_read_database_addresses(short_folder: Path) -> None:
    databases = django_databases(
        short_folder,
        {
            "DATABASE_URL": "postgresql://app:p%40ss@db:5433/anlan?sslmode=require",
            "OWNER_DATABASE_URL": "postgresql://boss@/anlan?host=/run/postgresql",
        },
    )

    default, owner = databases["default"], databases["owner"]
    assert (default["USER"], default["PASSWORD"], default["HOST"]) == ("app", "p@ss", "db")
    assert (default["PORT"], default["NAME"], default["OPTIONS"]) == ("5433", "anlan", {"sslmode": "require"})
    assert (owner["USER"], owner["HOST"], owner["PORT"]) == ("boss", "/run/postgresql", "")


def test_settings_refuse_an_address_of_another_kind(short_folder: Path) -> None:
    with pytest.raises(ServerFailed):
        django_databases(short_folder, {"DATABASE_URL": "sqlite:///file"})
