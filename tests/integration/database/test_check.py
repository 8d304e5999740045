"""What a check finds, and what it does not complain of."""

import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from pomo_daemon.adapters.db.backups import back_up
from pomo_daemon.adapters.db.checking import SHOWN, check
from pomo_daemon.adapters.db.copying import copy
from pomo_daemon.adapters.db.migrate import HEAD
from pomo_daemon.adapters.db.plain import snapshot, writing
from pomo_daemon.application.ports import StoreError
from tests.integration.database.history import make

#: What is done to a sound database by somebody who knows better, and what the check then says.
CONTRADICTIONS = {
    "overlap": (
        "UPDATE intervals SET ended_at = ended_at + 3600000000 WHERE interval_id = 4",
        ["interval 6 begins before interval 4 has ended"],
    ),
    "an interval that never ended": (
        "UPDATE intervals SET ended_at = NULL, status = 'running' WHERE interval_id = 10",
        ["interval 10 has not ended, and no timer shows it"],
    ),
    "negative duration": (
        "UPDATE intervals SET ended_at = started_at - 1 WHERE interval_id = 4",
        ["interval 4 ends before it begins"],
    ),
    "no length": (
        "UPDATE intervals SET planned = 0 WHERE interval_id = 4",
        ["interval 4 is planned to take no time"],
    ),
    "gap outside": (
        "UPDATE gaps SET ended_at = ended_at + 1 WHERE gap_id = 1",
        ["a gap of interval 1 lies outside of it"],
    ),
    "totals": (
        "UPDATE days SET focus_s = focus_s + 1 WHERE owner_id = 2 AND day = 18518",
        ["the totals of user 2 for day 18518 since 1970 are not what the intervals come to"],
    ),
    "timer": (
        "UPDATE timers SET interval_id = 10 WHERE user_id = 1",
        ["the timer of user 1 shows interval 10, which has ended"],
    ),
}
BY_NAME = pytest.mark.parametrize(("change", "findings"), CONTRADICTIONS.values(), ids=CONTRADICTIONS)


def spoil(file: str, *statements: str) -> None:
    """Do what the schema would not allow."""
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {trigger}")
        for statement in statements:
            connection.execute(statement)


def apart_from_consequences(found: list[str], meant: list[str]) -> list[str]:
    """Leave out what else is told of such a change: that it breaks a constraint, and that the totals do not know it."""
    return [it for it in found if it in meant or not it.startswith(("CHECK constraint failed", "the totals"))]


def test_a_sound_history_has_no_findings(tmp_path: Path) -> None:
    found = check(make(f"{tmp_path}/pomo.db", 100))
    assert found.findings == []
    assert (found.revision, found.rows["intervals"], found.rows["gaps"]) == (HEAD, 100, 10)
    assert found.size >= 100_000


@BY_NAME
def test_contradictions_in_a_file_are_found(tmp_path: Path, change: str, findings: list[str]) -> None:
    url = make(f"{tmp_path}/pomo.db", 10)
    spoil(f"{tmp_path}/pomo.db", change)
    assert apart_from_consequences(check(url).findings, findings) == findings


@BY_NAME
def test_contradictions_in_postgresql_are_found(
    tmp_path: Path, ready_url: str, change: str, findings: list[str]
) -> None:
    with snapshot(make(f"{tmp_path}/pomo.db", 10)) as source, writing(ready_url) as target:
        copy(source, target, lambda _what, _done, _total: None)
    assert check(ready_url).findings == []
    with psycopg.connect(ready_url.replace("+psycopg", "")) as connection:
        for table, name in connection.execute(
            "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'c'"
            " AND conrelid::regclass::text = ANY(ARRAY['intervals', 'gaps'])"
        ).fetchall():
            connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}".encode())
        connection.execute(b"ALTER TABLE intervals DISABLE TRIGGER USER")
        connection.execute(change.encode())
    assert apart_from_consequences(check(ready_url).findings, findings) == findings


def test_rows_without_what_they_refer_to_are_found(tmp_path: Path) -> None:
    url = make(f"{tmp_path}/pomo.db", 10)
    spoil(f"{tmp_path}/pomo.db", "DELETE FROM tasks WHERE task_id = 3")
    assert check(url).findings == ["row 2 of intervals refers to a row of tasks that is not there"]


def test_many_findings_of_a_kind_are_counted(tmp_path: Path) -> None:
    url = make(f"{tmp_path}/pomo.db", 60)
    spoil(f"{tmp_path}/pomo.db", "UPDATE intervals SET planned = -1")
    findings = [it for it in check(url).findings if not it.startswith("CHECK constraint failed")]
    assert len(findings) == SHOWN + 1
    assert findings[-1] == "40 more like the one before"


def test_a_damaged_page_is_found(tmp_path: Path) -> None:
    url = make(f"{tmp_path}/pomo.db", 1_000)
    back_up(url, f"{tmp_path}/copy.db", lambda _what, _done, _total: None)
    with open(f"{tmp_path}/copy.db", "r+b") as file:
        file.seek(20 * 4096)
        file.write(bytes(4096))
    assert check(f"sqlite+aiosqlite:///{tmp_path}/copy.db").findings == [
        "the file is damaged: database disk image is malformed"
    ]


def test_a_schema_that_the_file_does_not_tell_is_found(tmp_path: Path) -> None:
    url = make(f"{tmp_path}/pomo.db", 1)
    spoil(f"{tmp_path}/pomo.db", "PRAGMA user_version = 1")
    assert check(url).findings == [f"the file says that its schema is 1, and it is {HEAD}"]


def test_an_older_schema_is_checked_as_it_is(tmp_path: Path) -> None:
    url = make(f"{tmp_path}/pomo.db", 1)
    tables = ("interruptions", "changes", "days", "day_starts")
    spoil(
        f"{tmp_path}/pomo.db",
        "DROP VIEW tallies",
        *(f"DROP TABLE {it}" for it in tables),
        "UPDATE alembic_version SET version_num = '0001'",
        "PRAGMA user_version = 1",
    )
    found = check(url)
    assert (found.revision, found.findings) == ("0001", [])
    assert "changes" not in found.rows


def test_what_is_not_there_or_has_no_schema_is_told(tmp_path: Path, postgres_url: str) -> None:
    with pytest.raises(StoreError, match="There is no database at"):
        check(f"sqlite+aiosqlite:///{tmp_path}/pomo.db")
    with pytest.raises(StoreError, match="has no schema yet"):
        check(postgres_url)
