"""PostgreSQL connections that are never waited for without an end.

The kernel's time-outs (engine.py) find a peer that is gone. One that is there and says nothing, such as a proxy whose
other side is gone, they do not find: whatever is sent to it is acknowledged.
"""

import asyncio
import contextlib
import os
import socket
from typing import Any, Final, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.pq import TransactionStatus

T = TypeVar("T")

#: Seconds for one answer of the server; its own limits end a statement before that.
PATIENCE: Final = 9.0


class BoundedConnection(psycopg.AsyncConnection[Any]):
    """A connection that is hung up when an answer takes too long: whoever waits for it gets an OperationalError."""

    #: Seconds for an answer within the transaction under way, where they are more than usual.
    patience: float | None = None

    async def wait(self, gen: PQGen[T], *arguments: Any, **options: Any) -> T:  # noqa: ANN401  # as they are
        """Wait for the server, for so long."""
        if self.pgconn.transaction_status == TransactionStatus.IDLE:
            self.patience = None
        hanging_up = asyncio.get_running_loop().call_later(self.patience or PATIENCE, self._hang_up)
        try:
            return await super().wait(gen, *arguments, **options)
        finally:
            hanging_up.cancel()

    def _hang_up(self) -> None:
        # The descriptor stays libpq's, which sees the end of the connection and cleans up after it.
        with contextlib.suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(self.pgconn.socket)) as held:
            held.shutdown(socket.SHUT_RDWR)
