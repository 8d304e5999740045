"""A whole history from one database to another: rows as they are, in batches, so that it can go on where it broke off.

The target is marked while it is half full. What it holds already is compared and not written again; what the source
has changed since is written over. At the end both are summed up, table by table, and must be the same.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import Column, Connection, Engine, MetaData, Row, String, Table, delete, inspect, select, text, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from pomo_daemon.adapters.db import numbering
from pomo_daemon.adapters.db.plain import TABLES, Key, Sum, count, key_of, ordering, pages, present, sum_up
from pomo_daemon.adapters.faults import fault
from pomo_daemon.application.ports import StoreError

#: The table in a target that is half full; its row says of which history.
MARK: Final = Table("pomo_copy", MetaData(), Column("history", String(64), nullable=False))
#: Told how far the work is: what is being done, rows done, rows in all.
Progress = Callable[[str, int, int], None]

#: What a message about a history counts.
_TELLING: Final = ("users", "tasks", "intervals")
#: Where a daemon puts a row for its OS user when it opens a database.
_AT_OPENING: Final = ("users", "timers", "deliveries", "day_starts")

_INSERT: Final[dict[str, Any]] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


class Copied(NamedTuple):
    """What was done: rows written, and what each table holds, on both sides."""

    written: int
    tables: dict[str, Sum]


def identity(connection: Connection) -> str:
    """Answer what tells one history from another: a checksum of who its users are."""
    found = connection.execute(text("SELECT user_id, username, created_at FROM users ORDER BY user_id")).all()
    return hashlib.sha256(msgspec.json.encode([tuple(it) for it in found])).hexdigest()


def refuse_another(source: Connection, target: Connection) -> None:
    """See that the target is blank, or holds this history or a part of it. Raises StoreError `database.conflict`."""
    mark = _mark(target)
    if mark is None and _is_blank(target):
        return
    if (mark or identity(target)) != identity(source):
        counts = [f"{count(target, it)} {it.name}" for it in present(target) if it.name in _TELLING]
        raise StoreError(
            "database.conflict",
            f"The target holds another history ({', '.join(counts)}).",
            "Name an empty database. Nothing was changed.",
        )


def _is_blank(connection: Connection) -> bool:
    """Tell whether nobody has done anything there yet: a daemon that opens a database knows its OS user by that."""
    tables = [it for it in present(connection) if it.name not in _AT_OPENING]
    return not any(connection.execute(select(it).limit(1)).first() for it in tables) and not any(
        connection.execute(select(it).where(it.c.password_hash.is_not(None)).limit(1)).first()
        for it in present(connection)
        if it.name == "users"
    )


def others(connection: Connection) -> int:
    """Count who else is connected to the database: on PostgreSQL perhaps the daemons of other machines."""
    if connection.dialect.name == "sqlite":
        return 0
    found = connection.execute(
        text(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND backend_type = 'client backend'"
        )
    )
    return int(found.scalar_one())


def copy(source: Connection, target: Engine, progress: Progress) -> Copied:
    """Copy everything. Raises StoreError, and what the databases raise."""
    with target.begin() as connection:
        refuse_another(source, connection)
        if _mark(connection) is None and _is_blank(connection):
            _clear(connection)
            MARK.create(connection)
            connection.execute(MARK.insert(), {"history": identity(source)})
        marked = _mark(connection) is not None
    if not marked:
        return Copied(0, _verified(source, target, progress))
    try:
        done = _fill(source, target, progress)
    except (IntegrityError, _Different):
        # What changed in the source since does not fit to what was copied before.
        with target.begin() as connection:
            _clear(connection)
        done = _fill(source, target, progress)
    fault("before_unmark")
    with target.begin() as connection:
        MARK.drop(connection)
    return done


class _Different(StoreError):
    """The target does not hold what the source does."""


def _mark(connection: Connection) -> str | None:
    return connection.execute(select(MARK)).scalar() if inspect(connection).has_table(MARK.name) else None


def _fill(source: Connection, target: Engine, progress: Progress) -> Copied:
    total, done, written = sum(count(source, table) for table in TABLES), 0, 0
    for table in TABLES:
        for before, rows in _with_last_keys(source, table):
            written += _bring(target, table, before, rows)
            done += len(rows)
            progress(f"copying {table.name}", done, total)
            fault(f"after_batch_of_{table.name}")
    numbering.carry_over(source, target)
    return Copied(written, _verified(source, target, progress))


def _with_last_keys(source: Connection, table: Table) -> Iterator[tuple[Key | None, list[Row[Any]]]]:
    """Answer the pages, each with the last key of the one before; then an empty one, for what lies behind the last."""
    before: Key | None = None
    for rows in pages(source, table):
        yield before, rows
        before = key_of(table, rows[-1])
    yield before, []


def _bring(target: Engine, table: Table, before: Key | None, rows: Sequence[Row[Any]]) -> int:
    """Make the target hold these rows, and no others, behind the key `before`; answer how many were written."""
    with target.begin() as connection:
        key = tuple_(*ordering(connection, table))
        wanted = select(table)
        wanted = wanted if before is None else wanted.where(key > before)
        wanted = wanted.where(key <= key_of(table, rows[-1])) if rows else wanted
        there = {key_of(table, row): row for row in connection.execute(wanted)}
        fresh = [row for row in rows if (old := there.pop(key_of(table, row), None)) is None or old != row]
        if not fresh and not there:
            return 0
        with _without_triggers(connection, table):
            if there:
                connection.execute(delete(table).where(tuple_(*table.primary_key.columns.values()).in_(list(there))))
            if fresh:
                connection.execute(_put(connection, table), [dict(row._mapping) for row in fresh])  # noqa: SLF001
        return len(fresh)


def _put(connection: Connection, table: Table) -> Any:  # noqa: ANN401  # a statement of either dialect
    insert = _INSERT[connection.dialect.name](table)
    own = {it.name: insert.excluded[it.name] for it in table.columns if not it.primary_key}
    keys = table.primary_key.columns.values()
    return (
        insert.on_conflict_do_update(index_elements=keys, set_=own)
        if own
        else insert.on_conflict_do_nothing(index_elements=keys)
    )


@contextmanager
def _without_triggers(connection: Connection, table: Table) -> Iterator[None]:
    """Keep the target's triggers from doing again what they did in the source."""
    if connection.dialect.name == "postgresql":
        off, on = [f"ALTER TABLE {table.name} DISABLE TRIGGER USER"], [f"ALTER TABLE {table.name} ENABLE TRIGGER USER"]
    else:
        wanted = text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :name")
        found = connection.execute(wanted, {"name": table.name}).all()
        off, on = [f"DROP TRIGGER {name}" for name, _ in found], [statement for _, statement in found]
    for statement in off:
        connection.exec_driver_sql(statement)
    yield
    # In the same transaction: whatever ends it early brings them back, too.
    for statement in on:
        connection.exec_driver_sql(statement)


def _clear(connection: Connection) -> None:
    for table in reversed(TABLES):
        with _without_triggers(connection, table):
            connection.execute(delete(table))


def _verified(source: Connection, target: Engine, progress: Progress) -> dict[str, Sum]:
    """Sum up both sides. Raises StoreError where they differ."""
    total, done, sums = 2 * sum(count(source, table) for table in TABLES), 0, {}

    def read(rows: int) -> None:
        nonlocal done
        done += rows
        progress("comparing", done, max(total, done))

    with target.connect() as connection:
        for table in TABLES:
            sums[table.name] = sum_up(source, table, read)
            found = sum_up(connection, table, read)
            if found != sums[table.name]:
                raise _Different(
                    "database.conflict",
                    f"{table.name} differs: {sums[table.name].rows} rows in the source, {found.rows} in the target.",
                    "It has been used since it was copied: name an empty database.",
                )
    return sums
