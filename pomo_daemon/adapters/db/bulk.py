"""What only PostgreSQL needs for much at once: time, and COPY instead of a statement for each row."""

from collections.abc import Sequence
from typing import Any, Final

import psycopg
from sqlalchemy.exc import DBAPIError

from pomo_daemon.adapters.db.aio import AsyncConnection

#: Seconds for a statement on a whole history.
LONG: Final = 600


async def take_time(connection: AsyncConnection) -> None:
    """Let statements of a connection's transaction take long, for the server and for whoever waits for it."""
    driver: Any = (await connection.get_raw_connection()).driver_connection
    await connection.exec_driver_sql(f"SET LOCAL statement_timeout = '{LONG}s'")
    driver.patience = LONG


async def copy_in(connection: AsyncConnection, into: str, rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows within the transaction of a connection. Raises DBAPIError, as SQLAlchemy would."""
    driver: Any = (await connection.get_raw_connection()).driver_connection
    try:
        async with driver.cursor() as cursor, cursor.copy(f"COPY {into} FROM STDIN") as copy:
            for row in rows:
                await copy.write_row(row)
    except psycopg.Error as error:
        raise DBAPIError(f"COPY {into}", None, error, connection_invalidated=driver.closed) from error
