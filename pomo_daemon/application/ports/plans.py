"""What is planned: tasks, categories, schedules."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from pomo_daemon.application.selection import Listed, Selection, TaskRow
from pomo_daemon.domain.task import Category, Task

if TYPE_CHECKING:
    # Few have schedules, or import: what these are made of is loaded with the first of them.
    from pomo_daemon.domain.schedule import Schedule


class Tasks(Protocol):
    """What one works on. A user's own tasks only; `get` does not find deleted ones unless asked to."""

    async def get(self, user_id: int, task_id: int, *, deleted: bool = False) -> Task | None:
        """Answer a task."""
        ...

    async def names(self, user_id: int, task_ids: Sequence[int]) -> Mapping[int, str]:
        """Answer the names of tasks, deleted ones too."""
        ...

    async def open_named(self, user_id: int, name: str) -> Sequence[Task]:
        """Answer the tasks neither done nor deleted whose name is the same but for case."""
        ...

    async def categories(self, user_id: int, task_ids: Sequence[int]) -> Mapping[int, str]:
        """Answer the names of the categories of tasks that have one."""
        ...

    async def row(self, user_id: int, task_id: int) -> TaskRow | None:
        """Answer one task as lists show it, deleted or not."""
        ...

    async def listed(self, user_id: int, wanted: Selection) -> Listed:
        """Answer the tasks that fit, deleted ones too unless the selection leaves them out."""
        ...

    async def in_category(self, user_id: int, category_id: int) -> Sequence[Task]:
        """Answer the tasks of a category, deleted ones too."""
        ...

    async def add(self, user_id: int, task: Task) -> Task:
        """Store a new task; answer it with its number. One that has a number already keeps it (redo)."""
        ...

    async def update(self, user_id: int, task: Task) -> None:
        """Store a changed task."""
        ...

    async def remove(self, user_id: int, task_id: int) -> None:
        """Take a task out of the record altogether (undo); nothing may refer to it."""
        ...


class Categories(Protocol):
    """How tasks are grouped. A user's own only."""

    async def get(self, user_id: int, category_id: int) -> Category | None:
        """Answer a category."""
        ...

    async def named(self, user_id: int, name: str) -> Category | None:
        """Answer the category whose name is the same but for case."""
        ...

    async def all(self, user_id: int) -> Sequence[tuple[Category, int]]:
        """Answer every category by name, with the number of its tasks that are not deleted."""
        ...

    async def add(self, user_id: int, category: Category) -> Category:
        """Store a new category; answer it with its number. One that has a number already keeps it (redo)."""
        ...

    async def update(self, user_id: int, category: Category) -> None:
        """Store a changed category."""
        ...

    async def remove(self, user_id: int, category_id: int) -> None:
        """Take a category out of the record; nothing may refer to it."""
        ...


class Schedules(Protocol):
    """What happens by the calendar. A user's own only; `next` alone is about all."""

    async def all(self, user_id: int) -> "Sequence[Schedule]":
        """Answer the schedules of a user, oldest first."""
        ...

    async def get(self, user_id: int, schedule_id: int) -> "Schedule | None":
        """Answer a schedule."""
        ...

    async def next(self, unknown: datetime) -> Mapping[int, datetime]:
        """Answer when the next schedule of each user is due who has one that is not paused; `unknown`: not known."""
        ...

    async def add(self, user_id: int, schedule: "Schedule") -> "Schedule":
        """Store a new schedule; answer it with its number. One that has a number already keeps it (redo)."""
        ...

    async def update(self, user_id: int, schedule: "Schedule") -> None:
        """Store a changed schedule."""
        ...

    async def remove(self, user_id: int, schedule_id: int) -> None:
        """Take a schedule away."""
        ...
