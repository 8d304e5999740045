"""Many rows in one statement: none is lost, and no statement has more values than SQLite takes."""

import sqlite3
from contextlib import closing

import pytest

from pomo_daemon.adapters.values import insertions


@pytest.mark.parametrize(("rows", "columns"), [(0, 3), (1, 3), (1000, 1), (2001, 3), (1500, 200)])
def test_all_rows_arrive_in_their_order(rows: int, columns: int) -> None:
    wanted = [tuple(range(at, at + columns)) for at in range(rows)]
    with closing(sqlite3.connect("")) as connection:
        connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 32_766)
        names = ", ".join(f"c{it}" for it in range(columns))
        connection.execute(f"CREATE TABLE things ({names})")
        for statement, values in insertions(f"things ({names})", wanted):
            connection.execute(statement, values)
        assert connection.execute("SELECT * FROM things ORDER BY rowid").fetchall() == wanted
