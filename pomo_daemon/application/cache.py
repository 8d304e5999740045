"""What was worked out before, kept under keys that say of what: see adapters/db/kept.py for why none can be stale."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(slots=True)
class Hits:
    """How often an answer was there, and how often not."""

    found: int = 0
    missed: int = 0

    def count(self, value: bytes | None) -> bytes | None:
        """Count a look, and answer what it found."""
        if value is None:
            self.missed += 1
        else:
            self.found += 1
        return value


class Cache(Protocol):
    """Keeps bytes for a while. It may forget at any time, and never fails: what cannot be had is not there."""

    name: str
    hits: Hits

    @property
    def working(self) -> bool:
        """Tell whether it answers; a cache that does not costs nothing."""
        ...

    async def get(self, key: str) -> bytes | None:
        """Answer what was put under a key, or None."""
        ...

    def put(self, key: str, value: bytes) -> None:
        """Keep a value; never waits."""
        ...
