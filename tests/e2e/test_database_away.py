"""PostgreSQL away: the timer goes on, what is asked of it is kept, and later all is as if it had been there."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from pomo_daemon.adapters.faults import STATUS, VARIABLE
from tests.e2e.desktop import Desktop
from tests.e2e.user import User, until
from tests.fakes.proxy import ProxyThread
from tests.fakes.servers import Postgres
from tests.integration.server.wire import greeted


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    """Give a server that may go down; every test leaves it up."""
    with Postgres() as made:
        yield made


@pytest.fixture
def machine(home: dict[str, str], server: Postgres) -> Iterator[User]:
    """Give a machine whose daemon runs on a database of its own."""
    user = User({**home, "POMO_DATABASE_URL": server.ready_database()})
    assert user.start_daemon() == 0
    yield user
    user.close()


def offline(machine: User) -> bool:
    return bool(machine.json("status")["offline"])


def kept(machine: User) -> list[str]:
    """Answer the files in which commands are kept."""
    folder = f"{machine.env['HOME']}/.local/state/pomo/offline"
    return [it for _, _, names in os.walk(folder) for it in names if it.endswith(".journal")]


def record(machine: User) -> list[tuple[Any, ...]]:
    """Answer what was done, in whole seconds of its length."""
    return [(it["phase"], it["status"], it["task"], it["elapsed_s"], it["conflict"]) for it in machine.json("log")]


def events(machine: User) -> list[str]:
    """Answer the type of every event there ever was, in order."""
    with greeted(machine.socket) as wire:
        last = wire.call("events.subscribe", since=0)["seq"]
        found = [wire.message()["params"] for _ in range(last)]
    assert [it["seq"] for it in found] == list(range(1, last + 1))
    return [it["type"] for it in found]


def is_whole(machine: User) -> bool:
    """Tell whether the database is there, and has all that was kept."""
    return not offline(machine) and not kept(machine)


#: A focus that ends while nobody can store that, and three commands after it.
AWAY = (("break", "--duration", "1h"), ("stop",), ("start", "Another", "--duration", "1h"))


def live(machine: User, server: Postgres | None, *, killing: bool = False) -> tuple[list[Any], list[str], list[Any]]:
    """Live through it, without the server if one is given; answer record, events, and what commands were told."""
    told = []
    machine.pomo("start", "Write report", "--duration", "2s")
    if server:
        server.kill()
    until(lambda: machine.pomo("status", "-f", "{state}") == "due\n")
    for command in AWAY:
        time.sleep(1.1)
        if killing:
            machine.kill()
            assert machine.start_daemon() == 0
        answer = machine.json(*command)
        assert ("is kept here until it is back" in answer["message"]) == bool(server)
        told.append((answer["interval"]["phase"], answer["interval"]["status"], answer["interval"]["elapsed_s"]))
    if server:
        assert offline(machine)
        if killing:
            machine.kill()
        server.start()
        if killing:
            assert machine.start_daemon() == 0
        until(lambda: is_whole(machine))
    return record(machine), events(machine), told


@pytest.mark.parametrize("killing", [False, True], ids=["alive", "killed"])
def test_the_record_is_as_if_postgresql_had_never_been_away(
    machine: User, server: Postgres, home: dict[str, str], *, killing: bool
) -> None:
    found, ours, told = live(machine, server, killing=killing)
    other = tempfile.mkdtemp(prefix="pomo-", dir="/tmp")
    os.mkdir(f"{other}/run", 0o700)
    env = {**home, "HOME": other, "XDG_RUNTIME_DIR": f"{other}/run", "POMO_DATABASE_URL": server.ready_database()}
    twin = User(env)
    assert twin.start_daemon() == 0
    try:
        whole, theirs, _ = live(twin, None)
    finally:
        twin.close()
        shutil.rmtree(other)
    assert whole[0] == ("focus", "completed", "Write report", 2, False)
    assert found[0] == whole[0]
    assert [it[:3] for it in found] == [it[:3] for it in whole]
    assert (found[1][0], found[1][1], found[1][3]) == told[1]
    assert ours == theirs


def test_while_postgresql_is_away_the_timer_is_shown_and_obeys_and_all_else_fails_at_once(
    machine: User, server: Postgres
) -> None:
    machine.pomo("start", "Goes on", "--duration", "1h")
    server.kill()
    assert "pomo: The database is away" in machine.fails(7, "task", "add", "Not now")
    began = time.monotonic()
    for command in (("task", "list"), ("log",), ("report",), ("task", "add", "Not now"), ("undo",)):
        machine.fails(7, *command)
    assert time.monotonic() - began < 3
    assert machine.pomo("status").endswith("Goes on (1/4) offline\n")
    assert machine.json("status")["offline"] is True
    assert "(offline)" in machine.pomo("status", "-o", "waybar")
    assert "offline, 0 commands" in machine.pomo("daemon", "status")
    assert "kept here until it is back" in machine.pomo("interrupt")
    assert "kept here until it is back" in machine.pomo("pause")
    assert "offline, 2 commands" in machine.pomo("daemon", "status")
    server.start()
    until(lambda: not offline(machine))
    machine.pomo("task", "add", "Now")
    assert [it["status"] for it in machine.json("log")] == ["paused"]


def test_the_end_of_an_interval_is_shown_while_postgresql_is_away_and_once(machine: User, server: Postgres) -> None:
    with Desktop(machine.env["XDG_RUNTIME_DIR"]) as desktop:
        machine.pomo("daemon", "restart")
        machine.pomo("start", "Write report", "--duration", "1s")
        server.kill()
        assert desktop.wait(1)["summary"] == "Focus completed: Write report"
        server.start()
        until(lambda: is_whole(machine))
        time.sleep(0.5)
        assert len(desktop.shown) == 1
        machine.kill()


def test_a_line_on_which_nothing_comes_back_is_missed_within_ten_seconds(
    home: dict[str, str], server: Postgres
) -> None:
    with ProxyThread(server.ready_database()) as line:
        machine = User({**home, "POMO_DATABASE_URL": line.url})
        try:
            assert machine.start_daemon() == 0
            machine.pomo("start", "Write report", "--duration", "1h")
            line.proxy.silent = True
            began = time.monotonic()
            until(lambda: offline(machine), within=10)
            assert time.monotonic() - began < 10
            assert "kept here" in machine.pomo("pause")
            line.mend()
            until(lambda: is_whole(machine))
            # A command that comes before that was noticed is answered all the same.
            line.proxy.silent = True
            assert "kept here" in machine.pomo("resume")
            line.mend()
            until(lambda: is_whole(machine))
            assert machine.json("log")[0]["status"] == "running"
            assert events(machine) == ["task.created", "interval.started", "interval.paused", "interval.resumed"]
        finally:
            machine.close()


#: One of each write; tests/unit/application/test_offline.py has all of them, and what comes after each.
POINTS = ("after_journal", "before_timer_kept", "before_clear", "before_commit")


@pytest.mark.parametrize("point", POINTS)
def test_at_no_point_of_keeping_and_bringing_back_a_death_loses_or_doubles_anything(
    home: dict[str, str], server: Postgres, point: str
) -> None:
    with ProxyThread(server.ready_database()) as line:
        machine = User({**home, "POMO_DATABASE_URL": line.url})
        try:
            die_at_each(machine, line, point)
        finally:
            machine.close()


def is_whole_again(machine: User) -> bool:
    """Tell whether all is brought back; a daemon that dies while it is asked is asked again."""
    try:
        return is_whole(machine)
    except AssertionError:
        return False


def die_at_each(machine: User, line: ProxyThread, point: str) -> None:
    """Have a daemon die at a point, the first time that one comes there, the second time, and so on."""
    for times in count(1):
        before = len(events(machine)) if times > 1 else 0
        machine.pomo("start", "--duration", "1h")
        line.refuse()
        machine.kill()
        died = machine.start_daemon(**{VARIABLE: f"{point}:{times}"}) == STATUS
        first = None if died else machine.pid
        for command in ("pause", "resume", "finish"):
            # A client whose daemon dies over it starts another one, and sends the command again.
            assert machine.run(command).code == 0, (point, times, command)
        line.mend()
        until(lambda: is_whole_again(machine))
        assert events(machine)[before:] == [f"interval.{it}" for it in ("started", "paused", "resumed", "completed")]
        assert {it[:2] for it in record(machine)} == {("focus", "completed")}
        assert len(record(machine)) == times
        died = died or machine.pid != first
        machine.pomo("stop")
        if not died:
            break
    assert times > 1


def test_a_profile_on_sqlite_knows_nothing_of_all_this(user: User) -> None:
    user.pomo("start")
    user.pomo("stop")
    assert "offline" not in os.listdir(f"{user.env['HOME']}/.local/state/pomo")
    code = "import sys, pomo_daemon.bootstrap; print([it for it in sys.modules if it.endswith(('offline', 'journal'))])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout == "[]\n"
