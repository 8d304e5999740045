"""The Cache port in the memory of the daemon: what was used last stays, up to a size."""

from collections import OrderedDict
from typing import Final

from pomo_daemon.application.cache import Hits

#: Bytes that are kept at most.
ROOM: Final = 4 * 1024 * 1024


class MemoryCache:
    """A cache for one daemon."""

    name = "memory"
    working = True

    def __init__(self, room: int = ROOM) -> None:
        self.hits = Hits()
        self._room = room
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._size = 0

    async def get(self, key: str) -> bytes | None:
        """Answer what was put under a key, or None."""
        if key in self._kept:
            self._kept.move_to_end(key)
        return self.hits.count(self._kept.get(key))

    def put(self, key: str, value: bytes) -> None:
        """Keep a value in place of those that were not used for longest; one that has no room at all is not kept."""
        if len(value) > self._room // 4:
            return
        self._size += len(value) - len(self._kept.pop(key, b""))
        self._kept[key] = value
        while self._size > self._room:
            self._size -= len(self._kept.popitem(last=False)[1])
