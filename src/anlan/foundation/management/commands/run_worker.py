"""`anlan run_worker`: applies envelopes, carries out consequences, runs the queue's jobs."""

import os
import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand
from prometheus_client import start_http_server

from anlan.foundation.calling import FACTS
from anlan.foundation.runner import drain_hurried, drain_unhurried
from anlan.foundation.runner.loop import Worker
from anlan.foundation.runner.queue import Queue


class Command(BaseCommand):
    """Run until SIGTERM or SIGINT."""

    help = "Apply envelopes, carry out the consequences of facts and run queued jobs until told to end."

    def handle(self, *args: Any, **options: Any) -> None:
        """Start the threads of the queue and of facts that take long, then drain in this one."""
        ending = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: ending.set())
        if port := os.environ.get("ANLAN_WORKER_METRICS_PORT"):
            start_http_server(int(port), addr="127.0.0.1")
        queue = Queue(ending)
        unhurried = Worker(ending, drain_unhurried, called_by=[FACTS])
        beside = threading.Thread(target=unhurried.run, name="unhurried", daemon=True)
        queue.start()
        beside.start()
        Worker(ending, drain_hurried).run()
        for thread in (queue, beside):
            thread.join(timeout=20)
