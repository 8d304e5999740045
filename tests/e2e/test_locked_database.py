"""Another process holds the database locked: commands say so in time, the status goes on, nothing is lost."""

import os
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager

from tests.e2e.user import User


@contextmanager
def locked(user: User) -> Iterator[None]:
    """Hold the database as a program does that is in the middle of writing."""
    with closing(sqlite3.connect(user.database, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


def test_commands_name_the_file_and_who_locks_it_and_change_nothing(user: User) -> None:
    user.pomo("start", "Write report")
    with locked(user), ThreadPoolExecutor(2) as shells:
        for done in shells.map(user.run, ("pause", "finish")):
            assert (done.code, done.out) == (7, "")
            assert done.err.startswith(f"pomo: The database {user.database} is locked by process {os.getpid()};")
            assert f"ps -p {os.getpid()}" in done.err
        began = time.monotonic()
        assert user.json("status")["state"] == "focus"
        assert user.pomo("status").startswith("focus 2")
        assert time.monotonic() - began < 1.5  # two interpreters
        assert [it["status"] for it in user.log()] == ["running"]
    assert "paused" in user.pomo("pause")


def test_a_daemon_that_finds_its_database_locked_says_so_and_starts_later(user: User) -> None:
    with locked(user):
        assert f"is locked by process {os.getpid()}" in user.fails(7, "start", "Write report")
    assert user.pomo("start", "Write report").startswith("Focus started")
