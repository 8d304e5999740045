"""Intervals together with what belongs to them, read in a few questions however many they are."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from pomo_daemon.application.ports import UnitOfWork
from pomo_daemon.application.views import IntervalView, interval_view
from pomo_daemon.domain.interval import Interval


async def views(unit: UnitOfWork, user_id: int, found: Sequence[Interval], now: datetime) -> Sequence[IntervalView]:
    """Look at intervals, with the names of their tasks and categories, and what came in: interruptions, commits."""
    task_ids = sorted({it.task_id for it in found if it.task_id is not None})
    names = await unit.tasks.names(user_id, task_ids)
    groups = await unit.tasks.categories(user_id, task_ids)
    ids = [it.interval_id or 0 for it in found]
    broke_in = _grouped(await unit.interruptions.of(ids))
    commits = _grouped(await unit.commits.of(user_id, ids))
    return [
        interval_view(
            it,
            names,
            now,
            groups.get(it.task_id or 0),
            broke_in.get(it.interval_id or 0, ()),
            commits.get(it.interval_id or 0, ()),
        )
        for it in found
    ]


class _Held(Protocol):
    """What belongs to an interval."""

    @property
    def interval_id(self) -> int:
        """Answer to which one."""


_T = TypeVar("_T", bound=_Held)


def _grouped(found: Sequence[_T]) -> Mapping[int, Sequence[_T]]:
    groups: dict[int, list[_T]] = {}
    for it in found:
        groups.setdefault(it.interval_id, []).append(it)
    return groups
