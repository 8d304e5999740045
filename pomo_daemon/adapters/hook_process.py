"""One program run within limits: of time, after which its whole process group is killed, and of what is kept of it.

Its output is read from a pipe for as long as the program itself lives, and no longer: what it leaves behind in the
background may hold the pipe for ever.
"""

import asyncio
import os
import signal
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from pomo_daemon.protocol import paths

#: Bytes of output that are kept.
KEPT: Final = 64 * 1024
#: Seconds between two looks at a program that says more than is kept: it goes on, but does not keep us busy.
_PAUSE: Final = 0.01


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended: without a problem, or with which. `cut`: it said more than `output`."""

    problem: str = ""
    output: bytes = b""
    cut: bool = False


async def execute(path: str, stdin: bytes, environment: Mapping[str, str], seconds: float) -> Ended:
    """Run a program in a process group of its own, without a shell and without arguments."""
    reading, writing = os.pipe()
    # Not a pipe either: a program need not read it, and then nobody must wait.
    told = os.memfd_create("event")
    try:
        os.write(told, stdin)
        os.lseek(told, 0, os.SEEK_SET)
        try:
            process = await asyncio.create_subprocess_exec(
                path,
                stdin=told,
                stdout=writing,
                stderr=writing,
                cwd=paths.home(),
                env=environment,
                start_new_session=True,
            )
        except OSError as error:
            os.close(reading)
            return Ended(f"cannot be run: {error.strerror}")
    finally:
        os.close(told)
        os.close(writing)
    output = _Output(reading)
    try:
        problem = await _end(process, seconds)
    finally:
        output.close()
    return Ended(problem, bytes(output.kept), output.cut)


async def _end(process: asyncio.subprocess.Process, seconds: float) -> str:
    """Wait for the end, or make it; answer what was wrong."""
    try:
        async with asyncio.timeout(seconds):
            code = await process.wait()
    except TimeoutError:
        _kill(process)
        await process.wait()
        return f"took longer than {seconds:g} s and was killed"
    except asyncio.CancelledError:
        _kill(process)
        await process.wait()
        raise
    return "" if code == 0 else f"exit {code}" if code > 0 else f"ended by {signal.Signals(-code).name}"


def _kill(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


class _Output:
    """Reads what a program says: keeps the beginning, throws the rest away at a pace that costs nothing."""

    def __init__(self, fd: int) -> None:
        self.kept = bytearray()
        self.cut = False
        self._fd = fd
        self._loop = asyncio.get_running_loop()
        self._later: asyncio.TimerHandle | None = None
        os.set_blocking(fd, False)
        self._loop.add_reader(fd, self._readable)

    def close(self) -> None:
        """Take what is there, and read no more."""
        for _ in range(2):  # what a pipe holds
            self._take()
        self._loop.remove_reader(self._fd)
        if self._later is not None:
            self._later.cancel()
        os.close(self._fd)

    def _readable(self) -> None:
        if not self._take():
            self._loop.remove_reader(self._fd)
        elif self.cut:
            self._loop.remove_reader(self._fd)
            self._later = self._loop.call_later(_PAUSE, self._loop.add_reader, self._fd, self._readable)

    def _take(self) -> bool:
        """Read a piece; False at the end."""
        try:
            piece = os.read(self._fd, KEPT)
        except BlockingIOError:
            return True
        room = KEPT - len(self.kept)
        self.kept += piece[:room]
        self.cut = self.cut or len(piece) > room
        return bool(piece)
