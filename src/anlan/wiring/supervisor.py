"""Keeps the house running on one machine: database, web, worker and scheduler, restarted when they die."""

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from anlan.foundation.parenthood import die_with_parent
from anlan.foundation.postgres import Server, ServerFailed, ensure_cluster
from anlan.wiring.settings import DATA_DIR

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 30.0  # before a restart; doubled while it keeps dying
AFTER_PAGES_SECONDS = 3.0  # worker and scheduler wait so long, that a start is not shared between three
STEADY_SECONDS = 60.0  # a child that lived so long starts again at the first pause
GRACE_SECONDS = 20.0  # to finish requests and jobs; then it is killed and the database keeps the truth
LARGEST_LOG_BYTES = 50_000_000
DATABASE_PAUSE_SECONDS = (
    3.0  # before a database that could not start is tried again: a disk may have been full
)
PORTS_TRIED = 20
STATION = "anlan.wiring.commands"


def sign_ins(data_dir: Path) -> Path:
    """Where `create_district` leaves one sign-in per role (mode 0600)."""
    return data_dir / "sign-ins.txt"


@dataclass
class Child:
    """One process of the house, started again, after a pause, whenever it ends."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    due_at: float = 0.0
    pause: float = FIRST_PAUSE_SECONDS

    def start(self, log: Path, environment: dict[str, str]) -> None:
        """Start the process; its log goes to a file, one JSON object a line."""
        if log.exists() and log.stat().st_size > LARGEST_LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=environment,
                start_new_session=True,  # Ctrl-C reaches the supervisor alone, which ends the others in order
                preexec_fn=die_with_parent(os.getpid(), signal.SIGTERM),  # noqa: PLW1509 - system calls only
            )
        self.started_at = time.monotonic()

    def note_end(self, now: float) -> str | None:
        """Return how the process ended, if it just did, and set when it is due again."""
        if self.process is None or (code := self.process.poll()) is None:
            return None
        self.process = None
        if now - self.started_at > STEADY_SECONDS:
            self.pause = FIRST_PAUSE_SECONDS
        self.due_at = now + self.pause
        pause, self.pause = self.pause, min(self.pause * 2, LONGEST_PAUSE_SECONDS)
        how = f"killed by {signal.Signals(-code).name}" if code < 0 else f"ended with {code}"
        return f"{how}; again in {pause:g} s"


@dataclass
class House:
    """What the supervisor holds."""

    data_dir: Path
    server: Server | None
    children: list[Child]
    ending: threading.Event = field(default_factory=threading.Event)
    database_due_at: float = 0.0

    @property
    def logs(self) -> Path:
        """One log a process."""
        return self.data_dir / "logs"

    def say(self, text: str, **facts: object) -> None:
        """Tell the console a short line, and the log the same with its facts, where there is room."""
        now = datetime.now(UTC)
        line = {"timestamp": now.isoformat(), "event": text, **facts}
        with suppress(OSError):
            print(f"{now.astimezone():%H:%M:%S} {text}", flush=True)
        with suppress(OSError), (self.logs / "supervisor.log").open("a") as log:
            log.write(json.dumps(line, ensure_ascii=False) + "\n")

    def tend(self) -> None:
        """Start what is due, once: the database before those who need it; what cannot is tried again."""
        self._tend_database()
        now = time.monotonic()
        for child in self.children:
            ended = child.note_end(now)
            if ended:
                self.say(f"{child.name} {ended}", child=child.name)
            if child.process is None and now >= child.due_at:
                self._start(child, now)

    def _tend_database(self) -> None:
        if self.server is None or self.server.is_ours() or time.monotonic() < self.database_due_at:
            return
        if self.server.is_running():
            return
        self.say("database is down, starting it")
        try:
            self.server.start()
        except (ServerFailed, OSError) as error:
            self.database_due_at = time.monotonic() + DATABASE_PAUSE_SECONDS
            self.say(f"database does not start; again in {DATABASE_PAUSE_SECONDS:g} s: {error}")
        else:
            self.say("database is up again")

    def _start(self, child: Child, now: float) -> None:
        try:
            child.start(self.logs / f"{child.name}.log", dict(os.environ))
        except OSError as error:
            child.due_at = now + LONGEST_PAUSE_SECONDS
            self.say(f"{child.name} does not start; again in {LONGEST_PAUSE_SECONDS:g} s: {error}")
        else:
            number = child.process.pid if child.process else ""
            self.say(f"{child.name} started, process {number}", child=child.name)

    def end(self) -> None:
        """End the children in peace, then the database; whoever does not go is killed."""
        running = [child.process for child in self.children if child.process is not None]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + GRACE_SECONDS
        for process in running:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if self.server is not None:
            self.server.stop()


def run() -> int:
    """Start everything, keep it running until Ctrl-C or SIGTERM, end everything; return the exit code."""
    DATA_DIR.mkdir(parents=True, exist_ok=True)
    (DATA_DIR / "logs").mkdir(exist_ok=True, mode=0o700)
    os.environ["ANLAN_DATA_DIR"] = str(DATA_DIR)
    lock = _only_one(DATA_DIR)
    if lock is None:
        return 1
    house = House(DATA_DIR, None if os.environ.get("DATABASE_URL") else ensure_cluster(DATA_DIR), [])
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: house.ending.set())
    try:
        return _live(house, lock)
    except ServerFailed as error:
        house.say(f"database failed: {error}")
        return 1
    finally:
        house.end()
        house.say("all ended")


def _live(house: House, lock: TextIO) -> int:
    if house.server is not None:
        house.server.start()
    new = not sign_ins(house.data_dir).exists()
    if not _prepared(house):
        return 0 if house.ending.is_set() else 1
    host = os.environ.get("HOST") or "127.0.0.1"
    port = free_port(host, int(os.environ.get("PORT") or 8000), house.say)
    address = f"http://{host if host not in {'0.0.0.0', '::'} else 'localhost'}:{port}/"
    lock.truncate(0)  # the file is open for appending: what is written lands at its end
    lock.write(address)
    lock.flush()
    house.children += children(host, port)
    announced = False
    while not house.ending.wait(0.1):
        house.tend()
        if not announced and _answers(host, port):
            announced = True
            _announce(house, address, new=new)
    house.say("ending")
    return 0


def children(host: str, port: int) -> list[Child]:
    """The processes of the house beside the database; the pages, for which somebody waits, go first."""
    later = time.monotonic() + AFTER_PAGES_SECONDS
    return [
        Child("web", [sys.executable, "-m", "anlan.wiring.web", "--host", host, "--port", str(port)]),
        Child("worker", [sys.executable, "-m", STATION, "run_worker"], due_at=later),
        Child("scheduler", [sys.executable, "-m", STATION, "run_scheduler"], due_at=later),
    ]


def free_port(host: str, wanted: int, say: Callable[[str], None]) -> int:
    """Return the wanted port, or the next free one, and say so."""
    for port in range(wanted, wanted + PORTS_TRIED):
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
        if port != wanted:
            say(f"port {wanted} is taken, using {port}")
        return port
    raise ServerFailed(f"no free port from {wanted} to {wanted + PORTS_TRIED - 1}; choose one with PORT")


def _only_one(data_dir: Path) -> TextIO | None:
    """Take the lock that only one supervisor of a data folder holds; it carries the address."""
    lock = (data_dir / "run.lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        print(f"Anlan runs here already: {lock.read() or data_dir}", file=sys.stderr)
        lock.close()
        return None
    return lock


def _prepared(house: House) -> bool:
    """Bring tables, static files and, the first time, pack and district up to date, in its own process."""
    step = subprocess.Popen(
        [sys.executable, "-m", STATION, "prepare"],
        start_new_session=True,
        preexec_fn=die_with_parent(os.getpid(), signal.SIGTERM),  # noqa: PLW1509 - system calls only
    )
    while step.poll() is None:
        if house.ending.wait(0.05):
            step.terminate()
            step.wait()
    if step.returncode and not house.ending.is_set():
        house.say("preparing failed; see above")
    return step.returncode == 0 and not house.ending.is_set()


def _answers(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=0.2):
            return True
    except OSError:
        return False


def _announce(house: House, address: str, *, new: bool) -> None:
    house.say(f"ready at {address}")
    print(f"\n  安澜已启动 · Anlan is ready   {address}\n  Ctrl-C 结束 · ends everything\n")
    path = sign_ins(house.data_dir)
    if path.exists():
        if new or sys.stdout.isatty():  # never into a service's journal again
            print(path.read_text())
        print(f"  登录账号 · sign-ins: {path} (anlan passwords)\n", flush=True)
