"""What every store keeps to: events, answers, changes."""

import asyncio

import pytest

from pomo_daemon.application.ports import Draft, Item, Store, StoreError, UnitOfWork
from tests.contract.samples import MICROSECOND, Mishap
from tests.fakes.clock import NOON


async def append(store: Store, user: int, *types: str) -> None:
    async with store.write() as unit:
        await unit.outbox.append(user, [Draft(it, NOON, {"type": it}) for it in types])


async def test_events_are_numbered_without_a_hole(store: Store, user: int, other: int) -> None:
    await append(store, user, "a", "b")
    await append(store, other, "x")
    with pytest.raises(Mishap):  # noqa: PT012  # the transaction is the statement
        async with store.write() as unit:
            await unit.outbox.append(user, [Draft("lost", NOON, {})])
            raise Mishap
    await asyncio.gather(*(append(store, user, "c", "d") for _ in range(20)))
    await append(store, user)
    async with store.read() as unit:
        assert await unit.outbox.last_seq(user) == 42
        assert [it.seq for it in await unit.outbox.since(user, 0, 100)] == list(range(1, 43))
        assert [it.type for it in await unit.outbox.since(user, 0, 100)] == ["a", "b", *["c", "d"] * 20]
        assert [it.seq for it in await unit.outbox.since(user, 40, 1)] == [41]
        assert [it.seq for it in await unit.outbox.since(other, 0, 100)] == [1]


async def test_an_event_is_kept_whole(store: Store, user: int) -> None:
    data = {"n": 2**53, "text": "\N{TOMATO} \x1b[31m", "none": None, "list": [1, {"a": True}]}
    async with store.write() as unit:
        [stored] = await unit.outbox.append(user, [Draft("x", NOON + MICROSECOND, data)])
    async with store.read() as unit:
        assert await unit.outbox.since(user, 0, 1) == [stored]
    assert (stored.user_id, stored.seq, stored.at, stored.data) == (user, 1, NOON + MICROSECOND, data)


async def test_what_a_consumer_has_done_is_noted_for_each(store: Store, user: int, other: int) -> None:
    async with store.write() as unit:
        assert await unit.outbox.delivered(user, "desk") is None
        await unit.outbox.mark_delivered(user, "desk", 3)
        await unit.outbox.mark_delivered(user, "hooks", 1)
        await unit.outbox.mark_delivered(user, "desk", 5)
    async with store.read() as unit:
        assert await unit.outbox.delivered(user, "desk") == 5
        assert await unit.outbox.delivered(user, "hooks") == 1
        assert await unit.outbox.delivered(other, "desk") is None


async def test_answers_are_remembered_once(store: Store, user: int, other: int) -> None:
    answer = {"events": [{"type": "x", "data": {"n": 1}}], "task_created": True}
    async with store.write() as unit:
        assert await unit.requests.find(user, "r1") is None
        await unit.requests.remember(user, "r1", NOON, answer)
        await unit.requests.remember(other, "r1", NOON, {})
    with pytest.raises(StoreError):
        async with store.write() as unit:
            await unit.requests.remember(user, "r1", NOON, {})
    async with store.read() as unit:
        assert await unit.requests.find(user, "r1") == answer
        assert await unit.requests.find(user, "R1") is None


async def test_changes_are_undone_and_done_again_in_their_order(store: Store, user: int) -> None:
    item = Item("task", 7, None, {"name": "Write"})

    async def labels(unit: UnitOfWork, limit: int = 9) -> list[str]:
        return [it.label for it in await unit.changes.latest(user, limit)]

    async with store.write() as unit:
        for label in ("a", "b", "c"):
            await unit.changes.add(user, NOON + MICROSECOND, label, [item])
        latest, middle, _ = await unit.changes.latest(user, 9)
        assert (latest.label, latest.at, latest.undone, latest.items) == ("c", NOON + MICROSECOND, False, (item,))
        assert await labels(unit, 1) == ["c"]
        await unit.changes.mark(user, latest.change_id, undone=True)
        await unit.changes.mark(user, middle.change_id, undone=True)
        assert await labels(unit) == ["a"]
        undone = await unit.changes.first_undone(user)
        assert undone is not None
        assert (undone.label, undone.undone) == ("b", True)
        await unit.changes.mark(user, middle.change_id, undone=False)
        assert await labels(unit) == ["b", "a"]
        await unit.changes.add(user, NOON, "d", ())
        assert await unit.changes.first_undone(user) is None
        assert await labels(unit) == ["d", "b", "a"]
        await unit.changes.mark(user, (await unit.changes.latest(user, 1))[0].change_id, undone=True)
        again = await unit.changes.first_undone(user)
        assert again is not None
        assert again.label == "d"
