"""`anlan run_scheduler`: queues the duties of the schedule when their time comes."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand

from anlan.foundation.scheduler import Scheduler


class Command(BaseCommand):
    """Run until SIGTERM or SIGINT."""

    help = "Queue the duties of wiring/schedule.py when their time comes, until told to end."

    def handle(self, *args: Any, **options: Any) -> None:
        """Keep the clock."""
        ending = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: ending.set())
        Scheduler(ending).run()
