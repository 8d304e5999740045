"""Tasks: how the user's words become one."""

from datetime import datetime

from pomo_daemon.application.ports import UnitOfWork
from pomo_daemon.domain.errors import TaskAmbiguous, TaskNotFound
from pomo_daemon.domain.task import Task, check_name


async def resolve(unit: UnitOfWork, user_id: int, text: str, *, create: bool, now: datetime) -> tuple[Task, bool]:
    """Answer the task meant by `12`, `#12` or a name, and whether it was made for the name just now.

    A name means the one open task that has it, whatever the case. Raises TaskNotFound, TaskAmbiguous or Invalid.
    """
    number = text.strip().removeprefix("#")
    if number.isascii() and number.isdigit():
        found = await unit.tasks.get(user_id, int(number[:18]))
        if found is None:
            raise TaskNotFound(f"There is no task #{number[:18]}.")
        return found, False
    name = check_name(text)
    open_tasks = await unit.tasks.open_named(user_id, name)
    if len(open_tasks) > 1:
        listed = ", ".join(f"#{task.task_id}" for task in open_tasks)
        raise TaskAmbiguous(f"Several open tasks are named {name!r}: {listed}.", "Name it by its number.")
    if open_tasks:
        return open_tasks[0], False
    if not create:
        raise TaskNotFound(f"There is no open task named {name!r}.", "Leave out --no-create to make it.")
    return await unit.tasks.add(user_id, name, now), True
