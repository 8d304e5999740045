"""What keeps a daemon from starting is said in full, harms nothing, and is not tried for ever."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from tests.e2e.user import User, until


def content(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def overwrite(path: str, data: bytes) -> None:
    with open(path, "wb") as file:
        file.write(data)


def test_a_database_of_a_newer_pomo_is_refused_and_keeps_every_byte(user: User) -> None:
    with closing(sqlite3.connect(user.database)) as connection:
        connection.execute("PRAGMA user_version = 999")
    before = content(user.database)
    assert "schema 999" in user.fails(9, "status")
    assert "Update pomo" in user.fails(9, "start", "Write report")
    assert content(user.database) == before
    assert os.listdir(user.data).count("backups") == 0
    assert not [it for it in os.listdir(user.data) if it.startswith("pomo.db") and it != "pomo.db"]


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (b"", "is empty"),
        (b"\0" * 8192, "no SQLite database"),
        (b"not a database at all", "no SQLite database"),
        (None, "damaged"),
    ],
    ids=["empty", "zeros", "text", "torn"],
)
def test_a_damaged_database_is_refused_and_left_as_it_is(user: User, damage: bytes | None, said: str) -> None:
    whole = content(user.database)
    overwrite(user.database, whole[:4096] + b"\xaa" * 4096 if damage is None else damage)
    before = content(user.database)
    assert said in user.fails(7, "status")
    assert content(user.database) == before
    # No other database was made anywhere in its place.
    databases = [name for _, _, names in os.walk(user.env["HOME"]) for name in names if name.endswith(".db")]
    assert databases == ["pomo.db"]
    # And with the good one back in its place all is well.
    overwrite(user.database, whole)
    assert "idle" in user.pomo("status")


def test_a_database_that_cannot_be_made_is_said(newcomer: User) -> None:
    os.makedirs(newcomer.database)
    assert "cannot be read" in newcomer.fails(7, "status")


def test_after_three_failures_the_reason_is_told_at_once_without_another_try(user: User) -> None:
    whole = content(user.database)
    overwrite(user.database, b"broken")
    for _ in range(3):
        assert "Tried" not in user.fails(7, "status")
    said = user.fails(7, "status")
    assert user.daemon_log().count(" starts, pid ") == 3
    assert "no SQLite database" in said
    assert "Tried 3 times" in said
    # Who asks for it by name gets another try, and success makes all forgotten.
    overwrite(user.database, whole)
    assert "is running" in user.pomo("daemon", "start")
    user.kill()
    assert user.pomo("status") == "idle\n"


def test_a_broken_configuration_is_named_and_the_daemon_does_not_start(user: User) -> None:
    user.write_config('[timer]\nfocus = "soon"\n')
    said = user.fails(2, "status")
    assert "timer.focus" in said
    assert user.config in said
    user.write_config('[timer]\nfocus = "30m"\n')
    assert "30m" in user.pomo("start")


def test_a_configuration_broken_while_running_changes_nothing(user: User) -> None:
    user.write_config('[timer]\nfocus = "30m"\n')
    user.pomo("start")
    user.write_config("[timer\nfocus = ")
    assert user.json("status")["planned_s"] == 1800
    user.pomo("stop")
    assert "30m" in user.pomo("start")
    assert user.daemon_log().count("the settings stay as they were") == 1
    user.write_config('[timer]\nfocus = "40m"\n')
    user.pomo("stop")
    assert "40m" in user.pomo("start")


def test_a_running_interval_keeps_its_length_when_the_configuration_changes(user: User) -> None:
    user.pomo("start")
    user.write_config('[timer]\nfocus = "50m"\n')
    assert user.json("status")["planned_s"] == 25 * 60


def test_a_runtime_folder_with_too_long_a_path_is_named_with_a_way_out(user: User) -> None:
    folder = f"{user.env['HOME']}/{'x' * 100}"
    user.env["POMO_RUNTIME_DIR"] = folder
    said = user.fails(6, "status")
    assert folder in said
    assert "POMO_RUNTIME_DIR" in said
    assert "107" in said


def test_no_autostart_starts_nothing(user: User) -> None:
    assert "daemon start" in user.fails(6, "status", "--no-autostart")
    assert user.daemons() == []


@pytest.mark.parametrize("detached", [True, False])
def test_the_daemon_itself_says_why_it_does_not_start(user: User, detached: bool) -> None:  # noqa: FBT001
    overwrite(user.database, b"broken")
    done = subprocess.run(
        [sys.executable, "-m", "pomo_daemon", *(["--detached"] if detached else [])],
        env=user.env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (7, "")
    assert "no SQLite database" in done.stderr


def test_a_second_daemon_in_the_foreground_says_that_there_is_one(user: User) -> None:
    user.pomo("status")
    done = subprocess.run(
        [sys.executable, "-m", "pomo_daemon"], env=user.env, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")
    assert "another daemon" in done.stderr


def test_a_daemon_in_the_foreground_serves_and_ends_with_its_terminal(user: User) -> None:
    process = user.spawn([sys.executable, "-m", "pomo_daemon"])
    until(user.is_served)
    assert user.pomo("status") == "idle\n"
    assert user.pid == process.pid
    process.terminate()
    assert process.wait(10) == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_named(user: User) -> None:
    os.chmod(user.data, 0o500)
    try:
        # Nobody has an account there yet, and none can be made.
        assert f"{user.data} may not be written" in user.fails(1, "status")
    finally:
        os.chmod(user.data, 0o700)


def test_a_folder_where_a_file_lies_is_named(newcomer: User) -> None:
    os.makedirs(os.path.dirname(newcomer.data))
    overwrite(newcomer.data, b"")
    assert newcomer.data in newcomer.fails(6, "status")


def test_a_daemon_without_a_place_for_its_log_serves_all_the_same(user: User) -> None:
    os.makedirs(f"{user.env['HOME']}/.local/state")
    overwrite(f"{user.env['HOME']}/.local/state/pomo", b"")
    user.pomo("start", "Write report")
    assert user.json("status")["task"] == "Write report"
