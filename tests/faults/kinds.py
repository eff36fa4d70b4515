"""The kinds of fault, one function each: it harms the house for a while and returns when that is over."""

import contextlib
import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import psycopg

from anlan.foundation.postgres import APPLICATION, SUPERUSER
from tests.faults.house import House, NotRun
from tests.faults.proxy import Mode, Proxy

DISK_MB = 1500  # of the small disk a house stands on whose disk will be full
STOPPED_SECONDS = 20.0
CLOCKS_OFF = ("+2d", "-2d")
VICTIMS = ("web", "run_worker", "postgres", "backend")
ENVELOPES_A_KILL = 250
CUT = (0.2, 0.5)  # cut answers or requests, as a share of the envelopes


@dataclass
class Scene:
    """The house, the way to it, and the randomness and number of this run."""

    house: House
    proxy: Proxy
    random: Random
    number: int
    size: int  # envelopes that are sent
    settled: Callable[[], int]  # of how many the fate is known
    notes: dict[str, object] = field(default_factory=dict)  # what a kind wants to have written down

    def last(self, least: float, most: float) -> float:
        """Draw how long the fault lasts, in seconds, and note it."""
        seconds = self.random.uniform(least, most)
        self.notes["lasted"] = round(seconds, 1)
        return seconds


def worker_killed(scene: Scene) -> None:
    """The worker dies in the middle of what it does."""
    scene.house.kill("run_worker")


def supervisor_killed(scene: Scene) -> None:
    """The process that keeps the others dies, and all with it; somebody starts it anew."""
    scene.house.kill("supervisor")
    time.sleep(scene.last(0, 3))
    scene.house.start()


def backend_killed(scene: Scene) -> None:
    """The inbox's own backend dies: PostgreSQL ends all others and recovers."""
    assert scene.house.kill("backend"), "nobody held the inbox's connection"


def postmaster_killed(scene: Scene) -> None:
    """PostgreSQL's first process dies."""
    assert scene.house.kill("postgres"), "the database was down"


def all_stopped(scene: Scene) -> None:
    """Everything stands still, as when a virtual machine is moved, and goes on as if nothing were."""
    stopped = scene.house.everybody()
    for pid in stopped:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
    time.sleep(STOPPED_SECONDS)
    for pid in reversed(stopped):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


def disk_full(scene: Scene) -> None:
    """The disk of the data folder fills up to the last byte; each second run, the log's next part too."""
    folder = scene.house.folder
    ballast = folder / "ballast"
    seconds = scene.last(20, 45)
    until = time.monotonic() + seconds
    breaks = scene.number % 2 == 0
    scene.notes["log needs room"] = breaks
    while time.monotonic() < until:
        _fill(ballast)
        if breaks and _asks_for_log_room(scene.house):
            breaks = False
        time.sleep(0.2)
    ballast.unlink()


def connections_used_up(scene: Scene) -> None:
    """Somebody takes every connection there is, also those the house had."""
    until = time.monotonic() + scene.last(6, 15)
    with contextlib.ExitStack() as held:
        mine: set[int] = set()
        while time.monotonic() < until:
            if not _take_one(scene.house, held, mine):
                scene.notes["taken"] = len(mine)
                _end_those_of_others(scene.house, mine)
                time.sleep(0.05)


def long_lock(scene: Scene) -> None:
    """Somebody holds, in turn: the envelopes, the rows everybody needs, the case reports."""
    locks = (
        ("envelopes", "LOCK TABLE foundation_envelope IN EXCLUSIVE MODE"),
        ("hot rows", "SELECT id FROM surveillance_dailycount FOR UPDATE"),
        ("reports", "LOCK TABLE health_casereport IN EXCLUSIVE MODE"),
    )
    what, statement = locks[scene.number % len(locks)]
    scene.notes["locked"] = what
    with scene.house.connect() as connection:
        connection.execute(statement.encode())
        if what == "hot rows":
            connection.execute(b"SELECT id FROM foundation_fact WHERE state = 'waiting' FOR UPDATE")
        time.sleep(scene.last(12, 25))


def answer_cut(scene: Scene) -> None:
    """Answers are lost on the way after what they answer was committed."""
    _cut_some(scene, Mode.ANSWER_CUT)


def request_cut(scene: Scene) -> None:
    """Requests break off half way."""
    _cut_some(scene, Mode.REQUEST_CUT)


def slow_network(scene: Scene) -> None:
    """Everything comes in pieces, and some of it rests on the way."""
    scene.proxy.mode, scene.proxy.share = Mode.SLOW, 1.0
    time.sleep(scene.last(10, 25))
    scene.proxy.mode = Mode.PLAIN
    scene.notes.update(scene.proxy.treated)


def clock_off(scene: Scene) -> None:
    """The machine is started with a clock two days ahead or behind; later with the right one."""
    by = CLOCKS_OFF[scene.number % len(CLOCKS_OFF)]
    scene.notes["clock"] = by
    house = scene.house
    house.stop()
    house.start(clock=by)
    house.wait_until_ready()
    time.sleep(scene.last(8, 20))
    house.stop()
    house.start()


def whoever_killed(scene: Scene) -> None:
    """One after the other is killed while everything comes back, and some answers are cut."""
    kills = max(2 * len(VICTIMS), scene.size // ENVELOPES_A_KILL)
    supervisors = ["supervisor"] * (kills // 13)
    victims = [*supervisors, *draw_victims(kills - len(supervisors), scene.random)]
    scene.random.shuffle(victims)
    scene.proxy.mode, scene.proxy.share = Mode.ANSWER_CUT, 0.15
    kill_in_turn(scene.house, victims, scene.size, scene.settled, scene.random)
    scene.proxy.mode = Mode.PLAIN
    scene.notes["kills"] = dict(Counter(victims))


def draw_victims(kills: int, random: Random) -> list[str]:
    """Return who is to be killed: everybody twice, if so many kills suffice, then anybody."""
    sure = [*VICTIMS * 2][:kills]
    victims = [*sure, *(random.choice(VICTIMS) for _ in range(kills - len(sure)))]
    random.shuffle(victims)
    return victims


def kill_in_turn(
    house: House, victims: Sequence[str], size: int, settled: Callable[[], int], random: Random
) -> None:
    """Kill each, as soon as it is there, when a drawn number of the `size` fates is known."""
    moments = sorted(random.uniform(settled(), 0.85 * size) for _ in victims)
    for victim, moment in zip(victims, moments, strict=True):
        house.until(lambda so_many=moment: settled() >= so_many, "nothing is answered any more")
        house.until(lambda one=victim: house.kill(one), f"{victim} does not come back")
        if victim == "supervisor":
            house.start()


KINDS: dict[str, Callable[[Scene], None]] = {
    one.__name__: one
    for one in (
        worker_killed,
        supervisor_killed,
        backend_killed,
        postmaster_killed,
        all_stopped,
        disk_full,
        connections_used_up,
        long_lock,
        answer_cut,
        request_cut,
        slow_network,
        clock_off,
        whoever_killed,
    )
}


def small_disk(folder: Path) -> contextlib.AbstractContextManager[None]:
    """Let a folder be a disk of its own, of DISK_MB. Raises NotRun where that is not allowed."""
    return _Mounted(folder)


class _Mounted(contextlib.AbstractContextManager[None]):
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __enter__(self) -> None:
        options = f"size={DISK_MB}m,mode=0755"
        command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(self.folder)]
        try:
            subprocess.run(command, check=True, capture_output=True, text=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise NotRun(f"no right to mount a small disk here: {' '.join(command)}") from error

    def __exit__(self, *_: object) -> None:
        subprocess.run(["umount", "--lazy", str(self.folder)], check=True)


def _cut_some(scene: Scene, mode: Mode) -> None:
    """Cut most of what passes until a drawn share of the envelopes was met."""
    wanted = scene.random.uniform(*CUT) * scene.size
    scene.proxy.mode, scene.proxy.share = mode, 0.7
    scene.house.until(lambda: scene.proxy.treated[mode.value] >= wanted, "nothing passes that could be cut")
    scene.proxy.mode = Mode.PLAIN
    scene.notes.update(scene.proxy.treated)


def _fill(ballast: Path) -> None:
    """Take what is free, in ever smaller pieces."""
    handle = os.open(ballast, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    try:
        size = os.fstat(handle).st_size
        piece = 1 << 28
        while piece >= 4096:
            try:
                os.posix_fallocate(handle, size, piece)
                size += piece
            except OSError:
                piece //= 2
    finally:
        os.close(handle)


def _asks_for_log_room(house: House) -> bool:
    """Let PostgreSQL begin new parts of its log until it cannot; say whether it broke."""
    try:
        with house.connect(SUPERUSER) as connection:
            connection.autocommit = True
            for _ in range(100):
                connection.execute(b"SELECT pg_logical_emit_message(true, 'fault', 'x'), pg_switch_wal()")
    except psycopg.Error:
        return True
    return False


def _take_one(house: House, held: contextlib.ExitStack, mine: set[int]) -> bool:
    try:
        connection = held.enter_context(house.connect(APPLICATION))
    except psycopg.OperationalError:
        return False
    mine.add(connection.info.backend_pid)
    return True


def _end_those_of_others(house: House, mine: set[int]) -> None:
    """End the house's own connections: it must ask for new ones, as it does now and then anyway."""
    with contextlib.suppress(psycopg.OperationalError), house.connect(SUPERUSER) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s AND NOT pid = ANY(%s)",
            (APPLICATION, sorted(mine)),
        )
