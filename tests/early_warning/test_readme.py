"""What the library's README tells a reader to type does what it says there."""

import re
from pathlib import Path

import pytest

import early_warning
from early_warning.__main__ import main

README = Path(early_warning.__file__).with_name("README.md").read_text(encoding="utf-8")
ROOT = Path(__file__).parents[2]


def test_the_three_lines_run_as_they_stand(capsys: pytest.CaptureFixture[str]) -> None:
    block = re.findall(r"```python\n(.*?)```", README, re.S)[0]

    exec(block, {})

    assert len([line for line in block.splitlines() if line.strip()]) == 3
    assert capsys.readouterr().out.strip() == block.strip().rsplit("# ", 1)[1] == "[[ True]]"


def test_the_example_file_has_an_alarm_that_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    file = re.findall(r"early_warning detect (\S+)", README)[0]

    assert main(["detect", str(ROOT / file)]) == 0

    printed = capsys.readouterr().out
    assert "东桥社区" in printed
    assert "against" in printed
    assert "1 alarms in 4 areas" in printed


def test_an_alarm_is_the_same_however_many_periods_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    file = str(ROOT / "examples" / "weekly-counts.csv")

    lines = []
    for last in ("1", "3"):
        main(["detect", file, "--last", last])
        lines.append([line for line in capsys.readouterr().out.splitlines() if "2026-11-16" in line])

    assert lines[0] == lines[1] != []
