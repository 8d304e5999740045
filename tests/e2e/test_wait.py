"""`pomo wait` and `pomo start --wait`: when they come back, and with what."""

import json
import subprocess
from collections.abc import Iterator

import pytest

from tests.e2e.test_streams import on_a_terminal
from tests.e2e.user import PATIENCE_S, POMO, User, until


def waiting(user: User, *arguments: str) -> "subprocess.Popen[bytes]":
    """Start to wait, and come back once the daemon knows of it."""
    process = user.spawn([*POMO, *arguments])
    until(lambda: user.is_served() and user.json("daemon", "status")["subscribers"] == 1)
    return process


def end(process: "subprocess.Popen[bytes]") -> tuple[int, str, str]:
    out, err = process.communicate(timeout=PATIENCE_S)
    return process.returncode, out.decode(), err.decode()


@pytest.fixture
def idler(regular: User) -> Iterator[User]:
    """Give a user at whom nothing runs, and for whom nobody waits any more, before and after."""
    if regular.is_served():
        until(lambda: regular.json("daemon", "status")["subscribers"] == 0)
    yield regular
    regular.run("stop")


def test_it_comes_back_when_the_interval_rings(user: User) -> None:
    user.pomo("start", "Write report", "--duration", "1s")
    assert user.run("wait") == (0, "Focus completed.\n", "")
    assert user.run("wait") == (0, "Nothing is running.\n", "")


@pytest.mark.parametrize(
    ("verb", "code", "out"),
    [("finish", 0, "Focus completed.\n"), ("stop", 4, ""), ("cancel", 4, ""), ("skip", 4, "")],
)
def test_how_an_interval_ended_is_the_exit_code(idler: User, verb: str, code: int, out: str) -> None:
    idler.pomo("start")
    process = waiting(idler, "wait")
    idler.pomo("pause")
    idler.pomo("resume")
    idler.pomo(verb)
    ended = end(process)
    assert ended[:2] == (code, out)
    assert bool(ended[2]) == bool(code)


def test_a_break_that_is_cut_short_has_come_to_its_end(user: User) -> None:
    user.pomo("break")
    process = waiting(user, "wait")
    user.pomo("skip")
    assert end(process) == (0, "Short break skipped.\n", "")


@pytest.mark.parametrize(
    ("state", "verbs"), [("focus", ["start"]), ("break", ["start", "finish", "break"]), ("idle", ["start", "stop"])]
)
def test_it_comes_back_when_a_state_is_reached(idler: User, state: str, verbs: list[str]) -> None:
    if state == "idle":
        idler.pomo(verbs.pop(0))
    process = waiting(idler, "wait", "--until", state)
    for verb in verbs:
        assert process.poll() is None
        idler.pomo(verb)
    assert end(process) == (0, "", "")
    assert idler.run("wait", "--until", state).code == 0


def test_too_long_is_exit_8(user: User) -> None:
    user.pomo("start")
    assert "has not come" in user.fails(8, "wait", "--timeout", "1s")
    assert json.loads(user.run("wait", "--timeout", "1s", "--json").err)["error"]["code"] == "wait.timeout"
    user.fails(2, "wait", "--timeout", "soon")
    user.fails(2, "wait", "--until", "later")


def test_it_outlives_the_daemon(user: User) -> None:
    user.pomo("start")
    process = waiting(user, "wait")
    user.kill()
    user.pomo("daemon", "restart")
    user.pomo("finish")
    assert end(process) == (0, "Focus completed.\n", "")


def test_start_waits_for_what_it_started(user: User) -> None:
    done = user.run("start", "Write report", "--duration", "1s", "--wait")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("Focus started: Write report, 1s")
    process = waiting(user, "start", "--wait", "--quiet")
    user.pomo("start", "Another", "--replace")
    assert end(process)[:2] == (4, "")
    user.pomo("stop")
    assert user.run("start", "--break", "--duration", "1s", "--wait", "--quiet") == (0, "", "")


def test_a_terminal_shows_the_time_in_one_line_that_goes(user: User) -> None:
    shown = on_a_terminal(user, "start", "Write report", "--duration", "2s", "--wait")
    first, *_, last = shown.split("\r\x1b[K")
    assert "Focus started" in first
    assert "● 00:02 ░░░░░░░░░░ Write report" in shown
    assert "● 00:01 █████░░░░░ Write report" in shown
    assert last == ""
    assert "\x1b" not in on_a_terminal(user, "wait", "--quiet")
