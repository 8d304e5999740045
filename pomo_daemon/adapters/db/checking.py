"""What is wrong with a database, a line for each finding; nothing is changed."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, text

from pomo_daemon.adapters.db.engine import sqlite_file
from pomo_daemon.adapters.db.migrate import known, look
from pomo_daemon.adapters.db.plain import count, present, read_only, revision, snapshot
from pomo_daemon.application.ports import StoreError
from pomo_daemon.domain.report import COUNTS

#: More findings of one kind than these are only counted.
SHOWN: Final = 20

_DAMAGED: Final = "the file is damaged"

#: What no database should answer anything to.
_CONTRADICTIONS: Final = (
    """
        SELECT 'interval ' || interval_id || ' begins before interval ' || previous || ' has ended' FROM (
          SELECT interval_id, started_at,
            LAG(interval_id) OVER (PARTITION BY owner_id ORDER BY started_at, interval_id) AS previous,
            MAX(COALESCE(ended_at, 9223372036854775807)) OVER (
              PARTITION BY owner_id ORDER BY started_at, interval_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ) AS free
          FROM intervals WHERE status <> 'cancelled'
        ) AS rows_in_order WHERE free > started_at
    """,
    """
        SELECT 'interval ' || interval_id || ' ends before it begins' FROM intervals WHERE ended_at < started_at
        UNION ALL
        SELECT 'interval ' || interval_id || ' is planned to take no time' FROM intervals WHERE planned <= 0
    """,
    """
        SELECT 'a gap of interval ' || g.interval_id || ' ends before it begins' FROM gaps g
          WHERE g.ended_at < g.started_at
        UNION ALL
        SELECT 'a gap of interval ' || g.interval_id || ' lies outside of it'
          FROM gaps g JOIN intervals i ON i.interval_id = g.interval_id
          WHERE g.started_at < i.started_at OR COALESCE(g.ended_at, g.started_at) > i.ended_at
    """,
    """
        SELECT 'the timer of user ' || t.user_id || ' shows interval ' || t.interval_id || ', which has ended'
          FROM timers t JOIN intervals i ON i.interval_id = t.interval_id WHERE i.ended_at IS NOT NULL
        UNION ALL
        SELECT 'interval ' || i.interval_id || ' has not ended, and no timer shows it'
          FROM intervals i LEFT JOIN timers t ON t.interval_id = i.interval_id
          WHERE i.ended_at IS NULL AND t.interval_id IS NULL
    """,
)

#: The totals of days, less what is counted anew, are nothing: since the revision that keeps them.
_TOTALS_SINCE: Final = 4
_TOTALS: Final = f"""
    SELECT 'the totals of user ' || owner_id || ' for day ' || day || ' since 1970 are not what the intervals come to'
    FROM (
      SELECT owner_id, day_start, day, {", ".join(COUNTS)} FROM days
      UNION ALL
      SELECT t.owner_id, s.day_start, (t.local_start - s.day_start) / 86400, {", ".join(f"-t.{it}" for it in COUNTS)}
        FROM tallies t JOIN day_starts s ON s.owner_id = t.owner_id
    ) AS both_counts GROUP BY owner_id, day_start, day HAVING {" OR ".join(f"sum({it}) <> 0" for it in COUNTS)}
"""  # noqa: S608  # of names that the code has


class Health(NamedTuple):
    """What a check found: bytes in all, rows of each table, and a line for whatever is wrong."""

    revision: str
    size: int
    rows: dict[str, int]
    findings: list[str]


def check(url: str) -> Health:
    """Check a database. Raises StoreError where it cannot even be read."""
    file = sqlite_file(url)
    findings: list[str] = []
    if file:
        schema = look(file)
        if schema is None:
            raise absent(file)
        findings = list(damage(file))
        if any(it.startswith(_DAMAGED) for it in findings):
            return Health(schema, os.path.getsize(file), {}, findings)
    with snapshot(url) as connection:
        schema = revision(connection)
        if not schema:
            raise StoreError("database.unavailable", "The database has no schema yet.", "'pomo db upgrade' makes it.")
        known(schema)
        rows = {table.name: count(connection, table) for table in present(connection)}
        findings += _contradictions(connection)
        if int(schema) >= _TOTALS_SINCE:
            findings += _lines(connection, _TOTALS)
        if file and (marked := connection.execute(text("PRAGMA user_version")).scalar()) != int(schema):
            findings.append(f"the file says that its schema is {marked}, and it is {schema}")
        return Health(schema, _size(connection), rows, findings)


def absent(file: str) -> StoreError:
    """Tell that there is no database yet."""
    return StoreError("database.unavailable", f"There is no database at {file}.", "'pomo start' makes one.")


def damage(file: str) -> Iterator[str]:
    """Answer what SQLite finds wrong with a file, a line each."""
    with closing(read_only(file)) as connection:
        try:
            for (lines,) in connection.execute(f"PRAGMA integrity_check({SHOWN})"):
                if lines != "ok":
                    yield from (it for it in str(lines).splitlines() if it)
            for table, row, parent, _number in connection.execute("PRAGMA foreign_key_check"):
                yield f"row {row} of {table} refers to a row of {parent} that is not there"
        except sqlite3.OperationalError:
            raise  # it cannot be opened, or the disk fails
        except sqlite3.DatabaseError as error:
            yield f"{_DAMAGED}: {error}"


def _contradictions(connection: Connection) -> Iterator[str]:
    for statement in _CONTRADICTIONS:
        yield from _lines(connection, statement)


def _lines(connection: Connection, statement: str) -> Iterator[str]:
    lines = [line for (line,) in connection.execute(text(statement))]
    yield from lines[:SHOWN]
    if len(lines) > SHOWN:
        yield f"{len(lines) - SHOWN} more like the one before"


def _size(connection: Connection) -> int:
    statement = {
        "sqlite": "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size",
        "postgresql": "SELECT pg_database_size(current_database())",
    }
    size: Any = connection.execute(text(statement[connection.dialect.name])).scalar_one()
    return int(size)
