"""Repositories in memory: what one works on."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from pomo_daemon.application.ports import StoreError
from pomo_daemon.application.selection import ORDERS, Listed, Selection, TaskRow, TaskStatus
from pomo_daemon.domain.interval import Phase, Status
from pomo_daemon.domain.schedule import Schedule
from pomo_daemon.domain.task import Category, Task
from tests.fakes.rows import Rows, number


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
        return [it for it in found if it.name.lower() == name.lower()]

    async def categories(self, user_id: int, task_ids: Sequence[int]) -> Mapping[int, str]:
        """Answer the names of the categories of tasks that have one."""
        mine = [it for it in self._mine(user_id) if it.task_id in task_ids and it.category_id is not None]
        return {it.task_id: self._rows.categories[it.category_id or 0][1].name for it in mine}

    async def row(self, user_id: int, task_id: int) -> TaskRow | None:
        """Answer one task as lists show it, deleted or not."""
        return next((it for it in (await self.listed(user_id, Selection())).rows if it.task_id == task_id), None)

    async def listed(self, user_id: int, wanted: Selection) -> Listed:
        """Answer the tasks that fit."""
        done: dict[int | None, int] = {}
        for owner, it in self._rows.intervals.values():
            if owner == user_id and it.phase is Phase.FOCUS and it.status is Status.COMPLETED:
                done[it.task_id] = done.get(it.task_id, 0) + 1
        mine = [it for it in self._mine(user_id) if _fits(it, wanted)]
        groups = await self.categories(user_id, [it.task_id for it in mine])
        rows = [TaskRow.of(it, done.get(it.task_id, 0), groups.get(it.task_id)) for it in mine]
        rows.sort(key=ORDERS[wanted.sort])
        return Listed(rows[: wanted.limit], len(rows[len(rows) if wanted.limit is None else wanted.limit :]))

    async def in_category(self, user_id: int, category_id: int) -> Sequence[Task]:
        """Answer the tasks of a category, deleted ones too."""
        return [it for it in self._mine(user_id) if it.category_id == category_id]

    async def add(self, user_id: int, task: Task) -> Task:
        """Store a new task; answer it with its number."""
        stored = replace(task, task_id=number(self._rows, "tasks", task.task_id))
        self._rows.tasks[stored.task_id] = (user_id, stored)
        return stored

    async def update(self, user_id: int, task: Task) -> None:
        """Store a changed task."""
        if self._rows.tasks.get(task.task_id, (0, None))[0] == user_id:
            self._rows.tasks[task.task_id] = (user_id, task)

    async def remove(self, user_id: int, task_id: int) -> None:
        """Take a task out of the record altogether."""
        if any(it.task_id == task_id for _, it in self._rows.schedules.values()):
            raise StoreError("database.error", f"Schedules refer to task {task_id}.")
        if any(it.task_id == task_id for _, it in self._rows.intervals.values()):
            raise StoreError("database.error", f"Intervals refer to task {task_id}.")
        if self._rows.tasks.get(task_id, (0, None))[0] == user_id:
            del self._rows.tasks[task_id]

    def _mine(self, user_id: int) -> list[Task]:
        return [it for owner, it in self._rows.tasks.values() if owner == user_id]


def _fits(task: Task, wanted: Selection) -> bool:
    state = TaskStatus.DELETED if task.deleted_at else TaskStatus.DONE if task.completed_at else TaskStatus.OPEN
    digits, begin = wanted.prefix.removeprefix("#"), wanted.prefix.lower()
    return (
        wanted.status in (TaskStatus.ALL, state)
        and wanted.category_id in (None, task.category_id or 0)
        and (wanted.due_before is None or (task.due is not None and task.due < wanted.due_before))
        and (task.name.lower().startswith(begin) or str(task.task_id).startswith(digits))
    )


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
        return next((it for it, _ in await self.all(user_id) if it.name.lower() == name.lower()), None)

    async def all(self, user_id: int) -> Sequence[tuple[Category, int]]:
        """Answer every category by name, with the number of its tasks that are not deleted."""
        mine = [it for owner, it in self._rows.categories.values() if owner == user_id]
        alive = [task.category_id for _, task in self._rows.tasks.values() if task.deleted_at is None]
        return [(it, alive.count(it.category_id)) for it in sorted(mine, key=lambda it: it.name.casefold())]

    async def add(self, user_id: int, category: Category) -> Category:
        """Store a new category; answer it with its number."""
        stored = replace(category, category_id=number(self._rows, "categories", category.category_id))
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


class MemorySchedules:
    """The Schedules port."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def all(self, user_id: int) -> Sequence[Schedule]:
        """Answer the schedules of a user, oldest first."""
        return sorted((it for owner, it in self._rows.schedules.values() if owner == user_id), key=_number)

    async def get(self, user_id: int, schedule_id: int) -> Schedule | None:
        """Answer a schedule."""
        owner, found = self._rows.schedules.get(schedule_id, (0, None))
        return found if owner == user_id else None

    async def next(self, unknown: datetime) -> Mapping[int, datetime]:
        """Answer when the next schedule of each user is due who has one that is not paused."""
        found: dict[int, datetime] = {}
        for owner, it in self._rows.schedules.values():
            if not it.paused:
                found[owner] = min(it.next_at or unknown, found.get(owner, it.next_at or unknown))
        return found

    async def add(self, user_id: int, schedule: Schedule) -> Schedule:
        """Store a new schedule; answer it with its number."""
        stored = replace(schedule, schedule_id=number(self._rows, "schedules", schedule.schedule_id))
        self._rows.schedules[stored.schedule_id] = (user_id, stored)
        return stored

    async def update(self, user_id: int, schedule: Schedule) -> None:
        """Store a changed schedule."""
        if await self.get(user_id, schedule.schedule_id):
            self._rows.schedules[schedule.schedule_id] = (user_id, schedule)

    async def remove(self, user_id: int, schedule_id: int) -> None:
        """Take a schedule away."""
        if await self.get(user_id, schedule_id):
            del self._rows.schedules[schedule_id]


def _number(schedule: Schedule) -> int:
    return schedule.schedule_id
