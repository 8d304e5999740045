"""What every store keeps to: tasks and categories."""

from dataclasses import replace
from typing import Any

import pytest

from pomo_daemon.application.ports import Store, StoreError
from pomo_daemon.application.selection import Selection, TaskRow, TaskSort, TaskStatus
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
        rows = (await unit.tasks.listed(user, Selection())).rows
        assert rows == [TaskRow.of(one, 2, "Work"), TaskRow.of(two, 0, "Work")]
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


async def test_lists_hold_what_is_asked_for_in_that_order(store: Store, user: int, other: int) -> None:
    async with store.write() as unit:
        work = await unit.categories.add(user, category("work"))
        home = await unit.categories.add(user, category("Home"))
        await unit.tasks.add(other, task("Theirs"))
        made = [
            replace(task("b"), category_id=work.category_id, pomodoro_count=1, due=NOON + minutes(9)),
            replace(task("C"), category_id=home.category_id, pomodoro_count=3, updated_at=NOON + minutes(1)),
            replace(task("a"), due=NOON + minutes(5), updated_at=NOON + minutes(2)),
            replace(task("done"), completed_at=NOON, pomodoro_count=3),
            replace(task("deleted"), completed_at=NOON, deleted_at=NOON),
        ]
        for it in made:
            await unit.tasks.add(user, it)

        async def names(**wanted: Any) -> str:
            found = await unit.tasks.listed(user, Selection(**wanted))
            return " ".join(row.name for row in found.rows) + (f" +{found.more}" if found.more else "")

        assert await names() == "b C a done deleted"
        assert await names(status=TaskStatus.OPEN) == "b C a"
        assert await names(status=TaskStatus.DONE) == "done"
        assert await names(status=TaskStatus.DELETED) == "deleted"
        assert await names(category_id=home.category_id) == "C"
        assert await names(category_id=0) == "a done deleted"
        assert await names(due_before=NOON + minutes(9)) == "a"
        sorted_by = {
            TaskSort.NAME: "a b C deleted done",
            TaskSort.DUE: "a b C done deleted",
            TaskSort.ESTIMATE: "C done b a deleted",
            TaskSort.CATEGORY: "C b a done deleted",
            TaskSort.UPDATED: "a C b done deleted",
        }
        for sort, expected in sorted_by.items():
            assert await names(sort=sort) == expected
            first, second, *others = expected.split()
            assert await names(sort=sort, limit=2) == f"{first} {second} +{len(others)}"
        assert await names(limit=4, status=TaskStatus.OPEN) == "b C a"
        assert await names(limit=3, status=TaskStatus.OPEN) == "b C a"
        assert await names(limit=1, prefix="D") == "done +1"


@pytest.mark.parametrize("limit", [None, 100])
@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("", None),
        ("wr", ["Write report", "WRITE mail"]),
        ("WRITE M", ["WRITE mail"]),
        ("änder", ["Ändern"]),
        ("été 2", ["ÉTÉ 2026"]),
        ("été 3", []),
        ("100%", ["100% done"]),
        ("100", ["100% done"]),
        ("a_", ["a_b"]),
        ("#x", ["#x"]),
        ("日", ["日本語"]),
        ("rite", []),
        ("'", ["' or 1=1 --"]),
        ("x" * 2000, []),
        ("\N{TOMATO}" * 2000, []),
    ],
)
async def test_a_prefix_is_the_beginning_of_a_name(
    store: Store, user: int, prefix: str, expected: list[str] | None, limit: int | None
) -> None:
    names = [
        "Write report",
        "WRITE mail",
        "Ändern",
        "ÉTÉ 2026",
        "100% done",
        "a_b",
        "axb",
        "#x",
        "日本語",
        "' or 1=1 --",
    ]
    async with store.write() as unit:
        # Numbers that begin with none of these.
        for number, name in enumerate(names, user * 1000 + 5 * 10**9):
            await unit.tasks.add(user, replace(task(name), task_id=number))
        found = await unit.tasks.listed(user, Selection(prefix=prefix, limit=limit))
        assert [it.name for it in found.rows] == (names if expected is None else expected)


async def test_a_prefix_is_the_beginning_of_a_number(store: Store, user: int) -> None:
    first = user * 1000 + 7 * 10**9
    async with store.write() as unit:
        for number in (first, first + 1, first + 10):
            await unit.tasks.add(user, replace(task("a"), task_id=number))
        for prefix in (str(first)[:-1], f"#{first}"[:-1]):
            found = await unit.tasks.listed(user, Selection(prefix=prefix))
            assert [it.task_id for it in found.rows] == [first, first + 1]
        assert len((await unit.tasks.listed(user, Selection(prefix="#"))).rows) == 3
        assert not (await unit.tasks.listed(user, Selection(prefix=str(first)[1:]))).rows
