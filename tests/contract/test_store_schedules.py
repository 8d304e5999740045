"""What every store keeps to: schedules."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pomo_daemon.application.ports import Store, StoreError
from pomo_daemon.domain.schedule import Schedule, ScheduleAction
from tests.contract.samples import minutes, task
from tests.fakes.clock import NOON

UNKNOWN = datetime(1970, 1, 1, tzinfo=UTC)
NOTICE = Schedule(
    cron="0 9 * * *",
    action=ScheduleAction.NOTIFY,
    text="Stand up \N{TOMATO}",
    zone="Asia/Tokyo",
    next_at=NOON + timedelta(microseconds=1),
    created_at=NOON,
    updated_at=NOON,
)


async def test_schedules_are_kept_whole_and_for_their_owner_alone(store: Store, user: int, other: int) -> None:
    async with store.write() as unit:
        made = await unit.tasks.add(user, task("Write"))
        first = await unit.schedules.add(user, NOTICE)
        second = replace(NOTICE, action=ScheduleAction.START, task_id=made.task_id, text="", paused=True, next_at=None)
        second = await unit.schedules.add(user, second)
    async with store.read() as unit:
        assert await unit.schedules.all(user) == [first, second]
        assert await unit.schedules.get(user, second.schedule_id) == second
        assert await unit.schedules.all(other) == []
        assert await unit.schedules.get(other, first.schedule_id) is None
    async with store.write() as unit:
        # Somebody else's is neither changed nor taken away.
        await unit.schedules.update(other, replace(first, text="mine"))
        await unit.schedules.remove(other, first.schedule_id)
        moved = replace(first, next_at=NOON + minutes(5), updated_at=NOON + minutes(1))
        await unit.schedules.update(user, moved)
        assert await unit.schedules.get(user, first.schedule_id) == moved
        await unit.schedules.remove(user, first.schedule_id)
        assert await unit.schedules.all(user) == [second]


async def test_a_schedule_that_comes_back_has_its_number_and_no_new_one_gets_it(store: Store, user: int) -> None:
    async with store.write() as unit:
        made = await unit.schedules.add(user, NOTICE)
        await unit.schedules.remove(user, made.schedule_id)
        assert (await unit.schedules.add(user, NOTICE)).schedule_id > made.schedule_id
        assert await unit.schedules.add(user, made) == made


async def test_the_next_of_each_user_is_the_first_that_is_not_paused(store: Store, user: int, other: int) -> None:
    async with store.write() as unit:
        for schedule in (
            replace(NOTICE, next_at=NOON + minutes(9)),
            replace(NOTICE, next_at=NOON + minutes(3)),
            replace(NOTICE, paused=True, next_at=None),
        ):
            await unit.schedules.add(user, schedule)
        rests = await unit.schedules.add(other, replace(NOTICE, paused=True, next_at=None))
    async with store.write() as unit:
        found = await unit.schedules.next(UNKNOWN)
        assert (found[user], other in found) == (NOON + minutes(3), False)
        await unit.schedules.update(other, replace(rests, paused=False))
        assert (await unit.schedules.next(UNKNOWN))[other] == UNKNOWN


async def test_a_task_that_is_scheduled_cannot_be_removed(store: Store, user: int) -> None:
    async with store.write() as unit:
        made = await unit.tasks.add(user, task("Write"))
        await unit.schedules.add(user, replace(NOTICE, action=ScheduleAction.START, task_id=made.task_id, text=""))
    with pytest.raises(StoreError):
        async with store.write() as unit:
            await unit.tasks.remove(user, made.task_id)
