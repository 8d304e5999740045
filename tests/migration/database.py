"""A database as migrations meet it."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection

from pomo_daemon.adapters.db.engine import writer


async def within(url: str, work: Callable[[Connection], Any]) -> Any:
    """Run something synchronous in a transaction."""
    engine = writer(url)
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()
