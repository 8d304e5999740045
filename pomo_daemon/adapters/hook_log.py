"""The log of hooks: one run a line, as JSON; two files of about a mebibyte at most."""

import os
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

import msgspec

from pomo_daemon.application.ports import HookRun

_BYTES: Final = 1024 * 1024


class HookLog:
    """The file at `path`; the one before it has `.1` behind its name."""

    def __init__(self, path: str) -> None:
        self._path = path

    def append(self, run: HookRun) -> None:
        """Keep a run. A log that cannot be written holds up nothing."""
        with suppress(OSError):
            os.makedirs(os.path.dirname(self._path), mode=0o700, exist_ok=True)
            fd = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            with open(fd, "ab") as opened:
                opened.write(msgspec.json.encode(run) + b"\n")
                full = opened.tell() > _BYTES
            if full:
                os.replace(self._path, f"{self._path}.1")

    def last(self, limit: int) -> Sequence[HookRun]:
        """Answer the latest runs, oldest first. A line that a crash cut short is passed over."""
        lines: deque[bytes] = deque(maxlen=limit)
        for path in (f"{self._path}.1", self._path):
            with suppress(OSError), open(path, "rb") as opened:
                lines.extend(opened)
        found = []
        for line in lines:
            with suppress(msgspec.DecodeError):
                found.append(msgspec.json.decode(line, type=HookRun))
        return found
