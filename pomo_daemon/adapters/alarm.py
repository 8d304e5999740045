"""The Alarm port on APScheduler: it wakes us up, and nothing more; whether anything is due is not its affair.

The scheduler computes with the wall clock and waits on the monotonic one. So a job is never dropped for being late, and
whoever sets the clock makes us set every alarm anew (clockwatch.py).
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from pomo_daemon.adapters.light import no_plugins, stand_in
from pomo_daemon.application.ports import Clock

# Pools of threads and processes, which are not used here, would bring half a megabyte for as long as a daemon lives.
with no_plugins(), stand_in("apscheduler.executors.pool", ThreadPoolExecutor=object):
    from apscheduler.executors.asyncio import AsyncIOExecutor
    from apscheduler.jobstores.base import JobLookupError
    from apscheduler.schedulers.asyncio import AsyncIOScheduler
    from apscheduler.triggers.date import DateTrigger


class SchedulerAlarm:
    """One date job per user."""

    def __init__(self, clock: Clock, ring: Callable[[int], None]) -> None:
        logging.getLogger("apscheduler").setLevel(logging.WARNING)
        self._clock = clock
        self._ring = ring
        self._scheduler = AsyncIOScheduler(
            timezone="UTC",
            executors={"default": AsyncIOExecutor()},
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )

    def start(self) -> None:
        """Begin to ring; needs the running loop."""
        self._scheduler.start()

    def stop(self) -> None:
        """Ring no more."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def set(self, user_id: int, delay: timedelta | None) -> None:
        """Ring for `user_id` after `delay`; None takes its alarm back."""
        at = None if delay is None else self._clock.read().wall + max(delay, timedelta(0))
        # The scheduler takes its time over a job: who waits for an answer is to have it first.
        asyncio.get_running_loop().call_soon(self._set, user_id, at)

    def _set(self, user_id: int, at: datetime | None) -> None:
        job_id = str(user_id)
        if at is None:
            with contextlib.suppress(JobLookupError):
                self._scheduler.remove_job(job_id)
            return
        self._scheduler.add_job(
            self._rung, DateTrigger(at, timezone="UTC"), [user_id], id=job_id, replace_existing=True
        )

    async def _rung(self, user_id: int) -> None:
        # A coroutine, so that the executor runs it on the loop instead of in a thread.
        self._ring(user_id)
