"""An import into PostgreSQL: it may take long, and one whose connection is cut is told as that, and nothing came."""

import asyncio

import psycopg
import pytest
from sqlalchemy import make_url

from pomo_daemon.adapters.db import bounded
from pomo_daemon.adapters.db.imports import SqlImports
from pomo_daemon.adapters.db.migrate import prepare
from pomo_daemon.adapters.db.store import SqlStore
from pomo_daemon.application.ports import Arrival, Staged, StoreError
from pomo_daemon.domain.incoming import IntervalIn
from tests.fakes.clock import NOON, FakeClock

MINUTE = 60_000_000


def arrivals(count: int) -> list[Arrival]:
    """Make intervals, one behind the other."""
    rows = [
        IntervalIn(it, f"x/{it}", "focus", "completed", it * MINUTE, (it + 1) * MINUTE, None, "UTC", "", None)
        for it in range(1, count + 1)
    ]
    return [Arrival(it.line, None, Staged(it, it.source.encode(), it.line * 60)) for it in rows]


def cut(url: str) -> None:
    """End every other connection to a database, as an administrator may."""
    with psycopg.connect(make_url(url).set(drivername="postgresql").render_as_string(), autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


async def test_statements_on_a_whole_history_may_take_long_within_their_transaction(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await prepare(postgres_url, NOON)
    store = SqlStore(postgres_url, FakeClock())

    async def linger(*, long: bool) -> None:
        async with store.write() as unit:
            assert isinstance(unit.imports, SqlImports)
            if long:
                await unit.imports.take_time()
            await unit.imports._connection.exec_driver_sql("SELECT pg_sleep(1)")

    try:
        await linger(long=False)
        monkeypatch.setattr(bounded, "PATIENCE", 0.5)
        await linger(long=True)
        with pytest.raises(StoreError):
            await linger(long=False)
    finally:
        await store.close()


async def test_an_import_that_is_cut_off_is_told_as_a_database_that_is_away(postgres_url: str) -> None:
    await prepare(postgres_url, NOON)
    store = SqlStore(postgres_url, FakeClock())
    try:
        async with store.write() as unit:
            user_id = await unit.users.of_peer(1, "ada")

        async def bring() -> None:
            async with store.write() as unit:
                await unit.imports.add(user_id, arrivals(1000), numbered=False)
                await asyncio.to_thread(cut, postgres_url)
                await unit.imports.add(user_id, arrivals(2000)[1000:], numbered=False)

        with pytest.raises(StoreError) as caught:
            await bring()
        assert caught.value.code == "database.unavailable"
        async with store.read() as unit:
            assert await unit.imports.spans(user_id, 0, 10**15) == []
    finally:
        await store.close()
