"""Days of a user and their machine, made up from a seed: commands, crashes, clocks that are set, sleep, boots."""

import random
from datetime import timedelta
from itertools import pairwise

from pomo_daemon.application.timer import TaskChoice
from pomo_daemon.domain.cycle import AutoStart, OnSuspend, Rules
from pomo_daemon.domain.errors import DomainError
from pomo_daemon.domain.interval import Interval, Status
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
from tests.fakes.application import FakeDaemon
from tests.fakes.clock import FakeClock
from tests.fakes.loop import current_clock
from tests.fakes.store import MemoryStore
from tests.simulation.ledger import NOTHING, TOLERANCE, Ledger


class Crash(BaseException):
    """The daemon is killed at this point of a commit."""


class Life:
    """One user, one machine, one database. The ledger's `log` tells what happened."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.clock: FakeClock = current_clock()
        self.clock.drift_ppm = self.random.choice((0, 500, -500))
        self.store = MemoryStore()
        self.store.hooks["after_commit"] = self._committed
        self.rules = Rules(
            auto_start=self.random.choice(tuple(AutoStart)),
            warn_before_end=timedelta(minutes=self.random.choice((0, 2))),
            on_suspend=self.random.choice(tuple(OnSuspend)),
        )
        self.ledger = Ledger(self.clock.boottime)
        self.daemon: FakeDaemon
        self._given: Command | None = None
        self._ago = NOTHING
        self._seen = 0
        self._honest = True
        self._fault: AssertionError | None = None

    async def live(self, steps: int) -> None:
        """Take so many steps, and look after each whether everything is as it must be."""
        often = {
            self._wait: 12,
            self._command: 24,
            self._kill: 2,
            self._crash: 2,
            self._step: 3,
            self._suspend: 3,
            self._reboot: 1,
        }
        await self._start()
        for action in self.random.choices(list(often), list(often.values()), k=steps):
            await action()
            await self.daemon.wait(NOTHING)
            self.check()
        self.daemon.crash()

    def _span(self, *most: float) -> timedelta:
        """Make up a length, to the microsecond, of up to one of so many minutes."""
        return timedelta(minutes=self.random.uniform(0, self.random.choice(most)))

    async def _start(self) -> None:
        self.daemon = FakeDaemon(self.store, self.rules)
        self.ledger.awake_since = self.clock.boottime
        await self.daemon.start()

    def _tell(self, what: str) -> None:
        self.ledger.log.append(what)

    # What may happen.

    async def _wait(self) -> None:
        span = self._span(1, 10, 40, 600)
        self._tell(f"wait {span}")
        await self.daemon.wait(span)

    async def _command(self) -> None:
        await self._give(self._any_command())

    async def _kill(self) -> None:
        self.daemon.crash()
        away = self._span(0, 1, 60)
        self._tell(f"kill, and start {away} later")
        self.clock.advance(away)
        await self._start()

    async def _crash(self) -> None:
        """Die in the middle of a command; the client sends it again to the next daemon."""
        command, request_id = self._any_command(), f"r{len(self.ledger.log)}"
        point = self.random.choice(("before_commit", "after_commit"))
        self._tell(f"die {point} of")

        def die() -> None:
            if point == "after_commit":
                self._committed()
            raise Crash

        self.store.hooks[point] = die
        try:
            await self._give(command, request_id)
        except Crash:
            self.daemon.crash()
            self.store.hooks = {"after_commit": self._committed}
            await self._start()
            await self._give(command, request_id)
        self.store.hooks = {"after_commit": self._committed}

    async def _step(self) -> None:
        by = self.random.choice((-1, 1)) * self._span(1, 120, 24 * 60)
        self._tell(f"step {by}")
        self._honest = False
        self.clock.step(by)
        await self.daemon.clocks_changed()

    async def _suspend(self) -> None:
        span = self._span(1, 30, 600)
        self._tell(f"suspend {span}")
        self.ledger.slept_at = self.clock.boottime
        self.clock.suspend(span)
        self.ledger.awake_since = self.clock.boottime
        await self.daemon.clocks_changed()
        self.ledger.slept_at = None

    async def _reboot(self) -> None:
        if self.random.random() < 0.5:
            self._tell("shut down")
            await self.daemon.timers.leave()
            self.ledger.slept_at = self.clock.boottime
        self.daemon.crash()
        before, boottime = self._current(), self.clock.boottime
        away, error = self._span(2, 60), self.random.choice((0, 0, -1, 1)) * self._span(180)
        self._tell(f"boot after {away}, wrong by {error}")
        self._honest = self._honest and not error
        self.clock.reboot(away, error)
        self.ledger.booting = True
        await self._start()
        self.ledger.booting, self.ledger.slept_at = False, None
        after = self._current()
        spent = self.ledger.accounts[before.interval_id or 0].at(boottime) if before else NOTHING
        self.ledger.booted(self.store.rows.timers[self.daemon.who.user_id], self.clock.boottime)
        if self._honest and before and after and before.interval_id == after.interval_id:
            goes_on = before.status is after.status is Status.RUNNING
            spent += away if goes_on else NOTHING
            found = self.ledger.accounts[after.interval_id or 0].spent
            assert abs(found - spent) < timedelta(minutes=1), f"the boot made {found} of {spent}"

    def _any_command(self) -> Command:
        length = self.random.choice((None, self._span(60) + timedelta(seconds=1)))
        replaces = self.random.random() < 0.3
        at = self.clock.wall - self._span(40) if self.random.random() < 0.3 else None
        simple = (Pause(), Pause(), Resume(), Toggle(), Toggle(), Stop(), Finish(), Cancel(), Skip(), Repeat())
        return self.random.choice(
            (
                *simple,
                Start(planned=length, at=at, replace=replaces),
                Start(planned=length, replace=replaces),
                Start(flow=True, replace=replaces),
                Break(planned=length, at=at),
                Extend(self.random.choice((-1, 1)) * self._span(10)),
            )
        )

    async def _give(self, command: Command, request_id: str | None = None) -> None:
        self._tell(f"{command}")
        at = command.at if isinstance(command, Start | Break) else None
        self._given, self._ago = command, NOTHING if at is None else self.clock.wall - at
        task = TaskChoice(self.random.choice(("Write", "Read"))) if isinstance(command, Start) else None
        try:
            await self.daemon.run(command, task=task, request_id=request_id)
        except DomainError as error:
            self._tell(f"    {error}")
        finally:
            self._given = None

    # What must come of it.

    def _current(self) -> Interval | None:
        current = self.store.rows.timers[self.daemon.who.user_id].timer.current
        return None if current is None else self.store.rows.intervals[current.interval_id or 0][1]

    def _committed(self) -> None:
        """Account for what was committed, at the time of the commit."""
        rows = self.store.rows
        events = [event for (_, seq), event in rows.events.items() if seq > self._seen]
        self._seen += len(events)
        intervals = {number: interval for number, (_, interval) in rows.intervals.items()}
        try:
            self.ledger.take(events, intervals, self.clock.boottime, self._given, self._ago)
        except AssertionError as error:
            # Within a wake-up, who would only log it.
            self._fault = self._fault or error
            raise

    def check(self) -> None:
        """Look at all that is recorded."""
        if self._fault is not None:
            raise self._fault
        rows = self.store.rows
        assert [seq for _, seq in rows.events] == list(range(1, len(rows.events) + 1))
        recorded = [it for _, it in rows.intervals.values() if it.status is not Status.CANCELLED]
        for interval in recorded:
            _check_alone(interval)
            completed = self.ledger.completed.get(interval.interval_id or 0, 0)
            assert completed == (interval.status is Status.COMPLETED)
        for earlier, later in pairwise(sorted(recorded, key=lambda it: (it.started_at, it.interval_id))):
            assert earlier.ended_at is not None
            assert earlier.ended_at <= later.started_at, f"{earlier} overlaps {later}"
        current = self._current()
        if current is not None and current.status is Status.RUNNING:
            due = self.ledger.accounts[current.interval_id or 0].due
            assert due is None or due > self.clock.boottime - TOLERANCE, f"{current} is overdue since {due}"


def _check_alone(interval: Interval) -> None:
    """Look at one interval: no length is negative, no gap reaches out of it or over another."""
    edges = [interval.started_at]
    for gap in interval.gaps:
        edges += [gap.started_at] if gap.ended_at is None else [gap.started_at, gap.ended_at]
    edges += [] if interval.ended_at is None else [interval.ended_at]
    assert edges == sorted(edges), f"the gaps of {interval}"
    lasting = [gap for gap in interval.gaps if gap.ended_at is None]
    assert len(lasting) == (interval.status is Status.PAUSED)
