"""Gives a measurement its database: durable, with a district of the wanted size, kept between runs."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django

from anlan.foundation.postgres import Server, ensure_cluster
from anlan.wiring.heap import freeze_heap

FOLDER = Path(os.environ.get("ANLAN_DATA_DIR", "var/bench")).absolute()
LARGE = Path(__file__).with_name("large")  # a pack whose place has the grids and staff of a million residents
LARGE_FROM = 1_000_000  # residents


@contextmanager
def district(residents: int = 1_000_000) -> Iterator[Path]:
    """Run the block with Django set up on a district of so many residents; yield its data folder.

    The first run of a size makes the district; remove var/bench to have it made anew. Its place is that of
    the pack named by PACK, else the large one from a million residents, below that the standard one.
    """
    if residents >= LARGE_FROM:
        os.environ.setdefault("PACK", str(LARGE))
    # Nothing is collected for a measurement: pages name their static files plainly.
    os.environ["ANLAN_STATIC_STORAGE"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    with server() as running:
        subprocess.run(
            [sys.executable, "-m", "anlan.wiring.commands", "prepare"],
            env={**os.environ, "ANLAN_DATA_DIR": str(running.folder), "RESIDENTS": str(residents)},
            check=True,
        )
        django.setup()
        freeze_heap()  # as the web process does
        yield running.folder


@contextmanager
def server(folder: Path = FOLDER) -> Iterator[Server]:
    """Run the block with an embedded server that keeps what it acknowledges (fsync on)."""
    started = ensure_cluster(folder)
    started.start()
    try:
        yield started
    finally:
        started.stop()
