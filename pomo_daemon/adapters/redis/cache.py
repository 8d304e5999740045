"""The Cache port on Redis, for all daemons on a database.

A breaker keeps a server that is dead or frozen off the path of commands (M. Nygard, "Release It!", "Circuit Breaker"):
the one that meets it first waits for it, 50 ms at most; none does after that, until a question in the background was
answered again. Nothing wakes up for that question: a command that finds the breaker open asks it, and goes on.
"""

import asyncio
import logging
from typing import Final, cast

from redis.exceptions import RedisError

from pomo_daemon.adapters.redis.client import connect
from pomo_daemon.application.background import Background
from pomo_daemon.application.cache import Hits

log = logging.getLogger(__name__)

#: Seconds for an answer.
PATIENCE: Final = 0.05
#: Seconds between two questions to a server that failed.
PAUSE: Final = 5.0
#: Seconds for which an answer is kept that nobody asks for. The version in its key is over long before, mostly.
KEPT: Final = 24 * 3600
#: Bytes; an answer that takes more would cost the network more than the database.
LARGEST: Final = 1024 * 1024


class RedisCache:
    """A cache that several daemons share."""

    name = "redis"

    def __init__(self, url: str, prefix: str) -> None:
        """`prefix` names the database, and the program that knows the form of the answers."""
        self._prefix = prefix
        self.hits = Hits()
        self.working = True
        self._redis = connect(url, PATIENCE, PATIENCE)
        self._ask_at = 0.0
        self._background = Background("a question to Redis")

    async def get(self, key: str) -> bytes | None:
        """Answer what was put under a key, or None."""
        if not self.working:
            self._ask_again()
            return self.hits.count(None)
        try:
            async with asyncio.timeout(PATIENCE):
                found = cast("bytes | None", await self._redis.get(self._prefix + key))
        except (RedisError, OSError, TimeoutError) as error:
            self._failed(error)
            found = None
        return self.hits.count(found)

    def put(self, key: str, value: bytes) -> None:
        """Keep a value; never waits."""
        if self.working and len(value) <= LARGEST:
            self._background.start(self._put(key, value))

    async def close(self) -> None:
        """Hang up."""
        self._background.cancel()
        await self._redis.aclose()

    async def _put(self, key: str, value: bytes) -> None:
        try:
            await self._redis.set(self._prefix + key, value, ex=KEPT)
        except (RedisError, OSError) as error:
            self._failed(error)

    def _ask_again(self) -> None:
        """Ask a server that failed whether it is back, without waiting for it."""
        now = asyncio.get_running_loop().time()
        if now >= self._ask_at:
            self._ask_at = now + PAUSE
            self._background.start(self._ask())

    async def _ask(self) -> None:
        try:
            await self._redis.get(self._prefix)
        except (RedisError, OSError):
            return
        log.info("Redis answers again")
        self.working = True

    def _failed(self, error: Exception) -> None:
        if self.working:
            log.warning("the cache in Redis does not answer, and is left alone: %s", type(error).__name__)
        self.working = False
        self._ask_at = asyncio.get_running_loop().time() + PAUSE
