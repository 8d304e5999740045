"""Engines: how connections to the database are made, and what each is told when it opens."""

import select
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, event, make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import AsyncAdaptedQueuePool

from pomo_daemon.adapters.db.aio import AsyncEngine, create_async_engine
from pomo_daemon.adapters.db.onehop import connect

#: Milliseconds for which a SQLite connection waits for another process to let go of the file. Also a command that waits
#: behind another one must hear of it before its client gives up (protocol/framing.py, ANSWER_SECONDS).
BUSY_MS: Final = 700


def sqlite_file(url: str) -> str:
    """Answer the file of a SQLite URL, or an empty text."""
    parsed = make_url(url)
    return (parsed.database or "") if parsed.get_backend_name() == "sqlite" else ""


#: A server that is gone is to be missed within seconds, however it went: by the kernel's means for a connection that is
#: dead (libpq, "Database Connection Control Functions"), by the server's for a statement that does not end.
_PATIENCE: Final = {
    "connect_timeout": 3,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 2,
    "tcp_user_timeout": 5000,
    "options": "-c statement_timeout=8s -c lock_timeout=3s -c idle_in_transaction_session_timeout=15s",
}


def _json(value: Any) -> str:  # noqa: ANN401
    return msgspec.json.encode(value).decode()


def writer(url: str) -> AsyncEngine:
    """Make the engine for transactions that write. On SQLite it has one connection, which also checkpoints."""
    if make_url(url).get_backend_name() != "sqlite":
        return _postgresql(url)
    engine = _sqlite(url, size=1)
    # The driver's own transactions begin too late (at the first write), and so lose updates; see the SQLAlchemy
    # documentation, "Serializable isolation / Savepoints / Transactional DDL" of the SQLite dialect.
    _each_connection(engine, "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_MS}")
    _each_transaction(engine, "BEGIN IMMEDIATE")
    return engine


def reader(url: str, writing: AsyncEngine) -> AsyncEngine:
    """Make the engine for transactions that only read: beside the writer on SQLite, on its pool on PostgreSQL."""
    if make_url(url).get_backend_name() != "sqlite":
        return writing.execution_options(postgresql_readonly=True)
    return frozen(url, "")


def frozen(url: str, uri: str) -> AsyncEngine:
    """Make the engine that only reads a SQLite database, opened by a URI where it cannot be written."""
    engine = _sqlite(url, size=2, uri=uri)
    _each_connection(engine, "query_only=ON", f"busy_timeout={BUSY_MS}")
    _each_transaction(engine, "BEGIN")
    return engine


def _sqlite(url: str, size: int, uri: str = "") -> AsyncEngine:
    return create_async_engine(
        url,
        async_creator=lambda: connect(uri or make_url(url).database or "", uri=bool(uri)),
        poolclass=AsyncAdaptedQueuePool,
        pool_size=size,
        max_overflow=0,
        # Every transaction is ended by its block; a rollback at each return would be one more trip to the thread.
        pool_reset_on_return=None,
        pool_timeout=10,
        json_serializer=_json,
        # An error is logged with its statement, but not with what somebody wrote.
        hide_parameters=True,
        json_deserializer=msgspec.json.decode,
    )


def _postgresql(url: str) -> AsyncEngine:
    # Not at the top: few have one.
    from pomo_daemon.adapters.db.bounded import BoundedConnection

    engine = create_async_engine(
        url,
        pool_size=4,
        max_overflow=4,
        pool_timeout=5,
        # What was used last knows most statements already.
        pool_use_lifo=True,
        connect_args={**_PATIENCE, "async_creator_fn": BoundedConnection.connect},
        json_serializer=_json,
        hide_parameters=True,
        json_deserializer=msgspec.json.decode,
    )

    @event.listens_for(engine.sync_engine, "checkout")
    def look(_connection: object, record: Any, _proxy: object) -> None:  # noqa: ANN401
        # A server that goes, or hangs up, says so to connections at rest too. A question would cost a trip each time.
        if _has_word(record.driver_connection.pgconn.socket):
            raise DisconnectionError("the server hung up")

    return engine


def _has_word(descriptor: int) -> bool:
    """Tell whether there is anything to be read, or the other side has gone."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))


def _each_connection(engine: AsyncEngine, *pragmas: str) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def tell(connection: Any, _record: object) -> None:  # noqa: ANN401
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()


def _each_transaction(engine: AsyncEngine, statement: str) -> None:
    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(statement)
