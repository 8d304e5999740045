"""Reads that were made before: they come from the cache while nothing has changed, and never when something has."""

from collections.abc import AsyncIterator
from datetime import date, time

import pytest
from sqlalchemy import delete

from pomo_daemon.adapters.db.store import SqlStore
from pomo_daemon.adapters.db.tables import events
from pomo_daemon.adapters.memory_cache import MemoryCache
from pomo_daemon.application.ports import Draft, UnitOfWork
from pomo_daemon.application.selection import Selection
from pomo_daemon.domain.report import Days
from tests.contract.samples import focus, task
from tests.fakes.clock import NOON, FakeClock
from tests.fakes.databases import ready_file

YEAR = Days(date(2025, 6, 1), date(2026, 6, 1))
WEEK = Days(date(2026, 1, 5), date(2026, 1, 11))


@pytest.fixture
def cache() -> MemoryCache:
    return MemoryCache()


@pytest.fixture(params=["sqlite", "postgresql"])
async def store(request: pytest.FixtureRequest, cache: MemoryCache) -> AsyncIterator[SqlStore]:
    if request.param == "sqlite":
        url = ready_file(f"{request.getfixturevalue('tmp_path')}/pomo.db")
    else:
        url = request.getfixturevalue("ready_url")
    opened = SqlStore(url, FakeClock(), cache)
    yield opened
    await opened.close()


@pytest.fixture
async def user(store: SqlStore) -> int:
    async with store.write() as unit:
        user = await unit.users.of_peer(1, "ada")
        await unit.tallies.keep(user, time(0))
        await unit.tasks.add(user, task("Write"))
        await unit.intervals.add(user, focus(0, 25))
        await unit.outbox.append(user, [Draft("interval.completed", NOON, {})])
    return user


async def ask(unit: UnitOfWork, user: int) -> tuple[object, ...]:
    tasks = await unit.tasks.listed(user, Selection())
    return (
        tasks,
        await unit.tallies.of_days(user, time(0), YEAR),
        await unit.tallies.parts(user, time(0), YEAR),
        await unit.tallies.parts(user, time(0), YEAR, [tasks.rows[0].task_id]),
    )


async def test_the_second_time_an_answer_comes_from_the_cache_and_is_the_same(
    store: SqlStore, user: int, cache: MemoryCache
) -> None:
    async with store.read() as unit:
        first = await ask(unit, user)
    assert (cache.hits.found, cache.hits.missed) == (0, 4)
    async with store.read() as unit:
        second = await ask(unit, user)
    assert (cache.hits.found, cache.hits.missed) == (4, 4)
    assert repr(first) == repr(second)
    assert first[1]
    assert first[2]


async def test_after_a_change_everything_is_read_anew(store: SqlStore, user: int) -> None:
    async with store.read() as unit:
        before = await ask(unit, user)
    async with store.write() as unit:
        await unit.tasks.add(user, task("Read"))
        await unit.intervals.add(user, focus(30, 55))
        await unit.outbox.append(user, [Draft("interval.completed", NOON, {})])
        # Who writes sees what is there, whatever was kept.
        written = await ask(unit, user)
    async with store.read() as unit:
        after = await ask(unit, user)
    assert after == written
    assert all(new != old for new, old in zip(after[:3], before[:3], strict=True))


async def test_though_old_events_are_deleted_each_change_is_seen(store: SqlStore, user: int) -> None:
    seen = []
    for minute in (100, 200):
        async with store.write() as unit:
            await unit.intervals.add(user, focus(minute, minute + 25))
            await unit.outbox.append(user, [Draft("interval.completed", NOON, {})])
        async with store._connections.begin(writing=True) as connection:
            await connection.execute(delete(events))
        async with store.read() as unit:
            [day] = (await unit.tallies.of_days(user, time(0), YEAR)).values()
        seen.append(day.pomodoros)
    assert seen == [2, 3]


async def test_users_do_not_get_each_others_answers(store: SqlStore, user: int) -> None:
    async with store.write() as unit:
        other = await unit.users.of_peer(2, "bob")
        await unit.tallies.keep(other, time(0))
        await unit.outbox.append(other, [Draft("interval.completed", NOON, {})])
    async with store.read() as unit:
        assert (await unit.tasks.listed(user, Selection())).rows
        assert not (await unit.tasks.listed(other, Selection())).rows
        assert not await unit.tallies.of_days(other, time(0), YEAR)


async def test_what_is_read_as_fast_as_its_version_is_not_kept(store: SqlStore, user: int, cache: MemoryCache) -> None:
    async with store.read() as unit:
        await unit.tasks.listed(user, Selection(limit=5))
        await unit.tallies.of_days(user, time(0), WEEK)
    assert (cache.hits.found, cache.hits.missed) == (0, 0)
