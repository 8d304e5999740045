"""Connections to PostgreSQL that the server ends while nothing is asked over them."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import psycopg
import pytest

from pomo_daemon.adapters.db.migrate import prepare
from pomo_daemon.adapters.db.store import SqlStore
from tests.fakes.clock import NOON, FakeClock
from tests.fakes.servers import Postgres

_ALL = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


@pytest.fixture
async def store(postgres_url: str) -> AsyncIterator[SqlStore]:
    await prepare(postgres_url, NOON)
    store = SqlStore(postgres_url, FakeClock())
    yield store
    await store.close()


async def use(store: SqlStore, connections: int) -> None:
    """Read over so many connections at once."""
    async with AsyncExitStack() as stack:
        for _ in range(connections):
            unit = await stack.enter_async_context(store.read())
            assert await unit.timers.running() == []


def ask(url: str, question: str) -> int:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        found = connection.execute(question.encode()).fetchone()
    assert found is not None
    return int(found[0])


async def test_connections_at_rest_that_were_ended_are_made_anew_and_nobody_notices(
    store: SqlStore, postgres_url: str
) -> None:
    await use(store, 3)
    assert ask(postgres_url, f"SELECT count(pg_terminate_backend(pid, 2000)) {_ALL}") == 3
    await use(store, 3)
    async with store.write() as unit:
        assert await unit.users.of_peer(1, "ada")


async def test_a_server_that_was_restarted_is_gone_on_with(store: SqlStore, postgres: Postgres) -> None:
    await use(store, 2)
    postgres.kill()
    postgres.start()
    await use(store, 2)


async def test_connections_that_are_whole_are_used_again(store: SqlStore, postgres_url: str) -> None:
    await use(store, 2)
    before = ask(postgres_url, f"SELECT sum(pid) {_ALL}")
    for _ in range(5):
        await use(store, 2)
    assert ask(postgres_url, f"SELECT sum(pid) {_ALL}") == before
