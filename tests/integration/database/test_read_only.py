"""A SQLite file that cannot be written for a while: read as it is, refused in one line, and written again by itself."""

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from pathlib import Path

import pytest

from pomo_daemon.adapters.db.migrate import prepare
from pomo_daemon.adapters.db.store import SqlStore
from pomo_daemon.application.ports import READ_ONLY, StoreError
from tests.fakes.clock import NOON, FakeClock
from tests.fakes.medium import frozen


@pytest.fixture
async def file(tmp_path: Path) -> str:
    folder = tmp_path / "data"
    folder.mkdir()
    await prepare(f"sqlite+aiosqlite:///{folder}/pomo.db", NOON)
    return f"{folder}/pomo.db"


@asynccontextmanager
async def opened(file: str) -> AsyncIterator[SqlStore]:
    store = SqlStore(f"sqlite+aiosqlite:///{file}", FakeClock())
    try:
        yield store
    finally:
        await store.close()


async def add(store: SqlStore, uid: int = 1) -> None:
    async with store.write() as unit:
        await unit.users.of_peer(uid, f"user{uid}")


async def names(store: SqlStore) -> list[str]:
    async with store.read() as unit:
        found = [await unit.users.named(f"user{uid}") for uid in (1, 2)]
    return [it.username for it in found if it]


def log_of(file: str) -> dict[str, bytes]:
    """Answer a database with its log, as a daemon leaves them that is killed now."""
    return {it: Path(f"{file}{it}").read_bytes() for it in ("", "-wal", "-shm")}


def put_back(file: str, left: dict[str, bytes]) -> None:
    for rest, content in left.items():
        Path(f"{file}{rest}").write_bytes(content)


async def refused(store: SqlStore) -> str:
    with pytest.raises(StoreError) as caught:
        await add(store, 2)
    assert caught.value.code == READ_ONLY
    return caught.value.message


async def test_one_that_is_read_only_from_the_start_is_read_and_written_as_soon_as_it_can_be(file: str) -> None:
    async with opened(file) as store:
        await add(store)
    told: list[bool] = []

    async def listen() -> None:
        told.append(store.read_only)

    with frozen(os.path.dirname(file)):
        async with opened(file) as store:
            assert f"The database {file} is read-only" in await refused(store)
            assert await names(store) == ["user1"]
    async with opened(file) as store:
        assert not store.read_only
    with frozen(os.path.dirname(file)):
        store = SqlStore(f"sqlite+aiosqlite:///{file}", FakeClock())
        store.on_writable.append(listen)
        await refused(store)
    await add(store, 2)
    # Before anything was written, and once.
    assert (store.read_only, told) == (False, [True])
    assert await names(store) == ["user1", "user2"]
    await store.close()


async def test_one_that_becomes_read_only_goes_on_being_read(file: str) -> None:
    async with opened(file) as store:
        await add(store)
    async with opened(file) as store:
        with frozen(os.path.dirname(file)):
            knew = store.read_only
            await refused(store)
            assert (knew, store.read_only) == (False, True)
            assert await names(store) == ["user1"]
        await add(store, 2)
        assert await names(store) == ["user1", "user2"]


async def test_who_reads_as_it_can_be_written_again_is_waited_for(file: str) -> None:
    # SQLite has all connections of a process use one index of the log; that of one who only reads would stay so.
    async with opened(file) as store:
        await add(store)
        left = log_of(file)
    put_back(file, left)
    reading = AsyncExitStack()
    with frozen(os.path.dirname(file)):
        store = await reading.enter_async_context(opened(file))
        read = store.read()
        unit = await read.__aenter__()
        assert await unit.users.named("user1")
    async with reading:
        writing = asyncio.create_task(add(store, 2))
        await asyncio.wait([writing], timeout=0.2)
        assert await unit.users.named("user1")
        await read.__aexit__(None, None, None)
        await writing
        assert await names(store) == ["user1", "user2"]


async def test_who_only_read_while_it_was_read_only_keeps_nobody_from_writing_for_long(file: str) -> None:
    async with opened(file) as store:
        await add(store)
        left = log_of(file)
    put_back(file, left)
    async with opened(file) as store:
        with frozen(os.path.dirname(file)):
            assert await names(store) == ["user1"]
        with pytest.raises(StoreError):
            await add(store, 2)
        await add(store, 2)
        assert await names(store) == ["user1", "user2"]


async def test_what_somebody_else_writes_meanwhile_is_seen(file: str) -> None:
    async with opened(file) as store:
        await add(store)
    aside = f"{os.path.dirname(file)}-elsewhere"
    os.mkdir(aside)
    os.link(file, f"{aside}/pomo.db")
    with frozen(os.path.dirname(file)):
        async with opened(file) as store:
            assert await names(store) == ["user1"]
            with closing(sqlite3.connect(f"{aside}/pomo.db")) as other:
                other.execute("PRAGMA journal_mode=DELETE")
                other.execute("UPDATE users SET username = 'user2'")
                other.commit()
            assert await names(store) == ["user2"]


async def test_one_of_an_older_pomo_is_refused_in_a_line_and_keeps_every_byte(file: str) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
        connection.execute("PRAGMA user_version = 1")
        connection.commit()
    before = Path(file).read_bytes()
    with frozen(os.path.dirname(file)), pytest.raises(StoreError) as caught:
        await prepare(f"sqlite+aiosqlite:///{file}", NOON)
    assert caught.value.code == READ_ONLY
    assert f"The schema of the database at {file} is 0001" in caught.value.message
    assert Path(file).read_bytes() == before
    assert os.listdir(os.path.dirname(file)) == ["pomo.db"]
