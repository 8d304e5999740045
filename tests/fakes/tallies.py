"""Totals of a database in memory: counted anew whenever they are asked for, which is what kept totals must equal."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, time

from pomo_daemon.application.ports import Interrupted
from pomo_daemon.domain.interval import Interval, Status
from pomo_daemon.domain.report import (
    Days,
    Part,
    Tally,
    day_numbered,
    local_start,
    shift_of,
    tally_of,
    time_of,
    total,
    zone_named,
)
from tests.fakes.rows import Rows


class MemoryTallies:
    """The Tallies port."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def are_kept(self, user_id: int, day_start: time) -> bool:
        """Tell whether there are totals of days that begin at `day_start`."""
        return (user_id, shift_of(day_start)) in self._rows.day_starts

    async def keep(self, user_id: int, day_start: time) -> None:
        """Have such totals from now on."""
        self._rows.day_starts[user_id, shift_of(day_start)] = None

    async def forget(self, user_id: int) -> Sequence[time]:
        """Keep none from now on, and answer those that were kept."""
        kept = [shift for owner, shift in self._rows.day_starts if owner == user_id]
        for shift in kept:
            del self._rows.day_starts[user_id, shift]
        return [time_of(it) for it in kept]

    async def of_days(self, user_id: int, day_start: time, wanted: Days) -> Mapping[date, Tally]:
        """Answer the totals of days that have any, in order."""
        assert await self.are_kept(user_id, day_start)
        found = await self.recounted(user_id, day_start)
        return {day: tally for day, tally in found.items() if wanted.first <= day <= wanted.last}

    async def recounted(self, user_id: int, day_start: time) -> Mapping[date, Tally]:
        """Answer what the totals of all days must be."""
        found: dict[date, Tally] = {}
        for day, _, _, tally in self._counted(user_id, day_start):
            found[day] = total([found.get(day, Tally()), tally])
        return {day: tally for day, tally in sorted(found.items()) if tally}

    async def parts(
        self, user_id: int, day_start: time, wanted: Days, tasks: Sequence[int] | None = None
    ) -> Sequence[Part]:
        """Answer the totals of hours and tasks in order."""
        found: dict[tuple[date, int, int], Tally] = {}
        for day, hour, task_id, tally in self._counted(user_id, day_start):
            if wanted.first <= day <= wanted.last and (tasks is None or task_id in tasks):
                found[day, hour, task_id] = total([found.get((day, hour, task_id), Tally()), tally])
        return [Part(*key, tally) for key, tally in sorted(found.items())]

    async def interrupted(self, user_id: int, day_start: time, wanted: Days) -> Sequence[Interrupted]:
        """Answer what broke into the intervals of these days."""
        found = []
        for it in sorted(self._rows.interruptions.values(), key=lambda it: (it.at, it.interruption_id)):
            owner, interval = self._rows.intervals[it.interval_id]
            within = wanted.first <= _day(interval, day_start) <= wanted.last
            if owner == user_id and within and interval.status is not Status.CANCELLED:
                task = self._rows.tasks.get(interval.task_id or 0)
                at = it.at.astimezone(zone_named(interval.zone))
                found.append(Interrupted(at, it.kind, task[1].name if task else None, it.note))
        return found

    def _counted(self, user_id: int, day_start: time) -> Iterator[tuple[date, int, int, Tally]]:
        for owner, it in self._rows.intervals.values():
            if owner == user_id and it.ended_at is not None and it.status is not Status.CANCELLED:
                kinds = [one.kind for one in self._rows.interruptions.values() if one.interval_id == it.interval_id]
                hour = local_start(it) % 86400 // 3600
                yield _day(it, day_start), hour, it.task_id or 0, tally_of(it, it.ended_at, kinds)


def _day(interval: Interval, day_start: time) -> date:
    return day_numbered((local_start(interval) - shift_of(day_start)) // 86400)
