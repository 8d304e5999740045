"""What every store keeps to: tasks and categories."""

from dataclasses import replace

import pytest

from pomo_daemon.application.ports import Store, StoreError
from pomo_daemon.domain.interval import Status
from tests.contract.samples import MICROSECOND, category, focus, minutes, task
from tests.fakes.clock import NOON


async def test_a_task_is_kept_whole(store: Store, user: int) -> None:
    async with store.write() as unit:
        group = await unit.categories.add(user, category("Work"))
        made = await unit.tasks.add(user, task("Write"))
        changed = replace(
            made,
            name="Write \N{TOMATO}",
            description="a\nb",
            pomodoro_count=4,
            category_id=group.category_id,
            due=NOON + MICROSECOND,
            updated_at=NOON + minutes(1),
            completed_at=NOON + minutes(2),
            deleted_at=NOON + minutes(3),
        )
        await unit.tasks.update(user, changed)
        assert await unit.tasks.get(user, made.task_id) is None
        assert await unit.tasks.get(user, made.task_id, deleted=True) == changed
        assert await unit.tasks.names(user, [made.task_id]) == {made.task_id: "Write \N{TOMATO}"}
        assert await unit.tasks.categories(user, [made.task_id]) == {made.task_id: "Work"}
        assert await unit.tasks.in_category(user, group.category_id) == [changed]


@pytest.mark.parametrize(("name", "same"), [("Write", "wRITE"), ("ÄRGER", "ärger"), ("été", "ÉTÉ")])
async def test_names_are_the_same_whatever_their_case(store: Store, user: int, name: str, same: str) -> None:
    async with store.write() as unit:
        first = await unit.tasks.add(user, task(name))
        second = await unit.tasks.add(user, task(same))
        await unit.tasks.add(user, task(f"{name}!"))
        await unit.tasks.add(user, replace(task(name), completed_at=NOON))
        await unit.tasks.add(user, replace(task(name), deleted_at=NOON))
        assert await unit.tasks.open_named(user, same) == [first, second]
        group = await unit.categories.add(user, category(name))
        assert await unit.categories.named(user, same) == group
        assert await unit.categories.named(user, f"{same}?") is None


async def test_lists_tell_what_was_done_for_each_task(store: Store, user: int) -> None:
    async with store.write() as unit:
        group = await unit.categories.add(user, category("Work"))
        await unit.categories.add(user, category("home"))
        one = await unit.tasks.add(user, replace(task("b"), category_id=group.category_id))
        two = await unit.tasks.add(user, replace(task("a"), deleted_at=NOON, category_id=group.category_id))
        for start, status in ((0, Status.COMPLETED), (10, Status.STOPPED), (20, Status.COMPLETED)):
            await unit.intervals.add(user, replace(focus(start, start + 5, status), task_id=one.task_id))
        rows = await unit.tasks.all(user)
        assert [(it.task, it.done, it.category) for it in rows] == [(one, 2, "Work"), (two, 0, "Work")]
        assert await unit.tasks.row(user, one.task_id) == rows[0]
        assert await unit.tasks.row(user, 2**31) is None
        assert len(await unit.intervals.of_task(user, one.task_id)) == 3
        assert [(it.name, count) for it, count in await unit.categories.all(user)] == [("home", 0), ("Work", 1)]


async def test_what_others_refer_to_stays(store: Store, user: int) -> None:
    async with store.write() as unit:
        group = await unit.categories.add(user, category("Work"))
        made = await unit.tasks.add(user, replace(task("Write"), category_id=group.category_id))
        await unit.intervals.add(user, replace(focus(0, 5), task_id=made.task_id))
    with pytest.raises(StoreError):
        async with store.write() as unit:
            await unit.tasks.remove(user, made.task_id)
    with pytest.raises(StoreError):
        async with store.write() as unit:
            await unit.categories.remove(user, group.category_id)


async def test_removed_rows_come_back_under_their_numbers(store: Store, user: int) -> None:
    async with store.write() as unit:
        group = await unit.categories.add(user, category("Work"))
        made = await unit.tasks.add(user, task("Write"))
        await unit.tasks.remove(user, made.task_id)
        await unit.categories.remove(user, group.category_id)
        assert await unit.tasks.get(user, made.task_id, deleted=True) is None
        assert await unit.categories.get(user, group.category_id) is None
        assert await unit.tasks.add(user, made) == made
        assert await unit.categories.add(user, group) == group
        renamed = replace(group, name="Office")
        await unit.categories.update(user, renamed)
        assert await unit.categories.get(user, group.category_id) == renamed
