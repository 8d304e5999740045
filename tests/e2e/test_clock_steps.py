"""The machine's clock is set while an interval runs: that ends once, and after the time it was to take."""

import glob
import os
import signal
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from tests.e2e.desktop import Desktop
from tests.e2e.user import User

LIBRARY = "libfaketimeMT.so.1"
# The library fakes what a process is told of the time, but cannot have the kernel cancel the timer by which a daemon
# learns that its clock was set. So here a signal says it.
DAEMON = """
import asyncio, signal, sys
from pomo_daemon.adapters.clockwatch import ClockWatch
ClockWatch.start = lambda self: asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, self._stepped)
ClockWatch.stop = lambda self: None
from pomo_daemon.__main__ import main
sys.argv = ["pomo-daemon", "--detached"]
main()
"""


class Clock:
    """The wall clock of one daemon, which it starts."""

    def __init__(self, user: User, library: str) -> None:
        self._file = f"{user.env['HOME']}/clock"
        self._user = user
        self._write(0)
        process = user.spawn(
            [sys.executable, "-c", DAEMON],
            LD_PRELOAD=library,
            FAKETIME_TIMESTAMP_FILE=self._file,
            FAKETIME_NO_CACHE="1",
            NO_FAKE_STAT="1",
            # Those that are never set stay those of the machine.
            DONT_FAKE_MONOTONIC="1",
        )
        self._pid = process.pid
        assert process.stderr is not None
        assert process.stderr.readline() == b"ready\n"

    def set(self, seconds: int) -> None:
        """Set the clock to so many seconds before or after the true time, as the kernel would tell of it."""
        self._write(seconds)
        os.kill(self._pid, signal.SIGUSR1)

    def close(self) -> None:
        """End the daemon, and remove what the library leaves in shared memory of a process that just ends."""
        self._user.kill()
        for left in glob.glob(f"/dev/shm/*faketime_*_{self._pid}"):
            os.unlink(left)

    def _write(self, seconds: int) -> None:
        # Replaced, not written over: the daemon must never read half of it.
        with open(f"{self._file}.new", "w", encoding="ascii") as file:
            file.write(f"{seconds:+d}\n")
        os.rename(f"{self._file}.new", self._file)


@pytest.fixture
def clock(user: User) -> Iterator[Clock]:
    """Give the clock of the user's daemon, which runs."""
    places = [*glob.glob("/usr/lib/*/faketime"), "/usr/lib/faketime", "/usr/lib64/faketime", "/usr/local/lib/faketime"]
    found = [path for place in places if os.path.exists(path := f"{place}/{LIBRARY}")]
    if not found:
        pytest.skip("libfaketime is not installed")
    running = Clock(user, found[0])
    yield running
    running.close()


@pytest.mark.parametrize("step", [7200, 60, -60, -7200, 86400 * 400])
def test_an_interval_takes_its_time_whatever_the_clock_is_set_to(
    user: User, desktop: Desktop, clock: Clock, step: int
) -> None:
    before = time.monotonic()
    user.pomo("start", "Write report", "--duration", "3s")
    after = time.monotonic()
    clock.set(step)
    status = user.json("status")
    assert status["state"] == "focus"
    assert 1 <= status["remaining_s"] <= 3
    desktop.wait(1)
    shown = time.monotonic()
    assert shown - before >= 3
    assert shown - after < 3 + 3  # the notification's own way, on a busy machine
    # A second step, and nothing ends a second time.
    clock.set(0)
    assert user.json("status")["state"] == "due"
    [interval] = user.log()
    assert (interval["status"], interval["elapsed_s"]) == ("completed", 3)
    started, ended = (datetime.fromisoformat(interval[name]) for name in ("started_at", "ended_at"))
    assert ended - started == timedelta(seconds=3)
    assert [it["summary"] for it in desktop.shown] == ["Focus completed: Write report"]
