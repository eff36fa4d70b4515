"""Runs every script of this folder, prints ours, the ceiling and the ratio, and keeps them in var/bench."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from bench.figure import Figure

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parent
NOT_SCRIPTS = {
    "__init__", "__main__", "empty", "figure", "house", "load", "memory", "peak_settings", "resident_door",
    "visitors",
}  # fmt: skip
HEAD = f"{'figure':<44} {'ours':>12} {'':<8} {'ceiling':>12}  {'which is':<34} {'ratio':>7}  goal"


def main(wanted: list[str]) -> int:
    """Run the wanted scripts (all if none is named); return how many failed or missed their goal."""
    names = [path.stem for path in sorted(FOLDER.glob("*.py")) if path.stem not in NOT_SCRIPTS]
    names = [name for name in names if not wanted or name in wanted]
    if len(names) == 1:
        return run(names[0])
    # each in a process of its own: a process knows one database
    return sum(subprocess.call([sys.executable, "-m", "bench", name]) for name in names)


def run(name: str) -> int:
    """Run one script and keep its figures; return how many missed their goal."""
    data_dir = Path(os.environ.setdefault("ANLAN_DATA_DIR", str(ROOT / "var" / "bench")))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.wiring.settings")
    kept: list[dict[str, Any]] = []
    missed = 0
    print(HEAD, flush=True)
    began = time.monotonic()
    figures: Iterable[Figure] = import_module(f"bench.{name}").main()
    for figure in figures:
        print(figure.line(), flush=True)
        kept.append(figure.facts())
        missed += figure.met is False
    print(f"  {name}: {time.monotonic() - began:.0f} s", flush=True)
    data_dir.mkdir(parents=True, exist_ok=True)
    path = data_dir / f"figures-{name}-{datetime.now(UTC):%Y%m%dT%H%M%S}.json"
    path.write_text(json.dumps({"processors": os.cpu_count(), "figures": kept}, ensure_ascii=False, indent=1))
    print(f"kept in {path}")
    return missed


if __name__ == "__main__":
    sys.exit(1 if main(sys.argv[1:]) else 0)
