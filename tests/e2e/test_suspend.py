"""The machine sleeps, or is shut down, while an interval runs."""

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import datetime, timedelta

import pytest

from tests.e2e.desktop import Desktop
from tests.e2e.user import POMO, User, until

# No test can put the machine to sleep. What a sleep does to its clocks is done to those that the daemon reads, and the
# kernel's word is a signal.
DAEMON = """
import asyncio, signal, sys, time
from pomo_daemon.adapters.clockwatch import ClockWatch
ClockWatch.start = lambda self: asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, self._stepped)
ClockWatch.stop = lambda self: None
true, path = time.clock_gettime_ns, sys.argv.pop(1)
def slept(clock):
    with open(path) as file:
        return true(clock) + (int(file.read()) * 10**9 if clock == time.CLOCK_BOOTTIME else 0)
time.clock_gettime_ns = slept
from pomo_daemon.__main__ import main
main()
"""


class Machine:
    """A machine with the user's daemon on it."""

    def __init__(self, user: User) -> None:
        self._file = f"{user.env['HOME']}/slept"
        self._slept = 0
        self._write()
        process = user.spawn([sys.executable, "-c", DAEMON, self._file, "--detached"])
        self._pid = process.pid
        assert process.stderr is not None
        assert process.stderr.readline() == b"ready\n"

    def sleep(self, seconds: int) -> None:
        """Sleep, and wake up."""
        self._slept += seconds
        self._write()
        os.kill(self._pid, signal.SIGUSR1)

    def _write(self) -> None:
        with open(f"{self._file}.new", "w", encoding="ascii") as file:
            file.write(str(self._slept))
        os.rename(f"{self._file}.new", self._file)


def test_the_return_asks_once_and_the_button_goes_on(user: User, desktop: Desktop) -> None:
    machine = Machine(user)
    user.pomo("start", "Write report")
    following = user.spawn([*POMO, "status", "--follow", "-f", "{status} {remaining}"])
    assert following.stdout is not None
    assert following.stdout.readline().startswith(b"running 2")
    # Two clocks are not read at one instant: of eight hours sharp, they may know a microsecond less.
    machine.sleep(8 * 3600 + 30)
    question = desktop.wait(1)
    assert question["summary"] == "Focus paused: Write report"
    assert question["body"] == "The machine went to sleep 8 h ago, and the clock was stopped there."
    assert list(question["actions"].values())[1:] == ["Resume", "Finish there", "Drop"]
    lines = iter(following.stdout.readline, b"")
    assert next(it for it in lines if b"paused" in it).startswith(b"paused 2")
    status = user.json("status")
    assert (status["state"], status["remaining_s"] > 24 * 60) == ("focus-paused", True)
    desktop.press("resume")
    until(lambda: user.json("status")["state"] == "focus")
    [interval] = user.log()
    [gap] = interval["gaps"]
    assert (gap["reason"], interval["elapsed_s"] < 60) == ("suspend", True)
    ends, begins = (datetime.fromisoformat(gap[it]) for it in ("ended_at", "started_at"))
    assert ends - begins >= timedelta(hours=8)
    assert "suspended 8h" in user.pomo("log")
    assert len(desktop.shown) == 1


@pytest.mark.parametrize(
    ("policy", "seconds", "state"),
    [("auto", 90, "focus"), ("continue", 600, "focus"), ("continue", 3600, "due"), ("stop", 10, "idle")],
)
def test_the_policy_is_a_setting(user: User, policy: str, seconds: int, state: str) -> None:
    user.write_config(f'[timer]\non_suspend = "{policy}"\n')
    machine = Machine(user)
    user.pomo("start", "Write report")
    machine.sleep(seconds)
    until(lambda: user.json("status")["state"] == state)
    [interval] = user.log()
    assert interval["gaps"] == []
    assert interval["status"] == {"focus": "running", "due": "completed", "idle": "stopped"}[state]


def test_a_break_goes_on_while_the_machine_sleeps(user: User, desktop: Desktop) -> None:
    machine = Machine(user)
    user.pomo("break")
    machine.sleep(3600)
    assert desktop.wait(1)["summary"] == "Break completed"
    assert user.json("status")["state"] == "due"


def test_a_command_that_comes_before_word_of_the_suspend_finds_it_out(user: User) -> None:
    machine = Machine(user)
    user.pomo("start", "Write report")
    machine.sleep(0)
    with open(f"{user.env['HOME']}/slept", "w", encoding="ascii") as file:
        file.write("7200")
    assert user.pomo("resume").splitlines()[-1].startswith("Focus goes on: Write report, 25:00 left.")
    assert [it["reason"] for it in user.log()[0]["gaps"]] == ["suspend"]


def test_a_suspend_without_a_daemon_is_found_out_by_the_next_one(user: User) -> None:
    """The kernel gives a process a boot clock that is ahead of its monotonic one, as after a suspend."""
    ahead = ("unshare", "--user", "--map-current-user", "--time", "--boottime", "7200")
    if subprocess.run([*ahead, "true"], check=False, capture_output=True).returncode:
        pytest.skip("this kernel lets nobody have another time")
    user.pomo("start", "Write report")
    user.kill()
    assert user.start_daemon(*ahead) == 0
    status = user.json("status")
    assert (status["state"], status["elapsed_s"] < 60) == ("focus-paused", True)


def boot_differently(user: User, minutes: int) -> None:
    """Let what the database knows of this boot have been another one, and all of it so many minutes earlier."""
    by = minutes * 60 * 10**6
    with closing(sqlite3.connect(user.database)) as connection, connection:
        connection.execute("UPDATE intervals SET started_at = started_at - ?", [by])
        connection.execute(
            "UPDATE timers SET anchor_boot_id = 'another', anchor_wall = anchor_wall - ?, left_at = left_at - ?",
            [by, by],
        )


def test_a_machine_that_is_shut_down_and_booted_has_slept(user: User, desktop: Desktop) -> None:
    user.pomo("start", "Write report")
    user.kill(signal.SIGTERM)
    boot_differently(user, 600)
    assert user.json("status")["state"] == "focus-paused"
    assert desktop.wait(1)["body"].startswith("The machine went to sleep 10 h ago")


def test_a_machine_that_lost_its_power_goes_by_the_clock_on_the_wall(user: User) -> None:
    user.pomo("start", "Write report")
    user.kill()
    boot_differently(user, 10)
    status = user.json("status")
    assert (status["state"], status["remaining_s"] <= 15 * 60) == ("focus", True)
