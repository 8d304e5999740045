"""A whole history moved between databases: nothing lost, nothing doubled, however often it is broken off."""

import asyncio
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from pomo_daemon.adapters.db.copying import Copied, copy
from pomo_daemon.adapters.db.migrate import prepare
from pomo_daemon.adapters.db.plain import snapshot, writing
from pomo_daemon.adapters.faults import STATUS, VARIABLE
from pomo_daemon.application.ports import StoreError
from tests.fakes.clock import NOON
from tests.integration.database.history import content, make

#: A process that copies from one URL to another, and does nothing else.
COPY = """
import sys
from pomo_daemon.adapters.db.copying import copy
from pomo_daemon.adapters.db.plain import snapshot, writing
with snapshot(sys.argv[1]) as source, writing(sys.argv[2]) as target:
    copy(source, target, lambda *_: None)
"""
Progress = Callable[[str, int, int], None]


def file_url(folder: Path, name: str) -> str:
    return f"sqlite+aiosqlite:///{folder}/{name}"


def move(one: str, other: str, progress: Progress = lambda _what, _done, _total: None) -> Copied:
    asyncio.run(prepare(other, NOON))
    with snapshot(one) as source, writing(other) as target:
        return copy(source, target, progress)


def connect(url: str) -> psycopg.Connection:
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


def count(url: str, table: str) -> int:
    with connect(url) as connection:
        return connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()[0]  # type: ignore[index,no-any-return]


def change(file: str, *statements: str) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


@pytest.mark.timeout(400)
def test_fifty_thousand_intervals_go_to_postgresql_and_back_and_are_the_same(tmp_path: Path, ready_url: str) -> None:
    url = make(f"{tmp_path}/pomo.db", 50_000)
    there = move(url, ready_url)
    back = move(ready_url, file_url(tmp_path, "back.db"))
    before = content(f"{tmp_path}/pomo.db")
    assert len(before["intervals"]) == 50_000
    assert content(f"{tmp_path}/back.db") == before
    assert there.tables == back.tables
    assert there.written == back.written == sum(map(len, before.values()))


def test_new_rows_get_higher_numbers_than_any_before_even_of_rows_that_are_gone(tmp_path: Path, ready_url: str) -> None:
    move(make(f"{tmp_path}/pomo.db", 10), ready_url)
    task = "INSERT INTO tasks (owner_id, name, description, pomodoro_count, created_at, updated_at) "
    with connect(ready_url) as connection:
        found = connection.execute(f"{task} VALUES (1, 'new', '', 0, 0, 0) RETURNING task_id".encode()).fetchone()
        assert found == (5001,)
        gap = "INSERT INTO gaps (interval_id, started_at, reason) VALUES (1, 0, 'pause') RETURNING gap_id"
        assert connection.execute(gap.encode()).fetchone() == (2,)
        connection.execute(b"DELETE FROM tasks WHERE task_id = 5001")
    move(ready_url, file_url(tmp_path, "back.db"))
    with closing(sqlite3.connect(f"{tmp_path}/back.db")) as connection:
        assert connection.execute(f"{task} VALUES (1, 'new', '', 0, 0, 0) RETURNING task_id").fetchone() == (5002,)


def test_what_kept_intervals_apart_does_so_in_the_target(tmp_path: Path, ready_url: str) -> None:
    url = make(f"{tmp_path}/pomo.db", 10)
    move(url, ready_url)
    move(ready_url, file_url(tmp_path, "back.db"))
    twice = (
        "INSERT INTO intervals (owner_id, phase, status, started_at, ended_at, zone, note) "
        "SELECT owner_id, phase, status, started_at, ended_at, zone, note FROM intervals WHERE interval_id = 3"
    )
    with connect(ready_url) as connection, pytest.raises(psycopg.errors.ExclusionViolation):
        connection.execute(twice.encode())
    with pytest.raises(sqlite3.IntegrityError, match="intervals overlap"):
        change(f"{tmp_path}/back.db", twice)


@pytest.mark.parametrize("point", ["after_batch_of_users", "after_batch_of_intervals:2", "before_unmark"])
@pytest.mark.parametrize("way", ["to PostgreSQL", "from PostgreSQL"])
def test_killed_anywhere_it_goes_on_and_doubles_nothing(tmp_path: Path, ready_url: str, point: str, way: str) -> None:
    url = make(f"{tmp_path}/pomo.db", 3_000)
    back = file_url(tmp_path, "back.db")
    one, other = url, ready_url
    if way == "from PostgreSQL":
        move(url, ready_url)
        one, other = ready_url, back
    asyncio.run(prepare(other, NOON))
    killed = subprocess.run([sys.executable, "-c", COPY, one, other], env={**os.environ, VARIABLE: point}, check=False)
    assert killed.returncode == STATUS
    done = move(one, other)
    assert done.written in range(sum(it.rows for it in done.tables.values()))
    assert (done.written == 0) == (point == "before_unmark")
    if way == "to PostgreSQL":
        move(ready_url, back)
    assert content(f"{tmp_path}/back.db") == content(f"{tmp_path}/pomo.db")


def test_what_the_source_changed_since_it_was_broken_off_is_in_the_target(tmp_path: Path, ready_url: str) -> None:
    file = f"{tmp_path}/pomo.db"
    url = make(file, 3_000)
    subprocess.run(
        [sys.executable, "-c", COPY, url, ready_url],
        env={**os.environ, VARIABLE: "after_batch_of_gaps"},
        check=False,
    )
    assert count(ready_url, "intervals") == 3_000
    change(
        file,
        "UPDATE intervals SET note = 'corrected' WHERE interval_id = 7",
        "DELETE FROM intervals WHERE interval_id IN (1, 1500, 3000)",
        "DELETE FROM gaps WHERE interval_id IN (1, 1500, 3000)",
        "DELETE FROM interruptions WHERE interval_id IN (1, 1500, 3000)",
        "UPDATE users SET event_seq = event_seq + 1",
        "DELETE FROM requests WHERE request_id LIKE 'a%'",
        # Until the intervals are written over, one of the target still refers to it: there it begins anew.
        "UPDATE intervals SET task_id = NULL WHERE task_id = 50",
        "DELETE FROM tasks WHERE task_id = 50",
    )
    move(url, ready_url)
    move(ready_url, file_url(tmp_path, "back.db"))
    assert content(f"{tmp_path}/back.db") == content(file)


def test_what_is_copied_already_is_compared_and_not_written_again(tmp_path: Path, ready_url: str) -> None:
    url = make(f"{tmp_path}/pomo.db", 100)
    first = move(url, ready_url)
    assert move(url, ready_url) == Copied(0, first.tables)


@pytest.mark.parametrize("half", [True, False], ids=["half copied", "whole"])
def test_a_target_with_another_history_is_refused_and_stays_as_it_is(
    tmp_path: Path, ready_url: str, *, half: bool
) -> None:
    url = make(f"{tmp_path}/pomo.db", 10)
    point = "after_batch_of_users" if half else "never"
    subprocess.run([sys.executable, "-c", COPY, url, ready_url], env={**os.environ, VARIABLE: point}, check=False)
    change(f"{tmp_path}/pomo.db", "UPDATE users SET username = 'somebody' WHERE user_id = 2")
    before = count(ready_url, "intervals")
    with pytest.raises(StoreError, match=r"holds another history \(2 users") as error:
        move(url, ready_url)
    assert error.value.code == "database.conflict"
    assert count(ready_url, "intervals") == before == (0 if half else 10)


def test_a_target_that_a_daemon_has_only_opened_is_blank(tmp_path: Path, ready_url: str) -> None:
    with connect(ready_url) as connection:
        connection.execute(
            b"INSERT INTO users (username, peer_uid, event_seq, created_at, updated_at) VALUES ('opened', 1, 0, 5, 5)"
        )
        connection.execute(b"INSERT INTO deliveries VALUES (1, 'notifications', 0)")
    move(make(f"{tmp_path}/pomo.db", 10), ready_url)
    assert (count(ready_url, "users"), count(ready_url, "intervals")) == (2, 10)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE users SET password_hash = 'x'",
        "INSERT INTO categories (owner_id, name, created_at, updated_at) VALUES (1, 'theirs', 0, 0)",
        "INSERT INTO events VALUES (1, 1, 'task.created', 0, '{}')",
    ],
    ids=["a password", "a category", "an event"],
)
def test_a_target_that_somebody_has_used_is_not_blank(tmp_path: Path, ready_url: str, statement: str) -> None:
    with connect(ready_url) as connection:
        connection.execute(
            b"INSERT INTO users (username, peer_uid, event_seq, created_at, updated_at) VALUES ('theirs', 1, 0, 5, 5)"
        )
        connection.execute(statement.encode())
    with pytest.raises(StoreError, match="holds another history"):
        move(make(f"{tmp_path}/pomo.db", 10), ready_url)
    assert count(ready_url, "users") == 1


def test_a_row_that_arrives_otherwise_is_noticed(tmp_path: Path, ready_url: str) -> None:
    url = make(f"{tmp_path}/pomo.db", 10)

    def meddle(what: str, done: int, _total: int) -> None:
        if what == "comparing" and done == 2:
            with connect(ready_url) as connection:
                connection.execute(b"UPDATE intervals SET note = 'meddled' WHERE interval_id = 5")

    with pytest.raises(StoreError, match="intervals differs: 10 rows in the source, 10 in the target"):
        move(url, ready_url, meddle)


def test_the_source_is_read_as_of_one_moment(tmp_path: Path, ready_url: str) -> None:
    url = make(f"{tmp_path}/pomo.db", 2_500)
    before = content(f"{tmp_path}/pomo.db")

    def write(what: str, _done: int, _total: int) -> None:
        if what == "copying users":
            change(f"{tmp_path}/pomo.db", "UPDATE intervals SET note = 'later'", "DELETE FROM changes")

    move(url, ready_url, write)
    move(ready_url, file_url(tmp_path, "back.db"))
    assert content(f"{tmp_path}/back.db") == before
