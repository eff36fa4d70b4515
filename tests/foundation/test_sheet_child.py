"""The process that reads a table is bounded in time, memory and reach, and does not outlive its reader."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from anlan.foundation.sheets import reading
from anlan.foundation.sheets.refusals import TableRefused
from tests.foundation.raw_workbook import same_text, simple, text_cell
from tests.foundation.tables import read

ONE_ROW = f'<row r="1">{text_cell("A1", "甲")}</row>'


def test_a_child_that_thinks_too_long_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "CHILD_CPU_SECONDS", 1)
    blank = "".join(f'<c r="A{number}"/>' for number in range(1, 5_000))

    with pytest.raises(TableRefused) as refused:
        read(simple(f"<row>{blank * 300}</row>"), "a.xlsx")

    assert refused.value.error_code == "too_slow"


def test_a_child_that_keeps_its_reader_waiting_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "WAIT_SECONDS", 0.001)

    with pytest.raises(TableRefused) as refused:
        read(simple(ONE_ROW), "a.xlsx")

    assert refused.value.error_code == "too_slow"


def test_a_child_has_no_more_memory_than_it_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "CHILD_MEMORY_BYTES", 160 * 1024 * 1024)

    with pytest.raises(TableRefused) as refused:
        read(same_text(rows=50, columns=100), "a.xlsx")

    assert refused.value.error_code == "unpacked_too_large"


def test_a_child_can_open_nothing_and_start_nothing() -> None:
    tries = (
        "import os, sys; sys.path.insert(0, sys.argv[1]); from anlan.foundation.sheets.child import limit\n"
        "limit(os.getppid(), 5, 2**30)\n"
        "for act in (lambda: open('/etc/passwd'), lambda: os.pipe(), lambda: os.write(3, b'x')):\n"
        "    try: act(); print('done')\n"
        "    except OSError as error: print(error.errno)\n"
    )

    told = subprocess.run(
        [sys.executable, "-I", "-c", tries, str(reading.SOURCE)], capture_output=True, text=True, check=True
    )

    assert told.stdout.split() == ["24", "24", "9"]


def test_a_child_does_not_outlive_its_parent() -> None:
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import subprocess, sys\n"
            "child = subprocess.Popen([sys.executable, '-I', '-c', 'import os, sys, time; "
            "sys.path.insert(0, sys.argv[1]); from anlan.foundation.sheets.child import limit; "
            "limit(os.getppid(), 60, 2**30); print(os.getpid(), flush=True); time.sleep(60)', sys.argv[1]])\n"
            "child.wait()",
            str(reading.SOURCE),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())

    parent.send_signal(signal.SIGKILL)
    parent.wait()

    until = time.monotonic() + 10
    while _lives(child) and time.monotonic() < until:
        time.sleep(0.02)
    assert not _lives(child)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"


def test_leaving_a_table_half_read_ends_its_child() -> None:
    content = ("甲,乙\n" * 100_000).encode()

    with reading.open_table(content, "a.csv") as table:
        first = next(table.rows)
        children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()

    assert first.cells == ("甲", "乙")
    assert not any(_lives(int(child)) and b"sheets.child" in _command(child) for child in children)


def _command(pid: str) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes() if Path(f"/proc/{pid}").exists() else b""
