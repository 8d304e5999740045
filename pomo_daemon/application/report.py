"""What the record comes to: sums by day, task and the like, estimates, interruptions, streaks."""

from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, time
from functools import partial
from typing import TypeVar

from pomo_daemon.application.ports import READ_ONLY, Clock, Interrupted, Store, StoreError, Tallies, UnitOfWork
from pomo_daemon.application.selection import Selection, TaskRow, TaskStatus
from pomo_daemon.application.tasks import named_tasks
from pomo_daemon.application.timer import Identity
from pomo_daemon.domain.cycle import Rules
from pomo_daemon.domain.days import WeekStart, day_of
from pomo_daemon.domain.errors import Invalid
from pomo_daemon.domain.report import (
    By,
    Days,
    Part,
    Period,
    Streak,
    Tally,
    before,
    current_streak,
    day_numbered,
    days_of,
    local_start,
    month_of,
    shift_of,
    streaks,
    tally_of,
    total,
    usual_rows,
)
from pomo_daemon.domain.timeline import project

#: More days than these are not listed one by one where nothing was done.
_LISTED = 400
_Key = TypeVar("_Key")
#: Answers the totals of a user's days that begin then.
Totals = Callable[[int, time, Days], Awaitable[Mapping[date, Tally]]]
_ALL = Days(date(1970, 1, 1), date(9000, 1, 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What to sum up; None is left to choose. `period` is the one that holds `first`, or today."""

    period: Period | None = None
    first: date | None = None
    last: date | None = None
    by: By | None = None
    task: str | None = None
    category: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a report; `key` is empty for what has no task or category."""

    key: str
    label: str
    tally: Tally


@dataclass(frozen=True, slots=True)
class Report:
    """A report; its rows add up to the total."""

    days: Days
    by: By
    rows: Sequence[Row]
    total: Tally
    previous_days: Days
    previous: Tally
    goal: int
    reached: int
    today: date


@dataclass(frozen=True, slots=True)
class Calendar:
    """Totals of days, and the streaks of the whole record."""

    days: Days
    totals: Mapping[date, Tally]
    today: date
    goal: int
    reached: int
    week_start: WeekStart
    current: Streak
    longest: Streak


class ReportService:
    """Reports for the user who asks, of their own record."""

    def __init__(self, store: Store, clock: Clock, rules: Callable[[], Rules]) -> None:
        self._store = store
        self._clock = clock
        self._rules = rules
        #: Whose totals of which days are known to be kept: once they are, they are for good.
        self._kept: set[tuple[int, time]] = set()

    async def period(self, who: Identity, query: Query) -> Report:
        """Sum up some days. Raises Invalid, and what the names of a task and a category can raise."""
        rules = self._rules()
        days, past, today = self._days(query, rules)
        by = query.by or usual_rows(query.period, days)
        tasks = await self._wanted(who.user_id, query)
        async with self._reading(who.user_id, rules.day_start) as (unit, kept):
            current = await self._current(unit, who.user_id, tasks)
            sums = _Sums(unit, kept, who.user_id, rules.day_start, tasks, current)
            totals = await sums.by_day(Days(past.first, days.last))
            present = {day: it for day, it in totals.items() if day >= days.first}
            if by in (By.DAY, By.MONTH, By.WEEKDAY):
                rows = _by_date(by, days, present, rules)
            else:
                rows = await _by_part(unit, who.user_id, by, await sums.parts(days), rules)
            reached = [it for it in present.values() if rules.goal and it.pomodoros >= rules.goal]
            previous = total(it for day, it in totals.items() if day <= past.last)
        return Report(days, by, rows, total(it.tally for it in rows), past, previous, rules.goal, len(reached), today)

    async def interruptions(self, who: Identity, query: Query) -> tuple[Days, int, Sequence[Interrupted]]:
        """Answer the days that are meant, their pomodoros, and what broke in."""
        rules = self._rules()
        days, _, _ = self._days(query, rules)
        async with self._reading(who.user_id, rules.day_start) as (unit, kept):
            done = total((await kept(who.user_id, rules.day_start, days)).values()).pomodoros
            return days, done, await unit.tallies.interrupted(who.user_id, rules.day_start, days)

    async def estimates(self, who: Identity) -> Sequence[TaskRow]:
        """Answer the tasks that had an estimate and are done, in the order in which they were."""
        async with self._store.read() as unit:
            done = (await unit.tasks.listed(who.user_id, Selection(status=TaskStatus.DONE))).rows
        return sorted((it for it in done if it.pomodoro_count), key=lambda it: (it.completed_at, it.task_id))

    async def calendar(self, who: Identity, query: Query) -> Calendar:
        """Answer the totals of days, and the longest runs of days that reached the goal."""
        rules = self._rules()
        days, _, today = self._days(query, rules)
        async with self._reading(who.user_id, rules.day_start) as (_unit, kept):
            totals = await kept(who.user_id, rules.day_start, _ALL)
        reached = [day for day, it in totals.items() if it.pomodoros >= max(rules.goal, 1)]
        runs = streaks(reached)
        shown = {day: it for day, it in totals.items() if days.first <= day <= days.last}
        return Calendar(
            days,
            shown,
            today,
            rules.goal,
            sum(it in shown for it in reached),
            rules.week_start,
            current_streak(runs, today),
            max(runs, key=len, default=Streak()),
        )

    async def wrong_days(self, user_id: int) -> Sequence[date]:
        """Answer the days whose kept totals are not what a recount gives: none, unless somebody else wrote."""
        day_start = self._rules().day_start
        async with self._store.read() as unit:
            if not await unit.tallies.are_kept(user_id, day_start):
                return []
            kept = await unit.tallies.of_days(user_id, day_start, _ALL)
            counted = await unit.tallies.recounted(user_id, day_start)
        return sorted(day for day in kept.keys() | counted.keys() if kept.get(day) != counted.get(day))

    def _days(self, query: Query, rules: Rules) -> tuple[Days, Days, date]:
        """Answer the days that are meant, those before them, and today."""
        today = day_of(self._clock.read().wall, rules.zone, rules.day_start)
        period = query.period
        if period is None and query.first is None and query.last is None:
            period = Period.WEEK
        if period is not None:
            if query.last is not None:
                raise Invalid("to: goes with 'from', not with a period.")
            days = days_of(period, query.first or today, rules.week_start)
        else:
            days = Days(query.first or query.last or today, query.last or max(today, query.first or today))
        if not _ALL.first < days.first <= days.last < _ALL.last:
            raise Invalid("from: is not before 'to', or lies out of reach.")
        return days, before(days, period, today, rules.week_start), today

    async def _wanted(self, user_id: int, query: Query) -> Sequence[int] | None:
        """Answer the tasks that the report is about; None is everything."""
        if query.task is None and query.category is None:
            return None
        async with self._store.read() as unit:
            return await named_tasks(unit, user_id, query.task, query.category)

    @asynccontextmanager
    async def _reading(self, user_id: int, day_start: time) -> AsyncIterator[tuple[UnitOfWork, Totals]]:
        """Read with totals of such days: made when first asked for, or counted each time where none can be kept."""
        if (user_id, day_start) not in self._kept:
            try:
                await self._keep(user_id, day_start)
                self._kept.add((user_id, day_start))
            except StoreError as error:
                if error.code != READ_ONLY:
                    raise
        kept = (user_id, day_start) in self._kept
        async with self._store.read() as unit:
            yield unit, unit.tallies.of_days if kept else partial(_counted, unit.tallies)

    async def _keep(self, user_id: int, day_start: time) -> None:
        async with self._store.read() as unit:
            if await unit.tallies.are_kept(user_id, day_start):
                return
        async with self._store.write() as unit:
            # Whoever changes anything of a user holds the timer meanwhile.
            await unit.timers.load(user_id)
            if not await unit.tallies.are_kept(user_id, day_start):
                await unit.tallies.keep(user_id, day_start)

    async def _current(self, unit: UnitOfWork, user_id: int, tasks: Sequence[int] | None) -> Sequence[Part]:
        """Answer what runs, as far as it has come: it is in no total before it ends."""
        record = await unit.timers.load(user_id)
        interval = record.timer.current
        if interval is None or (tasks is not None and interval.task_id not in tasks):
            return []
        broken = await unit.interruptions.of([interval.interval_id or 0])
        tally = tally_of(interval, project(record.anchor, self._clock.read()), (it.kind for it in broken))
        began = local_start(interval)
        day = day_numbered((began - shift_of(self._rules().day_start)) // 86400)
        return [Part(day, began % 86400 // 3600, interval.task_id or 0, tally)]


@dataclass(frozen=True, slots=True)
class _Sums:
    """Sums of a user's intervals, of `tasks` only if that is not None; `current` is what runs."""

    unit: UnitOfWork
    kept: Totals
    user_id: int
    day_start: time
    tasks: Sequence[int] | None
    current: Sequence[Part]

    async def by_day(self, days: Days) -> Mapping[date, Tally]:
        """Answer the totals of days; of all tasks they are at hand."""
        if self.tasks is not None:
            return _gathered((it.day, it.tally) for it in await self.parts(days))
        kept = await self.kept(self.user_id, self.day_start, days)
        running = [(it.day, it.tally) for it in self._running(days)]
        return _gathered([*kept.items(), *running]) if running else kept

    async def parts(self, days: Days) -> Sequence[Part]:
        """Answer the totals of hours and tasks."""
        found = await self.unit.tallies.parts(self.user_id, self.day_start, days, self.tasks)
        return [*found, *self._running(days)]

    def _running(self, days: Days) -> Sequence[Part]:
        return [it for it in self.current if days.first <= it.day <= days.last]


async def _counted(tallies: Tallies, user_id: int, day_start: time, days: Days) -> Mapping[date, Tally]:
    """Answer the totals of days of which none are kept."""
    found = await tallies.recounted(user_id, day_start)
    return {day: it for day, it in found.items() if days.first <= day <= days.last}


def _gathered(found: Iterable[tuple[_Key, Tally]]) -> dict[_Key, Tally]:
    groups: dict[_Key, list[Tally]] = defaultdict(list)
    for key, tally in found:
        groups[key].append(tally)
    return {key: total(tallies) for key, tallies in groups.items()}


def _by_date(by: By, days: Days, totals: Mapping[date, Tally], rules: Rules) -> Sequence[Row]:
    """Make rows of days, months or weekdays; those without anything are there too."""
    nothing = Tally()
    match by:
        case By.DAY:
            listed = days.each() if len(days) <= _LISTED else sorted(totals)
            return [Row(str(day), f"{day:%a %Y-%m-%d}", totals.get(day, nothing)) for day in listed]
        case By.MONTH:
            months = dict.fromkeys(map(month_of, days.each())) if len(days) <= _LISTED * 30 else {}
            sums = _gathered((month_of(day), it) for day, it in totals.items())
            return [Row(it, it, sums.get(it, nothing)) for it in sorted(months or sums)]
        case _:
            week = days_of(Period.WEEK, days.first, rules.week_start).each()
            weekly = _gathered((day.weekday(), it) for day, it in totals.items())
            return [Row(f"{it:%A}".lower(), f"{it:%A}", weekly.get(it.weekday(), nothing)) for it in week]


async def _by_part(unit: UnitOfWork, user_id: int, by: By, parts: Sequence[Part], rules: Rules) -> Sequence[Row]:
    """Make rows of hours, from the first to the last with something, or of tasks or categories, the longest first."""
    if by is By.HOUR:
        hours = _gathered(((it.hour - rules.day_start.hour) % 24, it.tally) for it in parts)
        listed = range(min(hours), max(hours) + 1) if hours else ()
        clock = (((it + rules.day_start.hour) % 24, hours.get(it, Tally())) for it in listed)
        return [Row(f"{hour:02}", f"{hour:02}:00", tally) for hour, tally in clock]
    sums = _gathered((it.task_id, it.tally) for it in parts)
    if by is By.TASK:
        names = await unit.tasks.names(user_id, sorted(sums))
        rows = [Row(str(key or ""), names.get(key, ""), tally) for key, tally in sums.items()]
    else:
        groups = await unit.tasks.categories(user_id, sorted(sums))
        named = _gathered((groups.get(key, ""), tally) for key, tally in sums.items())
        rows = [Row(key, key, tally) for key, tally in named.items()]
    return sorted(rows, key=lambda it: (-it.tally.focus_s, not it.key, it.label))
