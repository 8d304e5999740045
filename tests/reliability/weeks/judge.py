"""What is known of a simulated world, and what must hold in it all along."""

import asyncio
import json
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise, takewhile
from typing import Any, Final

from pomo_daemon.application.ports import Announcement
from pomo_daemon.domain.cycle import AutoStart, OnSuspend, Rules
from pomo_daemon.domain.interval import GapReason, Interval, Status
from pomo_daemon.domain.timer import Command
from tests.fakes.clock import NOON
from tests.fakes.loop import current_clock
from tests.fakes.store import MemoryStore
from tests.reliability.weeks.machines import NOTHING, PERIOD, Machine, QuickStore
from tests.simulation.ledger import TOLERANCE, Account, Ledger
from tests.simulation.life import _check_alone as check_alone

#: Events that the ledger keeps account of.
KEPT: Final = {f"interval.{it}" for it in ("started", "paused", "resumed", "extended", "reopened")} | {
    f"interval.{it}" for it in ("completed", "stopped", "skipped", "cancelled", "ending")
}
#: How long after a disturbance has ended all daemons on one store must agree: a look, a retry after 5 s, and 10 s
#: after which an interval of nobody's is anybody's.
HEALED: Final = timedelta(seconds=PERIOD + 20)
#: How far the clocks of machines on one store may differ: they are not set for less.
SHARED_TOLERANCE: Final = timedelta(milliseconds=200)
#: The longest trip to the store: by as much may the clock be wrong that is set by it.
SLOWEST: Final = timedelta(seconds=3)


@dataclass
class Witness(Ledger):
    """A ledger that measures by how much intervals end late where nothing was in the way."""

    worst: timedelta = NOTHING
    #: Intervals of several machines of which something happened while the store was slow, and clocks were set by it.
    unsure: set[int] = field(default_factory=set)

    def _complete(self, interval: Interval, account: Account, now: timedelta, *, by_hand: bool) -> timedelta:
        due = account.due
        if interval.ended_at is None and due is not None:
            # Completed, and reopened by the same transaction: of its end nothing is left to look at.
            number = interval.interval_id or 0
            self.completed[number] = self.completed.get(number, 0) + 1
            account.hold(due, due)
            return due
        ordinary = self.tolerance
        if interval.interval_id in self.unsure:
            self.tolerance += SLOWEST
        elif not (by_hand or self.booting or due is None) and max(account.known, self.awake_since) <= due:
            self.worst = max(self.worst, abs(now - due))
        try:
            return super()._complete(interval, account, now, by_hand=by_hand)
        finally:
            self.tolerance = ordinary


def by_sleep(event: Announcement) -> bool:
    """Tell whether an event is what a suspend has led to."""
    return event.data.get("reason") == GapReason.SUSPEND


class Judge:
    """The World of machines.py, and who looks after each commit and each step whether all is as it must be."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.clock = current_clock()
        self.store: MemoryStore = QuickStore()
        self.store.hooks["after_commit"] = self._committed
        self.rules = Rules(
            auto_start=self.random.choice(tuple(AutoStart)),
            warn_before_end=timedelta(minutes=self.random.choice((0, 2))),
            # Of chance of its own: what else is drawn does not depend on it.
            on_suspend=random.Random(f"suspend {seed}").choice(tuple(OnSuspend)),
        )
        count = self.random.choice((1, 1, 1, 2, 2, 3))
        self.machines = [
            Machine(self, f"m{it}", self.random.choice((0, 500, -500)), shared=count > 1) for it in range(count)
        ]
        hooks = random.Random(f"hooks {seed}")
        for machine in self.machines:
            machine.hooks.there = hooks.choice((True, False))
        self.ledger = Witness(NOTHING, tolerance=SHARED_TOLERANCE if count > 1 else TOLERANCE)
        self.asked: dict[str, tuple[str, Command, datetime | None]] = {}
        self.confirmed: dict[str, tuple[str, dict[str, Any], str]] = {}
        self.story: list[str] = []
        self.commits: Counter[str] = Counter()
        self._slow = 0.0
        self._lossy = 0.0
        self._seen = 0
        self._committed_at = NOTHING
        self._answered: set[str] = set()
        self._sound: dict[int, Interval] = {}
        self._looked_at: object = None
        self._opened = (NOTHING, NOON)
        self._fault: AssertionError | None = None
        self._later: set[asyncio.Task[None]] = set()

    # What machines need.

    @property
    def now(self) -> timedelta:
        """Answer the true time."""
        return self.clock.awake

    def delay(self) -> float:
        """Answer how slow the store is."""
        return self.random.uniform(0, self._slow) if self._slow else 0.0

    def jitter(self) -> float:
        """Answer by how much a way is longer than the way back."""
        return self.random.uniform(0, 0.04)

    def loses_answer(self) -> bool:
        """Tell whether an answer is lost."""
        lost = self._lossy > 0 and self.random.random() < self._lossy
        if lost:
            self._disturbed()
        return lost

    def opened(self, wall: datetime) -> None:
        """Take note of the time that a transaction goes by."""
        self._opened = (self.now, wall)

    # What is known.

    def tell(self, what: str) -> None:
        """Note what happens."""
        self.story.append(f"{self.now} {what}")

    def _span(self, *most: float) -> timedelta:
        """Make up a length of up to one of so many minutes."""
        return timedelta(minutes=self.random.uniform(0, self.random.choice(most)))

    def _disturbed(self) -> None:
        """From now on nobody can be expected to be in time for a while."""
        self.ledger.awake_since = max(self.ledger.awake_since, self.now + HEALED)

    def _is_disturbed(self) -> bool:
        calm = self.now > self.ledger.awake_since and not self._slow and not self._lossy
        return not calm or any(it.cut or not it.serves for it in self.machines)

    def _after(self, span: timedelta, work: Callable[[], Awaitable[None]]) -> None:
        """Do something later."""

        async def wait() -> None:
            await asyncio.sleep(span.total_seconds())
            await work()

        task = asyncio.create_task(wait())
        self._later.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._later.discard(task)
        if not task.cancelled() and isinstance(error := task.exception(), AssertionError):
            self._fault = self._fault or error

    def _record(self) -> Any:
        """Answer what a user could ever see of the record."""
        rows = self.store.rows
        # That its user was warned of an end is no part of it: the warning was seen.
        timers = [replace(it.timer, warned=False) for it in rows.timers.values()]
        return (dict(rows.intervals), dict(rows.tasks), dict(rows.categories), timers)

    # What must be.

    def _committed(self) -> None:
        """Account for what was committed, at the time that the transaction went by; pass hints on."""
        rows = self.store.rows
        [owner] = rows.users
        new = [rows.events[owner, seq] for seq in range(self._seen + 1, rows.last_seq.get(owner, 0) + 1)]
        # The latest stand at the end: what came since is what stands behind those that are known.
        latest = (request_id for _, request_id in reversed(rows.requests))
        requests = set(takewhile(lambda it: it not in self._answered, latest))
        self._answered |= requests
        self._seen += len(new)
        if not new and not requests:
            return  # something was marked as done that nobody is told of
        self.commits.update(requests)
        now, wall = self._opened
        try:
            assert len(requests) <= 1
            method, command, at = self.asked[requests.pop()] if requests else ("", None, None)
            paused = command is not None and any(it.type == "interval.paused" for it in new if not by_sleep(it))
            assert not paused or method in ("timer.pause", "timer.toggle"), f"{method} paused what was running"
            foreign = [it.type for it in new if not it.type.startswith("interval.")]
            assert command is not None or not foreign, f"nobody asked for {foreign}"
            kept = [event for event in new if event.type in KEPT]
            numbers = [it.data["interval"]["interval_id"] for it in kept]
            intervals = {it: rows.intervals[it][1] for it in numbers}
            ago = NOTHING if at is None else wall - at
            unsure = self._slow or self.now < self.ledger.awake_since
            # What begins at the end of one of these begins as unsurely.
            if self.ledger.unsure.intersection(numbers) or (unsure and len(self.machines) > 1):
                self.ledger.unsure.update(numbers)
            slept = [it for it in kept if by_sleep(it)]
            if slept:
                noticed = datetime.fromisoformat(slept[0].data["noticed_at"])
                self.ledger.slept_at = now - (noticed - slept[0].at)
            self.ledger.take(kept, intervals, now, command, ago)
            self.ledger.slept_at = None
        except AssertionError as error:
            self._fault = self._fault or error
        if new:
            self._committed_at = self.now
            self._hint(new[-1].user_id, new[-1].seq)

    def _hint(self, user_id: int, seq: int) -> None:
        """Tell the other machines of an event: late, twice, or not at all."""
        loop = asyncio.get_running_loop()
        for machine in self.machines if len(self.machines) > 1 else ():
            for _ in range(self.random.choice((0, 1, 1, 1, 2))):
                late = self.random.choice((0.001, 0.05, 0.5, 30.0))
                loop.call_later(late, machine.ear.hear, user_id, seq)

    def check(self) -> None:
        """Look at all that is recorded."""
        if self._fault is not None:
            raise self._fault
        assert self.confirmed.keys() <= self.commits.keys(), "what was confirmed is not there"
        if (rows := self.store.rows) is self._looked_at:
            return  # a commit replaces them as a whole
        self._looked_at = rows
        assert [seq for _, seq in rows.events] == list(range(1, len(rows.events) + 1)), "events have holes"
        recorded = [it for _, it in rows.intervals.values() if it.status is not Status.CANCELLED]
        for interval in recorded:
            number = interval.interval_id or 0
            # Nothing changes an interval but another one in its place.
            if self._sound.get(number) is not interval:
                check_alone(interval)
                self._sound[number] = interval
            if number in self.ledger.accounts:
                completed = self.ledger.completed.get(number, 0)
                assert completed == (interval.status is Status.COMPLETED), f"{interval} was completed {completed} times"
        for earlier, later in pairwise(sorted(recorded, key=lambda it: (it.started_at, it.interval_id))):
            assert earlier.ended_at is not None
            assert earlier.ended_at <= later.started_at, f"{earlier} overlaps {later}"
        assert all(count == 1 for count in self.commits.values())

    def _check_follower(self, machine: Machine) -> None:
        """Who follows was told everything once, in order."""
        assert machine.daemon is not None
        told = [json.loads(line)["params"]["seq"] for line in machine.daemon.follower.lines]
        assert told == list(range(1, len(told) + 1)), f"the follower at {machine.name} was told {told}"
        assert not told or len(told) == self._seen, f"the follower at {machine.name} has {len(told)} of {self._seen}"
