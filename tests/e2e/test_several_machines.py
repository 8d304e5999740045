"""Several machines on one PostgreSQL: what one does, the others show; what ends, ends once."""

import json
import os
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import psycopg
import pytest

from tests.e2e.user import User, until

HELLO = b'{"jsonrpc":"2.0","id":1,"method":"hello","params":{"protocol":1}}\n'
FOLLOW = b'{"jsonrpc":"2.0","id":2,"method":"events.subscribe"}\n'


class Follower:
    """A client that follows events."""

    def __init__(self, machine: User) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(20)
        self._socket.connect(machine.socket)
        self._lines = self._socket.makefile("rb")
        for line in (HELLO, FOLLOW):
            self._socket.sendall(line)
            self._lines.readline()

    def next(self) -> dict[str, Any]:
        """Wait for the next event."""
        event: dict[str, Any] = json.loads(self._lines.readline())["params"]
        return event

    def close(self) -> None:
        self._lines.close()
        self._socket.close()


@pytest.fixture
def machines(ready_url: str) -> Iterator[list[User]]:
    """Give three machines of one person on one database; a daemon runs on each."""
    folders = [tempfile.mkdtemp(prefix="pomo-", dir="/tmp") for _ in range(3)]
    made = []
    for folder in folders:
        os.mkdir(f"{folder}/run", 0o700)
        env = {"HOME": folder, "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "XDG_RUNTIME_DIR": f"{folder}/run"}
        made.append(User({**env, "POMO_DATABASE_URL": ready_url}))
        assert made[-1].start_daemon() == 0
        assert made[-1].pomo() == "idle\n"
    yield made
    for machine, folder in zip(made, folders, strict=True):
        machine.close()
        shutil.rmtree(folder)


def intervals(url: str) -> list[tuple[str, str]]:
    """Answer phase and status of what is in the database."""
    with closing(psycopg.connect(url.replace("+psycopg", ""))) as connection:
        return connection.execute("SELECT phase, status FROM intervals ORDER BY interval_id").fetchall()


def test_a_timer_started_on_one_machine_shows_on_the_others_within_half_a_second(machines: list[User]) -> None:
    one, *others = machines
    with ThreadPoolExecutor() as pool:
        followers = [Follower(it) for it in others]
        waits = [pool.submit(it.next) for it in followers]
        one.pomo("start", "On the laptop")
        started = time.monotonic()
        assert [it.result(20)["type"] for it in waits] == ["task.created", "task.created"]
        assert [it.next()["type"] for it in followers] == ["interval.started", "interval.started"]
        assert time.monotonic() - started < 0.5
        for it in followers:
            it.close()
    assert [it.pomo("status", "-f", "{task} {state}") for it in others] == ["On the laptop focus\n"] * 2


def test_pausing_on_two_machines_at_once_pauses_once_and_both_are_content(machines: list[User]) -> None:
    machines[0].pomo("start")
    until(lambda: machines[1].pomo() != "idle\n")
    follower = Follower(machines[2])
    with ThreadPoolExecutor() as pool:
        done = list(pool.map(lambda it: it.run("pause"), machines[:2]))
    assert [it.code for it in done] == [0, 0]
    machines[0].pomo("resume")
    assert [follower.next()["type"] for _ in range(2)] == ["interval.paused", "interval.resumed"]
    follower.close()


def test_an_interval_ends_once_whatever_number_of_daemons_wake_for_it(machines: list[User], ready_url: str) -> None:
    machines[0].pomo("start", "--duration", "1s")
    for machine in machines:
        until(lambda machine=machine: machine.pomo("status", "-f", "{state}") == "due\n")  # type: ignore[misc]
    assert intervals(ready_url) == [("focus", "completed")]
    followed = [machine.json("log") for machine in machines]
    assert followed[0] == followed[1] == followed[2]


def test_when_the_machine_that_began_is_gone_another_ends_the_interval(machines: list[User], ready_url: str) -> None:
    machines[0].pomo("start", "--duration", "1s")
    machines[0].kill()
    until(lambda: intervals(ready_url) == [("focus", "completed")])
    [interval] = machines[1].json("log")
    assert (interval["status"], interval["elapsed_s"]) == ("completed", 1)


def test_a_profile_may_be_on_postgresql_beside_one_that_is_not(machines: list[User], ready_url: str) -> None:
    plain = User({name: value for name, value in machines[0].env.items() if name != "POMO_DATABASE_URL"})
    machines[1].pomo("start", "Shared")
    plain.write_config(f'[profiles.team]\ndatabase_url = "{ready_url}"\n')
    plain.pomo("daemon", "restart")
    assert plain.pomo() == "idle\n"
    assert plain.pomo("-p", "team", "status", "-f", "{task}") == "Shared\n"
