"""The inventory: tasks and how the user's words become one. Every change is one transaction that can be undone."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from pomo_daemon.application.lookup import views
from pomo_daemon.application.ports import Clock, Store, UnitOfWork
from pomo_daemon.application.selection import Listed, Selection, TaskRow
from pomo_daemon.application.views import IntervalView
from pomo_daemon.domain.cycle import Rules
from pomo_daemon.domain.days import day_bounds
from pomo_daemon.domain.errors import CategoryNotFound, Invalid, TaskAmbiguous, TaskNotFound
from pomo_daemon.domain.events import EventType
from pomo_daemon.domain.task import Category, Task, check_count, check_name, check_text

if TYPE_CHECKING:
    from pomo_daemon.application.timer import Identity, TimerService
    from pomo_daemon.application.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskEdit:
    """What to change of a task; None leaves a field as it is, an empty text takes category or due date away."""

    name: str | None = None
    description: str | None = None
    pomodoro_count: int | None = None
    category: str | None = None
    due: datetime | None = None
    no_due: bool = False


@dataclass(frozen=True, slots=True)
class TaskDetail:
    """A task with everything that happened on it."""

    row: TaskRow
    intervals: Sequence[IntervalView]


_FAR: Final = timedelta(days=36_500)


class TaskService:
    """Tasks of the user who asks; those of others are not found."""

    def __init__(self, timers: "TimerService", store: Store, clock: Clock, rules: Callable[[], Rules]) -> None:
        self._timers = timers
        self._store = store
        self._clock = clock
        self._rules = rules

    async def add(self, who: "Identity", edit: TaskEdit, request_id: str | None) -> TaskRow:
        """Make a task. Raises Invalid and CategoryNotFound."""

        async def act(work: "Work") -> int:
            now = work.reading.wall
            made = await _edited(work, Task(name=check_name(edit.name or ""), created_at=now, updated_at=now), edit)
            task = await work.unit.tasks.add(work.user_id, made)
            work.label = f"task add {task.name}"
            work.touch("task", task.task_id, None, task)
            work.announce(EventType.TASK_CREATED, {"task_id": task.task_id, "name": task.name})
            return task.task_id

        return await self._change(who, "add", act, request_id)

    async def edit(self, who: "Identity", wanted: str, edit: TaskEdit, request_id: str | None) -> TaskRow:
        """Change a task. Raises Invalid, TaskNotFound, TaskAmbiguous and CategoryNotFound."""

        async def change(work: "Work", task: Task) -> Task:
            return await _edited(work, task, edit)

        return await self._alter(who, wanted, "edit", change, request_id)

    async def done(self, who: "Identity", wanted: str, request_id: str | None) -> TaskRow:
        """Mark a task as done."""

        async def change(work: "Work", task: Task) -> Task:
            return task if task.completed_at else replace(task, completed_at=work.reading.wall)

        return await self._alter(who, wanted, "done", change, request_id)

    async def reopen(self, who: "Identity", wanted: str, request_id: str | None) -> TaskRow:
        """Mark a task as not done."""

        async def change(_work: "Work", task: Task) -> Task:
            return replace(task, completed_at=None)

        return await self._alter(who, wanted, "reopen", change, request_id)

    async def delete(self, who: "Identity", wanted: str, request_id: str | None) -> TaskRow:
        """Take a task out of lists; its intervals stay."""

        async def change(work: "Work", task: Task) -> Task:
            return replace(task, deleted_at=work.reading.wall)

        return await self._alter(who, wanted, "delete", change, request_id)

    async def restore(self, who: "Identity", wanted: str, request_id: str | None) -> TaskRow:
        """Bring a deleted task back; it is named by its number."""

        async def change(_work: "Work", task: Task) -> Task:
            return replace(task, deleted_at=None)

        return await self._alter(who, wanted, "restore", change, request_id, deleted=True)

    async def list(self, who: "Identity", wanted: Selection, category: str | None = None) -> Listed:
        """Answer the tasks that fit. `category` is a name or number, or empty for tasks without one.

        Raises Invalid and CategoryNotFound.
        """
        if wanted.limit is not None and wanted.limit < 1:
            raise Invalid(f"limit: is {wanted.limit}, must be at least 1.")
        async with self._store.read() as unit:
            if category is not None:
                group = await find_category(unit, who.user_id, category) if category else None
                wanted = replace(wanted, category_id=group.category_id if group else 0)
            return await unit.tasks.listed(who.user_id, wanted)

    async def show(self, who: "Identity", wanted: str) -> TaskDetail:
        """Answer a task with its intervals and their interruptions."""
        async with self._store.read() as unit:
            task = await find(unit, who.user_id, wanted, deleted=True)
            intervals = await unit.intervals.of_task(who.user_id, task.task_id)
            row = await _row(unit, who.user_id, task.task_id)
            return TaskDetail(row, await views(unit, who.user_id, intervals, self._clock.read().wall))

    def today_end(self) -> datetime:
        """Answer when today ends, for lists of what is due."""
        rules = self._rules()
        return day_bounds(self._clock.read().wall, rules.zone, rules.day_start)[1]

    async def _alter(  # one place for what five verbs have in common
        self,
        who: "Identity",
        wanted: str,
        verb: str,
        change: Callable[["Work", Task], Awaitable[Task]],
        request_id: str | None,
        *,
        deleted: bool = False,
    ) -> TaskRow:
        async def act(work: "Work") -> int:
            task = await find(work.unit, work.user_id, wanted, deleted=deleted)
            after = await change(work, task)
            if after != task:
                after = replace(after, updated_at=work.reading.wall)
                await work.unit.tasks.update(work.user_id, after)
                work.label = f"task {verb} {task.name}"
                work.touch("task", task.task_id, task, after)
                work.announce(EventType.TASK_CHANGED, {"task_id": task.task_id, "name": after.name, "change": verb})
            return task.task_id

        return await self._change(who, verb, act, request_id)

    async def _change(
        self, who: "Identity", verb: str, act: Callable[["Work"], Awaitable[int]], request_id: str | None
    ) -> TaskRow:
        async def keep(work: "Work") -> None:
            work.answer["task_id"] = await act(work)

        answer = await self._timers.transact(who, keep, request_id, f"task.{verb}")
        async with self._store.read() as unit:
            return await _row(unit, who.user_id, answer["task_id"])


async def _row(unit: UnitOfWork, user_id: int, task_id: int) -> TaskRow:
    row = await unit.tasks.row(user_id, task_id)
    if row is None:
        raise TaskNotFound(f"There is no task #{task_id}.")
    return row


async def _edited(work: "Work", task: Task, edit: TaskEdit) -> Task:
    """Answer the task with the fields that the edit names."""
    if edit.name is not None:
        task = replace(task, name=check_name(edit.name))
    if edit.description is not None:
        task = replace(task, description=check_text("description", edit.description))
    if edit.pomodoro_count is not None:
        task = replace(task, pomodoro_count=check_count(edit.pomodoro_count))
    if edit.category is not None:
        found = await find_category(work.unit, work.user_id, edit.category) if edit.category else None
        task = replace(task, category_id=found.category_id if found else None)
    if edit.due is not None and abs(edit.due - work.reading.wall) > _FAR:
        raise Invalid("due: is more than a hundred years away.")
    if edit.due is not None or edit.no_due:
        task = replace(task, due=edit.due)
    return task


def _number(text: str) -> int | None:
    """Answer the number meant by `12` or `#12`, None for a name. No number of a row is longer than 18 digits."""
    digits = text.strip().removeprefix("#")
    return int(digits[:18]) if digits.isascii() and digits.isdigit() else None


async def find(unit: UnitOfWork, user_id: int, text: str, *, deleted: bool = False) -> Task:
    """Answer the task meant by `12`, `#12` or a name that one open task has. Raises TaskNotFound and TaskAmbiguous."""
    number = _number(text)
    if number is not None:
        found = await unit.tasks.get(user_id, number, deleted=deleted)
        if found is None:
            raise TaskNotFound(f"There is no task #{number}.")
        return found
    open_tasks = await unit.tasks.open_named(user_id, text.strip())
    if len(open_tasks) > 1:
        listed = ", ".join(f"#{task.task_id}" for task in open_tasks)
        raise TaskAmbiguous(f"Several open tasks are named {text.strip()!r}: {listed}.", "Name it by its number.")
    if not open_tasks:
        raise TaskNotFound(f"There is no open task named {text.strip()!r}.")
    return open_tasks[0]


async def resolve(unit: UnitOfWork, user_id: int, text: str, *, create: bool, now: datetime) -> tuple[Task, bool]:
    """Answer the task meant by `12`, `#12` or a name, and whether it was made for the name just now.

    Raises TaskNotFound, TaskAmbiguous or Invalid.
    """
    try:
        return await find(unit, user_id, text), False
    except TaskNotFound as error:
        if _number(text) is not None:
            raise
        if not create:
            raise TaskNotFound(error.message, "Leave out --no-create to make it.") from None
    name = check_name(text)
    return await unit.tasks.add(user_id, Task(name=name, created_at=now, updated_at=now)), True


async def choose(work: "Work", text: str, *, create: bool) -> tuple[Task, bool]:
    """Answer what `resolve` does, for a change under way: a task that is made for it is taken back with it."""
    task, created = await resolve(work.unit, work.user_id, text, create=create, now=work.reading.wall)
    if created:
        work.touch("task", task.task_id, None, task)
        work.announce(EventType.TASK_CREATED, {"task_id": task.task_id, "name": task.name})
    return task, created


async def find_or_make(work: "Work", name: str) -> int:
    """Answer the first open task of a name; where there is none it is made."""
    if there := await work.unit.tasks.open_named(work.user_id, name):
        return there[0].task_id
    task, _ = await choose(work, name, create=True)
    return task.task_id


async def find_category(unit: UnitOfWork, user_id: int, text: str) -> Category:
    """Answer the category meant by a name or a number. Raises CategoryNotFound."""
    number = _number(text)
    found = await unit.categories.named(user_id, text.strip())
    if found is None and number is not None:
        found = await unit.categories.get(user_id, number)
    if found is None:
        raise CategoryNotFound(f"category: there is no category {text.strip()!r}.")
    return found


async def named_tasks(unit: UnitOfWork, user_id: int, task: str | None, category: str | None) -> Sequence[int] | None:
    """Answer the tasks that a task's and a category's name leave; None is everything. Raises what both can raise."""
    if task is None and category is None:
        return None
    found: set[int] | None = None
    if task is not None:
        found = {(await find(unit, user_id, task, deleted=True)).task_id}
    if category is not None:
        group = await find_category(unit, user_id, category)
        members = {it.task_id for it in await unit.tasks.in_category(user_id, group.category_id)}
        found = members if found is None else found & members
    return sorted(found or ())
