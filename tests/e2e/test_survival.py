"""The daemon dies, is stopped, is started twice: the interval goes on, ends once, and is recorded once."""

import fcntl
import os
import shutil
import signal
import socket
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime, timedelta

import pytest

from pomo_daemon.protocol.version import VERSION
from tests.e2e.desktop import Desktop
from tests.e2e.user import PATIENCE_S, User, stopped, until


def move_back(database: str, by: timedelta) -> None:
    """Let everything in a database have begun earlier: so much time passes for the next daemon."""
    by_us = by // timedelta(microseconds=1)
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE intervals SET started_at = started_at - ?", [by_us])
        connection.execute(
            "UPDATE timers SET anchor_wall = anchor_wall - ?, anchor_boottime = anchor_boottime - ?", [by_us, by_us]
        )


def test_killed_in_the_middle_the_interval_goes_on_in_the_next_daemon(user: User) -> None:
    user.pomo("start", "Write report", "--ago", "10m")
    [before] = user.log()
    killed = user.pid
    user.kill()
    assert user.pomo("status").startswith(("focus 15:00", "focus 14:5"))
    assert user.pid != killed
    [after] = user.log()
    assert (after["interval_id"], after["status"]) == (before["interval_id"], "running")
    assert after["started_at"] == before["started_at"]


def test_killed_while_paused_it_stays_paused(user: User) -> None:
    user.pomo("start", "Write report")
    user.pomo("pause")
    before = user.pomo("status")
    user.kill()
    assert user.pomo("status") == before
    assert "paused" in before


def test_a_deadline_that_passed_while_dead_is_completed_once_at_its_deadline(user: User) -> None:
    user.pomo("start", "Write report", "--duration", "1s")
    [running] = user.log()
    user.kill()
    deadline = datetime.fromisoformat(running["started_at"]) + timedelta(seconds=1)
    until(lambda: datetime.now(deadline.tzinfo) > deadline + timedelta(seconds=0.5))
    with Desktop(user.env["XDG_RUNTIME_DIR"]) as desktop:
        assert "short break due" in user.pomo("status")
        assert desktop.wait(1)["summary"] == "Focus completed: Write report"
        [ended] = user.log()
        assert (ended["interval_id"], ended["status"], ended["elapsed_s"]) == (running["interval_id"], "completed", 1)
        assert datetime.fromisoformat(ended["ended_at"]) == deadline
        # Neither it nor its notification comes a second time.
        user.kill()
        user.pomo("break", "--duration", "1s")
        assert desktop.wait(2)["summary"] == "Break completed"
        assert [it["status"] for it in user.log()] == ["completed", "completed"]


def test_the_notification_says_how_long_ago_it_ended(user: User) -> None:
    user.pomo("start", "Write report", "--duration", "1s")
    user.kill()
    move_back(user.database, timedelta(minutes=3, seconds=30))
    with Desktop(user.env["XDG_RUNTIME_DIR"]) as desktop:
        user.pomo("status")
        assert desktop.wait(1)["body"] == "Time for a short break. It ended 3 min ago."


def test_sigterm_stops_in_good_order_and_the_interval_goes_on_at_the_next_start(user: User) -> None:
    user.pomo("start", "Write report")
    pid, path = user.pid, user.socket
    user.kill(signal.SIGTERM)
    assert not os.path.exists(path)
    assert "pomo-daemon stops" in user.daemon_log()
    assert os.listdir(user.data).count("pomo.db-wal") == 0  # the log was checkpointed
    assert user.pomo("status").startswith("focus 2")
    assert user.pid != pid


def test_sigterm_lets_go_of_clients_that_wait(user: User) -> None:
    user.pomo("start")
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(PATIENCE_S)
        client.connect(user.socket)
        user.kill(signal.SIGTERM)
        assert client.recv(1) == b""


def test_a_socket_and_a_lock_left_behind_are_no_hindrance(user: User) -> None:
    user.pomo("start")
    path, left = user.socket, user.pid
    user.kill()
    assert os.path.exists(path)
    with open(user.lock, encoding="utf-8") as file:
        assert file.read().splitlines()[:3] == [str(left), VERSION, path]
    assert user.pomo("status").startswith("focus")
    assert user.pid != left


def test_a_lock_that_names_a_process_of_somebody_else_leaves_that_alone(user: User) -> None:
    bystander = user.spawn(["sleep", "60"])
    with open(user.lock, "w", encoding="utf-8") as file:
        file.write(f"{bystander.pid}\n0.1.0\n{user.env['HOME']}/nothing.sock\n")
    assert user.pomo("status") == "idle\n"
    user.pomo("daemon", "stop")
    assert bystander.poll() is None


@pytest.mark.parametrize(
    "text", ["", "\n", "1\n", "0.1.0\n\n\n", "-1\n0.1.0\n/x\n", "9" * 5000, "\0" * 100, "\xff\n\n\n"]
)
def test_a_lock_file_of_garbage_is_no_hindrance(user: User, text: str) -> None:
    with open(user.lock, "w", encoding="latin-1") as file:
        file.write(text)
    assert user.pomo("status") == "idle\n"


def test_a_socket_that_was_deleted_comes_back_with_the_same_daemon(user: User) -> None:
    user.pomo("start", "Write report")
    pid, path = user.pid, user.socket
    os.unlink(path)
    assert user.pomo("status").startswith("focus")
    assert (user.pid, user.socket) == (pid, path)
    assert os.path.exists(path)


def test_a_runtime_folder_that_was_deleted_comes_back_with_the_same_daemon(user: User) -> None:
    user.pomo("start", "Write report")
    pid, path = user.pid, user.socket
    os.unlink(path)
    shutil.rmtree(os.path.dirname(path))
    assert user.json("status")["task"] == "Write report"
    assert user.pid == pid
    assert os.stat(os.path.dirname(path)).st_mode & 0o777 == 0o700
    assert os.stat(path).st_mode & 0o777 == 0o600


def test_a_daemon_that_does_not_answer_is_given_up_and_named(user: User) -> None:
    user.pomo("start", "Write report")
    pid = user.pid
    commands = ("", "status", "pause", "log", "status --json", "daemon status", "extend 5m --json")
    with stopped(pid), ThreadPoolExecutor(len(commands)) as shells:
        began = time.monotonic()
        for done in shells.map(lambda command: user.run(*command.split()), commands):
            assert (done.code, done.out) == (6, "")
            assert f"kill -9 {pid}" in done.err
        assert time.monotonic() - began < 2 + 3  # 2 s of patience, and seven interpreters that start at once
    # What it was told meanwhile may have been done, but at most once, and nothing else.
    assert user.pid == pid
    assert user.json("status")["state"] in ("focus", "focus-paused")


def test_after_a_restart_the_interval_goes_on_and_a_stopped_daemon_stays_away(user: User) -> None:
    user.pomo("start", "Write report")
    pid = user.pid
    user.pomo("daemon", "restart")
    assert user.pid != pid
    assert user.pomo("status").startswith("focus")
    user.pomo("daemon", "stop")
    assert not user.is_served()
    assert "was not running" in user.pomo("daemon", "stop")


def test_two_databases_that_share_a_runtime_folder_are_kept_apart(user: User) -> None:
    other = User({**user.env, "POMO_DATA_DIR": f"{user.env['HOME']}/other"})
    user.pomo("start", "mine")
    other.pomo("start", "theirs")
    assert user.json("status")["task"] == "mine"
    assert other.json("status")["task"] == "theirs"
    other.pomo("daemon", "stop")
    assert user.json("status")["task"] == "mine"


def test_a_data_folder_behind_a_link_is_the_same_as_the_folder(user: User) -> None:
    os.rename(user.data, f"{user.env['HOME']}/elsewhere")
    os.symlink(f"{user.env['HOME']}/elsewhere", user.data)
    user.pomo("start", "Write report")
    again = User({**user.env, "POMO_DATA_DIR": f"{user.env['HOME']}/elsewhere"})
    assert again.json("status")["task"] == "Write report"
    assert len(user.daemons()) == 1


def test_a_lock_that_cannot_be_had_is_waited_for_and_given_up(user: User) -> None:
    """Another process holds the lock and says nothing: as a daemon that is stuck in its start."""
    with open(user.lock, "w", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert "does not get ready" in user.fails(6, "status")
