"""`pomo watch` in a real terminal: what is seen, what keys do, and that the terminal is left as it was found."""

import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.test_follow import wakeups
from tests.e2e.test_suspend import Machine
from tests.e2e.user import PATIENCE_S, POMO, User, until

LEFT = b"\x1b[?25h\x1b[?1049l"


class Watched:
    """A shell in a tmux, in which `pomo watch` was typed."""

    def __init__(self, user: User) -> None:
        self._env = {**user.env, "TERM": "xterm-256color", "SHELL": "/bin/sh", "PS1": "$ "}
        self._socket = f"{user.env['HOME']}/tmux"
        self.tmux("new-session", "-d", "-x", "80", "-y", "24", "/bin/sh")
        self.type(f"{' '.join(POMO)} watch; echo code $?")

    def type(self, line: str) -> None:
        self.tmux("send-keys", "-l", line)
        self.tmux("send-keys", "Enter")

    def press(self, *keys: str) -> None:
        self.tmux("send-keys", *keys)

    def sees(self, pattern: str) -> None:
        """Wait until the screen shows something."""
        try:
            until(lambda: re.search(pattern, self.screen()))
        except TimeoutError:
            raise AssertionError(f"{pattern!r} is not to be seen:\n{self.screen()}") from None

    def screen(self) -> str:
        return self.tmux("capture-pane", "-p")

    def is_alternate(self) -> bool:
        return self.tmux("display-message", "-p", "#{alternate_on}").strip() == "1"

    def pid(self) -> int:
        """Answer the process of `pomo watch`. The daemon that it has started is its child."""
        pid = self.tmux("display-message", "-p", "#{pane_pid}").strip()
        while b"\0watch\0" not in Path(f"/proc/{pid}/cmdline").read_bytes():
            pid = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()[0]
        return int(pid)

    def tmux(self, *arguments: str) -> str:
        command = ["tmux", "-f", "/dev/null", "-S", self._socket, *arguments]
        done = subprocess.run(command, env=self._env, check=True, capture_output=True, text=True, timeout=PATIENCE_S)
        return done.stdout


@pytest.fixture
def watched(user: User) -> Iterator[Watched]:
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed")
    user.write_config("[timer]\ngoal = 8\n")
    opened = Watched(user)
    yield opened
    opened.tmux("kill-server")


def test_keys_do_what_the_commands_do(user: User, watched: Watched) -> None:
    watched.sees("idle\n")
    watched.press("s")
    watched.sees(r"(?s)Focus\n.*░.* 0 %\n.*●○○○ 1/4 · today 0 of 8 ○○○○○○○○\n.*Focus started, 25m")
    for key, said, state in (
        ("Space", "Focus paused, 2[45]:", "paused"),
        ("Space", "Focus goes on, 2[45]:", "running"),
        ("e", "(29|30):[05]\\d left", "running"),
        ("+", "(30|31):[05]\\d left", "running"),
        ("-", "(29|30):[05]\\d left", "running"),
        ("i", "1 interrupted", "running"),
    ):
        watched.press(key)
        watched.sees(said)
        assert user.json("status")["status"] == state
    watched.press("f")
    watched.sees(r"(?s)Short break due\n.*today 1 of 8 ●○○○○○○○\n.*Focus completed")
    watched.press("u")
    watched.sees(r"(?s)  Focus\n.*today 0 of 8")
    watched.press("b")
    watched.sees(r"A focus is running")
    watched.press("f", "b")
    watched.sees(r"(?s)Short break\n")
    watched.press("s")
    watched.sees(r"(?s)idle\n")
    watched.press("f")
    watched.sees(r"Nothing is running")
    watched.press("?")
    watched.sees(r"u +undo")
    watched.press("q")
    watched.sees(r"code 0")


def test_what_others_do_is_seen_and_a_clock_runs(user: User, watched: Watched) -> None:
    watched.sees("idle\n")
    user.pomo("start", "Write [bold]report[/]", "--duration", "3s")
    watched.sees(re.escape("Focus · Write [bold]report[/]"))
    # Each is there for a second: on a busy machine one of the two may go by between two looks.
    watched.sees(" (33|66) %")
    watched.sees(r"Short break due")
    user.pomo("daemon", "restart")
    user.pomo("start", "Next")
    watched.sees("Focus · Next")


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
@pytest.mark.parametrize(("policy", "seen"), [("continue", r" 4\d %"), ("auto", r"(?i)paused[^%]* \d %")])
def test_after_a_suspend_it_shows_at_once_how_the_timer_stands(user: User, policy: str, seen: str) -> None:
    user.write_config(f'[timer]\non_suspend = "{policy}"\n')
    machine = Machine(user)
    user.pomo("start", "Write report")
    watched = Watched(user)
    try:
        watched.sees(r" \d %")
        machine.sleep(600)
        watched.sees(seen)
    finally:
        watched.tmux("kill-server")


def test_a_screen_of_another_size_is_drawn_anew(user: User, watched: Watched) -> None:
    user.pomo("start", "A name that is longer than a small screen is wide")
    watched.sees(r"A name that is longer than a small screen is wide\n")
    watched.tmux("resize-window", "-x", "30", "-y", "12")
    watched.sees(r"Focus · A name that is [a-z ]*…\n")
    assert all(len(line) <= 30 for line in watched.screen().splitlines())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_leaves_the_terminal_as_it_was(watched: Watched, number: signal.Signals) -> None:
    watched.sees("idle\n")
    assert watched.is_alternate()
    os.kill(watched.pid(), number)
    watched.sees(f"code {128 + number}")
    assert not watched.is_alternate()
    assert watched.tmux("display-message", "-p", "#{cursor_flag}").strip() == "1"
    watched.type("stty -a | tr ' ' '\\n' | grep -x -e -echo -e echo -e icanon")
    watched.sees("(?s)\necho\n")
    watched.sees("(?s)\nicanon\n")


def test_it_can_be_stopped_and_goes_on_in_the_foreground(watched: Watched) -> None:
    watched.sees("idle\n")
    pid = watched.pid()
    os.kill(pid, signal.SIGTSTP)
    until(lambda: Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "T")
    until(lambda: not watched.is_alternate())
    watched.type("fg")
    watched.sees("idle\n")
    assert watched.is_alternate()


def test_while_nothing_runs_nobody_wakes_up(watched: Watched) -> None:
    watched.sees("idle\n")
    pid = watched.pid()
    time.sleep(1)  # what a start leaves to do
    before = wakeups(pid)
    time.sleep(2)
    assert wakeups(pid) == before


def test_while_a_clock_runs_it_wakes_up_once_a_second(user: User, watched: Watched) -> None:
    user.pomo("start", "--duration", "100s")
    watched.sees(" 3 %")
    pid = watched.pid()
    before = wakeups(pid)
    watched.sees(" 6 %")
    assert wakeups(pid) - before <= 6


def test_a_crash_leaves_the_terminal_as_it_was(user: User) -> None:
    code = (
        "import sys; from pomo_cli import __main__; from pomo_cli.render import watch\n"
        "def lines(*_, **__): raise RuntimeError('nothing to draw')\n"
        "watch.lines = lines; sys.argv = ['pomo', 'watch']; __main__.main()"
    )
    mine, theirs = pty.openpty()
    before = termios.tcgetattr(theirs)
    with subprocess.Popen(
        [sys.executable, "-c", code],
        env={**user.env, "TERM": "xterm"},
        stdin=theirs,
        stdout=theirs,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stderr is not None
        assert b"nothing to draw" in process.stderr.read()
        assert process.wait(PATIENCE_S) == 1
    assert termios.tcgetattr(theirs) == before
    text = b""
    while select.select([mine], [], [], 0)[0]:
        text += os.read(mine, 4096)
    assert text.endswith(LEFT)
    os.close(mine)
    os.close(theirs)


def test_without_a_terminal_it_says_so(user: User) -> None:
    assert "no terminal" in user.fails(2, "watch")
