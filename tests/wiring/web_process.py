"""The web process as it is run, on the tests' database, and small ways to ask it."""

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection

from tests.faults.house import ROOT, free_port

PATIENCE = 60.0


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes


@contextmanager
def web_process() -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Run it while the block runs; yield it and its port."""
    reach, port = connection.settings_dict, free_port()
    url = f"postgresql://{reach['USER']}@localhost:{reach['PORT']}/{reach['NAME']}?host={reach['HOST']}"
    process = subprocess.Popen(
        [sys.executable, "-m", "anlan.wiring.web", "--port", str(port)],
        env={**os.environ, "DATABASE_URL": url, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
        cwd=ROOT,
    )
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            assert ask(port, "GET", "/healthz").status == 200
            break
        except OSError:
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.1)
    try:
        yield process, port
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def ask(
    port: int, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes | None = None
) -> Answer:
    """Send one request on a connection of its own."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        link.request(method, path, body=body, headers=dict(headers or {}))
        answer = link.getresponse()
        return Answer(answer.status, answer.headers, answer.read())
    finally:
        link.close()
