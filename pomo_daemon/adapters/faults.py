"""Points at which a test has the daemon die as `kill -9` would have it: nothing is flushed, nobody is told."""

import os
from typing import Final

#: `after_commit`, or `after_commit:3` for the third time that the daemon comes there. Never set but by tests.
VARIABLE: Final = "POMO_FAULT"
#: As a shell tells of a process that SIGKILL ended.
STATUS: Final = 137

_name, _, _times = os.environ.get(VARIABLE, "").partition(":")
_passes = int(_times) if _times.isdecimal() else 1


def fault(name: str) -> None:
    """End the process if this is the point, and the time, that the environment names; else do nothing."""
    global _passes  # noqa: PLW0603  # there is one process to end
    if name == _name:
        _passes -= 1
        if _passes == 0:
            os._exit(STATUS)
