"""What a script sees: the exit code, stdout for results alone, errors on stderr, as JSON where it asked for that."""

import json
import os
import signal
import sqlite3
from contextlib import closing, suppress
from functools import partial

import pytest

from pomo_daemon.protocol.errors import ERRORS, EXIT_CODES
from tests.e2e.user import PATIENCE_S, POMO, User, stopped, until


def test_0_is_success_of_every_command(user: User) -> None:
    for command in (
        "start Writing --duration 50m",
        *("pause", "pause", "resume", "resume", "toggle", "toggle", "extend 5m", "extend -5m", "finish"),
        *("break", "skip", "cancel", "break --long", "stop", "repeat", "start Reading --replace", "stop"),
        *("status", "", "status -o json", "status -f {state}", "status --check idle", "log", "log --from yesterday"),
        *("config path", "config show", "config set timer.focus 30m", "config get timer.focus", "config check"),
        *("config unset timer.focus", "daemon status", "daemon logs", "daemon restart", "daemon stop", "daemon start"),
        *("--version", "--help", "start --help", "daemon --help"),
    ):
        done = user.run(*command.split())
        assert (done.code, done.err) == (0, ""), (command, done)
        assert done.out or "--check" in command, command


def test_check_answers_with_the_exit_code_alone(user: User) -> None:
    user.pomo("start")
    for state, code in (("running", 0), ("focus", 0), ("break", 1), ("paused", 1), ("idle", 1)):
        assert user.run("status", "--check", state) == (code, "", "")


@pytest.mark.parametrize(
    "command",
    [
        *("nonsense", "--nonsense", "start --nonsense", "start a b", "start --duration soon", "start --duration 25h"),
        *("start --duration -5m", "start --flow --duration 5m", "start --at tomorrow", "start --ago 5m --at 09:00"),
        *("start --break Writing", "extend", "extend soon", "status --check nonsense", "status -o nonsense"),
        *("status -f {nonsense}", "status -f {", "status -o plain --check idle", "log --from soon"),
        *("config get nonsense", "config set timer.focus soon", "config set timer.focus", "daemon nonsense", "config"),
    ],
)
def test_2_is_a_wrong_use(regular: User, command: str) -> None:
    regular.fails(2, *command.split())


def test_3_is_something_that_does_not_exist(user: User) -> None:
    assert "#99" in user.fails(3, "start", "#99")
    assert "nobody knows" in user.fails(3, "start", "nobody knows", "--no-create")
    for command in ("status", "log", "pause", "start"):
        assert "profile" in user.fails(3, command, "--profile", "elsewhere")
    user.env["POMO_PROFILE"] = "elsewhere"
    for command in ("status", "log", "pause", "start"):
        assert "profile" in user.fails(3, command)


def test_4_is_a_conflict_that_names_what_is_in_the_way_and_how_to_go_on(user: User) -> None:
    for command in ("pause", "resume", "finish", "cancel", "skip", "extend 5m"):
        assert "Nothing is running" in user.fails(4, *command.split())
    user.pomo("start", "Write report")
    said = user.fails(4, "start", "Something else")
    assert "Write report" in said
    assert "--replace" in said
    assert user.json("status")["task"] == "Write report"
    said = user.fails(4, "break")
    assert "Write report" in said


def test_4_is_time_that_is_taken(user: User) -> None:
    user.pomo("start", "--ago", "10m")
    user.pomo("stop")
    assert "Interval 1 " in user.fails(4, "start", "--ago", "5m")


def test_6_is_no_daemon_where_none_may_be_started(user: User) -> None:
    for command in ("status", "pause", "log", "start"):
        user.fails(6, command, "--no-autostart")
    user.fails(6, "daemon", "status")


def test_130_is_ctrl_c_in_the_middle_and_says_nothing(user: User) -> None:
    user.pomo("start")
    with stopped(user.pid):
        for command in (["status"], ["log"], ["status", "--json"], ["pause"]):
            waiting = user.spawn([*POMO, *command])
            until(partial(has_connected, waiting.pid))
            os.killpg(waiting.pid, signal.SIGINT)
            out, err = waiting.communicate(timeout=PATIENCE_S)
            assert (waiting.returncode, out, err) == (130, b"", b""), command


def has_connected(pid: int) -> bool:
    """Tell whether a command holds a socket."""
    folder = f"/proc/{pid}/fd"
    for fd in os.listdir(folder):
        with suppress(FileNotFoundError):  # it was closed since it was listed
            if os.readlink(f"{folder}/{fd}").startswith("socket:"):
                return True
    return False


def test_130_is_ctrl_c_while_following_the_log(user: User) -> None:
    user.pomo("status")
    following = user.spawn([*POMO, "daemon", "logs", "-f"])
    assert following.stdout is not None
    assert b"starts" in following.stdout.readline()
    os.killpg(following.pid, signal.SIGINT)
    assert following.wait(PATIENCE_S) == 130
    assert following.stderr is not None
    assert following.stderr.read() == b""


def test_the_exit_codes_of_the_table_are_those_that_are_documented() -> None:
    assert {row.exit for row in ERRORS.values()} <= set(EXIT_CODES)
    assert len({row.rpc for row in ERRORS.values()}) == len(ERRORS)


def test_errors_in_json_are_on_stderr_with_code_message_and_hint(user: User) -> None:
    def error(*arguments: str) -> tuple[int, str]:
        done = user.run(*arguments, "--json")
        assert done.out == ""
        [line] = done.err.splitlines()
        found = json.loads(line)
        assert list(found) == ["error"]
        assert list(found["error"]) == ["code", "message", "hint"]
        assert all(found["error"].values())
        return done.code, found["error"]["code"]

    assert error("pause") == (4, "timer.idle")
    user.pomo("start")
    assert error("start") == (4, "timer.conflict")
    assert error("start", "--replace", "#99") == (3, "task.not_found")
    assert error("extend", "soon") == (2, "validation")
    assert error("nonsense") == (2, "validation")
    assert error("start", "--nonsense") == (2, "validation")
    assert error("status", "-p", "elsewhere") == (3, "profile.not_found")
    assert error("log", "-p", "elsewhere") == (3, "profile.not_found")
    user.pomo("daemon", "stop")
    assert error("daemon", "status") == (6, "daemon.unavailable")
    with closing(sqlite3.connect(user.database)) as connection:
        connection.execute("PRAGMA user_version = 999")
    assert error("status") == (9, "database.newer")
    with open(user.database, "wb"):
        pass
    assert error("log") == (7, "database.unavailable")
    user.write_config("nonsense = 1\n")
    assert error("config", "check") == (2, "config.invalid")


def test_results_in_json_are_bare(user: User) -> None:
    started = user.json("start", "Write report")
    assert started["interval"]["task"] == "Write report"
    assert started["changed"] is True
    status = user.json("status")
    assert set(status) >= {
        *("state", "phase", "status", "remaining_s", "elapsed_s", "planned_s", "deadline", "percent"),
        *("task", "cycle", "cycle_length", "today", "goal", "profile", "overtime_s"),
    }
    user.pomo("pause")
    assert user.json("status") == json.loads(user.pomo("status", "-o", "json"))
    [interval] = user.log()
    assert set(interval) >= {
        *("interval_id", "phase", "status", "task", "task_id", "started_at", "ended_at"),
        *("planned_s", "elapsed_s", "gaps", "note"),
    }
    assert user.json("config", "get", "timer.focus") == "25m"
    assert user.json("daemon", "status")["pid"] == user.pid


def test_quiet_says_nothing_but_errors(user: User) -> None:
    for command in ("start", "pause", "status", "log", "stop"):
        assert user.run(command, "--quiet") == (0, "", "")
    assert user.run("pause", "-q").err != ""
