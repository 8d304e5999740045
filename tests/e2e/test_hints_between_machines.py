"""How soon one machine shows what another did: by Redis, by PostgreSQL's notices, and with neither. Redis breaks."""

import os
import queue
import shutil
import signal
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest

from tests.e2e.user import POMO, User, until
from tests.fakes.servers import Valkey

#: The client's backends that listen, as PostgreSQL names them.
LISTENING = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query ILIKE 'LISTEN%%' AND datname = %s"


@pytest.fixture
def redis() -> Iterator[Valkey]:
    with Valkey() as server:
        yield server


@pytest.fixture
def machines(request: pytest.FixtureRequest, ready_url: str) -> Iterator[list[User]]:
    """Give three machines on one database, with a Redis if the test has one."""
    more = {}
    if "redis" in request.fixturenames:
        more["POMO_REDIS_URL"] = request.getfixturevalue("redis").url
    folders = [tempfile.mkdtemp(prefix="pomo-", dir="/tmp") for _ in range(3)]
    made = []
    for folder in folders:
        os.mkdir(f"{folder}/run", 0o700)
        env = {"HOME": folder, "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "XDG_RUNTIME_DIR": f"{folder}/run"}
        made.append(User({**env, "POMO_DATABASE_URL": ready_url, **more}))
        assert made[-1].start_daemon() == 0
        assert made[-1].pomo() == "idle\n"
    yield made
    for machine, folder in zip(made, folders, strict=True):
        machine.close()
        shutil.rmtree(folder)


class Bar:
    """A `pomo status --follow`, and when each state was first shown."""

    def __init__(self, machine: User) -> None:
        command = [*POMO, "status", "--follow", "-f", "{state}"]
        self._process = subprocess.Popen(command, env=machine.env, stdout=subprocess.PIPE, text=True)
        self._shown: queue.Queue[tuple[str, float]] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        before = ""
        for line in self._process.stdout:
            if line != before:
                self._shown.put((line.strip(), time.monotonic()))
            before = line

    def shows(self, state: str) -> float:
        """Wait until a state is shown, and answer when it was."""
        while (found := self._shown.get(timeout=20))[0] != state:
            pass
        return found[1]

    def close(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(10)
        assert self._process.stdout is not None
        self._process.stdout.close()


def delays(machines: list[User], rounds: int) -> list[float]:
    """Pause and go on, on one machine, and answer how many seconds later the bars of the others show it."""
    one, *others = machines
    bars = [Bar(it) for it in others]
    for bar in bars:
        bar.shows("idle")
    one.pomo("start")
    for bar in bars:
        bar.shows("focus")
    found = []
    for number in range(rounds):
        one.pomo("toggle")
        done = time.monotonic()
        state = "focus" if number % 2 else "focus-paused"
        found += [bar.shows(state) - done for bar in bars]
    for bar in bars:
        bar.close()
    return found


@pytest.mark.usefixtures("redis")
def test_with_redis_the_others_show_it_within_a_fifth_of_a_second(machines: list[User]) -> None:
    assert statistics.median(delays(machines, 9)) < 0.2


def test_with_notices_of_postgresql_the_others_show_it_within_half_a_second(machines: list[User]) -> None:
    assert statistics.median(delays(machines, 9)) < 0.5


def test_with_neither_the_others_show_it_within_six_seconds(machines: list[User], ready_url: str) -> None:
    address = ready_url.replace("+psycopg", "")
    stop = threading.Event()
    killed = []

    def keep_deaf() -> None:
        with closing(psycopg.connect(address, autocommit=True)) as connection:
            name = connection.info.dbname
            while not stop.wait(0.02):
                killed.extend(connection.execute(LISTENING, (name,)).fetchall())

    deafening = threading.Thread(target=keep_deaf)
    deafening.start()
    try:
        until(lambda: len(killed) >= len(machines))
        assert max(delays(machines, 1)) < 6
    finally:
        stop.set()
        deafening.join()


def test_redis_killed_frozen_and_restarted_fails_no_command_and_events_heal(
    machines: list[User], redis: Valkey
) -> None:
    one, two, _ = machines
    bar = Bar(two)
    one.pomo("start", "Write report")
    trouble = {
        3: lambda: redis.signal(signal.SIGSTOP),
        8: lambda: redis.signal(signal.SIGCONT),
        12: redis.kill,
        18: lambda: os.unlink(f"{redis.folder}/valkey.sock"),
        20: redis.start,
    }
    took = []
    for number in range(26):
        trouble.get(number, lambda: None)()
        began = time.monotonic()
        one.pomo("toggle")
        took.append(time.monotonic() - began)
        assert two.run("report", "year").code == 0
        assert two.run("task", "list").code == 0
    usual = statistics.median(took[:3])
    assert statistics.median(took[3:]) < usual + 0.05, "a Redis in trouble slows commands down"
    one.pomo("stop")
    bar.shows("idle")
    bar.close()
    assert one.pomo("events") == two.pomo("events")


@pytest.mark.usefixtures("redis")
def test_what_one_machine_has_counted_another_finds_in_redis(machines: list[User]) -> None:
    one, two, _ = machines
    one.pomo("task", "add", "Write report")
    first = one.pomo("task", "list")
    until(lambda: two.pomo("task", "list") == first)
    said = two.json("daemon", "status")
    assert (said["cache"], said["cache_hits"]) == ("redis", 1)
    assert "redis; 1 of " in two.pomo("daemon", "status")
