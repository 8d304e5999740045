"""`pomo daemon`: start, stop, status and logs, with and without a daemon."""

import json
import os
import signal
from collections.abc import Callable

import pytest

from pomo_cli import autostart, clock
from pomo_daemon.protocol import paths
from pomo_daemon.protocol.errors import PomoError
from tests.unit.cli.conftest import Ran
from tests.unit.cli.fake_daemon import FakeDaemon

Run = Callable[..., Ran]


def write_log(content: str) -> None:
    os.makedirs(paths.state_dir(), exist_ok=True)
    with open(f"{paths.state_dir()}/daemon.log", "w") as opened:
        opened.write(content)


def test_stop_waits_until_the_lock_is_free(daemon: FakeDaemon, run: Run) -> None:
    assert run("daemon", "stop") == (0, f"The daemon (pid {os.getpid()}) has stopped.\n", "")
    assert len(daemon.requests("daemon.stop")) == 1
    assert run("daemon", "stop") == (0, "The daemon was not running.\n", "")
    assert json.loads(run("daemon", "stop", "--json").out) == {"stopped": False, "pid": None}


@pytest.mark.usefixtures("no_start")
def test_a_daemon_of_another_protocol_is_stopped_by_a_signal(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    signals = []
    with FakeDaemon(protocol=99) as old:

        def kill(pid: int, number: int) -> None:
            signals.append((pid, number))
            old.stop()

        monkeypatch.setattr(os, "kill", kill)
        assert run("daemon", "stop").code == 0
    assert signals == [(os.getpid(), signal.SIGTERM)]


@pytest.mark.usefixtures("fake_time")
def test_a_daemon_that_does_not_end_is_told_how_to_end(
    daemon: FakeDaemon, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(daemon, "stop", lambda: None)
    ran = run("daemon", "stop")
    monkeypatch.undo()
    assert ran.code == 6
    assert f"'kill -9 {os.getpid()}'" in ran.err


def test_start_starts_one_or_says_that_it_runs(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    started = FakeDaemon()
    monkeypatch.setattr(autostart, "_spawn_and_wait", started.__enter__)
    assert run("daemon", "start") == (0, "The daemon (pid 7) is running.\n", "")
    assert run("daemon", "start") == (0, "The daemon (pid 7) was running already.\n", "")
    started.stop()


def test_start_tries_in_spite_of_earlier_failures(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    tries = []

    def fail() -> None:
        tries.append(1)
        raise PomoError("database.unavailable", "Broken.", "Mend.")

    monkeypatch.setattr(autostart, "_spawn_and_wait", fail)
    for _ in range(5):
        assert run("daemon", "start") == (7, "", "pomo: Broken.\n      Mend.\n")
    assert len(tries) == 5


def test_restart_stops_one_and_starts_another(daemon: FakeDaemon, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    successor = FakeDaemon()
    monkeypatch.setattr(autostart, "_spawn_and_wait", successor.__enter__)
    assert run("daemon", "restart").code == 0
    assert len(daemon.requests("daemon.stop")) == 1
    assert len(successor.requests("daemon.info")) == 1
    successor.stop()


def test_status_shows_what_the_daemon_says_cleaned(daemon: FakeDaemon, run: Run) -> None:
    daemon.results["daemon.info"] = {"pid": 7, "uptime_s": 3660, "new\x1b_field": "a\x1b[31m\nb"}
    shown = run("daemon", "status").out
    assert "1h01m" in shown
    assert "\x1b" not in shown
    assert json.loads(run("daemon", "status", "--json").out)["pid"] == 7


def test_logs_shows_the_last_lines_cleaned(run: Run) -> None:
    write_log("".join(f"line {n}\n" for n in range(100)) + "evil \x1b[31m\n")
    assert run("daemon", "logs", "-n", "2") == (0, "line 99\nevil �[31m\n", "")
    assert len(run("daemon", "logs").out.splitlines()) == 20
    assert json.loads(run("daemon", "logs", "-n", "1", "--json").out) == ["evil �[31m"]


def test_logs_without_a_log_says_so(run: Run) -> None:
    ran = run("daemon", "logs")
    assert (ran.code, ran.out) == (6, "")
    assert "There is no log" in ran.err


def test_logs_follows_what_is_appended_and_a_new_file(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    write_log("one\n")
    turns = iter(["one\ntwo\n", "one\ntwo\n", "fresh\n"])

    def sleep(_seconds: float) -> None:
        content = next(turns, None)
        if content is None:
            raise KeyboardInterrupt
        write_log(content)

    monkeypatch.setattr(clock, "sleep", sleep)
    assert run("daemon", "logs", "--follow") == (130, "one\ntwo\nfresh\n", "")
