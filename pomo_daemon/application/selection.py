"""Which tasks a list shows, in which order, and how many: the same for every store."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import msgspec

from pomo_daemon.domain.task import Task


class TaskStatus(StrEnum):
    """Which tasks a list shows."""

    OPEN = "open"
    DONE = "done"
    DELETED = "deleted"
    ALL = "all"


class TaskSort(StrEnum):
    """By what a list is sorted."""

    ID = "id"
    NAME = "name"
    DUE = "due"
    ESTIMATE = "estimate"
    CATEGORY = "category"
    UPDATED = "updated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What is asked for. `category_id` 0: tasks without a category; `limit`: the first so many of those that fit.

    `prefix` is the beginning of the name, whatever its case, or of the number, with or without `#`.
    """

    status: TaskStatus = TaskStatus.ALL
    category_id: int | None = None
    due_before: datetime | None = None
    prefix: str = ""
    sort: TaskSort = TaskSort.ID
    limit: int | None = None


class TaskRow(msgspec.Struct, frozen=True):
    """A task as lists show it: `done` pomodoros, and the name of its category. A struct: lists are made fast."""

    task_id: int
    name: str
    description: str
    pomodoro_count: int
    done: int
    category_id: int | None
    category: str | None
    due: datetime | None
    created_at: datetime
    updated_at: datetime
    completed_at: datetime | None
    deleted_at: datetime | None

    @staticmethod
    def of(task: Task, done: int, category: str | None) -> "TaskRow":
        """Make the row of a task."""
        # asdict would copy each value, and take ten times as long.
        values = {it.name: getattr(task, it.name) for it in fields(task)}
        return msgspec.convert({**values, "done": done, "category": category}, TaskRow)


@dataclass(frozen=True, slots=True)
class Listed:
    """What was found, and how many more fit."""

    rows: Sequence[TaskRow]
    more: int = 0


#: Keys by which rows are sorted.
ORDERS: Final[dict[TaskSort, Callable[[TaskRow], Any]]] = {
    TaskSort.ID: lambda row: row.task_id,
    TaskSort.NAME: lambda row: (row.name.casefold(), row.task_id),
    TaskSort.DUE: lambda row: (row.due is None, row.due or row.created_at, row.task_id),
    TaskSort.ESTIMATE: lambda row: (-row.pomodoro_count, row.task_id),
    TaskSort.CATEGORY: lambda row: (row.category is None, (row.category or "").casefold(), row.task_id),
    TaskSort.UPDATED: lambda row: (-row.updated_at.timestamp(), row.task_id),
}
