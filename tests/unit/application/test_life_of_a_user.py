"""The whole application layer against plain rules: whatever a user does, in whatever order, the record stays right."""

import asyncio
from collections.abc import Coroutine
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from pomo_daemon.application.announcer import Announcer
from pomo_daemon.application.categories import CategoryService
from pomo_daemon.application.history import Entry, HistoryService
from pomo_daemon.application.selection import Selection
from pomo_daemon.application.tasks import TaskEdit, TaskService
from pomo_daemon.application.timer import Identity, TaskChoice, TimerService
from pomo_daemon.application.undo import UndoService
from pomo_daemon.application.work import plain
from pomo_daemon.domain import timer
from pomo_daemon.domain.cycle import AutoStart, Rules
from pomo_daemon.domain.errors import DomainError, NothingToUndo, UndoConflict
from pomo_daemon.domain.interruption import InterruptionKind
from pomo_daemon.domain.interval import Interval, Phase, Status
from tests.fakes.alarm import FakeAlarm
from tests.fakes.clock import FakeClock
from tests.fakes.loop import VirtualLoop
from tests.fakes.store import MemoryStore

T = TypeVar("T")

NAMES = st.sampled_from(["Write", "Read", "Plan", "#1", "2"])
GROUPS = st.sampled_from(["Work", "Home"])
MINUTES = st.integers(1, 40).map(lambda it: timedelta(minutes=it))
SIMPLE = st.sampled_from(
    [
        timer.Pause(),
        timer.Resume(),
        timer.Toggle(),
        timer.Stop(),
        timer.Finish(),
        timer.Cancel(),
        timer.Skip(),
        timer.Break(),
        timer.Repeat(replace=True),
        timer.Extend(timedelta(minutes=5)),
        timer.Extend(timedelta(minutes=-3)),
    ]
)


class LifeOfAUser(RuleBasedStateMachine):
    """One user, one machine; restarts, and a wall clock that is set now and then."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = FakeClock()
        self.runner = asyncio.Runner(loop_factory=lambda: VirtualLoop(self.clock))
        self.store = MemoryStore()
        self.how = Rules(auto_start=AutoStart.NONE)
        self.alarm = FakeAlarm(self._ring)
        #: What the record was when an event was the latest.
        self.seen: dict[int, dict[str, Any]] = {}

    def _ring(self, user_id: int) -> None:
        self.timers.ring(user_id)

    @initialize(auto=st.sampled_from(AutoStart))
    def begin(self, auto: AutoStart) -> None:
        """Start a first daemon."""
        self.how = Rules(auto_start=auto)
        self.run(self._start())

    async def _start(self) -> None:
        async with self.store.write() as unit:
            user_id = await unit.users.of_peer(1, "ada")
        self.who = Identity(user_id, "ada", "default")
        self.alarm.stop()
        self.alarm = FakeAlarm(self._ring)
        self.timers = TimerService(self.store, self.clock, self.alarm, Announcer(), lambda: self.how)
        self.history = HistoryService(self.timers, self.store, self.clock, lambda: self.how)
        self.tasks = TaskService(self.timers, self.store, self.clock, lambda: self.how)
        self.categories = CategoryService(self.timers, self.store)
        self.undoing = UndoService(self.timers, self.store)
        await self.timers.settle_all()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something in virtual time."""
        # Runner.run would catch Ctrl-C anew for each step, which is a fifth of all.
        return self.runner.get_loop().run_until_complete(work)

    def attempt(self, work: Coroutine[Any, Any, T]) -> T | None:
        """Do something that may be refused: then nothing has changed."""
        self.run(self.timers.status(self.who))
        before = self.world()
        try:
            return self.run(work)
        except DomainError:
            assert self.world() == before
            return None

    def world(self) -> dict[str, Any]:
        """Answer everything that a user could ever see of the record, as plain values."""
        rows = self.store.rows
        record = rows.timers[self.who.user_id]
        return {
            "intervals": {key: plain(it) for key, (_, it) in rows.intervals.items()},
            "tasks": {key: plain(it) for key, (_, it) in rows.tasks.items()},
            "categories": {key: plain(it) for key, (_, it) in rows.categories.items()},
            "interruptions": {key: plain(it) for key, it in rows.interruptions.items()},
            "timer": plain((record.timer.mode, record.timer.cycle, record.timer.last_task_id)),
        }

    # What a user does.

    @rule(name=st.none() | NAMES, planned=st.none() | MINUTES, replace=st.booleans(), ago=st.none() | MINUTES)
    def start(self, name: str | None, planned: timedelta | None, replace: bool, ago: timedelta | None) -> None:  # noqa: FBT001
        """Start a focus."""
        at = None if ago is None else self.clock.wall - ago
        command = timer.Start(planned=planned, replace=replace, at=at)
        task = None if name is None else TaskChoice(name)
        self.attempt(self.timers.run(self.who, command, task=task))

    @rule(command=SIMPLE)
    def command(self, command: timer.Command) -> None:
        """Give a command without more words."""
        self.attempt(self.timers.run(self.who, command))

    @rule(kind=st.sampled_from(InterruptionKind))
    def interrupt(self, kind: InterruptionKind) -> None:
        """Be interrupted."""
        self.attempt(self.history.interrupt(self.who, kind, "phone", None))

    @rule(ago=MINUTES, length=MINUTES, name=st.none() | NAMES)
    def log_add(self, ago: timedelta, length: timedelta, name: str | None) -> None:
        """Record what was forgotten."""
        start = self.clock.wall - ago - length
        entry = Entry(started_at=start, ended_at=start + length, task=name)
        self.attempt(self.history.add(self.who, entry, create=True, request_id=None))

    @rule(pick=st.integers(0, 30), shift=st.integers(-30, 30), end=st.booleans(), note=st.none() | st.just("hm"))
    def log_edit(self, pick: int, shift: int, end: bool, note: str | None) -> None:  # noqa: FBT001
        """Correct an interval."""
        interval = self._some_interval(pick)
        if interval is None or interval.interval_id is None:
            return
        moved = (interval.ended_at or interval.started_at) if end else interval.started_at
        moved += timedelta(minutes=shift)
        entry = Entry(ended_at=moved, note=note) if end else Entry(started_at=moved, note=note)
        self.attempt(self.history.edit(self.who, interval.interval_id, entry, create=True, request_id=None))

    @rule(pick=st.integers(0, 30))
    def log_delete(self, pick: int) -> None:
        """Take an interval out."""
        interval = self._some_interval(pick)
        if interval is not None:
            self.attempt(self.history.delete(self.who, interval.interval_id or 0, None))

    @rule(name=NAMES, group=st.none() | GROUPS)
    def task_add(self, name: str, group: str | None) -> None:
        """Make a task."""
        edit = TaskEdit(name=name, pomodoro_count=2, category=group)
        self.attempt(self.tasks.add(self.who, edit, None))

    @rule(name=NAMES, verb=st.sampled_from(["done", "reopen", "delete", "restore", "edit"]))
    def task_change(self, name: str, verb: str) -> None:
        """Change a task."""
        if verb == "edit":
            self.attempt(self.tasks.edit(self.who, name, TaskEdit(description="more"), None))
        else:
            self.attempt(getattr(self.tasks, verb)(self.who, name, None))

    @rule(name=GROUPS)
    def category_add(self, name: str) -> None:
        """Make a category."""
        self.attempt(self.categories.add(self.who, name, None))

    @rule(name=GROUPS, to=st.sampled_from([None, "", "Work", "Home"]))
    def category_delete(self, name: str, to: str | None) -> None:
        """Delete a category."""
        self.attempt(self.categories.delete(self.who, name, to, None))

    @rule()
    def undo(self) -> None:
        """Take the latest change back."""
        self.attempt(self.undoing.undo(self.who, None))

    @rule()
    def redo(self) -> None:
        """Do it again."""
        self.attempt(self.undoing.redo(self.who, None))

    @rule()
    def undo_then_redo_is_identity(self) -> None:
        """Take the latest change back and do it again: all is as before."""
        self.run(self.timers.status(self.who))
        before = self.world()
        try:
            self.run(self.undoing.undo(self.who, None))
        except (NothingToUndo, UndoConflict):
            assert self.world() == before
            return
        try:
            self.run(self.undoing.redo(self.who, None))
        except UndoConflict:
            # An undone stop may have brought back a deadline that has passed: then time has gone on from there.
            return
        assert self.world() == before

    # What happens to the machine.

    @rule(minutes=st.integers(0, 90), seconds=st.integers(0, 59))
    def time_passes(self, minutes: int, seconds: int) -> None:
        """Let time pass, and alarms ring."""
        self.run(asyncio.sleep(minutes * 60 + seconds))

    @rule(minutes=st.integers(-120, 120))
    def clock_is_set(self, minutes: int) -> None:
        """Set the wall clock."""
        self.clock.step(timedelta(minutes=minutes))
        self.run(self.timers.settle_all())

    @rule()
    def daemon_restarts(self) -> None:
        """Kill the daemon, and start another."""
        self.run(self._start())

    # What must hold at any time.

    @invariant()
    def the_record_is_right(self) -> None:
        """No overlap, no negative duration, parts that add up, one current interval at most."""
        recorded = self._recorded()
        for interval in recorded:
            self._check_interval(interval)
        for before, after in pairwise(recorded):
            assert before.ended_at is not None, "only the last one may be current"
            assert before.ended_at <= after.started_at, "two overlap"

    @invariant()
    @precondition(lambda self: hasattr(self, "who"))
    def the_latest_event_names_the_record(self) -> None:
        """Nothing changes without an event: what is kept under the number of the latest one cannot be stale."""
        number = max((seq for user_id, seq in self.store.rows.events if user_id == self.who.user_id), default=0)
        now = {name: it for name, it in self.world().items() if name != "timer"}
        assert self.seen.setdefault(number, now) == now

    @invariant()
    @precondition(lambda self: hasattr(self, "who"))
    def counts_equal_a_recount(self) -> None:
        """Pomodoros of tasks, of today, and interruptions in memory are those of the record."""
        status = self.run(self.timers.status(self.who))
        current = self.store.rows.timers[self.who.user_id].timer.current
        broken = self.store.rows.interruptions.values()
        assert status.interruptions == sum(
            current is not None and it.interval_id == current.interval_id for it in broken
        )
        rows = self.run(self.tasks.list(self.who, Selection())).rows
        done = [it for it in self._recorded() if it.phase is Phase.FOCUS and it.status is Status.COMPLETED]
        assert sum(row.done for row in rows) == sum(it.task_id is not None for it in done)
        today = self.clock.wall.date()
        assert status.today == sum(it.started_at.date() == today for it in done)

    def _recorded(self) -> list[Interval]:
        found = [it for _, it in self.store.rows.intervals.values() if it.status is not Status.CANCELLED]
        return sorted(found, key=lambda it: (it.started_at, it.ended_at is None, it.ended_at or it.started_at))

    def _some_interval(self, pick: int) -> Interval | None:
        recorded = self._recorded()
        return recorded[pick % len(recorded)] if recorded else None

    def _check_interval(self, interval: Interval) -> None:
        end: datetime = interval.ended_at or max(self.clock.wall, interval.started_at)
        assert end >= interval.started_at
        gaps = timedelta(0)
        for gap in interval.gaps:
            assert interval.started_at <= gap.started_at
            if gap.ended_at is not None:
                assert gap.started_at <= gap.ended_at
                gaps += gap.ended_at - gap.started_at
        if interval.ended_at is not None:
            assert all(gap.ended_at is not None and gap.ended_at <= interval.ended_at for gap in interval.gaps)
            assert interval.elapsed(end) + gaps == interval.ended_at - interval.started_at

    def teardown(self) -> None:
        """End the loop."""
        self.runner.close()


@pytest.mark.parametrize("number", range(2))
def test_any_life_leaves_a_right_record(number: int) -> None:
    # 200 lives, in two parts, so that the processors share them; the campaign `model` lives 2,000.
    machine = seed(number)(type("LifeOfAUser", (LifeOfAUser,), {}))
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=100, stateful_step_count=50, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
