"""Statements that are put off: all of them are run, in order, and never many are held."""

from pathlib import Path

from pomo_daemon.adapters.db.onehop import MOST_LATER, connect


async def test_rows_that_come_by_the_thousand_are_not_held(tmp_path: Path) -> None:
    connection = await connect(f"{tmp_path}/x.db")
    try:
        cursor = connection.cursor()
        await cursor.execute("CREATE TABLE numbers (it INTEGER)")
        await cursor.execute("BEGIN IMMEDIATE")
        held = 0
        for first in range(0, 1000, 10):
            await cursor.executemany("INSERT INTO numbers VALUES (?)", [(it,) for it in range(first, first + 10)])
            held = max(held, len(connection.later))
        await connection.commit()
        await cursor.execute("SELECT it FROM numbers ORDER BY rowid")
        assert [it for (it,) in await cursor.fetchall()] == list(range(1000))
        assert held == MOST_LATER
    finally:
        await connection.close()


async def test_many_rows_of_one_statement_are_not_put_off(tmp_path: Path) -> None:
    connection = await connect(f"{tmp_path}/x.db")
    try:
        cursor = connection.cursor()
        await cursor.execute("CREATE TABLE numbers (it INTEGER)")
        await cursor.execute("INSERT INTO numbers VALUES (?)", (0,))
        assert len(connection.later) == 1
        await cursor.execute(f"INSERT INTO numbers VALUES {', '.join(['(?)'] * 1000)}", tuple(range(1, 1001)))
        assert not connection.later
        await cursor.execute("SELECT it FROM numbers ORDER BY rowid")
        assert [it for (it,) in await cursor.fetchall()] == list(range(1001))
    finally:
        await connection.close()
