"""The record: what was done, and putting it right. Every correction is one transaction that can be undone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pomo_daemon.application.lookup import views
from pomo_daemon.application.ports import WHOLE, Clock, Page, Store
from pomo_daemon.application.tasks import choose, named_tasks
from pomo_daemon.application.timer import Identity, TimerService
from pomo_daemon.application.views import IntervalView
from pomo_daemon.application.work import Work
from pomo_daemon.domain.commit import SUBJECT_LENGTH, Commit, check_sha
from pomo_daemon.domain.cycle import Rules
from pomo_daemon.domain.days import day_bounds
from pomo_daemon.domain.errors import IntervalNotFound, Overlap, TimerConflict, TimerIdle, TimerNotRunning
from pomo_daemon.domain.events import EventType, IntervalEvent
from pomo_daemon.domain.history import Correction, corrected, past_interval
from pomo_daemon.domain.interruption import Interruption, InterruptionKind
from pomo_daemon.domain.interval import Interval, Phase, Status
from pomo_daemon.domain.task import check_text
from pomo_daemon.domain.timeline import project


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What the user says of an interval; None leaves a field as it is, an empty task takes the task away."""

    started_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: Status | None = None
    task: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Interrupt:
    """An interruption of the interval that runs, as an action; plain data, as a command is (timer.Order)."""

    kind: InterruptionKind
    note: str

    async def __call__(self, work: Work) -> None:
        """Mark it. Raises TimerIdle, TimerNotRunning and Invalid."""
        current = work.record.timer.current
        if current is None or current.interval_id is None:
            raise TimerIdle("Nothing is running: there is nothing to interrupt.")
        if current.status is not Status.RUNNING:
            raise TimerNotRunning(f"The {current.phase.label} is paused: nothing can interrupt it.")
        note = check_text("note", self.note)
        made = Interruption(interval_id=current.interval_id, kind=self.kind, at=work.now, note=note)
        stored = await work.unit.interruptions.add(made)
        work.touch("interruption", stored.interruption_id, None, stored)
        work.recount = True
        work.label = f"interrupt {self.kind}"
        work.announce(EventType.INTERRUPTED, {"interval_id": current.interval_id, "kind": self.kind, "note": made.note})
        work.answer["count"] = len(await work.unit.interruptions.of([current.interval_id]))


@dataclass(frozen=True, slots=True)
class Recorded:
    """An interval as it is recorded now, and whether a task was made for it."""

    interval: IntervalView
    task_created: bool


class HistoryService:
    """Intervals of the user who asks; those of others are not found."""

    def __init__(self, timers: TimerService, store: Store, clock: Clock, rules: Callable[[], Rules]) -> None:
        self._timers = timers
        self._store = store
        self._clock = clock
        self._rules = rules

    async def between(
        self,
        who: Identity,
        start: datetime | None,
        end: datetime | None,
        task: str | None = None,
        category: str | None = None,
        page: Page = WHOLE,
    ) -> Sequence[IntervalView]:
        """Answer the intervals that began in [start, end), oldest first; a bound that is None is that of today."""
        rules, reading = self._rules(), self._clock.read()
        today = day_bounds(reading.wall, rules.zone, rules.day_start)
        async with self._store.read() as unit:
            tasks = await named_tasks(unit, who.user_id, task, category)
            first, last = start or today[0], end or max(today[1], reading.wall)
            found = await unit.intervals.between(who.user_id, first, last, tasks=tasks, page=page)
            record = await unit.timers.load(who.user_id)
            return await views(unit, who.user_id, found, project(record.anchor, reading))

    async def add(self, who: Identity, entry: Entry, *, create: bool, request_id: str | None) -> Recorded:
        """Record a focus that was forgotten. Raises Invalid, Overlap, and what a task's name can raise."""

        async def act(work: Work) -> None:
            task_id = None
            if entry.task:
                task, work.answer["task_created"] = await choose(work, entry.task, create=create)
                task_id = task.task_id
            wall = work.reading.wall
            made = past_interval(
                started_at=entry.started_at or wall,
                ended_at=entry.ended_at or wall,
                now=wall,
                outcome=entry.outcome or Status.COMPLETED,
                task_id=task_id,
                zone=str(work.rules.zone),
                note=check_text("note", entry.note or ""),
            )
            await _refuse_overlap(work, made)
            stored = await work.unit.intervals.add(work.user_id, made)
            self._done(work, EventType.RECORDED, "log add", None, stored)

        return await self._change(who, act, request_id, "history.add")

    async def edit(
        self, who: Identity, interval_id: int, entry: Entry, *, create: bool, request_id: str | None
    ) -> Recorded:
        """Correct an interval. Raises IntervalNotFound, Invalid, Overlap, TimerConflict for times of a current one."""

        async def act(work: Work) -> None:
            before = await _get(work, interval_id)
            task_id = None if entry.task is None else 0
            if entry.task:
                task, work.answer["task_created"] = await choose(work, entry.task, create=create)
                task_id = task.task_id
            note = None if entry.note is None else check_text("note", entry.note)
            change = Correction(
                started_at=entry.started_at,
                ended_at=entry.ended_at,
                outcome=entry.outcome,
                task_id=task_id,
                note=note,
            )
            after = corrected(before, change, work.reading.wall)
            work.answer["interval_id"] = interval_id
            if after == before:
                return
            if after.ended_at is not None:
                await _refuse_overlap(work, after)
            await work.unit.intervals.update(work.user_id, after)
            if after.gaps != before.gaps:
                await work.unit.intervals.set_gaps(after)
            _mirror(work, after)
            self._done(work, EventType.CORRECTED, f"log edit {interval_id}", before, after)

        return await self._change(who, act, request_id, "history.edit")

    async def delete(self, who: Identity, interval_id: int, request_id: str | None) -> None:
        """Take an interval out of the record. Raises IntervalNotFound, and TimerConflict for a current one."""

        async def act(work: Work) -> None:
            before = await _get(work, interval_id)
            timer = work.record.timer
            if before.ended_at is None:
                raise TimerConflict(before)
            if timer.due is not None and timer.due.after.interval_id == interval_id:
                # What is due was due because of it.
                work.record = replace(work.record, timer=replace(timer, due=None))
                await work.save_timer()
            for it in await work.unit.interruptions.of([interval_id]):
                work.touch("interruption", it.interruption_id, it, None)
            await work.unit.intervals.remove(work.user_id, interval_id)
            self._done(work, EventType.REMOVED, f"log delete {interval_id}", before, None)

        await self._timers.transact(who, act, request_id, "history.delete")

    async def interrupt(
        self, who: Identity, kind: InterruptionKind, note: str, request_id: str | None
    ) -> Mapping[str, Any]:
        """Mark an interruption of the interval that runs. Raises TimerIdle, TimerNotRunning and Invalid."""
        return await self._timers.transact(who, Interrupt(kind, note), request_id, "timer.interrupt")

    async def note_commit(
        self, who: Identity, sha: str, subject: str, repository: str, request_id: str | None
    ) -> Mapping[str, Any]:
        """Note a commit on the current focus; where there is none, that is no fault. Raises Invalid."""
        check_sha(sha)

        async def act(work: Work) -> None:
            current = work.record.timer.current
            work.answer["interval_id"] = None
            if current is None or current.interval_id is None or current.phase is not Phase.FOCUS:
                return
            made = Commit(
                interval_id=current.interval_id,
                sha=sha,
                subject=subject[:SUBJECT_LENGTH],
                repository=repository,
                at=work.reading.wall,
            )
            await work.unit.commits.add(work.user_id, made)
            work.answer["interval_id"] = current.interval_id

        return await self._timers.transact(who, act, request_id, "git.note")

    def _done(self, work: Work, kind: EventType, label: str, before: Interval | None, after: Interval | None) -> None:
        interval = after or before
        if interval is None:
            return
        work.touch("interval", interval.interval_id or 0, before, after)
        work.pending.append(IntervalEvent(kind, work.now, interval))
        work.label, work.recount = label, True
        work.answer["interval_id"] = interval.interval_id

    async def _change(self, who: Identity, act: Callable[[Work], Any], request_id: str | None, method: str) -> Recorded:
        answer = await self._timers.transact(who, act, request_id, method)
        async with self._store.read() as unit:
            found = await unit.intervals.get(who.user_id, answer["interval_id"])
            if found is None:
                raise IntervalNotFound(f"There is no interval {answer['interval_id']} any more.")
            [view] = await views(unit, who.user_id, [found], self._clock.read().wall)
            return Recorded(view, answer.get("task_created", False))


async def _get(work: Work, interval_id: int) -> Interval:
    found = await work.unit.intervals.get(work.user_id, interval_id)
    if found is None:
        raise IntervalNotFound(f"There is no interval {interval_id}.")
    return found


def _mirror(work: Work, after: Interval) -> None:
    """Let the timer hold the interval as it is now, where it holds it."""
    timer = work.record.timer
    if timer.current is not None and timer.current.interval_id == after.interval_id:
        timer = replace(timer, current=after, last_task_id=after.task_id)
    elif timer.due is not None and timer.due.after.interval_id == after.interval_id:
        timer = replace(timer, due=replace(timer.due, after=after))
    work.record = replace(work.record, timer=timer)


async def _refuse_overlap(work: Work, wanted: Interval) -> None:
    """Raise Overlap, which names what is in the way and the free range around it."""
    if wanted.ended_at is None:
        return
    user_id, own = work.user_id, wanted.interval_id
    taken = await work.unit.intervals.overlapping(user_id, wanted.started_at, wanted.ended_at, but=own)
    current = work.record.timer.current
    if taken is None and current is not None and current.interval_id != own and current.started_at < wanted.ended_at:
        taken = current
    if taken is None:
        return
    zone = work.rules.zone
    free_from, _ = await work.unit.intervals.around(user_id, taken.started_at, but=taken.interval_id)
    until = taken.started_at
    if taken.started_at <= wanted.started_at and taken.ended_at is not None:
        free_from = taken.ended_at
        _, following = await work.unit.intervals.around(user_id, taken.ended_at, but=own)
        until = following or work.reading.wall
    names = await work.unit.tasks.names(user_id, [taken.task_id]) if taken.task_id is not None else {}
    name = f" {names.get(taken.task_id or 0)!r}" if names else ""
    span = f"{taken.started_at.astimezone(zone):%Y-%m-%d %H:%M:%S} to "
    span += f"{taken.ended_at.astimezone(zone):%H:%M:%S}" if taken.ended_at else "now"
    begin = f"{free_from.astimezone(zone):%Y-%m-%d %H:%M:%S}" if free_from else "any time"
    raise Overlap(
        f"Interval {taken.interval_id} ({taken.phase.label}{name}, {span}) is in the way.",
        f"Free is {begin} to {until.astimezone(zone):%H:%M:%S}.",
    )
