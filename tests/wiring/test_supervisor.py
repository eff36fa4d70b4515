"""`anlan run`: everything comes up, what dies comes back, and everything ends together."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from anlan.foundation.postgres import Server, ServerFailed, ensure_cluster
from anlan.wiring import commands
from anlan.wiring.supervisor import FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, Child, free_port, sign_ins
from anlan.wiring.supervisor import House as Supervised
from tests.faults.house import children_of
from tests.migrated import begin_with_tables

pytestmark = pytest.mark.skipif("DATABASE_URL" in os.environ, reason="needs the embedded PostgreSQL")

House = tuple[subprocess.Popen[str], Path]


def eventually(condition: Callable[[], object], wait_seconds: float = 180) -> bool:
    """Wait; the limit is for a house that hangs: beside other tests a start takes over a minute."""
    end = time.monotonic() + wait_seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.1)
    return False


def start(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "anlan.wiring.commands", "run"],
        stdout=(folder / "console").open("a"),
        stderr=subprocess.STDOUT,
        text=True,
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith("ANLAN_")},
            "ANLAN_DATA_DIR": str(folder / "data"),
            "PYTHONPATH": os.pathsep.join(sys.path),
            "PORT": "8700",
        },
    )


@contextmanager
def running(*, with_tables: bool = False) -> Iterator[House]:
    """Run a house from its first start; with tables, as it is found the second time."""
    folder = Path(tempfile.mkdtemp(prefix=f"anlan-test-{os.getpid()}-", dir="/tmp"))
    folder.chmod(0o711)
    if with_tables:
        begin_with_tables(folder / "data")
    else:
        (folder / "data").mkdir()
    (folder / "data" / "first-start-done").touch()  # no district: this is about processes
    process = start(folder)
    try:
        assert eventually(lambda: "ready at" in console(folder)), console(folder)
        yield process, folder
    finally:
        process.terminate()
        process.wait(60)
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """One for the tests that leave it running."""
    with running() as started:
        yield started


@pytest.fixture
def doomed_house() -> Iterator[House]:
    """One for a test that ends it."""
    with running(with_tables=True) as started:
        yield started


def console(folder: Path) -> str:
    return (folder / "console").read_text()


def address(folder: Path) -> str:
    return console(folder).partition("ready at ")[2].split()[0]


def answers(folder: Path) -> bool:
    try:
        with urllib.request.urlopen(f"{address(folder)}readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def test_a_killed_web_process_and_a_killed_database_come_back(house: House) -> None:
    supervisor, folder = house
    before = children_of(supervisor.pid)
    assert answers(folder)

    os.kill(before["web"], signal.SIGKILL)
    os.kill(before["postgres"], signal.SIGKILL)

    assert eventually(lambda: answers(folder)), console(folder)
    after = children_of(supervisor.pid)
    assert after.keys() == before.keys()
    assert after["web"] != before["web"]
    assert after["postgres"] != before["postgres"]


def test_ctrl_c_ends_everything(doomed_house: House) -> None:
    supervisor, folder = doomed_house
    pids = children_of(supervisor.pid).values()

    supervisor.send_signal(signal.SIGINT)

    assert supervisor.wait(60) == 0
    assert [pid for pid in pids if Path(f"/proc/{pid}").exists()] == []
    assert console(folder).rstrip().endswith("all ended")


def test_when_the_supervisor_is_killed_nothing_is_left_behind(doomed_house: House) -> None:
    supervisor, _ = doomed_house
    pids = children_of(supervisor.pid).values()

    supervisor.kill()
    supervisor.wait()

    assert eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))


def test_a_second_supervisor_of_the_same_folder_is_refused(house: House) -> None:
    supervisor, folder = house

    second = start(folder)

    assert second.wait(60) == 1
    assert f"Anlan runs here already: {address(folder)}" in console(folder)
    assert supervisor.poll() is None


def test_a_command_uses_the_running_database(house: House) -> None:
    _, folder = house
    environment = {
        **os.environ,
        "ANLAN_DATA_DIR": str(folder / "data"),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }

    told = subprocess.run(
        [sys.executable, "-m", "anlan.wiring.commands", "showmigrations", "foundation"],
        capture_output=True,
        text=True,
        env=environment,
        check=True,
    )

    assert "[X] 0001_initial" in told.stdout
    assert ensure_cluster(folder / "data").is_running()


def test_a_taken_port_is_passed_over_and_said() -> None:
    said: list[str] = []
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        wanted = taken.getsockname()[1]

        port = free_port("127.0.0.1", wanted, said.append)

    assert port > wanted
    assert said == [f"port {wanted} is taken, using {port}"]


def test_a_child_that_keeps_dying_is_started_at_growing_intervals(tmp_path: Path) -> None:
    child = Child("liar", [sys.executable, "-c", "raise SystemExit(3)"])
    pauses = []
    for _ in range(9):
        child.start(tmp_path / "log", dict(os.environ))
        assert child.process is not None
        child.process.wait()
        now = time.monotonic()
        assert child.note_end(now) is not None
        pauses.append(round(child.due_at - now, 3))

    assert pauses[:3] == [FIRST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2, FIRST_PAUSE_SECONDS * 4]
    assert pauses[-1] == LONGEST_PAUSE_SECONDS


class FullDisk(Server):
    """A server that finds no room for its lock file the first time."""

    starts = 0

    def start(self) -> None:
        self.starts += 1
        if self.starts == 1:
            raise ServerFailed("could not write lock file: No space left on device")

    def is_ours(self) -> bool:
        return self.starts > 1


def test_a_database_that_does_not_start_is_tried_again_and_ends_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("anlan.wiring.supervisor.DATABASE_PAUSE_SECONDS", 0.2)
    (tmp_path / "logs").mkdir()
    server = FullDisk(tmp_path)
    supervised = Supervised(tmp_path, server, [])

    supervised.tend()
    supervised.tend()
    too_early = server.starts
    time.sleep(0.2)
    supervised.tend()

    assert (too_early, server.starts) == (1, 2)
    assert "No space left on device" in capsys.readouterr().out


def test_a_full_disk_silences_the_supervisor_but_does_not_end_it(tmp_path: Path) -> None:
    (tmp_path / "logs" / "supervisor.log").mkdir(parents=True)  # nothing can be written there
    child = Child("idle", ["true"])

    Supervised(tmp_path, None, [child]).tend()

    assert child.process is not None
    assert child.process.wait() == 0


def test_a_process_whose_log_cannot_be_opened_is_tried_again(tmp_path: Path) -> None:
    (tmp_path / "logs" / "idle.log").mkdir(parents=True)
    child = Child("idle", ["true"])

    Supervised(tmp_path, None, [child]).tend()

    assert child.process is None
    assert child.due_at > time.monotonic()


def test_passwords_prints_the_sign_ins_of_the_first_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("anlan.wiring.commands.DATA_DIR", tmp_path)
    assert commands.main(["passwords"]) == 1
    sign_ins(tmp_path).write_text("li.na  secret\n")

    assert commands.main(["passwords"]) == 0

    assert capsys.readouterr().out == "li.na  secret\n"
