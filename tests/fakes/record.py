"""Repositories in memory: timers, what was done, and what broke in."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from pomo_daemon.application.ports import WHOLE, Page, Stale, StoreError, TimerRecord
from pomo_daemon.domain.commit import Commit
from pomo_daemon.domain.interruption import Interruption
from pomo_daemon.domain.interval import Gap, Interval, Phase, Status
from tests.fakes.rows import Rows, number


class MemoryTimers:
    """The Timers port. As in a database, a timer points to its interval, and has it as it is now."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def load(self, user_id: int) -> TimerRecord:
        """Answer the timer of a user."""
        record = self._rows.timers[user_id]
        timer = record.timer
        if timer.current is not None and (current := self._interval(timer.current)) is not timer.current:
            timer = replace(timer, current=current)
        if timer.due is not None and (after := self._interval(timer.due.after)) is not timer.due.after:
            timer = replace(timer, due=replace(timer.due, after=after))
        return record if timer is record.timer else replace(record, timer=timer)

    async def save(self, record: TimerRecord) -> TimerRecord:
        """Store over the version that was loaded. Raises Stale if that is no longer there."""
        if self._rows.timers[record.user_id].version != record.version:
            raise Stale
        saved = replace(record, version=record.version + 1)
        self._rows.timers[record.user_id] = saved
        # With the interval itself, and not one that is equal to it: then whoever loads it need not look.
        self._rows.timers[record.user_id] = await self.load(record.user_id)
        return saved

    async def running(self) -> Sequence[int]:
        """Answer the users whose current interval runs."""
        return [user_id for user_id, _ in self._running()]

    async def overdue(self, since: datetime) -> Sequence[int]:
        """Answer the users whose interval runs though it was to end before `since`, its gaps left out of account."""
        running = self._running()
        return [user_id for user_id, it in running if it.planned is not None and it.started_at + it.planned < since]

    def _running(self) -> list[tuple[int, Interval]]:
        currents = [
            (it.user_id, self._interval(it.timer.current)) for it in self._rows.timers.values() if it.timer.current
        ]
        return [(user_id, it) for user_id, it in currents if it.status is Status.RUNNING]

    def _interval(self, pointed_at: Interval) -> Interval:
        assert pointed_at.interval_id is not None
        return self._rows.intervals[pointed_at.interval_id][1]


class MemoryIntervals:
    """The Intervals port."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def add(self, user_id: int, interval: Interval) -> Interval:
        """Store a new interval; answer it with its id."""
        stored = replace(interval, interval_id=number(self._rows, "intervals", interval.interval_id))
        self._put(user_id, stored)
        return stored

    async def update(self, user_id: int, interval: Interval) -> None:
        """Store a changed interval, but for its gaps."""
        owner, before = self._rows.intervals.get(interval.interval_id or 0, (0, None))
        if owner != user_id or before is None:
            raise StoreError("interval.not_found", f"There is no interval {interval.interval_id}.")
        self._put(user_id, replace(interval, gaps=before.gaps))

    async def set_gaps(self, interval: Interval, before: Sequence[Gap] | None = None) -> None:
        """Store the gaps of a stored interval in place of those it had, which are `before`; None: whatever is there."""
        owner, stored = self._rows.intervals[interval.interval_id or 0]
        if before is not None and stored.gaps != tuple(before):
            raise AssertionError(f"the stored gaps are {stored.gaps}, not {before}")
        self._put(owner, replace(stored, gaps=interval.gaps))

    async def get(self, user_id: int, interval_id: int, *, cancelled: bool = False) -> Interval | None:
        """Answer an interval with its gaps; one that is cancelled only if asked to."""
        owner, found = self._rows.intervals.get(interval_id, (0, None))
        hidden = found is None or owner != user_id or not (cancelled or _is_listed(found))
        return None if hidden else found

    async def of_task(self, user_id: int, task_id: int) -> Sequence[Interval]:
        """Answer the intervals spent on a task, oldest first."""
        return [it for it in self._recorded(user_id) if it.task_id == task_id]

    async def remove(self, user_id: int, interval_id: int) -> None:
        """Take an interval out of the record, with its gaps and interruptions."""
        if self._rows.intervals.get(interval_id, (0, None))[0] == user_id:
            for record in self._rows.timers.values():
                held = (record.timer.current, record.timer.due.after if record.timer.due else None)
                if any(it is not None and it.interval_id == interval_id for it in held):
                    raise StoreError("database.error", f"A timer holds interval {interval_id}.")
            del self._rows.intervals[interval_id]
            for it in [it for it in self._rows.interruptions.values() if it.interval_id == interval_id]:
                del self._rows.interruptions[it.interruption_id]

    async def between(
        self,
        user_id: int,
        start: datetime,
        end: datetime,
        *,
        tasks: Sequence[int] | None = None,
        page: Page = WHOLE,
    ) -> Sequence[Interval]:
        """Answer those that began in [start, end), oldest first; of some tasks only."""
        mine = (it for owner, it in self._rows.intervals.values() if owner == user_id)
        among = [it for it in mine if start <= it.started_at < end and _is_listed(it)]
        found = _in_order([it for it in among if tasks is None or it.task_id in tasks])
        return [it for it in found if (it.started_at, it.interval_id or 0) > (start, page.after)][: page.limit]

    async def around(
        self, user_id: int, at: datetime, *, but: int | None = None
    ) -> tuple[datetime | None, datetime | None]:
        """Answer when the last interval that began by `at` ended, and when the first after it began; `but` aside."""
        others = [it for it in self._recorded(user_id) if it.interval_id != but]
        before = [it.ended_at for it in others if it.started_at <= at]
        after = [it.started_at for it in others if it.started_at > at]
        return before[-1] if before else None, after[0] if after else None

    async def overlapping(
        self, user_id: int, start: datetime, end: datetime, *, but: int | None = None
    ) -> Interval | None:
        """Answer the first ended interval, other than `but`, that shares time with (start, end)."""
        ended = ((it, it.ended_at) for it in self._recorded(user_id) if it.interval_id != but)
        return next((it for it, at in ended if at is not None and it.started_at < end and at > start), None)

    async def last_end(self, user_id: int) -> datetime | None:
        """Answer when the latest ended interval ended."""
        return max((it.ended_at for it in self._recorded(user_id) if it.ended_at is not None), default=None)

    async def completed_focus(self, user_id: int, start: datetime, end: datetime) -> int:
        """Count the pomodoros that began in [start, end)."""
        mine = (it for owner, it in self._rows.intervals.values() if owner == user_id and start <= it.started_at < end)
        return sum(it.phase is Phase.FOCUS and it.status is Status.COMPLETED for it in mine)

    def _recorded(self, user_id: int) -> list[Interval]:
        return [it for it in self._all(user_id) if it.status is not Status.CANCELLED]

    def _all(self, user_id: int) -> list[Interval]:
        return _in_order([it for owner, it in self._rows.intervals.values() if owner == user_id])

    def _put(self, user_id: int, interval: Interval) -> None:
        """Hold to the constraints of the tables."""
        assert interval.interval_id is not None
        current = interval.status in (Status.RUNNING, Status.PAUSED)
        number = interval.interval_id
        end = interval.ended_at
        refused = (
            current != (end is None)
            or (end is not None and end < interval.started_at)
            or (interval.planned is not None and interval.planned <= timedelta(0))
        )
        before, latest = None, (datetime.min.replace(tzinfo=UTC), 0)
        # One pass, and no more than that: a simulated week comes by here hundreds of times.
        for owner, it in self._rows.intervals.values():
            if owner != user_id or it.interval_id == number:
                continue
            refused |= current and it.ended_at is None
            recorded = it.status is not Status.CANCELLED and (end is None or it.started_at < end)
            if recorded and (place := _place(it)) > latest:
                before, latest = it, place
        if refused:
            raise StoreError("database.error", f"The database refuses {interval}.")
        overlaps = before is not None and (before.ended_at is None or before.ended_at > interval.started_at)
        if overlaps and interval.status is not Status.CANCELLED:
            raise StoreError("history.overlap", "Another interval lies there.")
        self._rows.intervals[interval.interval_id] = (user_id, interval)


def _place(interval: Interval) -> tuple[datetime, int]:
    return interval.started_at, interval.interval_id or 0


def _in_order(intervals: Sequence[Interval]) -> list[Interval]:
    return sorted(intervals, key=_place)


def _is_listed(interval: Interval) -> bool:
    return interval.status is not Status.CANCELLED or interval.conflict is not None


class MemoryCommits:
    """The Commits port."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def of(self, user_id: int, interval_ids: Sequence[int]) -> Sequence[Commit]:
        """Answer the commits of some intervals, in the order in which they came."""
        found = (it for (owner, at, _), it in self._rows.commits.items() if owner == user_id and at in interval_ids)
        return sorted(found, key=lambda it: (it.at, it.sha))

    async def add(self, user_id: int, commit: Commit) -> None:
        """Store one, unless it is there."""
        self._rows.commits.setdefault((user_id, commit.interval_id, commit.sha), commit)


class MemoryInterruptions:
    """The Interruptions port."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def of(self, interval_ids: Sequence[int]) -> Sequence[Interruption]:
        """Answer the interruptions of some intervals, in the order in which they came."""
        found = [it for it in self._rows.interruptions.values() if it.interval_id in interval_ids]
        return sorted(found, key=lambda it: (it.at, it.interruption_id))

    async def get(self, user_id: int, interruption_id: int) -> Interruption | None:
        """Answer an interruption of an interval of this user."""
        found = self._rows.interruptions.get(interruption_id)
        return found if found and self._rows.intervals[found.interval_id][0] == user_id else None

    async def add(self, interruption: Interruption) -> Interruption:
        """Store one; answer it with its number."""
        stored = replace(
            interruption, interruption_id=number(self._rows, "interruptions", interruption.interruption_id)
        )
        self._rows.interruptions[stored.interruption_id] = stored
        return stored

    async def remove(self, interruption_id: int) -> None:
        """Take one out of the record."""
        self._rows.interruptions.pop(interruption_id, None)
