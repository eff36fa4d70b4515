"""The walkthrough names files, functions and classes that are there."""

import re

from tests.architecture.source import ANLAN, ROOT

WALKTHROUGH = (ROOT / "docs" / "walkthrough.md").read_text(encoding="utf-8")
FILE = re.compile(r"`((?:\w+/)+\w+\.py)`")
NAMED = re.compile(r"`((?:\w+/)+\w+)\.(?!py`)(\w+)`")


def test_every_file_it_names_is_there() -> None:
    named = FILE.findall(WALKTHROUGH)

    assert len(named) >= 5
    assert [path for path in named if not (ANLAN / path).exists() and not (ROOT / path).exists()] == []


def test_every_function_and_class_it_names_is_there() -> None:
    named = NAMED.findall(WALKTHROUGH)
    missing = []
    for path, name in named:
        file = ANLAN / f"{path}.py"
        text = file.read_text(encoding="utf-8") if file.exists() else ""
        if not re.search(rf"^(?:async )?(?:def|class) {name}\b", text, re.MULTILINE):
            missing.append(f"{path}.{name}")

    assert len(named) >= 15
    assert missing == []
