"""The proxy that stands before PostgreSQL in tests leaves nothing behind it."""

import asyncio
from pathlib import Path

import pytest

from tests.fakes.proxy import Proxy


@pytest.mark.parametrize("turns", range(8))
async def test_a_line_that_is_being_made_when_all_ends_is_ended_too(tmp_path: Path, turns: int) -> None:
    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    before = asyncio.all_tasks()
    async with (
        await asyncio.start_unix_server(hang_up, f"{tmp_path}/.s.PGSQL.1"),
        Proxy(f"postgresql+psycopg://postgres@/pomo?host={tmp_path}&port=1") as proxy,
    ):
        port = int(proxy.url.rpartition(":")[2].partition("/")[0])
        _reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(turns):
            await asyncio.sleep(0)
    assert {it for it in asyncio.all_tasks() - before if "Proxy" in str(it) or "_Link" in str(it)} == set()
    assert not proxy.is_open()
    writer.transport.abort()
    await asyncio.sleep(0)
