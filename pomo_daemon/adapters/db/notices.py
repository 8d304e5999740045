"""The Bus port on PostgreSQL: its own LISTEN, on a connection that does nothing else."""

import asyncio
import logging
from collections.abc import Callable, Collection
from typing import Final

import psycopg
from sqlalchemy import make_url

from pomo_daemon.adapters.db.outbox import CHANNEL

log = logging.getLogger(__name__)

#: Seconds before a lost connection is made anew.
PAUSE: Final = 2.0


class PostgresNotices:
    """Listens to what every commit of an event notifies (outbox.py)."""

    def __init__(self, url: str) -> None:
        self._address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)

    async def listen(self, users: Collection[int], heard: Callable[[int, int], None]) -> None:
        """Call `heard(user_id, seq)` when any daemon commits an event of one of these users, until cancelled.

        Never raises.
        """
        while True:
            try:
                connection = await psycopg.AsyncConnection.connect(
                    self._address, autocommit=True, connect_timeout=3, keepalives_idle=5, keepalives_interval=2
                )
                async with connection:
                    await connection.execute(";".join(f"LISTEN {CHANNEL}{it}" for it in users).encode())
                    async for notice in connection.notifies():
                        user_id, _, seq = notice.payload.partition(":")
                        heard(int(user_id), int(seq))
            except (psycopg.Error, OSError, ValueError) as error:
                log.info("no notices from the database for now: %s", type(error).__name__)
            await asyncio.sleep(PAUSE)
