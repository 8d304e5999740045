"""Categories. A category in use is deleted only when it is said where its tasks go."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pomo_daemon.application.ports import Store
from pomo_daemon.application.tasks import find_category
from pomo_daemon.application.timer import Identity, TimerService
from pomo_daemon.application.work import Work
from pomo_daemon.domain.errors import CategoryExists, CategoryInUse, Invalid
from pomo_daemon.domain.events import EventType
from pomo_daemon.domain.task import Category, check_name


class CategoryService:
    """Categories of the user who asks; those of others are not found."""

    def __init__(self, timers: TimerService, store: Store) -> None:
        self._timers = timers
        self._store = store

    async def list(self, who: Identity) -> Sequence[tuple[Category, int]]:
        """Answer every category by name, with the number of its tasks."""
        async with self._store.read() as unit:
            return await unit.categories.all(who.user_id)

    async def add(self, who: Identity, name: str, request_id: str | None) -> Mapping[str, Any]:
        """Make a category. Raises Invalid and CategoryExists."""

        async def act(work: Work) -> Category:
            now = work.reading.wall
            made = Category(name=await _free_name(work, name), created_at=now, updated_at=now)
            category = await work.unit.categories.add(work.user_id, made)
            work.touch("category", category.category_id, None, category)
            return category

        return await self._change(who, "add", act, request_id)

    async def rename(self, who: Identity, wanted: str, name: str, request_id: str | None) -> Mapping[str, Any]:
        """Give a category another name. Raises Invalid, CategoryNotFound and CategoryExists."""

        async def act(work: Work) -> Category:
            before = await find_category(work.unit, work.user_id, wanted)
            fresh = await _free_name(work, name, but=before.category_id)
            after = replace(before, name=fresh, updated_at=work.reading.wall)
            await work.unit.categories.update(work.user_id, after)
            work.touch("category", before.category_id, before, after)
            return after

        return await self._change(who, "rename", act, request_id)

    async def delete(
        self, who: Identity, wanted: str, move_to: str | None, request_id: str | None
    ) -> Mapping[str, Any]:
        """Take a category away; its tasks go to `move_to`, or with an empty one to none.

        Raises CategoryNotFound, CategoryInUse, and Invalid where it would move them to itself.
        """

        async def act(work: Work) -> Category:
            category = await find_category(work.unit, work.user_id, wanted)
            tasks = await work.unit.tasks.in_category(work.user_id, category.category_id)
            alive = sum(task.deleted_at is None for task in tasks)
            if alive and move_to is None:
                raise CategoryInUse(f"{alive} {'task belongs' if alive == 1 else 'tasks belong'} to {category.name!r}.")
            target = await find_category(work.unit, work.user_id, move_to) if move_to else None
            if target is not None and target.category_id == category.category_id:
                raise Invalid("move_to: is the category that goes.")
            for task in tasks:
                moved = replace(task, category_id=target.category_id if target else None, updated_at=work.reading.wall)
                await work.unit.tasks.update(work.user_id, moved)
                work.touch("task", task.task_id, task, moved)
            await work.unit.categories.remove(work.user_id, category.category_id)
            work.touch("category", category.category_id, category, None)
            return category

        return await self._change(who, "delete", act, request_id)

    async def _change(
        self, who: Identity, verb: str, act: Callable[[Work], Awaitable[Category]], request_id: str | None
    ) -> Mapping[str, Any]:
        async def keep(work: Work) -> None:
            category = await act(work)
            work.label = f"category {verb} {category.name}"
            data = {"category_id": category.category_id, "name": category.name, "change": verb}
            work.announce(EventType.CATEGORY_CHANGED, data)
            work.answer.update(category_id=category.category_id, name=category.name)

        return await self._timers.transact(who, keep, request_id, f"category.{verb}")


async def _free_name(work: Work, name: str, but: int = 0) -> str:
    checked = check_name(name)
    if checked.removeprefix("#").isdigit():
        raise Invalid("name: a category's name is not a number.")
    taken = await work.unit.categories.named(work.user_id, checked)
    if taken is not None and taken.category_id != but:
        raise CategoryExists(f"There is a category {taken.name!r} already.")
    return checked
