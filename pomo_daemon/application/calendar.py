"""Has schedules happen: asks to be woken for the next one alone, and does what is due once, whoever else looks.

A time that was due is settled in a transaction of its user, like whatever happens to the timer: who comes second, be
it another daemon, finds that the schedule is due later by now.
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from pomo_daemon.application.background import Background
from pomo_daemon.application.ports import READ_ONLY, Announcement, Clock, Cron, Store, StoreError
from pomo_daemon.application.timer import Identity, TimerService
from pomo_daemon.domain.events import EventType

log = logging.getLogger(__name__)

#: What could not be stored is tried again after so many seconds.
RETRY: Final = 5.0
#: A schedule of which nobody knows yet when it is due is looked at now.
_NOW: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NEWS: Final = (EventType.UNDONE, EventType.REDONE)


class Calendar:
    """The schedules of all users, or of those whom `users` answers: where others have daemons of their own."""

    def __init__(
        self,
        timers: TimerService,
        store: Store,
        clock: Clock,
        cron: Callable[[], Cron],
        users: Callable[[], Collection[int]] | None = None,
    ) -> None:
        self._timers = timers
        self._store = store
        self._clock = clock
        self._cron = cron
        self._users = users
        self._alarm: asyncio.TimerHandle | None = None
        self._looks = Background("a look at the schedules")
        self._turn = asyncio.Lock()

    def waits(self) -> bool:
        """Tell whether anything is to come."""
        return self._alarm is not None

    def listen(self, announcements: Sequence[Announcement]) -> None:
        """Take committed events: a schedule may be another now."""
        if any(it.type.startswith("schedule.") or it.type in _NEWS for it in announcements):
            self._looks.start(self.look())

    async def look(self) -> None:
        """Do what is due, and ask to be woken for what comes next; harmless at any time. Never raises StoreError."""
        async with self._turn:
            try:
                delay = await self._look()
            except StoreError as error:
                log.warning("schedules are looked at again soon: %s", error.message)
                # What is read-only says when it can be written again.
                delay = None if error.code == READ_ONLY else timedelta(seconds=RETRY)
            self.stop()
            if delay is not None:
                loop = asyncio.get_running_loop()
                self._alarm = loop.call_later(delay.total_seconds(), lambda: self._looks.start(self.look()))

    def stop(self) -> None:
        """Be woken no more."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    async def drain(self) -> None:
        """Wait for what is under way."""
        await self._looks.drain()

    async def _look(self) -> timedelta | None:
        coming = await self._coming()
        due = [user_id for user_id, at in coming.items() if at <= self._clock.read().wall]
        if due:
            # Imported only now: few have schedules.
            from pomo_daemon.application.schedules import happen

            cron = self._cron()
            for user_id in due:
                await self._timers.transact(Identity(user_id, "", "", automatic=True), partial(happen, cron))
            coming = await self._coming()
        if not coming:
            return None
        delay = min(coming.values()) - self._clock.read().wall
        # What was to be done and is not must not keep the machine awake.
        return delay if delay > timedelta(0) else timedelta(seconds=RETRY)

    async def _coming(self) -> dict[int, datetime]:
        async with self._store.read() as unit:
            found = await unit.schedules.next(_NOW)
        mine = None if self._users is None else self._users()
        return {user_id: at for user_id, at in found.items() if mine is None or user_id in mine}
