"""Starting a daemon: what it inherits, how its last words are read, and when to stop trying."""

import fcntl
import os
import sys
from datetime import UTC, datetime, timedelta

import pytest

from pomo_cli import autostart, backoff, clock
from pomo_daemon.protocol import paths
from pomo_daemon.protocol.errors import PomoError

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def interpreter(place: str, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a shell script where Python is looked for."""
    path = f"{place}/python"
    with open(path, "w") as opened:
        opened.write(f"#!/bin/sh\n{script}\n")
    os.chmod(path, 0o700)
    monkeypatch.setattr(sys, "executable", path)


def failure(*, stubborn: bool = False) -> PomoError:
    with pytest.raises(PomoError) as caught:
        autostart.start(lambda: False, stubborn=stubborn)
    return caught.value


def test_a_daemon_inherits_only_what_it_needs() -> None:
    keep = {"HOME": "/h", "PATH": "/b", "LC_TIME": "C", "XDG_RUNTIME_DIR": "/r", "POMO_CONFIG": "/c", "TZ": "UTC"}
    drop = {"GIT_DIR": "/g", "GIT_INDEX_FILE": "i", "PYTHONPATH": "/p", "SECRET": "s", "DATABASE_URL": "u", "LS": "x"}
    assert autostart.environment(keep | drop) == keep


def test_a_daemon_is_started_detached(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", "/somewhere")
    facts = f"{place}/facts"
    interpreter(
        place,
        f'streams=$(readlink /proc/$$/fd/0 /proc/$$/fd/1); {{ echo "$@"; pwd; umask; ps -o sid= -p $$; echo $$; env; '
        f'echo "$streams"; }} > {facts}; echo ready >&2',
        monkeypatch,
    )
    autostart.start(lambda: False)
    with open(facts) as opened:
        lines = opened.read().splitlines()
    assert lines[0] == "-m pomo_daemon --detached"
    assert lines[1] == "/"
    assert lines[2] == "0077"
    assert lines[3].strip() == lines[4]
    assert not [it for it in lines if it.startswith("GIT_")]
    assert lines.count("/dev/null") == 2


def test_nothing_is_started_beside_a_running_daemon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(autostart, "_spawn_and_wait", lambda: pytest.fail("started"))
    autostart.start(lambda: True)


def test_the_data_folder_is_made_for_the_user_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(autostart, "_spawn_and_wait", lambda: None)
    autostart.start(lambda: False)
    assert os.stat(paths.data_dir()).st_mode & 0o777 == 0o700


def test_a_data_folder_that_cannot_be_made_is_a_clear_error(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POMO_DATA_DIR", f"{place}/file/data")
    open(f"{place}/file", "w").close()
    assert failure().code == "daemon.unavailable"


@pytest.mark.usefixtures("fake_time")
def test_the_turn_of_another_client_is_waited_for_but_not_for_ever() -> None:
    os.makedirs(paths.data_dir())
    with open(f"{paths.data_dir()}/start.lock", "w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert failure().code == "daemon.unavailable"


@pytest.mark.parametrize(
    ("script", "code", "message"),
    [
        (r"printf 'noise\ndatabase.newer\tToo new.\tUpdate.\n' >&2; exit 9", "database.newer", "Too new."),
        (r"printf 'config.invalid\tx: no.\t\n' >&2; exit 2", "config.invalid", "x: no."),
        (
            "echo 'ModuleNotFoundError: No module' >&2; exit 1",
            "daemon.unavailable",
            "The daemon did not start: ModuleNotFoundError: No module.",
        ),
        ("exit 3", "daemon.unavailable", "The daemon did not start: exit status 3."),
        ("kill -9 $$", "daemon.unavailable", "The daemon did not start: signal 9."),
    ],
)
def test_the_last_words_of_a_daemon_are_the_reason(
    script: str, code: str, message: str, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    interpreter(place, script, monkeypatch)
    error = failure()
    assert (error.code, error.message) == (code, message)


def test_a_missing_python_is_a_clear_error(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", f"{place}/none")
    assert "cannot be run" in failure().message


def test_a_daemon_that_says_nothing_is_given_up(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(autostart, "PATIENCE", 0.05)
    interpreter(place, "exec sleep 1", monkeypatch)
    assert failure().message.startswith("The daemon is not ready after")


def test_after_three_failures_within_a_minute_nobody_tries_until_it_is_over(
    place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = [NOON]
    monkeypatch.setattr(clock, "now", lambda: moment[0])
    interpreter(place, rf"echo x >> {place}/tries; printf 'database.unavailable\tBroken.\tMend.\n' >&2", monkeypatch)

    def tries() -> int:
        with open(f"{place}/tries") as opened:
            return len(opened.readlines())

    for second in range(20):
        moment[0] = NOON + timedelta(seconds=second)
        assert (failure().code, failure().message) == ("database.unavailable", "Broken.")
    assert tries() == 3
    assert failure().hint == ("Mend. Tried 3 times; the next try is in 41 s, or at once with 'pomo daemon start'.")
    failure(stubborn=True)
    assert tries() == 4
    moment[0] = NOON + timedelta(seconds=200)
    failure()
    assert tries() == 5


def test_a_start_forgets_the_failures(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    backoff.note(NOON, PomoError("internal"))
    interpreter(place, "echo ready >&2", monkeypatch)
    autostart.start(lambda: False)
    assert not os.path.exists(f"{paths.state_dir()}/start-failures")


@pytest.mark.parametrize("line", ["", "x\ty", "2026-11-24T12:00:00\tnaive", "2026-11-24T13:00:00+00:00\tfuture", "\0"])
def test_lines_that_say_nothing_about_the_last_minute_do_not_count(line: str) -> None:
    os.makedirs(paths.state_dir())
    with open(f"{paths.state_dir()}/start-failures", "w") as opened:
        opened.write(f"{line}\n" * 5)
    backoff.check(NOON)


def test_a_state_folder_that_cannot_be_made_does_not_hinder(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    open(f"{place}/file", "w").close()
    monkeypatch.setenv("POMO_STATE_DIR", f"{place}/file/state")
    backoff.note(NOON, PomoError("internal"))
    backoff.check(NOON)
    backoff.forget()
