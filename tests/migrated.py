"""A cluster with all tables, migrated once in a run; each process and house of the run begins with a copy.

    python -m tests.migrated      makes it in the folder ANLAN_TEST_MIGRATED, where it is not there yet

In a process of its own, because a server and its settings belong to the process that starts it. A run inside
a run (tests/rights/test_mutations.py) with other migrations is not told of the folder and makes its own.
"""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import django
import psycopg
from django.core.management import call_command
from django.db import connections

from anlan.foundation.clock import utc_now
from anlan.foundation.postgres import DATABASE, OWNER, dsn, ensure_cluster

ROOT = Path(__file__).resolve().parents[1]
WHERE = "ANLAN_TEST_MIGRATED"
TEST_DATABASE = f"test_{DATABASE}"
MARK = "migrated"


def begin_making() -> subprocess.Popen[bytes]:
    """Let the cluster be made while others do something else."""
    folder = _folder()
    folder.mkdir(mode=0o711, exist_ok=True)
    elsewhere = ("DATABASE_URL", "OWNER_DATABASE_URL")  # of tests that are given a server
    kept = {name: value for name, value in os.environ.items() if name not in elsewhere}
    return subprocess.Popen(
        [sys.executable, "-m", "tests.migrated"],
        cwd=ROOT,
        env={
            **kept,
            "ANLAN_DATA_DIR": str(folder),
            "DJANGO_SETTINGS_MODULE": "anlan.wiring.settings",
            "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
        },
    )


def begin_with_tables(folder: Path) -> None:
    """Give a data folder without a cluster one: its two databases, a house's and the tests', have all tables.

    The house's is empty otherwise; in the tests' the standard pack is in force.
    """
    if not (_folder() / MARK).exists() and begin_making().wait() != 0:
        raise RuntimeError("the cluster of the tests could not be made")
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cp", "-a", str(_folder() / "pg"), str(folder / "pg")], check=True)


def use_test_database() -> None:
    """Let both logins of this process reach the tests' database."""
    for alias in connections:
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = TEST_DATABASE


def _folder() -> Path:
    return Path(os.environ[WHERE])


def make(folder: Path) -> None:
    """Make the cluster, unless another process has made it meanwhile."""
    with (folder / "making.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (folder / MARK).exists():
            return
        django.setup()
        server = ensure_cluster(folder, durable=False)
        server.start()
        try:
            _fill(folder)
        finally:
            connections.close_all()
            server.stop()
        (folder / MARK).touch()


def _fill(folder: Path) -> None:
    from anlan.foundation.pack_store import find_pack, load_pack  # models exist only once Django is set up

    call_command("migrate", database="owner", verbosity=0, interactive=False)
    connections.close_all()
    at = dsn(folder)
    with psycopg.connect(
        dbname="postgres", user=OWNER, host=at["HOST"], port=at["PORT"], autocommit=True
    ) as owner:
        owner.execute(f"CREATE DATABASE {TEST_DATABASE} TEMPLATE {DATABASE}")
    use_test_database()
    load_pack(find_pack("standard"), utc_now())


if __name__ == "__main__":
    make(_folder())
