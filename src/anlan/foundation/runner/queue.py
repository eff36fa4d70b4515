"""The queue's part of the worker: jobs of */jobs.py, in a thread of their own."""

import asyncio
import threading
import time

import structlog
from procrastinate import App
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Status

from anlan.foundation.async_line import LOST
from anlan.foundation.jobs import run_duty

log = structlog.get_logger()
STALLED_SECONDS = 60.0  # how often to look for jobs whose worker was killed
GRACE_SECONDS = 10.0
PAUSE_SECONDS = 1.0


class Queue(threading.Thread):
    """Runs jobs, two at a time, until `ending` is set; takes the queue up again after a lost database."""

    def __init__(self, ending: threading.Event) -> None:
        super().__init__(name="queue", daemon=True)
        self.ending = ending

    def run(self) -> None:
        """Work until told to end."""
        while not self.ending.is_set():
            try:
                asyncio.run(self._work())
            except (*LOST, ConnectorException) as error:
                log.warning("queue_lost_the_database", error=type(error).__name__)
                self.ending.wait(PAUSE_SECONDS)

    async def _work(self) -> None:
        # An app of its own: jobs that are deferred in this process still go through Django's transaction.
        connector = app.connector
        assert isinstance(connector, DjangoConnector)
        own = app.with_connector(connector.get_worker_connector())
        async with own.open_async():
            worker = asyncio.create_task(
                own.run_worker_async(
                    concurrency=2,
                    install_signal_handlers=False,
                    delete_jobs="successful",
                    fetch_job_polling_interval=5.0,
                    shutdown_graceful_timeout=GRACE_SECONDS,
                )
            )
            try:
                await self._attend(own, worker)
            finally:
                worker.cancel()
                await asyncio.wait([worker], timeout=GRACE_SECONDS + 5)
            if not worker.cancelled() and worker.done() and (error := worker.exception()):
                raise error

    async def _attend(self, own: App, worker: asyncio.Task[None]) -> None:
        """Wait until the worker ends or is to end, and look after stalled jobs meanwhile."""
        looked_at = 0.0
        while not worker.done() and not self.ending.is_set():
            if time.monotonic() - looked_at > STALLED_SECONDS:
                looked_at = time.monotonic()
                await _revive(own)
            await asyncio.wait([worker], timeout=0.5)


async def _revive(own: App) -> None:
    """Give jobs of killed workers another run; a duty of the clock is queued again anyway."""
    for job in await own.job_manager.get_stalled_jobs():
        log.warning("job_stalled", job=job.id, task=job.task_name)
        if job.task_name == run_duty.name:
            await own.job_manager.finish_job(job, status=Status.FAILED, delete_job=True)
        else:
            await own.job_manager.retry_job(job)
