"""How long the second start takes, against what Python needs to load the same program."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

from bench.figure import Figure
from bench.house import FOLDER, district

LIMIT_SECONDS = 10  # issue A


def main() -> Iterator[Figure]:
    """Start the house twice; time the second from the command to the answering page."""
    with district():
        pass
    seconds = [start() for _ in range(2)][-1]
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", "import anlan.wiring.asgi"], check=True, env=dict(os.environ))
    yield Figure(
        "second start, command to first page",
        seconds,
        time.monotonic() - began,
        "s",
        "loading the program once",
        ours_at_most=LIMIT_SECONDS,
    )


def start() -> float:
    """Start the house, wait until it says it is ready, end it; return the seconds to readiness."""
    began = time.monotonic()
    environment = {**os.environ, "ANLAN_DATA_DIR": str(FOLDER), "PORT": "8650"}
    house = subprocess.Popen(
        [sys.executable, "-m", "anlan.wiring.commands", "run"],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    assert house.stdout is not None
    took = next((time.monotonic() - began for line in house.stdout if "ready at" in line), float("inf"))
    house.send_signal(signal.SIGINT)
    house.communicate()
    return took
