"""SQLite connections that go to their thread once per statement.

Through aiosqlite alone, SQLAlchemy makes a cursor, executes, fetches and closes: four trips to the thread and back,
which take longer than all that SQLite does. Here one trip does the four. What nobody waits for the outcome of, a BEGIN
or an INSERT, goes along with the next statement or the COMMIT; so does its error. Everything else stays aiosqlite's.
"""

import sqlite3
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final, Self

import aiosqlite

#: Statements that may be put off, and values of each: many rows are better stored while more are made.
MOST_LATER: Final = 16
_FEW_VALUES: Final = 100


class OneHopCursor:
    """What SQLAlchemy asks of an aiosqlite cursor; its rows are there when a statement has run."""

    arraysize = 1

    def __init__(self, connection: "OneHopConnection") -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.description: Sequence[Any] | None = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, sql: str, parameters: Sequence[Any] = ()) -> None:
        """Run a statement and fetch what it answers."""
        await self._do(sqlite3.Cursor.execute, sql, parameters)

    async def executemany(self, sql: str, parameters: Sequence[Sequence[Any]]) -> None:
        """Run a statement for each row of parameters."""
        await self._do(sqlite3.Cursor.executemany, sql, parameters)

    async def fetchall(self) -> list[Any]:
        """Answer the rows, which were fetched before."""
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        """Do nothing: SQLite's own cursor is closed."""

    async def _do(self, execute: Any, sql: str, parameters: Sequence[Any]) -> None:  # noqa: ANN401
        """Run a statement now, or with the next one."""
        put_off = sql.startswith(("BEGIN", "INSERT")) and " RETURNING " not in sql and len(parameters) <= _FEW_VALUES
        if put_off and len(self._connection.later) < MOST_LATER:
            self._connection.later.append(partial(self._run, execute, sql, parameters))
        else:
            await self._connection.in_thread(self._run, execute, sql, parameters)

    def _run(self, execute: Any, sql: str, parameters: Any) -> None:  # noqa: ANN401
        """Do the work, in the thread."""
        cursor = self._connection.raw.cursor()
        try:
            execute(cursor, sql, parameters)
            self.description = cursor.description
            self.rowcount = cursor.rowcount
            self.lastrowid = cursor.lastrowid
            self._rows = cursor.fetchall() if cursor.description else []
        finally:
            cursor.close()


class OneHopConnection(aiosqlite.Connection):
    """An aiosqlite connection with such cursors."""

    def __init__(self, connector: Callable[[], sqlite3.Connection]) -> None:
        super().__init__(connector, iter_chunk_size=64)
        #: What is to be run before anything else.
        self.later: list[Callable[[], None]] = []

    @property
    def raw(self) -> sqlite3.Connection:
        """Answer the connection that lives in the thread."""
        return self._conn

    async def in_thread(self, function: Any, *arguments: Any) -> Any:  # noqa: ANN401
        """Run a function in the connection's thread, behind what was put off."""
        first, self.later = self.later, []

        def both() -> Any:  # noqa: ANN401
            for run in first:
                run()
            return function(*arguments)

        return await self._execute(both)  # type: ignore[no-untyped-call]

    async def commit(self) -> None:
        """End the transaction, all of it stored."""
        await self.in_thread(self.raw.commit)

    async def rollback(self) -> None:
        """End the transaction, nothing of it stored."""
        self.later.clear()
        await super().rollback()

    def cursor(self) -> OneHopCursor:  # type: ignore[override]  # made here, not in the thread
        """Make a cursor."""
        return OneHopCursor(self)


async def connect(file: str, *, uri: bool = False) -> OneHopConnection:
    """Open a file, by its path or a `uri`. Nothing is decided here about transactions: see engine.py."""

    def opened() -> sqlite3.Connection:
        return sqlite3.connect(file, isolation_level=None, uri=uri)

    connection = OneHopConnection(opened)
    # A thread that is cut off in a call must not keep the process from ending.
    connection._thread.daemon = True  # noqa: SLF001
    await connection
    return connection
