"""Hints between daemons by Redis: a message for each committed event. The truth is in the database; this saves waiting.

Never on a command's path: what cannot be sent at once is dropped, and a server that fails is left alone for a while.
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from typing import Final

from redis.exceptions import RedisError

from pomo_daemon.adapters.redis.client import connect
from pomo_daemon.application.ports import Announcement, Bus

log = logging.getLogger(__name__)

#: The number of the user behind it. One for all databases: a hint that is meant for another one does no harm.
CHANNEL: Final = "pomo:events:"
#: Seconds for the server to answer.
PATIENCE: Final = 0.2
#: Seconds for which a server that failed is left alone.
PAUSE: Final = 5.0


class RedisHints:
    """The Bus port on Redis, and the listener that tells others."""

    def __init__(self, url: str, otherwise: Bus) -> None:
        """`otherwise` is listened to while Redis cannot be: else it wakes every daemon that there is for each event."""
        self._otherwise = otherwise
        self._redis = connect(url, PATIENCE, PATIENCE)
        # Who listens waits for as long as nothing happens.
        self._ear = connect(url, None, PATIENCE)
        self._resting_until = 0.0
        self._sending: set[asyncio.Task[None]] = set()
        #: Whether the server did what it was asked last; None before that.
        self.working: bool | None = None

    def tell(self, announcements: Sequence[Announcement]) -> None:
        """Tell other daemons of committed events; never waits."""
        if asyncio.get_running_loop().time() < self._resting_until or not announcements[-1].seq:
            return
        task = asyncio.ensure_future(self._send(announcements[-1]))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def listen(self, users: Collection[int], heard: Callable[[int, int], None]) -> None:
        """Call `heard(user_id, seq)` when any daemon commits an event of one of these users, until cancelled.

        Never raises.
        """
        while True:
            try:
                async with self._ear.pubsub() as channel:
                    await channel.subscribe(*(f"{CHANNEL}{it}" for it in users))
                    self.working = True
                    while True:
                        # Without an end: silence is no failure, and a connection that breaks raises.
                        message = await channel.get_message(ignore_subscribe_messages=True, timeout=None)
                        if message is not None:
                            _pass_on(message["data"], heard)
            except (RedisError, OSError) as error:
                self._failed(error)
            with suppress(TimeoutError):
                async with asyncio.timeout(PAUSE):
                    await self._otherwise.listen(users, heard)

    async def close(self) -> None:
        """Hang up."""
        for task in self._sending:
            task.cancel()
        await self._redis.aclose()
        await self._ear.aclose()

    async def _send(self, latest: Announcement) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                await self._redis.publish(f"{CHANNEL}{latest.user_id}", f"{latest.user_id}:{latest.seq}")
        except (RedisError, OSError, TimeoutError) as error:
            self._failed(error)
        else:
            self.working = True

    def _failed(self, error: Exception) -> None:
        if self.working is not False:
            log.warning("Redis does not answer, and is not waited for: %s", type(error).__name__)
        self.working = False
        self._resting_until = asyncio.get_running_loop().time() + PAUSE


def _pass_on(data: bytes, heard: Callable[[int, int], None]) -> None:
    user_id, _, seq = data.partition(b":")
    if user_id.isdigit() and seq.isdigit():
        heard(int(user_id), int(seq))
