"""A small house that is killed again and again: database, web and worker, restarted whenever they die.

Run as a program, it makes the small town and prints one token a sender.
"""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import django
import psycopg

from anlan.foundation.postgres import OWNER, Server, ServerFailed, dsn
from tests.foundation.inbox_ports_name import PORTS_NAME
from tests.foundation.stubborn_sender import Ledger

VICTIMS = ("web", "worker", "postgres", "backend")
FEWEST_KILLS = 2 * len(VICTIMS)
DRAINING_SECONDS = 600  # a limit for a worker that hangs, not a timing
SENDERS = ("wang", "liu", "hou", "du", "gao", "tao", "kong", "li")
ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    """Return a port nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class KilledHouse:
    """The processes, and the thread that starts them again."""

    server: Server
    ports: str = PORTS_NAME
    town: str = "tests.foundation.killed_house"  # the program that makes it and prints who sends
    port: int = field(default_factory=free_port)
    kills: Counter[str] = field(default_factory=Counter)
    children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    ending: threading.Event = field(default_factory=threading.Event)

    def environment(self, role: str = "anlan_app") -> dict[str, str]:
        """What a process of the house needs to know."""
        reach = dsn(self.server.folder)
        url = f"postgresql://{role}@localhost:{reach['PORT']}/{reach['NAME']}?host={reach['HOST']}"
        return {
            **os.environ,
            "DATABASE_URL": url,
            "OWNER_DATABASE_URL": url.replace(role, OWNER),
            "ANLAN_DATA_DIR": str(self.server.folder),
            "ANLAN_PORTS": self.ports,
            "DJANGO_SETTINGS_MODULE": "anlan.wiring.settings",
            "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
        }

    def prepare(self) -> list[dict[str, Any]]:
        """Make tables and town; return the senders with their tokens and places."""
        self.command("migrate", "--verbosity=0")
        told = subprocess.run(
            [sys.executable, "-m", self.town],
            env=self.environment(),
            check=True,
            cwd=ROOT,
            stdout=subprocess.PIPE,
        )
        made: list[dict[str, Any]] = json.loads(told.stdout)
        return made

    def command(self, *words: str) -> str:
        """Run a command of the house to its end, which must be good; return what it said."""
        asked = [sys.executable, "-m", "anlan.wiring.commands", *words]
        told = subprocess.run(
            asked, env=self.environment(), check=True, cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        return told.stdout

    def start(self) -> threading.Thread:
        """Start web and worker, and the thread that keeps all alive; when it ends, so may the server."""
        self._tend()
        keeper = threading.Thread(target=self._keep, daemon=True)
        keeper.start()
        return keeper

    def kill(self, what: str) -> None:
        """Kill one process with -9; a backend takes the whole database through recovery."""
        self.kills[what] += 1
        if what == "postgres":
            process = self.server.process
        elif what == "backend":
            os.kill(self._backend(), signal.SIGKILL)
            return
        else:
            process = self.children[what]
        if process is not None and process.poll() is None:
            process.kill()

    def end(self, keeper: threading.Thread) -> None:
        """End everything in peace."""
        self.ending.set()
        keeper.join()
        for process in self.children.values():
            process.terminate()
        for process in self.children.values():
            process.wait(30)

    async def kill_at_random(self, ledger: Ledger, size: int, kills: int, random: Random) -> None:
        """Kill somebody each time so many of `size` fates are known, everybody twice if they suffice."""
        sure = [*VICTIMS * 2][:kills]
        victims = [*sure, *(random.choice(VICTIMS) for _ in range(kills - len(sure)))]
        random.shuffle(victims)
        for moment, victim in zip(sorted(random.randrange(size) for _ in victims), victims, strict=True):
            while ledger.settled < moment:
                await asyncio.sleep(0.005)
            await asyncio.to_thread(self.kill, victim)
            await asyncio.sleep(random.random() * 0.3)

    def wait_until_drained(self, *tables: str) -> None:
        """Wait until nothing waits for the worker any more."""
        deadline = time.monotonic() + DRAINING_SECONDS
        for table in tables:
            while self.rows(f"SELECT count(*) FROM {table} WHERE state = 'waiting'")[0][0]:
                assert time.monotonic() < deadline, "the worker does not get through"
                time.sleep(0.2)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Ask the database as its owner, who sees everything; patient while it recovers."""
        reach = dsn(self.server.folder)
        deadline = time.monotonic() + 120
        while True:
            try:
                with psycopg.connect(
                    dbname=reach["NAME"],
                    user=OWNER,
                    host=reach["HOST"],
                    port=reach["PORT"],
                    options="-c search_path=public,epidemic",
                ) as connection:
                    answer = connection.execute(query.encode())
                    return answer.fetchall() if answer.description else []
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def _backend(self) -> int:
        found = self.rows("SELECT pid FROM pg_stat_activity WHERE application_name = 'anlan inbox lane'")
        return int(found[0][0]) if found else self.children["web"].pid

    def _keep(self) -> None:
        while not self.ending.wait(0.05):
            try:
                self._tend()
            except ServerFailed as error:
                print(f"keeper: {error}", file=sys.stderr)

    def _tend(self) -> None:
        if not self.server.is_running():
            self.server.start()
        log = (self.server.folder / "house.log").open("ab")
        commands = {
            "web": ["anlan.wiring.web", "--port", str(self.port)],
            "worker": ["anlan.wiring.commands", "run_worker"],
        }
        for name, command in commands.items():
            process = self.children.get(name)
            if process is None or process.poll() is not None:
                self.children[name] = subprocess.Popen(
                    [sys.executable, "-m", *command],
                    env=self.environment(),
                    cwd=ROOT,
                    stdout=log,
                    stderr=log,
                )
        log.close()


def main() -> None:
    """Make the town and a credential for every sender; print them."""
    django.setup()
    from django.db import transaction

    from tests.foundation.asking import give_token
    from tests.world import AREAS, PEOPLE, build_world

    with transaction.atomic():
        world = build_world()
    foreign = next(code for code in sorted(AREAS, reverse=True) if len(code) == 15)
    made = [
        {
            "token": give_token(world.appointments[handle].pk),
            "own": PEOPLE[handle][2],
            "foreign": foreign if PEOPLE[handle][2] != foreign else PEOPLE["wang"][2],
        }
        for handle in SENDERS
    ]
    print(json.dumps(made))


if __name__ == "__main__":
    main()
