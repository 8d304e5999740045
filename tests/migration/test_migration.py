"""Migrations: what they make, what they refuse before a byte is written, and what they keep safe."""

import asyncio
import os
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import IntegrityError

from alembic import command
from pomo_daemon.adapters.db import indexes  # noqa: F401  # adds them to the tables
from pomo_daemon.adapters.db.migrate import HEAD, bring_up, prepare, script_folder
from pomo_daemon.adapters.db.tables import metadata
from pomo_daemon.application.ports import StoreError
from tests.migration.database import within

NOW = datetime(2026, 1, 12, 12, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "pomo.db"


def url_of(file: Path) -> str:
    return f"sqlite+aiosqlite:///{file}"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield url_of(tmp_path / "pomo.db")
    else:
        yield request.getfixturevalue("postgres_url")


def alembic_config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", script_folder())
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


async def test_a_fresh_database_is_brought_to_the_head_and_then_left_alone(url: str) -> None:
    assert await prepare(url, NOW) == ""
    assert await prepare(url, NOW) == HEAD


# SQLite tells nothing of indexes on expressions; PostgreSQL does, and there they are compared.
@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection", "ignore:autogenerate skipping")
async def test_the_tables_of_the_migrations_are_those_of_the_code(url: str) -> None:
    await prepare(url, NOW)

    def differences(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))

    assert await within(url, differences) == []


async def test_the_checks_of_the_migrations_are_those_of_the_code(url: str) -> None:
    await prepare(url, NOW)

    def names(connection: Connection) -> dict[str, set[str | None]]:
        found = inspect(connection)
        return {table: {it["name"] for it in found.get_check_constraints(table)} for table in metadata.tables}

    from sqlalchemy import CheckConstraint

    wanted = {
        name: {str(it.name) for it in table.constraints if isinstance(it, CheckConstraint)}
        for name, table in metadata.tables.items()
    }
    assert await within(url, names) == wanted


async def test_down_to_nothing_and_up_again_works(url: str) -> None:
    await prepare(url, NOW)
    await within(url, lambda connection: command.downgrade(alembic_config(connection), "base"))
    tables = await within(url, lambda connection: set(inspect(connection).get_table_names()))
    assert tables <= {"alembic_version", "sqlite_sequence"}
    await within(url, lambda connection: command.upgrade(alembic_config(connection), "head"))
    assert await prepare(url, NOW) == HEAD


def test_the_head_in_the_code_is_the_head_of_the_revisions() -> None:
    config = Config()
    config.set_main_option("script_location", script_folder())
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_the_folder_of_migrations_does_not_hide_the_package_of_the_same_name() -> None:
    assert Path(script_folder()) == ROOT / "alembic"
    assert not (ROOT / "alembic" / "__init__.py").exists()


def _newer_by_user_version(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA user_version = 999")


def _newer_by_revision(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE alembic_version SET version_num = '9999'")


@pytest.mark.parametrize("make_newer", [_newer_by_user_version, _newer_by_revision])
async def test_a_database_of_newer_code_is_refused_and_no_byte_of_it_changes(
    file: Path, make_newer: Callable[[sqlite3.Connection], None]
) -> None:
    await prepare(url_of(file), NOW)
    with closing(sqlite3.connect(file)) as connection:
        make_newer(connection)
        connection.commit()
    before = file.read_bytes()
    with pytest.raises(StoreError) as caught:
        await prepare(url_of(file), NOW)
    assert caught.value.code == "database.newer"
    assert file.read_bytes() == before
    assert not (file.parent / "backups").exists()


async def test_a_newer_postgresql_database_is_refused(postgres_url: str) -> None:
    await prepare(postgres_url, NOW)
    await within(postgres_url, lambda it: it.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    with pytest.raises(StoreError) as caught:
        await prepare(postgres_url, NOW)
    assert caught.value.code == "database.newer"


@pytest.mark.parametrize(
    "content", [b"", b"no database at all, but some text of mine\n" * 50], ids=["empty", "garbage"]
)
async def test_a_file_that_is_no_database_is_refused_and_kept(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(StoreError) as caught:
        await prepare(url_of(file), NOW)
    assert caught.value.code == "database.unavailable"
    assert file.read_bytes() == content
    assert sorted(os.listdir(file.parent)) == [file.name]


@pytest.mark.parametrize("kept", [0.001, 0.1, 0.5, 0.9, 0.999])
async def test_a_truncated_database_is_refused_and_kept(file: Path, kept: float) -> None:
    await prepare(url_of(file), NOW)
    rest = file.read_bytes()[: int(file.stat().st_size * kept)]
    file.write_bytes(rest)
    with pytest.raises(StoreError) as caught:
        await prepare(url_of(file), NOW)
    assert caught.value.code == "database.unavailable"
    assert file.read_bytes() == rest


async def test_an_older_database_is_backed_up_whole_before_it_is_migrated(file: Path) -> None:
    await within(url_of(file), lambda connection: command.upgrade(alembic_config(connection), "0001"))
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("INSERT INTO users (username, event_seq, created_at, updated_at) VALUES ('ada', 0, 0, 0)")
        connection.commit()
    assert await prepare(url_of(file), NOW) == "0001"
    [backup] = (file.parent / "backups").iterdir()
    with closing(sqlite3.connect(backup)) as copy, closing(sqlite3.connect(file)) as migrated:
        for it in (copy, migrated):
            assert it.execute("SELECT username FROM users").fetchall() == [("ada",)]
        assert copy.execute("SELECT version_num FROM alembic_version").fetchone() == ("0001",)
        assert migrated.execute("SELECT version_num FROM alembic_version").fetchone() == (HEAD,)


async def test_no_two_users_of_an_older_database_differ_by_case_alone(url: str) -> None:
    """So the revision that brings logins has nothing to reconcile, and whoever is there stays as they are."""
    await within(url, lambda connection: command.upgrade(alembic_config(connection), "0002"))
    insert = text(
        "INSERT INTO users (username, email, event_seq, created_at, updated_at) VALUES (:name, :email, 0, 0, 0)"
    )
    await within(url, lambda it: it.execute(insert, {"name": "Ada", "email": "Ada@example.org"}))
    for name, email in (("aDA", "other@example.org"), ("eve", "ADA@Example.org")):
        with pytest.raises(IntegrityError):
            await within(url, lambda it, n=name, e=email: it.execute(insert, {"name": n, "email": e}))  # type: ignore[misc]
    assert await prepare(url, NOW) == "0002"
    rows = await within(url, lambda it: it.execute(text("SELECT username, email FROM users")).all())
    assert rows == [("Ada", "Ada@example.org")]


async def test_a_database_that_is_not_ours_is_backed_up_and_otherwise_left_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with closing(sqlite3.connect("theirs.db")) as connection:
        connection.execute("CREATE TABLE users (name TEXT)")
        connection.execute("INSERT INTO users VALUES ('ada')")
        connection.commit()
    with pytest.raises(StoreError) as caught:
        await prepare("sqlite+aiosqlite:///theirs.db", NOW)
    assert caught.value.code == "database.error"
    # Beside the file, although its name is a relative one.
    [backup] = (tmp_path / "backups").iterdir()
    for name in ("theirs.db", str(backup)):
        with closing(sqlite3.connect(name)) as connection:
            assert connection.execute("SELECT name FROM users").fetchall() == [("ada",)]
            assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (1,)


async def test_without_a_place_for_the_backup_nothing_is_migrated(file: Path) -> None:
    await within(url_of(file), lambda connection: command.upgrade(alembic_config(connection), "0001"))
    (file.parent / "backups").write_text("in the way")
    before = file.read_bytes()
    with pytest.raises(StoreError, match="The backup before the migration failed"):
        await prepare(url_of(file), NOW)
    assert file.read_bytes() == before


async def test_several_daemons_that_migrate_one_postgresql_all_come_up(postgres_url: str) -> None:
    found = await asyncio.gather(*(prepare(postgres_url, NOW) for _ in range(6)))
    assert sorted(found) == ["", *[HEAD] * 5]


async def test_the_database_itself_refuses_intervals_that_overlap(url: str) -> None:
    await prepare(url, NOW)
    insert = (
        "INSERT INTO intervals (owner_id, phase, status, started_at, ended_at, zone, note)"
        " VALUES (1, 'focus', 'completed', {}, {}, 'UTC', '')"
    )

    def fill(connection: Connection) -> None:
        connection.execute(
            text("INSERT INTO users (user_id, username, event_seq, created_at, updated_at) VALUES (1, 'ada', 0, 0, 0)")
        )
        for start, end in ((10, 20), (30, 40), (20, 30)):
            connection.execute(text(insert.format(start, end)))

    await within(url, fill)
    for start, end in ((15, 16), (5, 11), (39, 50), (0, 100)):
        with pytest.raises(Exception, match="intervals overlap"):
            await within(url, lambda it, a=start, b=end: it.execute(text(insert.format(a, b))))  # type: ignore[misc]
    with pytest.raises(Exception, match="intervals overlap"):
        await within(url, lambda it: it.execute(text("UPDATE intervals SET ended_at = 21 WHERE started_at = 10")))
    await within(url, lambda it: it.execute(text(insert.format(40, 41))))


async def test_a_new_database_is_what_the_revisions_come_to_word_for_word(tmp_path: Path) -> None:
    new, migrated = tmp_path / "new.db", tmp_path / "migrated.db"
    await prepare(url_of(new), NOW)
    await bring_up(url_of(migrated), str(migrated))

    def content(path: Path) -> tuple[list[object], ...]:
        with closing(sqlite3.connect(path)) as connection:
            asked = ("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name", "PRAGMA user_version")
            return tuple(connection.execute(it).fetchall() for it in (*asked, "SELECT * FROM alembic_version"))

    assert content(new) == content(migrated)
    assert {it.name for it in tmp_path.iterdir()} == {"new.db", "migrated.db"}


async def test_a_new_database_is_made_without_alembic(tmp_path: Path) -> None:
    code = (
        "import asyncio, sys\n"
        "from datetime import UTC, datetime\n"
        "from pomo_daemon.adapters.db.migrate import prepare\n"
        "asyncio.run(prepare(sys.argv[1], datetime(2026, 1, 12, tzinfo=UTC)))\n"
        "sys.exit('alembic' in sys.modules)\n"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, url_of(tmp_path / "new.db"))
    assert await process.wait() == 0
