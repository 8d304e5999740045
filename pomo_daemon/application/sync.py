"""Keeps a daemon's memory true to what other daemons write into the same database.

A hint (ports.Bus) saves waiting; it may be lost. So every few seconds each daemon looks for itself: how far its users'
events have come, and whether somebody's interval is over whose own daemon is gone.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Final

from pomo_daemon.application.ports import Bus, SharedClock, SharedStore, StoreError
from pomo_daemon.application.timer import TimerService

log = logging.getLogger(__name__)

#: Seconds between two looks.
PERIOD: Final = 5.0
#: An interval that is over for so long is nobody's: its daemon would have ended it by now.
GRACE: Final = timedelta(seconds=10)
#: Clocks that differ by more are worth a word.
SKEW: Final = timedelta(seconds=2)


class Sync:
    """Follows the other daemons on one database."""

    def __init__(
        self,
        timers: TimerService,
        store: SharedStore,
        buses: Sequence[Bus],
        clock: SharedClock,
        period: float = PERIOD,
        came: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """`came` is called when somebody has come to this daemon, or left it."""
        self._timers = timers
        self._store = store
        self._buses = buses
        self._clock = clock
        self._period = period
        self._came = came
        self._known: list[int] = []
        #: Whether the database answered when it was last asked.
        self.online = True

    async def run(self) -> None:
        """Follow, until cancelled."""
        listening = [asyncio.ensure_future(it.listen(self._timers.heard)) for it in self._buses]
        try:
            while True:
                await self.look()
                await asyncio.sleep(self._period)
        finally:
            for it in listening:
                it.cancel()

    async def look(self) -> None:
        """Look once. A database that is away is looked for again the next time."""
        try:
            await self._set_clock()
            async with self._store.read() as unit:
                seqs = await unit.outbox.last_seqs(self._timers.known())
                orphans = await unit.timers.overdue(self._clock.read().wall - GRACE)
            for user_id, seq in seqs.items():
                self._timers.heard(user_id, seq)
            for user_id in orphans:
                await self._timers.settle_other(user_id)
            if self._came is not None and self._known != (known := self._timers.known()):
                self._known = known
                await self._came()
        except StoreError as error:
            if self.online:
                log.warning("the database is away: %s", error.message)
            self.online = False
        else:
            if not self.online:
                log.info("the database is back")
            self.online = True

    async def _set_clock(self) -> None:
        """Go by the database's clock, the only one that all daemons share."""
        before = self._clock.read().wall
        theirs = await self._store.now()
        after = self._clock.read().wall
        ahead = theirs - (before + (after - before) / 2)
        if abs(ahead) > SKEW:
            log.warning("the clock of this machine differs from the database's by %s", ahead)
        # What the way there and back may account for is no difference.
        if abs(ahead) > max(after - before, timedelta(milliseconds=50)):
            self._clock.shift(ahead)
