"""`status --follow` as bars run it: lines as they come, a daemon that goes and comes back, a reader that goes away."""

import json
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from pomo_cli.hot import OUTPUTS
from tests.e2e.user import PATIENCE_S, POMO, User, until


def follow(user: User, *arguments: str) -> "subprocess.Popen[bytes]":
    return user.spawn([*POMO, "status", "--follow", *arguments])


def line(process: "subprocess.Popen[bytes]") -> str:
    """Answer the next line; the test's own limit is the limit."""
    assert process.stdout is not None
    return process.stdout.readline().decode().removesuffix("\n")


def wakeups(pid: int) -> int:
    """Answer how often a process has gone to sleep so far, all its threads together."""
    return sum(
        int(re.findall(r"^voluntary_ctxt_switches:\s+(\d+)", task.joinpath("status").read_text(), re.MULTILINE)[0])
        for task in Path(f"/proc/{pid}/task").iterdir()
    )


@pytest.mark.parametrize("output", OUTPUTS)
def test_each_output_is_followed_by_a_line_at_once_and_one_for_each_change(user: User, output: str) -> None:
    process = follow(user, "-o", output)
    first = line(process)
    user.pomo("start", "Write report")
    started = line(process)
    user.pomo("pause")
    until(lambda: "Write report" in started)
    assert "Write report" not in first
    if first.startswith("{"):
        assert json.loads(started).keys() == json.loads(first).keys()


def test_a_template_is_followed(user: User) -> None:
    process = follow(user, "-f", "{state} {task}")
    assert line(process) == "idle "
    user.pomo("start", "Write report")
    assert line(process) == "focus Write report"
    user.pomo("pause")
    assert line(process) == "focus-paused Write report"


def test_a_running_clock_is_followed_each_second(user: User) -> None:
    user.pomo("start")
    process = follow(user, "-f", "{remaining}")
    minutes, seconds = line(process).split(":")
    left = int(minutes) * 60 + int(seconds)
    for _ in range(2):
        left -= 1
        assert line(process) == f"{left // 60:02}:{left % 60:02}"


def test_a_reader_that_goes_away_ends_it_quietly_even_while_idle(user: User) -> None:
    process = follow(user)
    assert line(process) == "idle"
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.wait(PATIENCE_S) == 141
    assert process.stderr.read() == b""
    # communicate() in the end would read from what is closed.
    process.stdout = None


def test_it_goes_on_with_the_next_daemon(user: User) -> None:
    user.pomo("start", "Write report")
    user.pomo("pause")
    process = follow(user, "-f", "{state}")
    assert line(process) == "focus-paused"
    user.pomo("daemon", "restart")
    user.pomo("resume")
    assert line(process) == "focus"


def test_a_daemon_that_was_killed_is_started_again(user: User) -> None:
    user.pomo("start", "Write report")
    process = follow(user, "-f", "{state}")
    assert line(process) == "focus"
    user.kill()
    until(user.is_served)
    user.pomo("pause")
    assert line(process) == "focus-paused"


def test_a_daemon_that_was_stopped_is_not_started_and_nothing_stale_is_shown(user: User) -> None:
    user.pomo("start", "Write report")
    process, other = follow(user, "-f", "{state}"), follow(user, "-o", "waybar")
    assert line(process) == "focus"
    user.pomo("pause")
    assert line(process) == "focus-paused"
    user.pomo("daemon", "stop")
    assert line(process) == ""
    assert [it for it in iter(lambda: line(other), "{}") if it == ""] == []
    assert not user.is_served()
    user.pomo("status")
    assert line(process) == "focus-paused"


def test_while_idle_nobody_wakes_up(user: User) -> None:
    process = follow(user)
    assert line(process) == "idle"
    pids = (process.pid, user.pid)
    until(lambda: all(Path(f"/proc/{pid}/wchan").exists() for pid in pids))
    time.sleep(1)  # what a start leaves to do
    before = [wakeups(pid) for pid in pids]
    time.sleep(3)
    assert [wakeups(pid) for pid in pids] == before


def test_while_a_clock_runs_both_sides_wake_up_once_a_second(user: User) -> None:
    user.pomo("start")
    process = follow(user)
    for _ in range(2):
        line(process)
    before = [wakeups(pid) for pid in (process.pid, user.pid)]
    for _ in range(3):
        line(process)
    after = [wakeups(pid) for pid in (process.pid, user.pid)]
    # Some more: a line is read before whoever wrote it sleeps again, and what a start leaves to do may come between.
    assert all(2 <= new - old <= 6 for new, old in zip(after, before, strict=True)), (before, after)


@pytest.mark.parametrize("arguments", [("--check", "focus"), ("--quiet",)])
def test_what_cannot_be_followed_is_said(user: User, arguments: tuple[str, ...]) -> None:
    user.fails(2, "status", "--follow", *arguments)


def test_ctrl_c_ends_it(user: User) -> None:
    process = follow(user)
    assert line(process) == "idle"
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE_S) == 130
