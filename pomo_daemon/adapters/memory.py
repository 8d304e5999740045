"""What the C library is told about memory (mallopt(3)); another one than glibc's is told nothing."""

import ctypes
from typing import Final

_ARENA_MAX: Final = -8


def share_one_heap() -> None:
    """Keep threads from having heaps of their own: a daemon's threads take turns, and their leftovers would add up."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_ARENA_MAX, 1)
