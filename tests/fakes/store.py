"""A database in memory with real transactions: it keeps what was committed, and nothing else."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from typing import Any

import msgspec

from pomo_daemon.application.ports import (
    Announcement,
    Categories,
    Change,
    Changes,
    Draft,
    Interruptions,
    Intervals,
    Item,
    Outbox,
    Requests,
    Stale,
    StoreError,
    TaskRow,
    Tasks,
    TimerRecord,
    Timers,
    UnitOfWork,
    Users,
)
from pomo_daemon.domain.interruption import Interruption
from pomo_daemon.domain.interval import Interval, Phase, Status
from pomo_daemon.domain.task import Category, Task
from pomo_daemon.domain.timer import Timer


@dataclass
class Rows:
    """The tables. Every value is immutable, so a copy of the dictionaries is a copy of all."""

    users: dict[int, int] = field(default_factory=dict)
    timers: dict[int, TimerRecord] = field(default_factory=dict)
    intervals: dict[int, tuple[int, Interval]] = field(default_factory=dict)
    tasks: dict[int, tuple[int, Task]] = field(default_factory=dict)
    categories: dict[int, tuple[int, Category]] = field(default_factory=dict)
    interruptions: dict[int, Interruption] = field(default_factory=dict)
    changes: dict[int, tuple[int, Change]] = field(default_factory=dict)
    #: The last number that each table gave out: numbers are never given out twice.
    numbers: dict[str, int] = field(default_factory=dict)
    events: dict[tuple[int, int], Announcement] = field(default_factory=dict)
    last_seq: dict[int, int] = field(default_factory=dict)
    deliveries: dict[tuple[int, str], int] = field(default_factory=dict)
    requests: dict[tuple[int, str], bytes] = field(default_factory=dict)

    def copy(self) -> "Rows":
        """Answer an independent copy."""
        return Rows(**{it.name: dict(getattr(self, it.name)) for it in fields(self)})


class MemoryStore:
    """The Store port. Transactions that write take turns; those that read see what was committed before.

    While `failing`, no transaction begins. `hooks["before_commit"]` and `hooks["after_commit"]` are called there, and
    may raise whatever is to happen: a crash, a lost race, an answer that is lost.
    """

    def __init__(self) -> None:
        self.rows = Rows()
        self.failing = False
        self.hooks: dict[str, Callable[[], None]] = {}
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[UnitOfWork]:
        """Open a transaction that may write."""
        async with self._turn:
            self._check()
            rows = self.rows.copy()
            yield MemoryUnitOfWork(rows)
            self._reach("before_commit")
            self.rows = rows
            self._reach("after_commit")

    @asynccontextmanager
    async def read(self) -> AsyncIterator[UnitOfWork]:
        """Open a transaction that only reads."""
        self._check()
        rows = self.rows.copy()
        before = rows.copy()
        yield MemoryUnitOfWork(rows)
        if rows != before:
            raise StoreError("database.error", "The transaction is read-only; nothing was changed.")

    async def close(self) -> None:
        """Do nothing: there are no connections."""

    def fork(self) -> "MemoryStore":
        """Answer a store with the same rows, which goes its own way."""
        other = MemoryStore()
        other.rows = self.rows.copy()
        return other

    def _check(self) -> None:
        if self.failing:
            raise StoreError("database.unavailable", "The database is away.")

    def _reach(self, point: str) -> None:
        if (hook := self.hooks.get(point)) is not None:
            hook()


def _number(rows: "Rows", table: str, given: int | None) -> int:
    """Answer the number of a new row: the one it has already, or the next."""
    number = given or rows.numbers.get(table, 0) + 1
    rows.numbers[table] = max(number, rows.numbers.get(table, 0))
    return number


class MemoryUnitOfWork:
    """One transaction on a copy of the rows."""

    def __init__(self, rows: Rows) -> None:
        self.users: Users = MemoryUsers(rows)
        self.timers: Timers = MemoryTimers(rows)
        self.intervals: Intervals = MemoryIntervals(rows)
        self.tasks: Tasks = MemoryTasks(rows)
        self.categories: Categories = MemoryCategories(rows)
        self.interruptions: Interruptions = MemoryInterruptions(rows)
        self.changes: Changes = MemoryChanges(rows)
        self.outbox: Outbox = MemoryOutbox(rows)
        self.requests: Requests = MemoryRequests(rows)


class MemoryUsers:
    """The Users port."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def of_peer(self, uid: int, username: str) -> int:  # noqa: ARG002  # names are never asked for
        """Answer the id of the user that an OS user logs in as without a password; make it if need be."""
        if uid not in self._rows.users:
            user_id = len(self._rows.users) + 1
            self._rows.users[uid] = user_id
            self._rows.timers[user_id] = TimerRecord(user_id, 0, Timer())
        return self._rows.users[uid]


class MemoryTimers:
    """The Timers port. As in a database, a timer points to its interval, and has it as it is now."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def load(self, user_id: int) -> TimerRecord:
        """Answer the timer of a user."""
        record = self._rows.timers[user_id]
        timer = record.timer
        if timer.current is not None:
            timer = replace(timer, current=self._interval(timer.current))
        if timer.due is not None:
            timer = replace(timer, due=replace(timer.due, after=self._interval(timer.due.after)))
        return replace(record, timer=timer)

    async def save(self, record: TimerRecord) -> TimerRecord:
        """Store over the version that was loaded. Raises Stale if that is no longer there."""
        if self._rows.timers[record.user_id].version != record.version:
            raise Stale
        saved = replace(record, version=record.version + 1)
        self._rows.timers[record.user_id] = saved
        return saved

    async def running(self) -> Sequence[int]:
        """Answer the users whose current interval runs."""
        loaded = [await self.load(user_id) for user_id in self._rows.timers]
        currents = [(it.user_id, it.timer.current) for it in loaded]
        return [user_id for user_id, current in currents if current and current.status is Status.RUNNING]

    def _interval(self, pointed_at: Interval) -> Interval:
        assert pointed_at.interval_id is not None
        return self._rows.intervals[pointed_at.interval_id][1]


class MemoryIntervals:
    """The Intervals port."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def add(self, user_id: int, interval: Interval) -> Interval:
        """Store a new interval; answer it with its id."""
        stored = replace(interval, interval_id=_number(self._rows, "intervals", interval.interval_id))
        self._put(user_id, stored)
        return stored

    async def update(self, user_id: int, interval: Interval) -> None:
        """Store a changed interval, but for its gaps."""
        owner, before = self._rows.intervals.get(interval.interval_id or 0, (0, None))
        if owner != user_id or before is None:
            raise StoreError("interval.not_found", f"There is no interval {interval.interval_id}.")
        self._put(user_id, replace(interval, gaps=before.gaps))

    async def set_gaps(self, interval: Interval) -> None:
        """Store the gaps of a stored interval in place of those it had."""
        owner, before = self._rows.intervals[interval.interval_id or 0]
        self._put(owner, replace(before, gaps=interval.gaps))

    async def get(self, user_id: int, interval_id: int, *, cancelled: bool = False) -> Interval | None:
        """Answer an interval with its gaps; one that is cancelled only if asked to."""
        owner, found = self._rows.intervals.get(interval_id, (0, None))
        hidden = found is None or owner != user_id or (found.status is Status.CANCELLED and not cancelled)
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

    async def between(self, user_id: int, start: datetime, end: datetime) -> Sequence[Interval]:
        """Answer those that began in [start, end), oldest first."""
        return [it for it in self._recorded(user_id) if start <= it.started_at < end]

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
        found = await self.between(user_id, start, end)
        return sum(it.phase is Phase.FOCUS and it.status is Status.COMPLETED for it in found)

    def _recorded(self, user_id: int) -> list[Interval]:
        mine = (it for owner, it in self._rows.intervals.values() if owner == user_id)
        recorded = [it for it in mine if it.status is not Status.CANCELLED]
        return sorted(recorded, key=lambda it: (it.started_at, it.interval_id))

    def _put(self, user_id: int, interval: Interval) -> None:
        """Hold to the constraints of the tables."""
        assert interval.interval_id is not None
        current = interval.status in (Status.RUNNING, Status.PAUSED)
        others = (it for owner, it in self._rows.intervals.values() if owner == user_id)
        if (
            current != (interval.ended_at is None)
            or (interval.ended_at is not None and interval.ended_at < interval.started_at)
            or (interval.planned is not None and interval.planned <= timedelta(0))
            or (current and any(it.ended_at is None and it.interval_id != interval.interval_id for it in others))
        ):
            raise StoreError("database.error", f"The database refuses {interval}.")
        if interval.status is not Status.CANCELLED:
            recorded = [it for it in self._recorded(user_id) if it.interval_id != interval.interval_id]
            before = [it for it in recorded if interval.ended_at is None or it.started_at < interval.ended_at]
            if before and (before[-1].ended_at is None or before[-1].ended_at > interval.started_at):
                raise StoreError("history.overlap", "Another interval lies there.")
        self._rows.intervals[interval.interval_id] = (user_id, interval)


class MemoryTasks:
    """The Tasks port."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def get(self, user_id: int, task_id: int, *, deleted: bool = False) -> Task | None:
        """Answer a task."""
        found = (it for it in self._mine(user_id) if it.task_id == task_id)
        return next((it for it in found if deleted or it.deleted_at is None), None)

    async def names(self, user_id: int, task_ids: Sequence[int]) -> Mapping[int, str]:
        """Answer the names of tasks, deleted ones too."""
        return {it.task_id: it.name for it in self._mine(user_id) if it.task_id in task_ids}

    async def open_named(self, user_id: int, name: str) -> Sequence[Task]:
        """Answer the tasks neither done nor deleted whose name is the same but for case."""
        found = (it for it in self._mine(user_id) if it.completed_at is None and it.deleted_at is None)
        return [it for it in found if it.name.casefold() == name.casefold()]

    async def categories(self, user_id: int, task_ids: Sequence[int]) -> Mapping[int, str]:
        """Answer the names of the categories of tasks that have one."""
        mine = [it for it in self._mine(user_id) if it.task_id in task_ids and it.category_id is not None]
        return {it.task_id: self._rows.categories[it.category_id or 0][1].name for it in mine}

    async def row(self, user_id: int, task_id: int) -> TaskRow | None:
        """Answer one task as lists show it, deleted or not."""
        return next((it for it in await self.all(user_id) if it.task.task_id == task_id), None)

    async def all(self, user_id: int) -> Sequence[TaskRow]:
        """Answer every task, deleted ones too, in the order in which they were made."""
        done: dict[int | None, int] = {}
        for owner, it in self._rows.intervals.values():
            if owner == user_id and it.phase is Phase.FOCUS and it.status is Status.COMPLETED:
                done[it.task_id] = done.get(it.task_id, 0) + 1
        mine = sorted(self._mine(user_id), key=lambda it: it.task_id)
        groups = await self.categories(user_id, [it.task_id for it in mine])
        return [TaskRow(it, done.get(it.task_id, 0), groups.get(it.task_id)) for it in mine]

    async def in_category(self, user_id: int, category_id: int) -> Sequence[Task]:
        """Answer the tasks of a category, deleted ones too."""
        return [it for it in self._mine(user_id) if it.category_id == category_id]

    async def add(self, user_id: int, task: Task) -> Task:
        """Store a new task; answer it with its number."""
        stored = replace(task, task_id=_number(self._rows, "tasks", task.task_id))
        self._rows.tasks[stored.task_id] = (user_id, stored)
        return stored

    async def update(self, user_id: int, task: Task) -> None:
        """Store a changed task."""
        if self._rows.tasks.get(task.task_id, (0, None))[0] == user_id:
            self._rows.tasks[task.task_id] = (user_id, task)

    async def remove(self, user_id: int, task_id: int) -> None:
        """Take a task out of the record altogether."""
        if any(it.task_id == task_id for _, it in self._rows.intervals.values()):
            raise StoreError("database.error", f"Intervals refer to task {task_id}.")
        if self._rows.tasks.get(task_id, (0, None))[0] == user_id:
            del self._rows.tasks[task_id]

    def _mine(self, user_id: int) -> list[Task]:
        return [it for owner, it in self._rows.tasks.values() if owner == user_id]


class MemoryCategories:
    """The Categories port."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def get(self, user_id: int, category_id: int) -> Category | None:
        """Answer a category."""
        owner, found = self._rows.categories.get(category_id, (0, None))
        return found if owner == user_id else None

    async def named(self, user_id: int, name: str) -> Category | None:
        """Answer the category whose name is the same but for case."""
        return next((it for it, _ in await self.all(user_id) if it.name.casefold() == name.casefold()), None)

    async def all(self, user_id: int) -> Sequence[tuple[Category, int]]:
        """Answer every category by name, with the number of its tasks that are not deleted."""
        mine = [it for owner, it in self._rows.categories.values() if owner == user_id]
        alive = [task.category_id for _, task in self._rows.tasks.values() if task.deleted_at is None]
        return [(it, alive.count(it.category_id)) for it in sorted(mine, key=lambda it: it.name.casefold())]

    async def add(self, user_id: int, category: Category) -> Category:
        """Store a new category; answer it with its number."""
        stored = replace(category, category_id=_number(self._rows, "categories", category.category_id))
        self._rows.categories[stored.category_id] = (user_id, stored)
        return stored

    async def update(self, user_id: int, category: Category) -> None:
        """Store a changed category."""
        if await self.get(user_id, category.category_id):
            self._rows.categories[category.category_id] = (user_id, category)

    async def remove(self, user_id: int, category_id: int) -> None:
        """Take a category out of the record."""
        if any(it.category_id == category_id for _, it in self._rows.tasks.values()):
            raise StoreError("database.error", f"Tasks refer to category {category_id}.")
        if await self.get(user_id, category_id):
            del self._rows.categories[category_id]


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
        number = _number(self._rows, "interruptions", interruption.interruption_id)
        stored = replace(interruption, interruption_id=number)
        self._rows.interruptions[number] = stored
        return stored

    async def remove(self, interruption_id: int) -> None:
        """Take one out of the record."""
        self._rows.interruptions.pop(interruption_id, None)


class MemoryChanges:
    """The Changes port."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def add(self, user_id: int, at: datetime, label: str, items: Sequence[Item]) -> None:
        """Keep a change as the latest; those that were undone can be done again no more."""
        for it in [it for owner, it in self._rows.changes.values() if owner == user_id and it.undone]:
            del self._rows.changes[it.change_id]
        number = _number(self._rows, "changes", None)
        self._rows.changes[number] = (user_id, Change(number, at, label, undone=False, items=tuple(items)))

    async def latest(self, user_id: int, limit: int) -> Sequence[Change]:
        """Answer the latest changes that are not undone, newest first."""
        mine = [it for owner, it in self._rows.changes.values() if owner == user_id and not it.undone]
        return sorted(mine, key=lambda it: -it.change_id)[:limit]

    async def first_undone(self, user_id: int) -> Change | None:
        """Answer the change that was undone last."""
        mine = [it for owner, it in self._rows.changes.values() if owner == user_id and it.undone]
        return min(mine, key=lambda it: it.change_id, default=None)

    async def mark(self, user_id: int, change_id: int, *, undone: bool) -> None:
        """Note that a change was undone, or done again."""
        owner, change = self._rows.changes[change_id]
        if owner == user_id:
            self._rows.changes[change_id] = (owner, replace(change, undone=undone))


class MemoryOutbox:
    """The Outbox port."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def append(self, user_id: int, drafts: Sequence[Draft]) -> Sequence[Announcement]:
        """Store events under the next numbers of the user."""
        first = await self.last_seq(user_id) + 1
        stored = [Announcement(user_id, first + i, it.type, it.at, _plain(it.data)) for i, it in enumerate(drafts)]
        self._rows.events.update({(user_id, it.seq): it for it in stored})
        self._rows.last_seq[user_id] = first + len(stored) - 1
        return stored

    async def since(self, user_id: int, seq: int, limit: int) -> Sequence[Announcement]:
        """Answer up to `limit` events with numbers above `seq`, in order."""
        numbers = range(seq + 1, min(seq + limit, await self.last_seq(user_id)) + 1)
        return [self._rows.events[user_id, number] for number in numbers]

    async def last_seq(self, user_id: int) -> int:
        """Answer the number of the latest event."""
        return self._rows.last_seq.get(user_id, 0)

    async def delivered(self, user_id: int, consumer: str) -> int | None:
        """Answer up to which event `consumer` has done its work."""
        return self._rows.deliveries.get((user_id, consumer))

    async def mark_delivered(self, user_id: int, consumer: str, seq: int) -> None:
        """Note that `consumer` has done its work up to and with `seq`."""
        self._rows.deliveries[user_id, consumer] = seq


class MemoryRequests:
    """The Requests port."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def find(self, user_id: int, request_id: str) -> Mapping[str, Any] | None:
        """Answer what was answered to a request."""
        kept = self._rows.requests.get((user_id, request_id))
        return None if kept is None else msgspec.json.decode(kept, type=dict[str, Any])

    async def remember(self, user_id: int, request_id: str, now: datetime, answer: Mapping[str, Any]) -> None:  # noqa: ARG002
        """Keep an answer."""
        if (user_id, request_id) in self._rows.requests:
            raise StoreError("database.error", f"The request {request_id!r} is answered already.")
        self._rows.requests[user_id, request_id] = msgspec.json.encode(answer)


def _plain(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Answer what a JSON column would."""
    return msgspec.json.decode(msgspec.json.encode(data), type=dict[str, Any])
