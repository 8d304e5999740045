"""Pipes that end, disks that are full, streams that are closed, terminals that can do little."""

import json
import os
import pty
import re
import subprocess
from itertools import product

import pytest

from tests.e2e.user import PATIENCE_S, POMO, User
from tests.integration.server.wire import greeted

ESCAPE = re.compile(r"\x1b")


def on_a_terminal(user: User, *arguments: str, **changes: str) -> str:
    """Answer what a command writes to a terminal of 80 columns."""
    mine, theirs = pty.openpty()
    with subprocess.Popen(
        [*POMO, *arguments],
        env={**user.env, "TERM": "xterm-256color", "COLUMNS": "80", **changes},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        text = b""
        try:
            while piece := os.read(mine, 4096):
                text += piece
        except OSError:  # what Linux says when the last writer has closed the terminal
            pass
        process.wait(PATIENCE_S)
    os.close(mine)
    return text.decode()


def test_a_reader_that_goes_away_is_no_error(user: User) -> None:
    user.pomo("start", "Write report")
    for command in ("status", "status --json", "log", "log --json", "config show", "daemon logs", "--help"):
        done = user.shell(
            f'mkfifo "$HOME/pipe"; {{ pomo {command}; echo "code $?" >&2; }} >"$HOME/pipe" & : <"$HOME/pipe"; wait'
        )
        assert (done.out, done.err) == ("", "code 141\n"), command
        os.unlink(f"{user.env['HOME']}/pipe")


def test_the_first_line_of_many_is_to_be_had(user: User) -> None:
    done = user.shell("set -e; pomo config show | head -n 1; pomo log | head -n 1")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("timer.focus = ")


@pytest.mark.parametrize("as_json", [False, True])
def test_a_full_disk_is_said_and_is_exit_1(user: User, as_json: bool) -> None:  # noqa: FBT001
    user.pomo("start", "Write report")
    option = "--json" if as_json else ""
    for command in ("status", "log", "pause", "config show", "daemon status"):
        done = user.shell(f"pomo {command} {option} >/dev/full")
        assert (done.code, done.out) == (1, "")
        assert "No space left on device" in done.err, command
        assert len(done.err.splitlines()) <= 2, command


def test_closed_streams_are_no_crash_and_get_nobody_elses_text(user: User) -> None:
    user.pomo("start", "Write report")
    commands = ("status", "log", "toggle", "start", "nonsense")
    for command, closed in product(commands, (">&-", "2>&-", "<&-", "<&- >&- 2>&-")):
        done = user.shell(f"pomo {command} {closed}")
        assert done.code == {"start": 4, "nonsense": 2}.get(command, 0), (command, closed, done)
        assert bool(done.err) == (done.code != 0 and "2>&-" not in closed), (command, closed, done)
        assert "Traceback" not in done.err
    assert user.json("status")["task"] == "Write report"


def test_a_daemon_started_by_a_command_without_streams_serves(user: User) -> None:
    assert user.shell("pomo start <&- >&- 2>&-").code == 0
    assert user.json("status")["state"] == "focus"
    for number in (0, 1, 2):
        assert os.readlink(f"/proc/{user.pid}/fd/{number}") == "/dev/null"


def test_a_pipe_that_does_not_block_gets_everything(user: User) -> None:
    """As under editors and ssh, where the other end has set O_NONBLOCK for all."""
    user.pomo("start")
    with greeted(user.socket) as wire:
        for number in range(200):
            wire.call("timer.start", task=f"{number} {'x' * 190}", replace=True)
        wire.call("timer.stop")
    whole = user.pomo("log", "--json")
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with subprocess.Popen([*POMO, "log", "--json"], env=user.env, stdout=writing, stderr=subprocess.PIPE) as process:
        os.close(writing)
        with os.fdopen(reading, encoding="utf-8") as pipe:
            assert pipe.read() == whole
        assert process.wait(PATIENCE_S) == 0


def test_a_pipe_and_no_color_and_a_dumb_terminal_get_no_escapes(user: User) -> None:
    user.pomo("start", "Write report")
    for command in ("status", "log", "--help", "daemon status"):
        assert not ESCAPE.search(user.pomo(*command.split())), command
        for changes in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
            assert not ESCAPE.search(on_a_terminal(user, *command.split(), **changes)), (command, changes)
        assert not ESCAPE.search(on_a_terminal(user, *command.split(), "--no-color")), command


def test_a_terminal_gets_a_table_without_lines_that_are_too_wide(user: User) -> None:
    user.pomo("start", "word " * 40)
    text = on_a_terminal(user, "log")
    assert ESCAPE.search(text)
    visible = re.sub(r"\x1b\[[0-9;]*m", "", text)
    assert visible.count("word") == 40
    assert max(map(len, visible.split("\r\n"))) <= 80


@pytest.mark.parametrize(
    "locale",
    [
        {"LC_ALL": "C"},
        {"LC_ALL": "POSIX", "LANG": ""},
        {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "latin-1"},
        {"LC_ALL": "xx_YY.nonsense"},
    ],
    ids=lambda it: " ".join(f"{name}={value}" for name, value in it.items()),
)
def test_any_locale_is_good_enough_to_read(regular: User, locale: dict[str, str]) -> None:
    regular.pomo("start", "Tomato \N{TOMATO} caf\xe9", "--replace")
    for command in (["status"], ["log"], ["status", "-f", "{bar} {task}"], ["toggle"], ["status", "--json"]):
        done = subprocess.run(
            [*POMO, *command], env={**regular.env, **locale}, capture_output=True, check=False, timeout=PATIENCE_S
        )
        assert (done.returncode, done.stderr) == (0, b""), command
        assert b"Tomato " in done.stdout


def test_a_name_is_understood_in_the_c_locale(user: User) -> None:
    for number, locale in enumerate(({"LC_ALL": "C"}, {"LC_ALL": "POSIX"}, {"PYTHONIOENCODING": "ascii"})):
        name = f"caf\xe9 {number}"
        assert user.run("start", name, "--replace", env=locale).code == 0
        assert user.json("status")["task"] == name


def test_a_name_that_cannot_be_read_in_the_locale_is_refused(user: User) -> None:
    done = user.run("start", "caf\xe9", env={"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"})
    assert done.code == 2
    assert "locale" in done.err


def test_script_options_of_the_shell_do_not_stop_at_anything(user: User) -> None:
    done = user.shell(
        "set -eu\n"
        'pomo start "Write report" --quiet\n'
        "pomo status --check running\n"
        "if pomo status --check paused; then exit 50; fi\n"
        'pomo pause >"$HOME/said" 2>&1\n'
        "pomo stop --json\n"
    )
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out)["status"]["state"] == "idle"
