"""Databases as work on the whole of them sees them: blocking, and every row as it is stored.

For processes of their own (maintenance.py). The tables here have the columns of tables.py without types of ours: what
is read from one database can be put into another as it is, and looks the same on both.
"""

import hashlib
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Engine,
    MetaData,
    NullPool,
    Row,
    String,
    Table,
    TypeDecorator,
    collate,
    create_engine,
    event,
    func,
    inspect,
    make_url,
    select,
    text,
    tuple_,
)

from pomo_daemon.adapters.db.engine import sqlite_file
from pomo_daemon.adapters.db.files import uri_to_read
from pomo_daemon.adapters.db.tables import metadata

#: Rows that are read, and written in one transaction, at a time.
BATCH: Final = 1000

#: Whoever waits sees that nothing moves; a server that is gone must end it some time.
_PATIENCE: Final = {"connect_timeout": 5, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}

Key = tuple[Any, ...]


def _stored(column: Column[Any]) -> Column[Any]:
    """Answer the column without what types.py makes of its values."""
    kind = column.type
    stored = kind.impl_instance if isinstance(kind, TypeDecorator) else kind
    return Column(column.name, stored, primary_key=column.primary_key)


_METADATA: Final = MetaData()
#: Every table, after those that it refers to.
TABLES: Final = tuple(Table(it.name, _METADATA, *map(_stored, it.columns)) for it in metadata.sorted_tables)


def read_only(file: str) -> sqlite3.Connection:
    """Open a SQLite file that nothing is to be written to."""
    return sqlite3.connect(uri_to_read(file), uri=True, isolation_level=None)


@contextmanager
def snapshot(url: str) -> Iterator[Connection]:
    """Read a database as it is at one moment, whatever others write meanwhile."""
    file = sqlite_file(url)
    engine = _sqlite(lambda: read_only(file), "BEGIN") if file else _postgresql(url)
    with _closing(engine), engine.connect() as connection:
        if not file:
            connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)  # noqa: PLW2901
        with connection.begin():
            yield connection


@contextmanager
def writing(url: str) -> Iterator[Engine]:
    """Write to a database that has the schema."""
    file = sqlite_file(url)

    def opened() -> sqlite3.Connection:
        connection = sqlite3.connect(file, isolation_level=None)
        for pragma in ("synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000"):
            connection.execute(f"PRAGMA {pragma}")
        return connection

    engine = _sqlite(opened, "BEGIN IMMEDIATE") if file else _postgresql(url)
    with _closing(engine):
        yield engine


def _sqlite(opened: Callable[[], sqlite3.Connection], begin: str) -> Engine:
    engine = create_engine("sqlite://", creator=opened, poolclass=NullPool, hide_parameters=True)

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _postgresql(url: str) -> Engine:
    return create_engine(make_url(url), poolclass=NullPool, hide_parameters=True, connect_args=_PATIENCE)


@contextmanager
def _closing(engine: Engine) -> Iterator[None]:
    try:
        yield
    finally:
        engine.dispose()


def revision(connection: Connection) -> str:
    """Answer the revision of a database's schema; empty: it has none."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or ""


def present(connection: Connection) -> list[Table]:
    """Answer which of the tables a database has; an older one lacks some."""
    names = set(inspect(connection).get_table_names())
    return [table for table in TABLES if table.name in names]


def count(connection: Connection, table: Table) -> int:
    """Count rows."""
    return connection.execute(select(func.count()).select_from(table)).scalar_one()


def ordering(connection: Connection, table: Table) -> list[ColumnElement[Any]]:
    """Answer what a table's rows are ordered by: its key, texts by their bytes as SQLite does."""
    postgresql = connection.dialect.name == "postgresql"
    return [
        collate(it, "C") if postgresql and isinstance(it.type, String) else it
        for it in table.primary_key.columns.values()
    ]


def key_of(table: Table, row: Row[Any]) -> Key:
    """Answer the key of a row."""
    return tuple(row._mapping[it] for it in table.primary_key.columns.values())  # noqa: SLF001  # as documented


def pages(connection: Connection, table: Table) -> Iterator[list[Row[Any]]]:
    """Read a table in the order of its key, a batch at a time."""
    order = ordering(connection, table)
    wanted = select(table).order_by(*order).limit(BATCH)
    rows = connection.execute(wanted).all()
    while rows:
        yield list(rows)
        rows = connection.execute(wanted.where(tuple_(*order) > key_of(table, rows[-1]))).all()


class Sum(NamedTuple):
    """What a table holds: how many rows, and a checksum of all of them, the same on every database."""

    rows: int
    checksum: str


def sum_up(connection: Connection, table: Table, read: Callable[[int], None] = lambda _rows: None) -> Sum:
    """Count a table, and answer the SHA-256 of its rows as JSON, in the order of the key."""
    rows, checksum = 0, hashlib.sha256()
    for page in pages(connection, table):
        for row in page:
            checksum.update(msgspec.json.encode(tuple(row), order="deterministic"))
        rows += len(page)
        read(len(page))
    return Sum(rows, checksum.hexdigest())
