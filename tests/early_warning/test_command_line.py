"""The command line checks vectors, prints alarms with reasons, and says what it cannot read."""

import json
import shutil
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from early_warning import count_tails
from early_warning.__main__ import main
from early_warning.count_tails import mid_p_z
from early_warning.detectors import daily_regression
from early_warning.evaluation.csv_file import UnreadableFile, read_counts
from early_warning.panel import Calendar, Panel, Step

BASELINES = Path(__file__).parents[1] / "baselines"
FILES = ("rt_epiestim.json", "scan_kulldorff.json", "sim_sc02.json")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in FILES:
        shutil.copy(BASELINES / name, tmp_path)
    return tmp_path


def write(path: Path, rows: list[str], head: str = "date,area,count,source") -> Path:
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return path


def days(count: int, start: date = date(2025, 1, 1), step: int = 1) -> list[str]:
    return [(start + timedelta(days=step * number)).isoformat() for number in range(count)]


def test_check_prints_a_line_a_method_and_passes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["check", str(folder)])

    printed = capsys.readouterr().out
    assert status == 0, printed
    assert "Rt, quantiles" in printed
    assert "Poisson scan, members" in printed
    assert "farringtonFlexible" in printed
    assert "in 3 files, 0 missed" in printed


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("rt_epiestim.json", ("cases", 1, "q975", 30)),
        ("scan_kulldorff.json", ("cases", 2, "llr")),
        ("sim_sc02.json", ("results", 0, "upperbound", 20)),
    ],
)
def test_check_fails_where_one_number_is_off(folder: Path, name: str, path: tuple[str | int, ...]) -> None:
    document = json.loads((folder / name).read_text())
    holder = document
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] *= 1.001
    (folder / name).write_text(json.dumps(document))

    assert main(["check", str(folder)]) == 1


def test_check_fails_on_an_empty_folder_and_on_a_file_of_no_known_kind(tmp_path: Path) -> None:
    assert main(["check", str(tmp_path)]) == 1
    (tmp_path / "odd.json").write_text("{}")
    assert main(["check", str(tmp_path)]) == 1


def test_detect_names_place_days_sources_and_shares(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    random = np.random.default_rng(1)
    rows = [
        f"{day},{area},{random.poisson(3) + (7 if area == 'Lane 4' and number == 159 else 0)},{source}"
        for number, day in enumerate(days(160))
        for area in ("Lane 4", "Lane 5", "Lane 6")
        for source in ("clinic", "school")
    ]

    status = main(["detect", str(write(tmp_path / "counts.csv", rows))])

    printed = capsys.readouterr().out
    assert status == 0
    assert "2025-06-09  Lane 4, this day: " in printed
    assert "clinic" in printed
    assert "% of the score" in printed
    assert "expected" in printed


def test_detect_reads_weeks_and_keeps_missing_apart_from_zero(tmp_path: Path) -> None:
    weeks = days(4, date(2025, 1, 6), step=7)
    rows = [f"{week},Lane 4,0,1000" for week in weeks if week != weeks[1]] + [f"{weeks[1]},Lane 5,2,"]

    read = read_counts(write(tmp_path / "w.csv", rows, "date,area,count,population"))

    panel = read.panels["counts"]
    assert read.calendar.step is Step.ISO_WEEK
    assert np.array_equal(panel.counts[0], [0, np.nan, 0, 0], equal_nan=True)
    assert panel.populations is not None
    assert panel.populations[0, 0] == 1000


@pytest.mark.parametrize(
    ("head", "row", "words"),
    [
        ("date,area", "2025-01-01,Lane 4", "no column count"),
        ("date,area,count", "1 May,Lane 4,2", "line 2"),
        ("date,area,count", "2025-01-01,Lane 4,two", "line 2"),
    ],
)
def test_a_file_that_cannot_be_read_says_which_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], head: str, row: str, words: str
) -> None:
    path = write(tmp_path / "bad.csv", [row], head)

    with pytest.raises(UnreadableFile, match=words):
        read_counts(path)
    assert main(["detect", str(path)]) == 2
    assert words in capsys.readouterr().out


def test_what_is_compiled_ahead_serves_counts_of_any_layout() -> None:
    counts = np.random.default_rng(2).poisson(2.0, size=(400, 3)).astype(float)
    turned = Panel.of(counts.T, Calendar(Step.DAY, date(2024, 1, 1)))

    assert main(["compile"]) == 0
    daily_regression.detect(turned, last=1)
    daily_regression.detect(turned, last=300)
    mid_p_z(np.broadcast_to(counts[:, 0], (2, 400)), 2.0)

    compiled = (daily_regression._predict, count_tails._tails, count_tails._quantiles)
    assert [len(loop.signatures) for loop in compiled] == [1, 1, 1]
