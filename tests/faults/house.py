"""A whole house in a folder of its own: the supervisor and all that it starts, to be watched and harmed."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import psycopg

from anlan.foundation.postgres import DATABASE, OWNER, dsn

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 600  # a limit for what hangs, not a timing
STATION = "anlan.wiring.commands"


class NotRun(Exception):
    """This machine lacks what a kind of fault needs; the text says what."""


def under_faketime(clock: str) -> dict[str, str]:
    """Return what lets a process see another time. Raises NotRun."""
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    if not found:
        raise NotRun("no libfaketime here: apt-get install libfaketime")
    mended = Path(__file__).parent / "under_faketime"
    return {
        "LD_PRELOAD": str(found[0]),
        "FAKETIME": clock,
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",  # pauses and limits are those of any clock
        "PYTHONPATH": f"{mended}:{ROOT / 'src'}:{ROOT}",
    }


def free_port() -> int:
    """Return a port nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def children_of(pid: int) -> dict[str, int]:
    """Names and ids of the processes that a process has started; not of those that have just ended."""
    found = {}
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        words = Path(f"/proc/{child}/cmdline").read_text().split("\0")
        if words[0].endswith("postgres"):
            found["postgres"] = int(child)
        elif len(words) > 3:
            name = words[2].rpartition(".")[2]
            found[words[3] if name == "commands" else name] = int(child)
    return found


def descendants_of(pid: int) -> Iterator[int]:
    """Yield the processes below a process, parents first."""
    for thread in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in thread.read_text().split():
            yield int(child)
            with contextlib.suppress(OSError):
                yield from descendants_of(int(child))


@dataclass
class House:
    """The supervisor of a data folder, which keeps database, web, worker and scheduler running."""

    folder: Path
    ports: str = "tests.faults.ports.PORTS"
    town: str = "tests.faults.town"  # the program that makes it and prints who sends
    port: int = field(default_factory=free_port)
    supervisor: subprocess.Popen[bytes] | None = None

    def environment(self) -> dict[str, str]:
        """What a process of the house needs to know."""
        other = {"DATABASE_URL", "OWNER_DATABASE_URL", "DJANGO_SETTINGS_MODULE"}
        kept = {name: value for name, value in os.environ.items() if name not in other}
        return {
            **kept,
            "ANLAN_DATA_DIR": str(self.folder),
            "ANLAN_PORTS": self.ports,
            "ANLAN_STATIC_STORAGE": "django.contrib.staticfiles.storage.StaticFilesStorage",
            "PORT": str(self.port),
            "DJANGO_SETTINGS_MODULE": "anlan.wiring.settings",
            "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
        }

    def prepare(self) -> list[dict[str, Any]]:
        """Start it for the first time and make the town; return the senders."""
        self.folder.mkdir(exist_ok=True)
        (self.folder / "first-start-done").touch()  # the town takes the place of the district
        self.start()
        self.wait_until_ready()
        made: list[dict[str, Any]] = json.loads(self.run(self.town))
        return made

    def start(self, *, clock: str = "") -> None:
        """Start the supervisor, perhaps with a clock that is off ("+2d"); it may still be on its way.

        PostgreSQL, whose environment is its own, keeps the right time.
        """
        changed = under_faketime(clock) if clock else {}
        with (self.folder.parent / f"{self.folder.name}.console").open("ab") as console:
            self.supervisor = subprocess.Popen(
                [sys.executable, "-m", STATION, "run"],
                env=self.environment() | changed,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
            )

    def wait_until_ready(self) -> None:
        """Wait until the pages answer and reach the database."""
        self.until(self._is_ready, "the house does not get ready")

    def stop(self) -> None:
        """End everything in peace."""
        if self.supervisor is not None:
            self.supervisor.terminate()
            self.supervisor.wait(PATIENCE_SECONDS)

    def kill(self, what: str) -> bool:
        """Kill one process with -9, or a backend of the inbox; say whether it was there to be killed."""
        pid = self.pid_of(what)
        if pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if what == "supervisor" and self.supervisor is not None:
            self.supervisor.wait(PATIENCE_SECONDS)
        return pid is not None

    def pid_of(self, what: str) -> int | None:
        """Return the process of this name; None while it is down."""
        assert self.supervisor is not None
        if what == "supervisor":
            return self.supervisor.pid
        if what == "backend":
            told = self.rows("SELECT pid FROM pg_stat_activity WHERE application_name = 'anlan inbox lane'")
            return int(told[0][0]) if told else None
        with contextlib.suppress(OSError):  # a child that ends while we read
            return children_of(self.supervisor.pid).get(what)
        return None

    def everybody(self) -> list[int]:
        """All processes of the house, those that start others before these."""
        assert self.supervisor is not None
        return [self.supervisor.pid, *descendants_of(self.supervisor.pid)]

    def is_whole(self) -> bool:
        """Whether the supervisor and all four it keeps are alive."""
        return all(self.pid_of(one) for one in ("web", "run_worker", "run_scheduler", "postgres"))

    def run(self, program: str, *words: str) -> str:
        """Run a program in the house's environment to its end, which must be good; return what it said."""
        told = subprocess.run(
            [sys.executable, "-m", program, *words],
            env=self.environment(),
            check=False,
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        assert told.returncode == 0, f"{program} {words}: {told.stdout}{told.stderr}"
        return told.stdout

    def connect(self, role: str = OWNER) -> psycopg.Connection[tuple[Any, ...]]:
        """Reach the database directly."""
        reach = dsn(self.folder)
        options = "-c search_path=public,epidemic"
        return psycopg.connect(
            dbname=DATABASE, user=role, host=reach["HOST"], port=reach["PORT"], options=options
        )

    def rows(self, query: str, role: str = OWNER) -> list[tuple[Any, ...]]:
        """Ask the database as its owner, who sees everything; patient while it recovers."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                with self.connect(role) as connection:
                    answer = connection.execute(query.encode())
                    return answer.fetchall() if answer.description else []
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def wait_until_drained(self, *tables: str) -> None:
        """Wait until nothing waits for the worker any more."""
        for table in tables:
            waiting = f"SELECT count(*) FROM {table} WHERE state = 'waiting'"
            self.until(lambda asked=waiting: self.rows(asked)[0][0] == 0, f"{table} is not worked off")

    def until(self, condition: Any, otherwise: str) -> None:
        """Wait until it is so; what hangs for minutes is a failure."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            assert time.monotonic() < deadline, f"{otherwise}: {self.last_words()}"
            time.sleep(0.05)

    def last_words(self) -> str:
        """The end of the console, for whoever has to find out what went wrong."""
        return (self.folder.parent / f"{self.folder.name}.console").read_text(errors="replace")[-2000:]

    def _is_ready(self) -> bool:
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False
