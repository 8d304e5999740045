"""Thousands of deadlines, daemons that are killed at random, a database whose connections are cut: each ends once.

Each worker is what a daemon is without its socket: the timer service on the real store. It is killed by SIGKILL
wherever it happens to be. In the middle PostgreSQL itself is stopped as in a crash, and started again.
"""

import asyncio
import os
import random  # a seed makes the schedule
import signal
import time
from collections.abc import Iterable
from contextlib import suppress
from multiprocessing.process import BaseProcess

import psycopg

from pomo_daemon.adapters.clock import SystemClock
from pomo_daemon.adapters.db.migrate import prepare
from pomo_daemon.adapters.db.store import SqlStore
from pomo_daemon.application.announcer import Announcer
from pomo_daemon.application.ports import StoreError
from pomo_daemon.application.timer import Identity, TimerService
from pomo_daemon.domain.cycle import Rules
from pomo_daemon.domain.timer import Start
from tests.fakes.alarm import FakeAlarm
from tests.fakes.servers import Postgres
from tests.reliability.frame import Campaign, Outcome, Scale, forks, shares, spread

WORKERS = 3
#: Who looks on is not cut off.
OUTSIDE = "outside"
FIGURE = "PostgreSQL, several daemons"


def service(url: str) -> tuple[TimerService, SqlStore]:
    """Make what a daemon has behind its socket."""
    clock = SystemClock()
    store = SqlStore(url, clock)
    return TimerService(store, clock, FakeAlarm(lambda _user: None), Announcer(), Rules), store


async def start_all(url: str, uids: Iterable[int]) -> None:
    """Start an interval of one second for each of many users."""
    timers, store = service(url)
    async with store.write() as unit:
        users = [await unit.users.of_peer(10_000 + uid, f"user{uid}") for uid in uids]
    for user_id in users:
        await timers.run(Identity(user_id, "", ""), Start(planned=Rules().short_break / 300))
    await store.close()


def begin(url_and_uids: tuple[str, range]) -> Outcome:
    """Be one of the processes that start them."""
    asyncio.run(start_all(*url_and_uids))
    return Outcome({})


async def work(url: str, seed: int) -> None:
    """Wake for everybody whose interval runs, in an order of one's own, again and again."""
    timers, store = service(url)
    chance = random.Random(seed)
    while True:
        with suppress(StoreError):
            async with store.read() as unit:
                users = list(await unit.timers.running())
            chance.shuffle(users)
            for user_id in users:
                with suppress(StoreError):
                    await timers.wake(user_id)


def worker(url: str, seed: int) -> None:
    """Be a process that works until it is killed."""
    asyncio.run(work(url, seed))


class Campaigners:
    """The workers, and what is done to them."""

    def __init__(self, server: Postgres, url: str, seed: int) -> None:
        self._server = server
        self._url = url
        self._chance = random.Random(seed)
        self._seed = seed
        self.workers: list[BaseProcess] = [self._spawn() for _ in range(WORKERS)]

    def _spawn(self) -> BaseProcess:
        self._seed += 1
        made = forks().Process(target=worker, args=(self._url, self._seed), daemon=True)
        made.start()
        return made

    def kill_one(self) -> None:
        """Kill a worker wherever it is, and start another."""
        victim = self._chance.choice(self.workers)
        assert victim.pid is not None
        os.kill(victim.pid, signal.SIGKILL)
        victim.join()
        self.workers[self.workers.index(victim)] = self._spawn()

    def cut_one(self) -> None:
        """End a connection from the server's side."""
        with suppress(psycopg.Error), connect(self._url) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE application_name <> %s AND datname = current_database() ORDER BY random() LIMIT 1",
                [OUTSIDE],
            )

    def crash_database(self) -> None:
        """Stop PostgreSQL as in a crash, and start it."""
        self._server.kill()
        self._server.start()

    def end(self) -> None:
        """Kill all workers."""
        for it in self.workers:
            it.kill()
            it.join()


def connect(url: str) -> "psycopg.Connection[tuple[int, ...]]":
    """Look at the database from outside."""
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True, application_name=OUTSIDE)


class Watch:
    """Looks from outside how far they are, over one connection, another one after a crash."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection = connect(url)

    def left(self) -> int:
        """Answer how many intervals run still."""
        while True:
            try:
                row = self._connection.execute("SELECT count(*) FROM intervals WHERE status = 'running'").fetchone()
                return row[0] if row else 0
            except psycopg.OperationalError:
                self.close()
                self._connection = connect(self._url)

    def close(self) -> None:
        """Look no longer."""
        self._connection.close()


def count(url: str, what: str) -> int:
    """Answer a count of the database."""
    with connect(url) as connection:
        row = connection.execute(f"SELECT {what}".encode()).fetchone()  # fixed texts, below
        return row[0] if row else -1


def campaign(deadlines: int, kills: int, cuts: int, seed: int) -> Outcome:
    """Run a campaign, and count what is there in the end."""
    with Postgres() as server:
        url = server.new_database()
        asyncio.run(prepare(url, SystemClock().read().wall))
        list(spread(begin, [(url, it) for it in shares(0, deadlines, -(-deadlines // 2))]))
        under_way = Campaigners(server, url, seed)
        watch = Watch(url)
        blows = [under_way.kill_one] * kills + [under_way.cut_one] * cuts
        random.Random(seed).shuffle(blows)
        blows.insert(len(blows) // 2, under_way.crash_database)
        for number, blow in enumerate(blows):
            # Over the whole of it, however fast that is.
            while watch.left() > deadlines * (1 - number / len(blows)):
                time.sleep(0.02)
            blow()
        while watch.left():
            time.sleep(0.2)
        watch.close()
        under_way.end()
        completions = "FROM events WHERE type = 'interval.completed'"
        found = {
            "intervals": count(url, "count(*) FROM intervals"),
            "completed": count(url, "count(*) FROM intervals WHERE status = 'completed'"),
            "at their deadline": count(url, "count(*) FROM intervals WHERE ended_at = started_at + planned"),
            "completions told": count(url, f"count(*) {completions}"),
            "of as many users": count(url, f"count(DISTINCT user_id) {completions}"),
        }
    again = f"python -m tests.reliability several_daemons {deadlines=} {kills=} {cuts=} {seed=}"
    lost, doubled = deadlines - found["of as many users"], found["completions told"] - found["of as many users"]
    return Outcome(
        {FIGURE: f"{deadlines:,} completions, {kills} kills, {cuts} cuts, 1 crash: {lost} lost, {doubled} doubled"},
        [] if set(found.values()) == {deadlines} else [f"{found}: {again}"],
    )


CAMPAIGN = Campaign(
    name="several_daemons",
    timed=True,
    shows="Workers on one PostgreSQL are killed at random, its connections cut, and itself stopped as in a crash.",
    figures={FIGURE: "4,000 completions, 80 kills, 50 terminated connections: 0 lost, 0 doubled"},
    run=campaign,
    amounts={
        Scale.PART: {"deadlines": 100, "kills": 5, "cuts": 5, "seed": 7},
        Scale.FULL: {"deadlines": 4000, "kills": 80, "cuts": 50, "seed": 1},
        Scale.LONG: {"deadlines": 40_000, "kills": 800, "cuts": 500, "seed": 1},
    },
)
