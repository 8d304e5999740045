"""What every store keeps to (in memory, SQLite, PostgreSQL): transactions, accounts, timers, whose is what."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from pomo_daemon.application.ports import Draft, Stale, Store, StoreError, TimerRecord, UnitOfWork
from pomo_daemon.application.selection import Listed, Selection
from pomo_daemon.domain.cycle import Cycle
from pomo_daemon.domain.interruption import Interruption, InterruptionKind
from pomo_daemon.domain.interval import Gap, Phase, Status
from pomo_daemon.domain.timeline import Reading
from pomo_daemon.domain.timer import Due, Timer
from tests.contract.samples import MICROSECOND, UIDS, Mishap, category, focus, minutes, task
from tests.fakes.clock import NOON

# Transactions


async def test_what_an_error_leaves_behind_is_nothing(store: Store, user: int) -> None:
    with pytest.raises(Mishap):  # noqa: PT012  # the transaction is the statement
        async with store.write() as unit:
            stored = await unit.intervals.add(user, focus(0))
            record = await unit.timers.load(user)
            await unit.timers.save(replace(record, timer=Timer(current=stored)))
            await unit.tasks.add(user, task("Write"))
            await unit.categories.add(user, category("Work"))
            await unit.outbox.append(user, [Draft("x", NOON, {})])
            await unit.outbox.mark_delivered(user, "desk", 1)
            await unit.requests.remember(user, "r", NOON, {"a": 1})
            await unit.changes.add(user, NOON, "start", ())
            raise Mishap
    async with store.read() as unit:
        assert await unit.timers.load(user) == TimerRecord(user, 0, Timer())
        assert await unit.intervals.between(user, NOON, NOON + minutes(1)) == []
        assert await unit.tasks.listed(user, Selection()) == Listed([])
        assert await unit.categories.all(user) == []
        assert await unit.outbox.since(user, 0, 9) == []
        assert await unit.outbox.last_seq(user) == 0
        assert await unit.outbox.delivered(user, "desk") is None
        assert await unit.requests.find(user, "r") is None
        assert await unit.changes.latest(user, 9) == []


async def test_a_transaction_sees_what_it_wrote_and_others_only_what_was_committed(store: Store, user: int) -> None:
    async with store.write() as unit:
        await unit.timers.load(user)
        await unit.intervals.add(user, focus(0, 25))
        assert await unit.intervals.last_end(user) == NOON + minutes(25)
        async with asyncio.timeout(5), store.read() as reading:
            # A reader waits for no writer, and not for its locks either.
            await reading.timers.load(user)
            assert await reading.intervals.last_end(user) is None
    async with store.read() as reading:
        assert await reading.intervals.last_end(user) == NOON + minutes(25)


async def test_a_transaction_that_reads_changes_nothing(store: Store, user: int) -> None:
    with pytest.raises(StoreError) as caught:
        async with store.read() as unit:
            await unit.tasks.add(user, task("Write"))
    assert caught.value.code == "database.error"
    async with store.read() as unit:
        assert await unit.tasks.listed(user, Selection()) == Listed([])


async def test_40_concurrent_changes_lose_nothing(store: Store, user: int) -> None:
    async def count_up() -> None:
        while True:
            try:
                async with store.write() as unit:
                    record = await unit.timers.load(user)
                    cycle = Cycle(record.timer.cycle.done + 1)
                    await unit.timers.save(replace(record, timer=replace(record.timer, cycle=cycle)))
            except Stale:
                continue
            return

    await asyncio.gather(*(count_up() for _ in range(40)))
    async with store.read() as unit:
        record = await unit.timers.load(user)
    assert (record.timer.cycle.done, record.version) == (40, 40)


# Users


async def test_whoever_waited_for_a_timer_has_its_interval_and_gaps_as_they_are_then(store: Store, user: int) -> None:
    async with store.write() as unit:
        stored = await unit.intervals.add(user, focus(0))
        await unit.timers.save(replace(await unit.timers.load(user), timer=Timer(current=stored)))

    async def load() -> TimerRecord:
        async with store.write() as unit:
            return await unit.timers.load(user)

    async with store.write() as unit:
        record = await unit.timers.load(user)
        waiting = asyncio.create_task(load())
        await asyncio.sleep(0.2)  # until it stands before the lock, on a server
        paused = replace(stored, status=Status.PAUSED, gaps=(Gap(NOON + minutes(1)),))
        await unit.intervals.update(user, paused)
        await unit.intervals.set_gaps(paused)
        saved = await unit.timers.save(replace(record, timer=Timer(current=paused)))
    assert await waiting == saved


async def test_an_os_user_is_one_account_for_ever(store: Store) -> None:
    one, two = next(UIDS), next(UIDS)
    async with store.write() as unit:
        first = await unit.users.of_peer(one, "Ada")
        assert await unit.users.of_peer(one, "renamed") == first
        # The name is another's in this database: that is no reason to be turned away.
        assert await unit.users.of_peer(two, "ADA") != first
    async with store.write() as unit:
        assert await unit.users.of_peer(one, "Ada") == first


async def test_an_account_that_many_ask_for_at_once_is_made_once(store: Store) -> None:
    async def ask(uid: int, name: str) -> int:
        async with store.write() as unit:
            return await unit.users.of_peer(uid, name)

    one, two = next(UIDS), next(UIDS)
    asked = await asyncio.gather(*(ask(uid, f"twin{one}") for _ in range(4) for uid in (one, two)))
    assert len(set(asked[::2])) == len(set(asked[1::2])) == 1
    assert asked[0] != asked[1]


# Timers


async def test_a_new_user_has_an_idle_timer(store: Store, user: int) -> None:
    async with store.read() as unit:
        assert await unit.timers.load(user) == TimerRecord(user, 0, Timer())
        assert user not in await unit.timers.running()


async def save(unit: UnitOfWork, user: int, timer: Timer) -> TimerRecord:
    return await unit.timers.save(replace(await unit.timers.load(user), timer=timer))


async def test_a_timer_is_kept_whole_to_the_microsecond(store: Store, user: int) -> None:
    async with store.write() as unit:
        made = await unit.tasks.add(user, task("Write"))
        running = replace(focus(0), started_at=NOON + MICROSECOND, planned=minutes(25) + MICROSECOND, zone="Asia/Tokyo")
        running = replace(running, task_id=made.task_id, note="n", gaps=(Gap(NOON + minutes(1), NOON + minutes(2)),))
        stored = await unit.intervals.add(user, focus(0))
        timer = Timer(
            current=stored,
            cycle=Cycle(3, NOON - MICROSECOND),
            last_task_id=made.task_id,
            last_planned=minutes(50) - MICROSECOND,
            warned=True,
        )
        anchor = Reading(NOON + MICROSECOND, timedelta(days=400, microseconds=7), "boot", minutes(3) + MICROSECOND)
        record = replace(await unit.timers.load(user), timer=timer, anchor=anchor, left_at=NOON - MICROSECOND)
        saved = await unit.timers.save(record)
    async with store.read() as unit:
        assert await unit.timers.load(user) == saved
        assert saved.version == 1
        assert user in await unit.timers.running()


async def test_an_interval_is_overdue_once_its_time_is_over(store: Store, user: int) -> None:
    async with store.write() as unit:
        await save(unit, user, Timer(current=await unit.intervals.add(user, focus(0))))
    async with store.read() as unit:
        assert user not in await unit.timers.overdue(NOON + minutes(25))
        assert user in await unit.timers.overdue(NOON + minutes(25) + MICROSECOND)


async def test_what_is_due_is_kept_with_what_it_is_due_after(store: Store, user: int) -> None:
    async with store.write() as unit:
        ended = await unit.intervals.add(user, focus(0, 25))
        timer = Timer(due=Due(Phase.SHORT_BREAK, NOON + minutes(26), ended))
        await save(unit, user, timer)
    async with store.read() as unit:
        assert (await unit.timers.load(user)).timer == timer
        assert user not in await unit.timers.running()


async def test_a_paused_timer_is_not_running(store: Store, user: int) -> None:
    async with store.write() as unit:
        stored = await unit.intervals.add(user, focus(0).paused(NOON + minutes(1)))
        await save(unit, user, Timer(current=stored))
    async with store.read() as unit:
        assert user not in await unit.timers.running()


async def test_whoever_comes_second_is_told_and_changes_nothing(store: Store, user: int) -> None:
    async with store.read() as unit:
        loaded = await unit.timers.load(user)
    async with store.write() as unit:
        await unit.timers.save(replace(loaded, timer=Timer(warned=True)))
    with pytest.raises(Stale):  # noqa: PT012  # the transaction is the statement
        async with store.write() as unit:
            await unit.tasks.add(user, task("Write"))
            await unit.timers.save(loaded)
    async with store.read() as unit:
        assert (await unit.timers.load(user)).timer.warned
        assert await unit.tasks.listed(user, Selection()) == Listed([])


# Users among themselves


async def test_ids_of_another_user_are_not_found(store: Store, user: int, other: int) -> None:
    async with store.write() as unit:
        group = await unit.categories.add(user, category("Work"))
        made = await unit.tasks.add(user, replace(task("Write"), category_id=group.category_id))
        mine = await unit.intervals.add(user, replace(focus(0, 5), task_id=made.task_id))
        number = mine.interval_id or 0
        broke_in = await unit.interruptions.add(
            Interruption(interval_id=number, kind=InterruptionKind.INTERNAL, at=NOON)
        )
        await unit.changes.add(user, NOON, "start", ())
    async with store.write() as unit:
        assert await unit.intervals.get(other, number, cancelled=True) is None
        assert await unit.intervals.between(other, NOON, NOON + minutes(60)) == []
        assert await unit.intervals.overlapping(other, NOON, NOON + minutes(60)) is None
        assert await unit.intervals.around(other, NOON + minutes(2)) == (None, None)
        assert await unit.intervals.of_task(other, made.task_id) == []
        assert await unit.intervals.last_end(other) is None
        assert await unit.intervals.completed_focus(other, NOON, NOON + minutes(60)) == 0
        assert await unit.tasks.get(other, made.task_id, deleted=True) is None
        assert await unit.tasks.names(other, [made.task_id]) == {}
        assert await unit.tasks.categories(other, [made.task_id]) == {}
        assert await unit.tasks.row(other, made.task_id) is None
        assert await unit.tasks.open_named(other, "Write") == []
        assert await unit.tasks.in_category(other, group.category_id) == []
        assert await unit.categories.get(other, group.category_id) is None
        assert await unit.categories.named(other, "Work") is None
        assert await unit.interruptions.get(other, broke_in.interruption_id) is None
        assert await unit.changes.latest(other, 9) == []


async def test_nobody_changes_what_is_another_users(store: Store, user: int, other: int) -> None:
    async with store.write() as unit:
        group = await unit.categories.add(user, category("Work"))
        made = await unit.tasks.add(user, task("Write"))
        mine = await unit.intervals.add(user, focus(0, 5))
        number = mine.interval_id or 0
        await unit.changes.add(user, NOON, "start", ())
        [change] = await unit.changes.latest(user, 1)
    with pytest.raises(StoreError) as caught:
        async with store.write() as unit:
            await unit.intervals.update(other, replace(mine, note="stolen"))
    assert caught.value.code == "interval.not_found"
    async with store.write() as unit:
        await unit.intervals.remove(other, number)
        await unit.tasks.update(other, replace(made, name="Stolen"))
        await unit.tasks.remove(other, made.task_id)
        await unit.categories.update(other, replace(group, name="Stolen"))
        await unit.categories.remove(other, group.category_id)
        await unit.changes.mark(other, change.change_id, undone=True)
        await unit.changes.add(other, NOON, "mine", ())
    async with store.read() as unit:
        assert await unit.intervals.get(user, number) == mine
        assert await unit.tasks.get(user, made.task_id) == made
        assert await unit.categories.get(user, group.category_id) == group
        assert await unit.changes.latest(user, 9) == [change]


@pytest.mark.parametrize("moment", [datetime(1970, 1, 1), datetime(2038, 1, 19, 3, 14, 8), datetime(9999, 12, 31)])  # noqa: DTZ001
async def test_instants_of_every_age_are_exact(store: Store, user: int, moment: datetime) -> None:
    at = moment.replace(microsecond=123_457, tzinfo=NOON.tzinfo)
    async with store.write() as unit:
        [stored] = await unit.outbox.append(user, [Draft("x", at, {})])
        made = await unit.tasks.add(user, replace(task("Write"), due=at))
        assert (await unit.outbox.since(user, 0, 1))[0].at == stored.at == at
        assert await unit.tasks.get(user, made.task_id) == made
