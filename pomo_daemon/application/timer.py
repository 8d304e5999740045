"""Commands to the timer: load, settle, step, store with events and answer in one transaction, then announce."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from pomo_daemon.application.announcer import Announcer
from pomo_daemon.application.ports import (
    Alarm,
    Announcement,
    Clock,
    Draft,
    Stale,
    Store,
    StoreError,
    TimerRecord,
    UnitOfWork,
)
from pomo_daemon.application.tasks import resolve
from pomo_daemon.application.views import Snapshot, StatusView, day_end, event_data, status_view
from pomo_daemon.domain.cycle import Rules
from pomo_daemon.domain.days import day_bounds
from pomo_daemon.domain.errors import Overlap, TimerConflict
from pomo_daemon.domain.events import EventType, IntervalEvent
from pomo_daemon.domain.interval import Interval
from pomo_daemon.domain.settle import settle
from pomo_daemon.domain.timeline import Reading, begin, project
from pomo_daemon.domain.timer import (
    Break,
    Command,
    Extend,
    Mode,
    Start,
    Stop,
    Timer,
    Transition,
    next_deadline,
    step,
)

log = logging.getLogger(__name__)

#: How often a command is tried anew when another daemon was faster; each time one of them gets through.
ATTEMPTS: Final = 10
#: What a wake-up does that could not be stored: it tries again after so long.
RETRY: Final = 5.0


@dataclass(frozen=True, slots=True)
class Identity:
    """On whose behalf something is done."""

    user_id: int
    username: str
    profile: str


@dataclass(frozen=True, slots=True)
class TaskChoice:
    """The task of a start, as the user names it; `create` allows a new one for a name that is not known."""

    text: str
    create: bool = True


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command did: the events it led to, in order; those of a deadline that had passed come first."""

    events: Sequence[Mapping[str, Any]]
    task_created: bool
    status: StatusView

    @property
    def changed(self) -> bool:
        """Tell whether anything is different now."""
        return bool(self.events)


@dataclass(slots=True)
class _Work:
    """A transaction under way."""

    unit: UnitOfWork
    record: TimerRecord
    reading: Reading
    now: datetime
    rules: Rules
    events: list[IntervalEvent]


class TimerService:
    """The timers of all users, and what is known of them in memory."""

    def __init__(
        self, store: Store, clock: Clock, alarm: Alarm, announcer: Announcer, rules: Callable[[], Rules]
    ) -> None:
        self._store = store
        self._clock = clock
        self._alarm = alarm
        self._announcer = announcer
        self._rules = rules
        self._locks: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._board: dict[int, Snapshot] = {}
        self._wakes: set[asyncio.Future[None]] = set()

    def peek(self, who: Identity) -> StatusView | None:
        """Answer the status from memory, without waiting for anything; None if it is not there yet."""
        snapshot = self._board.get(who.user_id)
        return status_view(snapshot, self._clock.read(), self._rules(), who.profile) if snapshot else None

    async def status(self, who: Identity) -> StatusView:
        """Answer the status."""
        if who.user_id not in self._board:
            await self.wake(who.user_id)
        return status_view(self._board[who.user_id], self._clock.read(), self._rules(), who.profile)

    async def run(
        self,
        who: Identity,
        command: Command,
        *,
        task: TaskChoice | None = None,
        request_id: str | None = None,
        only_version: int | None = None,
    ) -> Outcome:
        """Carry out a command, once for a `request_id`; with `only_version` only if the timer still has that version.

        Raises the errors of the domain, and StoreError; then nothing has changed.
        """
        drafts, created = await self._transact(who.user_id, command, task, request_id, only_version)
        return Outcome(drafts, created, await self.status(who))

    async def wake(self, user_id: int) -> None:
        """Settle what is due; harmless at any time. A store that fails is asked again a little later."""
        try:
            await self._transact(user_id, None, None, None, None)
        except StoreError as error:
            log.warning("timer %d could not be settled and will be tried again: %s", user_id, error.message)
            asyncio.get_running_loop().call_later(RETRY, self.ring, user_id)
            if user_id not in self._board:
                raise

    def ring(self, user_id: int) -> None:
        """Take the alarm's call."""
        task = asyncio.ensure_future(self.wake(user_id))
        self._wakes.add(task)
        task.add_done_callback(self._wakes.discard)
        task.add_done_callback(_log_failure)

    async def drain(self) -> None:
        """Wait for wake-ups under way: cut off in a transaction they would leave a connection behind."""
        if self._wakes:
            await asyncio.wait(self._wakes)

    async def settle_all(self) -> None:
        """Settle and watch every running timer: at the start, and when the clock was set or the machine woke up."""
        async with self._store.read() as unit:
            running = await unit.timers.running()
        for user_id in {*running, *self._board}:
            await self.wake(user_id)

    def version(self, user_id: int) -> int | None:
        """Answer the version of a timer that is in memory."""
        snapshot = self._board.get(user_id)
        return snapshot.record.version if snapshot else None

    async def _transact(
        self,
        user_id: int,
        command: Command | None,
        task: TaskChoice | None,
        request_id: str | None,
        only_version: int | None,
    ) -> tuple[Sequence[Mapping[str, Any]], bool]:
        async with self._locks[user_id]:
            for _ in range(ATTEMPTS):
                try:
                    async with self._store.write() as unit:
                        if request_id is not None and (kept := await unit.requests.find(user_id, request_id)):
                            return kept["events"], kept["task_created"]
                        work = await self._load(unit, user_id)
                        if only_version is not None and work.record.version != only_version:
                            return (), False
                        created = await self._apply(work, command, task) if command else False
                        snapshot, drafts, stored = await self._save(work)
                        answer = [{"type": it.type, "at": it.at.isoformat(), "data": it.data} for it in drafts]
                        if request_id is not None:
                            kept = {"events": answer, "task_created": created}
                            await unit.requests.remember(user_id, request_id, work.reading.wall, kept)
                except Stale:
                    continue
                self._committed(snapshot, stored)
                return answer, created
        raise StoreError("database.error", "The timer is changed from too many sides at once; nothing was done.")

    async def _load(self, unit: UnitOfWork, user_id: int) -> _Work:
        """Load the timer and settle what it owes to the time that has passed."""
        record = await unit.timers.load(user_id)
        reading = self._clock.read()
        rules = self._rules()
        settled = settle(record.timer, record.anchor, reading, rules)
        work = _Work(unit, replace(record, anchor=settled.anchor), reading, settled.now, rules, [])
        await self._take(work, settled.transition)
        return work

    async def _apply(self, work: _Work, command: Command, choice: TaskChoice | None) -> bool:
        """Step the timer; answer whether a task was made for it."""
        user_id = work.record.user_id
        created = False
        if isinstance(command, Start) and choice is not None:
            task, created = await resolve(work.unit, user_id, choice.text, create=choice.create, now=work.reading.wall)
            command = replace(command, task_id=task.task_id)
        timer = work.record.timer
        if timer.mode in (Mode.IDLE, Mode.DUE) and not isinstance(command, Extend | Stop):
            anchor = begin(await work.unit.intervals.last_end(user_id), work.reading)
            work.record = replace(work.record, anchor=anchor)
            work.now = project(anchor, work.reading)
        if isinstance(command, Start | Break) and command.at is not None:
            command = replace(command, at=await self._free_since(work, command.at))
        try:
            await self._take(work, step(timer, command, work.now, work.rules))
        except TimerConflict as error:
            task_id = error.interval.task_id
            names = await work.unit.tasks.names(user_id, [task_id]) if task_id is not None else {}
            raise TimerConflict(error.interval, names.get(task_id or 0)) from None
        return created

    async def _free_since(self, work: _Work, at: datetime) -> datetime:
        """Answer a start in the past on the timer's line. Raises Overlap if something is recorded there."""
        at = work.now - (work.reading.wall - at)
        taken = await work.unit.intervals.overlapping(work.record.user_id, at, work.now)
        if taken is not None and taken.ended_at is not None:
            free = taken.ended_at.astimezone(work.rules.zone)
            raise Overlap(
                f"at: interval {taken.interval_id} ({taken.phase.label}) lasted until {free:%H:%M:%S}.",
                f"Start at {free:%H:%M:%S} or later.",
            )
        return at

    async def _take(self, work: _Work, transition: Transition) -> None:
        """Store the intervals of a transition, and take its timer and events over, with the ids that they now have."""
        user_id = work.record.user_id
        timer, before = transition.timer, work.record.timer
        current = timer.current
        for ended in transition.ended:
            await self._change(work, ended)
        events = transition.events
        if current is not None and current.interval_id is None:
            stored = await work.unit.intervals.add(user_id, current)
            events = tuple(replace(it, interval=stored) if it.interval is current else it for it in events)
            timer = replace(timer, current=stored)
        elif current is not None and current != before.current:
            await self._change(work, current)
        work.record = replace(work.record, timer=timer)
        work.events += events

    async def _change(self, work: _Work, interval: Interval) -> None:
        """Store an interval that the timer held before, and its gaps where those are others now."""
        await work.unit.intervals.update(work.record.user_id, interval)
        timer = work.record.timer
        before = timer.current or (timer.due.after if timer.due else None)
        if before is None or before.gaps != interval.gaps:
            await work.unit.intervals.set_gaps(interval)

    async def _save(self, work: _Work) -> tuple[Snapshot, Sequence[Draft], Sequence[Announcement]]:
        """Store the timer and its events if there are any, and look at the outcome."""
        user_id = work.record.user_id
        names = await work.unit.tasks.names(user_id, _task_ids(work.record.timer, work.events))
        drafts = [Draft(it.type, it.at, event_data(it, names, work.now)) for it in work.events]
        stored: Sequence[Announcement] = ()
        if drafts:
            work.record = await work.unit.timers.save(work.record)
            stored = await work.unit.outbox.append(user_id, drafts)
        today = await self._today(work)
        return Snapshot(work.record, names, today, day_end(work.reading, work.rules)), drafts, stored

    async def _today(self, work: _Work) -> int:
        """Answer today's pomodoros; asks the store only where that can have changed."""
        known = self._board.get(work.record.user_id)
        end = day_end(work.reading, work.rules)
        counted = any(it.type in (EventType.COMPLETED, EventType.REOPENED) for it in work.events)
        if known is not None and known.day_end == end and not counted:
            return known.today
        start, _ = day_bounds(work.reading.wall, work.rules.zone, work.rules.day_start)
        return await work.unit.intervals.completed_focus(work.record.user_id, start, end)

    def _committed(self, snapshot: Snapshot, announcements: Sequence[Announcement]) -> None:
        """Make the commit known: to memory, to the alarm, to whoever listens."""
        record = snapshot.record
        self._board[record.user_id] = snapshot
        deadline = next_deadline(record.timer, self._rules())
        # Read anew: the commit took its time, and the alarm must not be late by it.
        now = project(record.anchor, self._clock.read())
        self._alarm.set(record.user_id, None if deadline is None else deadline - now)
        if announcements:
            self._announcer.publish(announcements)


def _task_ids(timer: Timer, events: Sequence[IntervalEvent]) -> list[int]:
    held = [timer.last_task_id, timer.current.task_id if timer.current else None]
    held += [event.interval.task_id for event in events]
    return sorted({task_id for task_id in held if task_id is not None})


def _log_failure(task: asyncio.Future[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("a wake-up failed", exc_info=error)
