"""The stores that promise the same. Their tests share a database of each kind; each has users of its own."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pomo_daemon.adapters.db.migrate import prepare
from pomo_daemon.adapters.db.store import SqlStore
from pomo_daemon.application.ports import Store
from tests.contract.samples import UIDS
from tests.fakes.clock import NOON, FakeClock
from tests.fakes.servers import Postgres
from tests.fakes.store import MemoryStore


@pytest.fixture(scope="session", params=["memory", "sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give a database with its schema, shared by all tests of a worker; no URL is the store in memory."""
    if request.param == "memory":
        return ""
    if request.param == "sqlite":
        folder: Path = tmp_path_factory.mktemp("store")
        made = f"sqlite+aiosqlite:///{folder}/pomo.db"
    else:
        postgres: Postgres = request.getfixturevalue("postgres")
        made = postgres.new_database()
    asyncio.run(prepare(made, NOON))
    return made


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    if not url:
        yield MemoryStore()
        return
    opened = SqlStore(url, FakeClock())
    yield opened
    await opened.close()


@pytest.fixture
async def user(store: Store) -> int:
    return await new_user(store)


@pytest.fixture
async def other(store: Store) -> int:
    return await new_user(store)


async def new_user(store: Store) -> int:
    uid = next(UIDS)
    async with store.write() as unit:
        return await unit.users.of_peer(uid, f"user{uid}")
