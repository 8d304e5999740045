"""Which tasks a list shows, in which order, and how many: the same for every store."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

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


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task as lists show it: `done` pomodoros, and the name of its category."""

    task: Task
    done: int
    category: str | None


@dataclass(frozen=True, slots=True)
class Listed:
    """What was found, and how many more fit."""

    rows: Sequence[TaskRow]
    more: int = 0


#: Keys by which rows are sorted.
ORDERS: Final[dict[TaskSort, Callable[[TaskRow], Any]]] = {
    TaskSort.ID: lambda row: row.task.task_id,
    TaskSort.NAME: lambda row: (row.task.name.casefold(), row.task.task_id),
    TaskSort.DUE: lambda row: (row.task.due is None, row.task.due or row.task.created_at, row.task.task_id),
    TaskSort.ESTIMATE: lambda row: (-row.task.pomodoro_count, row.task.task_id),
    TaskSort.CATEGORY: lambda row: (row.category is None, (row.category or "").casefold(), row.task.task_id),
    TaskSort.UPDATED: lambda row: (-row.task.updated_at.timestamp(), row.task.task_id),
}
