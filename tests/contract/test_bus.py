"""What carries hints between daemons: PostgreSQL's notices and Redis, on real servers."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from pomo_daemon.adapters.db.migrate import prepare
from pomo_daemon.adapters.db.notices import PostgresNotices
from pomo_daemon.adapters.db.store import SqlStore
from pomo_daemon.adapters.redis.hints import RedisHints
from pomo_daemon.application.ports import Announcement, Bus, Draft
from tests.fakes.clock import NOON, FakeClock
from tests.fakes.servers import Postgres, Valkey

PATIENCE_S = 10.0


class Ear:
    """Hears what a bus says."""

    def __init__(self) -> None:
        self.heard: list[tuple[int, int]] = []
        self._more = asyncio.Event()

    def __call__(self, user_id: int, seq: int) -> None:
        self.heard.append((user_id, seq))
        self._more.set()

    async def until(self, hint: tuple[int, int]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while hint not in self.heard:
                self._more.clear()
                await self._more.wait()


@asynccontextmanager
async def listening(bus: Bus, *users: int) -> AsyncIterator[Ear]:
    ear = Ear()
    task = asyncio.create_task(bus.listen(users, ear))
    try:
        yield ear
    finally:
        task.cancel()
        await asyncio.wait([task])


def announcement(seq: int) -> Announcement:
    return Announcement(7, seq, "interval.started", datetime(2026, 1, 12, tzinfo=UTC), {})


async def test_a_commit_on_postgresql_is_heard_by_who_listens_for_its_user_and_a_rollback_is_not(
    postgres: Postgres,
) -> None:
    url = postgres.new_database()
    await prepare(url, NOON)
    store = SqlStore(url, FakeClock())
    try:
        async with store.write() as unit:
            user = await unit.users.of_peer(1, "ada")
        notices = PostgresNotices(url)
        async with listening(notices, user + 1, user) as ear, listening(notices, user + 1) as other:
            stored = announcement(0)
            for _ in range(100):
                with pytest.raises(ZeroDivisionError):  # noqa: PT012  # the transaction is the statement
                    async with store.write() as unit:
                        await unit.outbox.append(user, [Draft("x", NOON, {}), Draft("x", NOON, {})])
                        1 / 0  # noqa: B018
                async with store.write() as unit:
                    [stored] = await unit.outbox.append(user, [Draft("x", NOON, {})])
                await asyncio.sleep(0.02)
                if ear.heard:
                    break
            await ear.until((user, stored.seq))
            assert max(ear.heard) == (user, stored.seq)
            assert not other.heard
    finally:
        await store.close()


class Otherwise:
    """The Bus that is listened to instead: notes for whom, while somebody does."""

    def __init__(self) -> None:
        self.users: Collection[int] = ()

    async def listen(self, users: Collection[int], heard: Callable[[int, int], None]) -> None:
        self.users = users
        heard(7, 1000)
        try:
            await asyncio.Event().wait()
        finally:
            self.users = ()


async def told_until_heard(here: RedisHints, ear: Ear) -> None:
    for seq in range(1, 500):
        here.tell([announcement(seq)])
        await asyncio.sleep(0.02)
        if ear.heard:
            break
    await ear.until((7, seq))


async def test_a_hint_by_redis_is_heard_by_daemons_of_that_user_and_by_no_other(valkey: Valkey) -> None:
    otherwise = Otherwise()
    here, there, elsewhere = (RedisHints(valkey.url, otherwise) for _ in range(3))
    async with listening(there, 6, 7) as ear, listening(elsewhere, 6, 8) as other:
        await told_until_heard(here, ear)
        assert here.working
        assert not other.heard
        assert not otherwise.users
    for hints in (here, there, elsewhere):
        await hints.close()


async def test_while_redis_is_away_notices_are_listened_to_instead() -> None:
    otherwise = Otherwise()
    with Valkey() as server:
        hints = RedisHints(server.url, otherwise)
        async with listening(hints, 7) as ear:
            await told_until_heard(hints, ear)
            server.kill()
            await ear.until((7, 1000))
            assert set(otherwise.users) == {7}
    await hints.close()


async def test_a_redis_that_is_away_costs_nobody_anything_and_is_used_again_when_it_is_back() -> None:
    with Valkey() as server:
        url = server.url
    hints = RedisHints(url, Otherwise())
    began = time.perf_counter()
    for seq in range(200):
        hints.tell([announcement(seq)])
    assert time.perf_counter() - began < 0.05
    async with listening(hints, 7):
        for _ in range(int(PATIENCE_S / 0.01)):
            if hints.working is False:
                break
            await asyncio.sleep(0.01)
        assert hints.working is False
        hints.tell([announcement(1)])
        assert not [it for it in hints._sending if not it.done()]
    await hints.close()
