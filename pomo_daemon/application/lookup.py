"""Intervals together with what belongs to them, read in a few questions however many they are."""

from collections.abc import Sequence
from datetime import datetime

from pomo_daemon.application.ports import UnitOfWork
from pomo_daemon.application.views import IntervalView, interval_view
from pomo_daemon.domain.interruption import Interruption
from pomo_daemon.domain.interval import Interval


async def views(unit: UnitOfWork, user_id: int, found: Sequence[Interval], now: datetime) -> Sequence[IntervalView]:
    """Look at intervals, with the names of their tasks and categories, and what interrupted them."""
    task_ids = sorted({it.task_id for it in found if it.task_id is not None})
    names = await unit.tasks.names(user_id, task_ids)
    groups = await unit.tasks.categories(user_id, task_ids)
    held: dict[int, list[Interruption]] = {}
    for it in await unit.interruptions.of([interval.interval_id or 0 for interval in found]):
        held.setdefault(it.interval_id, []).append(it)
    return [
        interval_view(it, names, now, groups.get(it.task_id or 0), held.get(it.interval_id or 0, ())) for it in found
    ]
