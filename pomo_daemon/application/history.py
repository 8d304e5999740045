"""The record: which intervals there were."""

from collections.abc import Callable, Sequence
from datetime import datetime

from pomo_daemon.application.ports import Clock, Store
from pomo_daemon.application.timer import Identity
from pomo_daemon.application.views import IntervalView, interval_view
from pomo_daemon.domain.cycle import Rules
from pomo_daemon.domain.days import day_bounds
from pomo_daemon.domain.timeline import project


class HistoryService:
    """Reads the record."""

    def __init__(self, store: Store, clock: Clock, rules: Callable[[], Rules]) -> None:
        self._store = store
        self._clock = clock
        self._rules = rules

    async def between(self, who: Identity, start: datetime | None, end: datetime | None) -> Sequence[IntervalView]:
        """Answer the intervals that began in [start, end), oldest first; a bound that is None is that of today."""
        rules, reading = self._rules(), self._clock.read()
        today = day_bounds(reading.wall, rules.zone, rules.day_start)
        async with self._store.read() as unit:
            found = await unit.intervals.between(who.user_id, start or today[0], end or max(today[1], reading.wall))
            record = await unit.timers.load(who.user_id)
            task_ids = sorted({it.task_id for it in found if it.task_id is not None})
            names = await unit.tasks.names(who.user_id, task_ids)
        now = project(record.anchor, reading)
        return [interval_view(interval, names, now) for interval in found]
