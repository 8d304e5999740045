"""The database, or its file system, is read-only: what is recorded is shown, and nothing is changed until it can be."""

import hashlib
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from pomo_daemon.protocol import paths
from tests.e2e.user import User, until
from tests.fakes.medium import frozen

READS = (
    ("status",),
    ("log",),
    ("report",),
    ("report", "day", "--by", "task"),
    ("task", "list"),
    ("task", "show", "1"),
    ("category", "list"),
    ("schedule", "list"),
    ("undo", "--list"),
    ("export", "json"),
    ("auth", "whoami"),
    ("db", "check"),
)
WRITES = (
    ("pause",),
    ("finish",),
    ("start", "Other", "--replace"),
    ("task", "add", "Other"),
    ("category", "add", "home"),
    ("log", "delete", "1"),
    ("undo",),
)


@pytest.fixture
def worker(user: User) -> Iterator[User]:
    """Give a user with a record, in which a focus runs; no daemon does."""
    user.pomo("start", "Write report")
    user.pomo("finish")
    user.pomo("start", "Write report")
    user.pomo("daemon", "stop")
    yield user
    end_daemon(user)


def end_daemon(user: User) -> None:
    """Stop the daemon, wherever its lock lies."""
    for pid in user.daemons():
        os.kill(pid, signal.SIGKILL)
    until(lambda: not user.daemons())


def content(folder: str) -> dict[str, str]:
    """Answer the files of a folder with a digest of each."""
    return {it.name: hashlib.sha256(it.read_bytes()).hexdigest() for it in Path(folder).iterdir()}


def test_what_is_recorded_is_read_and_what_would_write_is_refused_and_changes_nothing(worker: User) -> None:
    before = content(worker.data)
    with frozen(worker.data):
        for command in READS:
            worker.pomo(*command)
        assert [it["status"] for it in worker.log()] == ["completed", "running"]
        assert worker.json("status")["state"] == "focus"
        for command in WRITES:
            said = worker.fails(1, *command)
            assert f"The database {worker.database} is read-only: " in said, command
        assert worker.json("daemon", "status")["database_state"].startswith("read-only")
        found = {it["name"]: it for it in worker.json_of(1, "doctor")}
        assert found["database"]["state"] == "warning"
        assert "read-only" in found["database"]["message"]
        assert content(worker.data) == before
        assert len(worker.daemons()) == 1


def test_the_same_daemon_goes_on_with_the_first_command_when_it_can_be_written_again(worker: User) -> None:
    with frozen(worker.data):
        assert worker.json("status")["state"] == "focus"
        [pid] = worker.daemons()
    # Whoever only looks finds the same daemon, too.
    assert worker.json("daemon", "status")["pid"] == pid
    assert "paused" in worker.pomo("pause")
    found = worker.json("daemon", "status")
    assert (found["pid"], found["database_state"]) == (pid, "there")
    # Its lock is where it belongs again.
    assert worker.pid == pid
    worker.kill()
    assert [it["status"] for it in worker.log()] == ["completed", "paused"]


def test_an_end_that_cannot_be_stored_is_shown_and_is_in_the_record_once_later(user: User) -> None:
    user.pomo("start", "Write report", "--duration", "2s")
    user.pomo("daemon", "stop")
    with frozen(user.data):
        until(lambda: user.json("status")["state"] == "due")
        assert user.json("status")["today"] == 1
        assert [it["status"] for it in user.log()] == ["running"]
    user.pomo("break")
    assert user.pomo("events", "--since", "0", "--json").count('"interval.completed"') == 1
    assert [it["status"] for it in user.log()] == ["completed", "running"]
    assert user.json("status")["today"] == 1


def test_what_was_stored_last_is_read_from_the_log_that_a_killed_daemon_left(user: User) -> None:
    user.pomo("start", "Write report")
    user.pomo("pause")
    user.kill()
    assert os.path.getsize(f"{user.database}-wal")
    with frozen(user.data):
        assert user.json("status")["state"] == "focus-paused"
        user.fails(1, "resume")
        user.pomo("db", "check")
    user.pomo("resume")
    end_daemon(user)


def test_a_log_that_cannot_be_read_there_is_not_left_out(user: User) -> None:
    user.pomo("start", "Write report")
    user.kill()
    os.unlink(f"{user.database}-shm")
    with frozen(user.data):
        assert "what was stored last, beside it, cannot be read there" in user.fails(7, "status")
        assert user.daemons() == []
    assert user.json("status")["state"] == "focus"
    end_daemon(user)


def test_where_there_is_no_database_and_none_can_be_made_nothing_is_started(newcomer: User) -> None:
    os.makedirs(newcomer.data, mode=0o700)
    with frozen(newcomer.data):
        assert f"There is no database at {newcomer.database}" in newcomer.fails(1, "start", "Write report")
        assert newcomer.daemons() == []


def test_a_home_that_is_read_only_is_read(worker: User) -> None:
    # The runtime folder is below the home of a test, and nowhere else is.
    run = worker.env["XDG_RUNTIME_DIR"]
    aside = f"/tmp/{os.path.basename(worker.env['HOME'])}-run"
    shutil.move(run, aside)
    worker.env["XDG_RUNTIME_DIR"] = aside
    try:
        with frozen(worker.env["HOME"]):
            assert worker.json("status")["state"] == "focus"
            worker.fails(1, "pause")
            end_daemon(worker)
    finally:
        shutil.rmtree(aside)


def test_where_not_even_a_lock_can_be_taken_that_is_said(worker: User) -> None:
    with frozen(worker.data), frozen(worker.env["XDG_RUNTIME_DIR"]):
        said = worker.fails(6, "status")
        assert f"{worker.data} cannot be written" in said
        assert worker.daemons() == []


def test_a_database_elsewhere_that_is_read_only_is_read(worker: User, tmp_path: Path) -> None:
    shutil.copy(worker.database, tmp_path / "old.db")
    worker.write_config(f'[profiles.old]\ndatabase_url = "sqlite:///{tmp_path}/old.db"\n')
    with frozen(str(tmp_path)):
        assert worker.json("-p", "old", "status")["state"] == "focus"
        assert "is read-only" in worker.fails(1, "-p", "old", "pause")
        # The other profile is as free as ever.
        worker.pomo("pause")
        assert worker.pid == paths.read_holder(worker.lock).pid  # type: ignore[union-attr]  # a daemon runs
