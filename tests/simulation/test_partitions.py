"""Two machines of one person whose lines to the database break at random, in virtual time.

Whatever happens: in the end both show the same, what was answered is recorded, once, and nothing that counts lies over
anything else that does. A schedule that goes wrong is repeated alone with the environment variable that it names.
"""

import os
import random  # a seed makes the schedule
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any, Final

import pytest
from hypothesis import settings

from pomo_daemon.application.kept import mark
from pomo_daemon.application.ports import StoreError
from pomo_daemon.application.timer import TaskChoice
from pomo_daemon.domain.cycle import AutoStart, Rules
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
from tests.fakes.clock import FakeClock
from tests.fakes.line import Fault
from tests.fakes.loop import run
from tests.fakes.machine import Machine
from tests.fakes.store import MemoryStore

VARIABLE: Final = "PARTITION_SEED"
#: 60, and with `--hypothesis-profile=long` 6,000. In `make reliability` stores are away in weeks of 1,000 seeds.
SCHEDULES: Final = settings().max_examples * 3 // 5
SEEDS: Final = [int(os.environ[VARIABLE])] if VARIABLE in os.environ else list(range(SCHEDULES))
BATCH: Final = 20
STEPS: Final = 40
#: A short day: nothing is shown better by a long one, whose every look takes its time.
SHORT: Final = Rules(focus=timedelta(minutes=5), short_break=timedelta(minutes=1), long_break=timedelta(minutes=3))
COMMANDS: Final[tuple[Command, ...]] = (
    *(Start(), Start(replace=True), Break(), Repeat(), Pause(), Resume(), Toggle(), Toggle()),
    *(Stop(), Finish(), Cancel(), Skip(), Extend(timedelta(minutes=1))),
)


class World:
    """Two machines, and what was said to those who sat at them."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._store = MemoryStore()
        self.log: list[str] = []
        self.kept = self.conflicts = 0
        #: Intervals that somebody was told had begun, and those that somebody gave up again.
        self._begun: set[str] = set()
        self._cancelled: set[str] = set()

    async def live(self) -> None:
        """Live through a schedule. Raises AssertionError."""
        rules = replace(SHORT, auto_start=self._chance.choice(list(AutoStart)))
        machines = [await Machine(self._store, rules).start() for _ in range(2)]
        for _ in range(STEPS):
            one = self._chance.choice(machines)
            await one.wait(timedelta(seconds=self._chance.randrange(1, 120)))
            await self._disturb(one)
            await self._command(one)
        for _ in range(2):
            for it in machines:
                # What has just begun must have a length; and a look may be waiting still for an answer that was lost.
                await it.wait(timedelta(seconds=1))
                await it.mend()
                await it.wait(timedelta(seconds=20))
        for it in machines:
            self._check(it)
            await it.crash()
        self._check_record()

    async def _disturb(self, one: Machine) -> None:
        what = self._chance.choice(["mend", "mend", "break", "once", "once", "", "", "kill"])
        self.log.append(f"{one.name} {what}")
        fault = self._chance.choice(list(Fault))
        if what == "mend":
            await one.mend()
        elif what == "break":
            one.line.fault = lambda: fault
        elif what == "once":
            left = [self._chance.randrange(6)]

            def choose() -> Fault:
                left[0] -= 1
                return fault if left[0] == -1 else Fault.NONE

            one.line.fault = choose
        elif what == "kill":
            await one.crash()
            for _ in range(10):
                # A line that breaks just as a profile is opened ends that; whoever comes next opens it again.
                with suppress(StoreError):
                    await one.start()
                    break
                await one.crash()

    async def _command(self, one: Machine) -> None:
        command = self._chance.choice(COMMANDS)
        task = TaskChoice(self._chance.choice(["a", "b"])) if isinstance(command, Start) else None
        with suppress(DomainError):
            outcome = await one.run(command, task=task)
            self.kept += outcome.kept
            kinds = [it["type"] for it in outcome.events]
            self.log.append(f"{one.name} {type(command).__name__} kept={outcome.kept} {kinds}")
            for event in outcome.events:
                if event["type"] == "interval.started":
                    self._begun.add(_of(event["data"]))
                if event["type"] == "interval.cancelled":
                    self._cancelled.add(_of(event["data"]))

    def _check(self, one: Machine) -> None:
        """See that a machine shows what the database has."""
        [stored] = self._store.rows.timers.values()
        shown = one.timers._board[one.who.user_id].record
        assert mark(shown.timer) == mark(stored.timer), one.name
        assert not one.timers.kept
        assert one.journal.journals == {}
        assert not one.peek().offline
        numbers = [it.seq for it in one.published if it.seq]
        assert numbers == sorted(set(numbers)), "an event was told twice, or late"

    def _check_record(self) -> None:
        found = [it for _, it in self._store.rows.intervals.values()]
        listed = [it for it in found if it.status is not Status.CANCELLED or it.conflict]
        counted = sorted((it for it in listed if not it.conflict), key=lambda it: it.started_at)
        for before, after in pairwise(counted):
            assert before.ended_at is not None, (before, after)
            assert before.ended_at <= after.started_at, (before, after)
        doubled = [key for key, times in Counter(map(_shape, listed)).items() if times > 1]
        assert not doubled, doubled
        # A command whose answer was lost was meant for the timer as it was there by then, not as it was known here.
        cancelled = {_of(it.data) for it in self._store.rows.events.values() if it.type == "interval.cancelled"}
        lost = self._begun - self._cancelled - cancelled - {_began(it) for it in listed}
        assert not lost, f"lost: {lost}"
        self.conflicts = sum(it.conflict is not None for it in found)


def _shape(interval: Interval) -> tuple[object, ...]:
    return (interval.phase, interval.started_at, interval.ended_at, interval.gaps, interval.conflict, interval.status)


def _of(data: Mapping[str, Any]) -> str:
    """Answer the interval that an event is about, by when it began."""
    began: str = data["interval"]["started_at"]
    return began


def _began(interval: Interval) -> str:
    return interval.started_at.isoformat().replace("+00:00", "Z")


async def live(seed: int) -> World:
    world = World(seed)
    try:
        await world.live()
    except BaseException as error:
        told = "\n".join(world.log[-60:])
        raise AssertionError(f"{told}\n{error!r}\nRepeat it with {VARIABLE}={seed} pytest {__file__}") from error
    return world


BATCHES: Final = [SEEDS[first : first + BATCH] for first in range(0, len(SEEDS), BATCH)]


@pytest.mark.parametrize("seeds", BATCHES, ids=lambda it: f"{it[0]}-{it[-1]}")
def test_machines_whose_lines_break_converge_and_lose_and_double_nothing(seeds: list[int]) -> None:
    kept = conflicts = 0
    for seed in seeds:
        world = run(live(seed), FakeClock())
        kept += world.kept
        conflicts += world.conflicts
    assert (kept and conflicts) or len(seeds) < BATCH, "schedules in which nothing is kept show nothing"
