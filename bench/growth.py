"""How pages grow from 10,000 residents to 1,000,000: the same pages of both districts, one after the other.

Each size is measured by `bench.registers` in a process of its own, on a district that is kept between runs.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator

from bench import house
from bench.figure import Figure

SMALL, LARGE = 10_000, int(os.environ.get("RESIDENTS") or 1_000_000)


def main() -> Iterator[Figure]:
    """Measure the small district, then the large one; the ceiling is a page that does not grow."""
    small, large = _pages(SMALL), _pages(LARGE)
    for name, ours in large.items():
        if name in small:
            yield Figure(name, ours, small[name], "ms", f"the same at {SMALL:,} residents")


def _pages(residents: int) -> dict[str, float]:
    """Return the milliseconds of each page and of its reads, with so many residents."""
    folder = house.FOLDER if residents == LARGE else house.FOLDER / str(residents)
    settings = {"ANLAN_DATA_DIR": str(folder), "RESIDENTS": str(residents)}
    print(f"{residents:,} residents", flush=True)
    # goals missed at a size are told by the run itself
    subprocess.run([sys.executable, "-m", "bench", "registers"], env={**os.environ, **settings}, check=False)
    newest = max(folder.glob("figures-registers-*.json"), key=lambda path: path.name)
    return {figure["name"]: figure["ours"] for figure in json.loads(newest.read_text())["figures"]}
