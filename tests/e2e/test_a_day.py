"""A day in small, typed into a real terminal, and what is to be seen there."""

import re
import shutil
import subprocess
from collections.abc import Iterator

import pytest

from tests.e2e.user import PATIENCE_S, POMO, User, until


class Terminal:
    """A shell in a tmux of its own, 100 columns wide."""

    def __init__(self, user: User) -> None:
        self._env = {**user.env, "TERM": "xterm-256color", "SHELL": "/bin/sh"}
        self._socket = f"{user.env['HOME']}/tmux"
        self._lines = 0
        self._tmux("new-session", "-d", "-x", "100", "-y", "50", "/bin/sh")
        self.type(f'pomo() {{ {" ".join(POMO)} "$@"; }}')

    def type(self, line: str) -> str:
        """Type a line, and answer what it left on an empty screen."""
        self._lines += 1
        self._tmux("send-keys", "-l", f"clear; {line}; echo exit $? of {self._lines}")
        self._tmux("send-keys", "Enter")
        end = re.compile(rf"^exit (\d+) of {self._lines}$", re.MULTILINE)
        until(lambda: end.search(self._screen()))
        seen, code, _ = end.split(self._screen())
        assert code == "0", seen
        return seen.strip()

    def close(self) -> None:
        self._tmux("kill-server")

    def _screen(self) -> str:
        return self._tmux("capture-pane", "-p")

    def _tmux(self, *arguments: str) -> str:
        command = ["tmux", "-f", "/dev/null", "-S", self._socket, *arguments]
        done = subprocess.run(command, env=self._env, check=True, capture_output=True, text=True, timeout=PATIENCE_S)
        return done.stdout


@pytest.fixture
def terminal(user: User) -> Iterator[Terminal]:
    """Give a terminal; nothing was typed."""
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed")
    opened = Terminal(user)
    yield opened
    opened.close()


def test_a_day_in_small_looks_right(user: User, terminal: Terminal) -> None:
    def seen(line: str, *lines: str) -> None:
        screen = terminal.type(line)
        assert re.fullmatch("\n".join(lines), screen), screen

    name = re.escape("Write report [draft]")
    seen("pomo", "idle")
    seen('pomo start "Write report [draft]" --duration 3s', f"Focus started: {name}, 3s .1/4..", "New task #1.")
    seen("pomo status", rf"focus 00:0[0-3] {name} \(1/4\)")
    until(lambda: user.json("status")["state"] == "due")
    seen("pomo", rf"short break due \+00:0\d {name} \(1/4\)")
    seen("pomo break", r"Short break started, 5m\.")
    seen("pomo skip", r"Short break cut short after \ds\.", rf"Focus started: {name}, 25m \(2/4\)\.")
    seen("pomo pause", rf"Focus paused: {name}, 2\d:\d\d left\.")
    seen("pomo", rf"focus 2\d:\d\d paused {name} \(2/4\)")
    seen("pomo toggle", rf"Focus goes on: {name}, 2\d:\d\d left\.")
    seen("pomo finish", rf"Focus completed: {name}, \ds\.", r"A short break is due: 'pomo break' starts it\.")
    seen("pomo stop", r"The short break is no longer due\.")
    seen("pomo start Tomato\N{TOMATO}", "Focus started: Tomato\N{TOMATO}, 25m .*", "New task #2.")
    screen = terminal.type("pomo log --from yesterday")
    rows = [line.split() for line in screen.splitlines() if "\N{EN DASH}" in line]
    assert [row[2:4] for row in rows] == [
        ["focus", "completed"],
        ["short", "break"],
        ["focus", "completed"],
        ["focus", "running"],
    ], screen
    assert screen.count("Write report [draft]") == 2
    assert "Tomato\N{TOMATO}" in screen
    assert re.search(r"^2 pomodoros, \d+s focus$", screen, re.MULTILINE), screen
    assert max(map(len, screen.splitlines())) <= 100
    assert terminal.type("pomo status --json").startswith('{"state": "focus"')
    assert "TASK" in terminal.type("pomo start --help")
