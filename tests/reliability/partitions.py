"""Machines whose line to PostgreSQL is cut at random: what was answered is done, and done once.

Each schedule gives a person's commands to what a daemon has behind its socket, over a proxy that drops a request, a
reply, or the reply to a COMMIT, swallows everything, or refuses; and now and then the daemon is killed. Beside it the
same commands are given, as of the same instants, to a timer whose database is never away. The records must be the same.
"""

import asyncio
import random  # a seed makes the schedule
import tempfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from pomo_daemon.adapters.db.migrate import prepare
from pomo_daemon.adapters.db.store import SqlStore
from pomo_daemon.adapters.entropy import SystemRandom
from pomo_daemon.adapters.journal import JournalFiles
from pomo_daemon.application import offline, sync
from pomo_daemon.application.announcer import Announcer
from pomo_daemon.application.kept import mark
from pomo_daemon.application.offline import SharedTimers
from pomo_daemon.application.ports import Store, StoreError
from pomo_daemon.application.sync import Sync
from pomo_daemon.application.timer import Identity, TaskChoice, TimerService
from pomo_daemon.domain.cycle import AutoStart, Rules
from pomo_daemon.domain.errors import DomainError
from pomo_daemon.domain.interval import Status
from pomo_daemon.domain.timer import (
    Break,
    Cancel,
    Command,
    Extend,
    Finish,
    Pause,
    Repeat,
    Resume,
    Skip,
    Start,
    Stop,
    Toggle,
)
from tests.fakes.alarm import FakeAlarm
from tests.fakes.clock import FakeClock
from tests.fakes.proxy import Cut, Proxy, no_cut
from tests.fakes.servers import Postgres
from tests.fakes.store import MemoryStore
from tests.reliability.frame import Campaign, Outcome, Scale, shares, spread

#: Schedules that are under way at once in a process, and how many it lives in all.
AT_ONCE: Final = 6
SHARE: Final = 100
STEPS: Final = 14
COMMANDS: Final[Sequence[Command]] = (
    *(Start(), Break(), Repeat(replace=True), Pause(), Pause(), Resume(), Resume(), Toggle(), Toggle()),
    *(Stop(), Finish(), Cancel(), Skip(), Extend(timedelta(minutes=5)), Extend(timedelta(minutes=-3))),
)
#: So that a schedule takes a second, and not a minute: how long a command, and a look, wait for the database.
HASTE, PATIENCE = 0.4, 1.5


class MachineClock(FakeClock):
    """The SharedClock of all schedules: it stands still but for what they let pass."""

    ahead = timedelta(0)

    def shift(self, by: timedelta) -> None:
        """Stay: the database's clock is another one here."""


class TimedStore(SqlStore):
    """A database whose clock is that of the schedule."""

    def __init__(self, url: str, clock: FakeClock) -> None:
        super().__init__(url, clock)
        self._its_clock = clock

    async def now(self) -> datetime:
        """Ask, and answer the time of the schedule."""
        await super().now()
        return self._its_clock.wall


class Schedule:
    """One person, one machine, one proxy; and the twin whose database is never away."""

    def __init__(self, proxy: Proxy, folder: str, seed: int) -> None:
        self._proxy = proxy
        self._folder = folder
        self._chance = random.Random(seed)
        self._clock = MachineClock()
        self._rules = Rules(auto_start=self._chance.choice(list(AutoStart)))
        self._twin_store = MemoryStore()
        self._twin = TimerService(
            self._twin_store, self._clock, FakeAlarm(lambda _: None), Announcer(), lambda: self._rules
        )
        self.kept = self.kills = 0
        self.log: list[str] = []

    async def run(self) -> None:
        """Live through it. Raises AssertionError where an answer is another one than the twin's."""
        self._begin()
        async with self._store.write() as unit:
            self._who = Identity(await unit.users.of_peer(1000, "ada"), "ada", "")
        async with self._twin_store.write() as unit:
            self._its = Identity(await unit.users.of_peer(1000, "ada"), "ada", "")
        await self._timers.status(self._who)
        for step in range(STEPS):
            await self._pass()
            await self._disturb()
            await self._give(step)
        self._proxy.mend()
        while self._timers.offline or self._timers.kept:
            await self._sync.look()
        await self._store.close()

    def _begin(self) -> None:
        """Be a daemon."""
        self._store = TimedStore(self._proxy.url, self._clock)
        journal = JournalFiles(self._folder)
        alarm = FakeAlarm(lambda _: None)
        self._timers = SharedTimers(
            *(self._store, self._clock, alarm, Announcer(), lambda: self._rules),
            *("here", journal, SystemRandom(), lambda _user: (1000, "ada")),
        )
        self._sync = Sync(self._timers, self._store, None, self._clock)

    async def _pass(self) -> None:
        """Let some time pass; where an interval ends in it, that rings."""
        self._clock.advance(timedelta(seconds=self._chance.randrange(1, 900)))
        await self._timers.wake(self._who.user_id)
        await self._twin.wake(self._its.user_id)

    async def _disturb(self) -> None:
        """Do something to the line, or to the daemon."""
        chance, proxy = self._chance, self._proxy
        what = chance.choice(["", "", "cut", "cut", "commit", "commit", "silence", "refuse", "mend", "mend", "kill"])
        self.log.append(what)
        if what == "cut":
            proxy.fault = after(chance.randrange(12), chance.choice([Cut.REQUEST, Cut.REPLY, Cut.SILENCE]))
        elif what == "commit":
            proxy.fault = at_commit(chance.choice([Cut.REQUEST, Cut.REPLY, Cut.SILENCE]))
        elif what == "silence":
            proxy.silent = True
        elif what == "refuse":
            proxy.refuse()
        elif what == "mend":
            proxy.mend()
            await self._sync.look()
        elif what == "kill":
            await self._kill()

    async def _kill(self) -> None:
        """End the daemon wherever it is, and start another."""
        self.kills += 1
        await self._timers.drain()
        closing = asyncio.ensure_future(self._store.close())
        self._begin()
        known = await self._timers.restore()
        await self._sync.look()
        for it in known:
            self._timers.recall(it)
        await asyncio.wait({closing}, timeout=1)

    async def _give(self, step: int) -> None:
        """Give a command to both; one whose answer is lost is sent again."""
        command = self._chance.choice(COMMANDS)
        task = TaskChoice(self._chance.choice(["Ä", "b"])) if isinstance(command, Start) else None
        again = self._chance.random() < 0.2  # one in five
        self.log.append(f"{command} {task} {again}")
        for _ in range(1 + again):
            found = await answer(self._timers, self._who, command, task, f"request-{step}")
            its = await answer(self._twin, self._its, command, task, f"request-{step}")
            assert found[:1] == its[:1], (found, its)
            self.kept += found[-1] is True

    async def compare(self, url: str) -> None:
        """Hold what is stored at a URL against what the twin has. Raises AssertionError."""
        store = SqlStore(url, self._clock)
        ours, theirs = await record(store, self._who.user_id), await record(self._twin_store, self._its.user_id)
        await store.close()
        for name, it in ours.items():
            assert it == theirs[name], f"{name}:\n{it}\n{theirs[name]}"


def after(count: int, cut: Cut) -> Any:
    """Let so many messages through first; then the fault, once."""
    left = [count]

    def fault(_commits: bool) -> Cut:  # noqa: FBT001
        left[0] -= 1
        return cut if left[0] == -1 else Cut.NONE

    return fault


def at_commit(cut: Cut) -> Any:
    """Let everything through up to the next COMMIT."""
    left = [1]

    def fault(commits: bool) -> Cut:  # noqa: FBT001
        left[0] -= commits
        return cut if commits and left[0] == 0 else no_cut(commits)

    return fault


async def answer(
    timers: TimerService, who: Identity, command: Command, task: TaskChoice | None, request_id: str
) -> tuple[object, ...]:
    """Answer what is said to a command: which events, or why not."""
    try:
        outcome = await timers.run(who, command, task=task, request_id=request_id)
    except DomainError as error:
        return (error.code,)
    # Whether a task is new is not known here while the database is away.
    return ([it["type"] for it in outcome.events if it["type"] != "task.created"], outcome.kept)


async def record(store: Store, user_id: int) -> dict[str, Any]:
    """Answer all that is stored of a person, but for its numbers."""
    async with store.read() as unit:
        found = await unit.intervals.between(user_id, datetime.min.replace(tzinfo=FakeClock().wall.tzinfo), _END)
        names = await unit.tasks.names(user_id, [it.task_id for it in found if it.task_id])
        timer = (await unit.timers.load(user_id)).timer
        return {
            "intervals": [
                (it.phase, it.status, it.started_at, it.ended_at, it.gaps, it.planned, names.get(it.task_id or 0))
                for it in found
            ],
            "events": [(it.type, it.at) for it in await unit.outbox.since(user_id, 0, 10_000)],
            "timer": mark(timer),
            "running": timer.current is not None and timer.current.status is Status.RUNNING,
            "conflicts": [it for it in found if it.conflict],
        }


_END: Final = datetime(9000, 1, 1, tzinfo=FakeClock().wall.tzinfo)


async def one(server: Postgres, model: str, seed: int) -> Schedule:
    """Live through one schedule on a database of its own, made like `model`."""
    url = await asyncio.to_thread(server.new_database, model)
    with tempfile.TemporaryDirectory(prefix="pomo-journal-") as folder:
        async with Proxy(url) as proxy:
            schedule = Schedule(proxy, f"{folder}/kept", seed)
            try:
                async with asyncio.timeout(120):
                    await schedule.run()
                    await schedule.compare(url)
            except (AssertionError, StoreError, TimeoutError) as error:
                raise AssertionError(f"schedule {seed}: {error!r}\n" + "\n".join(schedule.log)) from error
            return schedule


async def campaign(server: Postgres, seeds: Sequence[int]) -> dict[str, int]:
    """Run schedules, some at a time; answer what was counted. Raises AssertionError."""
    offline.HASTE, sync.PATIENCE = HASTE, PATIENCE  # type: ignore[misc]  # tests are in a hurry
    turn = asyncio.Semaphore(AT_ONCE)
    model = server.new_database()
    await prepare(model, FakeClock().wall)

    async def in_turn(seed: int) -> Schedule:
        async with turn:
            return await one(server, model, seed)

    done = await asyncio.gather(*map(in_turn, seeds))
    return {
        "schedules": len(done),
        "commands kept": sum(it.kept for it in done),
        "daemons killed": sum(it.kills for it in done),
    }


FIGURE: Final = "lines to PostgreSQL that drop requests, replies and commits"


def part(seeds: Sequence[int]) -> Outcome:
    """Run schedules on a server of their own."""
    before = (offline.HASTE, sync.PATIENCE)
    with Postgres() as server:
        try:
            found = asyncio.run(campaign(server, seeds))
        except AssertionError as error:
            again = f"python -m tests.reliability partitions first={seeds[0]} schedules={len(seeds)}"
            return Outcome({}, [f"{error}: {again}"])
        finally:
            offline.HASTE, sync.PATIENCE = before  # type: ignore[misc]  # others are not in a hurry
    return Outcome({key: str(count) for key, count in found.items()})


def run(first: int, schedules: int) -> Outcome:
    """Run the campaign."""
    found = list(spread(part, shares(first, schedules, SHARE)))
    kept, kills = (sum(int(it.measured.get(key, 0)) for it in found) for key in ("commands kept", "daemons killed"))
    broken = [it for outcome in found for it in outcome.broken]
    converge = "all converge, 0 doubled" if not broken else "broken"
    return Outcome(
        {FIGURE: f"{schedules} schedules, {kept:,} commands kept, {kills} kills: {converge}"},
        broken,
    )


CAMPAIGN = Campaign(
    name="partitions",
    timed=True,
    alone=True,
    shows="A proxy before PostgreSQL drops requests and replies, swallows, refuses; a twin has a whole line.",
    figures={FIGURE: "200 schedules: all converge, 0 doubled"},
    run=run,
    amounts={
        Scale.PART: {"first": 9000, "schedules": 8},
        Scale.FULL: {"first": 1, "schedules": 200},
        Scale.LONG: {"first": 10_000, "schedules": 5000},
    },
)
