"""What the C library is told about memory (mallopt(3)); another one than glibc's is told nothing."""

import ctypes
from typing import Final

_MMAP_THRESHOLD: Final = -3
_ARENA_MAX: Final = -8
_MIB: Final = 1 << 20


def share_one_heap() -> None:
    """Keep threads from having heaps of their own: a daemon's threads take turns, and their leftovers would add up."""
    _tell(_ARENA_MAX, 1)


def give_back_large_blocks() -> None:
    """Let blocks from a MiB on go back to the system when they are freed.

    By itself glibc keeps as much as was once used, in each thread, for as long as the daemon lives.
    """
    _tell(_MMAP_THRESHOLD, _MIB)


def _tell(option: int, value: int) -> None:
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(option, value)
