"""The numbers that a database gives to new rows: a copy goes on where the source is, so that none is given twice."""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import Connection, Engine, Table, func, select, text

from pomo_daemon.adapters.db.tables import metadata

_SEQUENCE: Final = "CAST(pg_get_serial_sequence(:table, :column) AS regclass)"
#: What was given last: nothing yet is no row, or NULL.
_GIVEN: Final = {
    "postgresql": text(f"SELECT pg_sequence_last_value({_SEQUENCE})"),
    "sqlite": text("SELECT seq FROM sqlite_sequence WHERE name = :table AND :column <> ''"),
}
_FORGET: Final = text("DELETE FROM sqlite_sequence WHERE name = :table")
_SET: Final = {
    "postgresql": text(f"SELECT setval({_SEQUENCE}, :last)"),
    "sqlite": text("INSERT INTO sqlite_sequence (name, seq) SELECT :table, :last WHERE :column <> ''"),
}


def carry_over(source: Connection, target: Engine) -> None:
    """Let new rows of the target get higher numbers than any that the source ever gave."""
    with target.begin() as connection:
        sqlite = connection.dialect.name == "sqlite"
        for table, column in _numbered():
            last = max(_last(source, table, column), _last(connection, table, column))
            # SQLite numbers the other tables after the highest that is there.
            if last and (not sqlite or table.dialect_options["sqlite"]["autoincrement"]):
                if sqlite:
                    connection.execute(_FORGET, {"table": table.name})
                values = {"table": table.name, "column": column, "last": last}
                connection.execute(_SET[connection.dialect.name], values)


def _numbered() -> Iterator[tuple[Table, str]]:
    """Answer the tables whose rows are numbered by the database, and the column for it."""
    for table in metadata.sorted_tables:
        if table.autoincrement_column is not None:
            yield table, table.autoincrement_column.name


def _last(connection: Connection, table: Table, column: str) -> int:
    """Answer the highest number that was given; also rows that are gone by now had one."""
    highest = connection.execute(select(func.max(table.c[column]))).scalar()
    given = connection.execute(_GIVEN[connection.dialect.name], {"table": table.name, "column": column}).scalar()
    return max(highest or 0, given or 0)
