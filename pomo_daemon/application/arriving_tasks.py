"""The tasks and categories of an import: those that are there already are found, the others made."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from pomo_daemon.application.ports import UnitOfWork
from pomo_daemon.application.selection import Selection, TaskStatus
from pomo_daemon.application.work import Work
from pomo_daemon.domain.incoming import CategoryIn, TaskIn, fingerprint, moment
from pomo_daemon.domain.task import Category, Task

_STATES: Final = ((False, False), (True, False))


class ArrivingTasks:
    """Makes what is missing; without `work` only counts it."""

    def __init__(
        self,
        unit: UnitOfWork,
        user_id: int,
        now: int,
        tasks: Mapping[int, TaskIn],
        categories: Mapping[str, CategoryIn],
        work: Work | None,
    ) -> None:
        self._unit = unit
        self._user_id = user_id
        self._now = now
        self._tasks = tasks
        self._wanted = categories
        self._work = work
        self._categories: dict[str, int] = {}
        self._named: dict[tuple[str, tuple[bool, bool]], int] = {}
        self._known: dict[bytes, int] = {}
        self._ids: dict[int, int] = {}
        self._keeps: dict[str, bool] = {}
        self.new_tasks: list[str] = []
        self.new_categories: list[str] = []
        self.known = 0
        #: What came of the tasks that have a source.
        self.keys: list[tuple[bytes, int]] = []

    async def bring(self) -> None:
        """Look at what is there, and bring what the file has for its own sake."""
        unit, user_id = self._unit, self._user_id
        self._categories = {it.name.lower(): it.category_id for it, _ in await unit.categories.all(user_id)}
        if self._tasks:
            for row in reversed((await unit.tasks.listed(user_id, Selection(status=TaskStatus.ALL))).rows):
                state = row.completed_at is not None, row.deleted_at is not None
                self._named[row.name.lower(), state] = row.task_id
        sources = [fingerprint("task", it.source) for it in self._tasks.values() if it.source]
        self._known.update(await unit.imports.known(user_id, sources))
        await self._look_at_numbers("task", [it.key for it in self._tasks.values() if it.source])
        await self._look_at_numbers("category", [it.key for it in self._wanted.values()])
        for wanted in self._wanted.values():
            await self._category(wanted.name, wanted.key)
        for number, task in self._tasks.items():
            if task.source:
                await self._id_of(number)

    async def ids(self, numbers: Iterable[int | None]) -> Mapping[int | None, int | None]:
        """Answer the tasks that intervals mean by numbers; make them if need be. 0: it is not made yet."""
        return {number: None if number is None else await self._id_of(number) for number in numbers}

    async def _id_of(self, number: int) -> int:
        if number not in self._ids:
            self._ids[number] = await self._find(self._tasks[number])
        return self._ids[number]

    async def _find(self, task: TaskIn) -> int:
        source = fingerprint("task", task.source) if task.source else b""
        if source in self._known:
            self.known += 1
            return self._known[source]
        states = (task.state,) if task.source else _STATES
        found = next((it for state in states if (it := self._named.get((task.name.lower(), state)))), None)
        if found is not None:
            self.known += bool(task.source)
        else:
            self.new_tasks.append(task.name)
            found = await self._make(task)
        if source:
            self.keys.append((source, found))
        return found

    async def _make(self, task: TaskIn) -> int:
        category_id = await self._category(task.category) if task.category else None
        if self._work is None:
            return 0
        created = moment(self._now if task.created_at is None else task.created_at)
        made = Task(
            task_id=task.key if task.source and self._keeps["task"] else 0,
            name=task.name,
            description=task.description,
            pomodoro_count=task.pomodoro_count,
            category_id=category_id,
            due=_moment(task.due),
            created_at=created,
            updated_at=_moment(task.updated_at) or created,
            completed_at=_moment(task.completed_at),
            deleted_at=_moment(task.deleted_at),
        )
        stored = await self._unit.tasks.add(self._user_id, made)
        if made.task_id:
            await self._unit.imports.pass_numbers("task", made.task_id)
        self._work.touch("task", stored.task_id, None, stored)
        return stored.task_id

    async def _category(self, name: str, key: int = 0) -> int:
        if name.lower() not in self._categories:
            self.new_categories.append(name)
            self._categories[name.lower()] = await self._make_category(name, key)
        return self._categories[name.lower()]

    async def _make_category(self, name: str, key: int) -> int:
        if self._work is None:
            return 0
        now = moment(self._now)
        number = key if self._keeps["category"] else 0
        made = Category(category_id=number, name=name, created_at=now, updated_at=now)
        stored = await self._unit.categories.add(self._user_id, made)
        if number:
            await self._unit.imports.pass_numbers("category", number)
        self._work.touch("category", stored.category_id, None, stored)
        return stored.category_id

    async def _look_at_numbers(self, kind: str, keys: Sequence[int]) -> None:
        """Tell whether things keep the numbers that they have in the file: nobody ever had one of them."""
        self._keeps[kind] = (
            bool(keys) and len(set(keys)) == len(keys) and min(keys) > await self._unit.imports.last_number(kind)
        )


def _moment(value: int | None) -> datetime | None:
    return None if value is None else moment(value)
