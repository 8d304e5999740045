"""Keeps a daemon's memory true to what other daemons write into the same database.

A hint (ports.Bus) saves waiting; it may be lost. So every few seconds each daemon looks for itself: whether the
database is there, how far its users' events have come, and whether somebody's interval is over whose daemon is gone.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Final

from pomo_daemon.application.patience import within
from pomo_daemon.application.ports import Bus, SharedClock, SharedStore, StoreError
from pomo_daemon.application.timer import TimerService

log = logging.getLogger(__name__)

#: Seconds between two looks, and between two while the database is away.
PERIOD: Final = 5.0
AWAY_PERIOD: Final = 2.0
#: Seconds in which it must answer a look: with the time between two, a database is missed within ten.
PATIENCE: Final = 3.5
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
        bus: Bus | None,
        clock: SharedClock,
        period: float = PERIOD,
        came: Callable[[], Awaitable[None]] | None = None,
        prepare: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """`came` is called when somebody has come to this daemon, or left it.

        `prepare` brings a database to the schema that was away when the profile was opened.
        """
        self._timers = timers
        self._store = store
        self._bus = bus
        self._clock = clock
        self._period = period
        self._came = came
        self._known: list[int] = []
        self._prepare = prepare
        self._ear: asyncio.Future[None] | None = None
        #: Of whose events is heard.
        self._heard_of: Sequence[int] = ()
        #: Set when somebody came of whose events nothing is heard yet.
        self._arrived = asyncio.Event()
        timers.on_arrival.append(self._arrived.set)

    async def run(self) -> None:
        """Follow, until cancelled."""
        try:
            while True:
                was_offline = self._timers.offline
                await self.look()
                # A connection that was cut in two may wait for ever.
                self._listen(anew=was_offline and not self._timers.offline)
                with suppress(TimeoutError):
                    async with asyncio.timeout(AWAY_PERIOD if self._timers.offline else self._period):
                        await self._arrived.wait()
        finally:
            self._hang_up()

    async def look(self) -> None:
        """Look once. A database that is away is looked for again the next time."""
        try:
            await within(PATIENCE, self._set_clock())
            if self._prepare is not None:
                await self._prepare()
                self._prepare = None
            await self._timers.back()
            # Before it is asked: what is committed meanwhile is no event that it has lost.
            told = {user_id: self._timers.told(user_id) for user_id in self._timers.known()}
            seqs, orphans = await within(PATIENCE, self._ask())
            for user_id, seq in seqs.items():
                if seq < told.get(user_id, 0):
                    await self._timers.rewind(user_id, seq)
                else:
                    self._timers.heard(user_id, seq)
            for user_id in orphans:
                await self._timers.settle_other(user_id)
            if self._came is not None and self._known != (known := self._timers.known()):
                self._known = known
                await self._came()
        except StoreError as error:
            self._timers.lost(error)

    async def _ask(self) -> tuple[dict[int, int], list[int]]:
        """Answer how far the events of those who are known have come, and whose interval is nobody's."""
        async with self._store.read() as unit:
            seqs = await unit.outbox.last_seqs(self._timers.known())
            return dict(seqs), list(await unit.timers.overdue(self._clock.read().wall - GRACE))

    def _listen(self, *, anew: bool) -> None:
        """Listen for those who are known; with `anew` also if that is done already."""
        self._arrived.clear()
        known = self._timers.known()
        if self._bus is not None and known and (anew or known != self._heard_of):
            self._hang_up()
            self._heard_of = known
            self._ear = asyncio.ensure_future(self._bus.listen(known, self._timers.heard))

    def _hang_up(self) -> None:
        if self._ear is not None:
            self._ear.cancel()

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
