"""PostgreSQL's COPY: rows in a stream, where a statement for each took several times as long."""

from collections.abc import Sequence
from typing import Any

import psycopg
from sqlalchemy.exc import DBAPIError

from pomo_daemon.adapters.db.aio import AsyncConnection


async def copy_in(connection: AsyncConnection, into: str, rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows within the transaction of a connection. Raises DBAPIError, as SQLAlchemy would."""
    driver: Any = (await connection.get_raw_connection()).driver_connection
    try:
        async with driver.cursor() as cursor, cursor.copy(f"COPY {into} FROM STDIN") as copy:
            for row in rows:
                await copy.write_row(row)
    except psycopg.Error as error:
        raise DBAPIError(f"COPY {into}", None, error, connection_invalidated=driver.closed) from error
