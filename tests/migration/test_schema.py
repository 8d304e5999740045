"""The schema that the migrations make is, word for word, the one that the code would make."""

import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from pomo_daemon.adapters.db import indexes  # noqa: F401  # adds them to the tables
from pomo_daemon.adapters.db.migrate import prepare
from pomo_daemon.adapters.db.tables import metadata
from tests.fakes.clock import NOON
from tests.fakes.servers import Postgres
from tests.migration.database import within

SQLITE = """
    SELECT type, name, sql FROM sqlite_master
    WHERE sql IS NOT NULL AND type NOT IN ('trigger', 'view') AND tbl_name <> 'alembic_version'
      AND name NOT LIKE 'sqlite_%'
"""
POSTGRESQL = (
    """
    SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, column_default
    FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version'
      AND table_name NOT IN (SELECT table_name FROM information_schema.views)
    """,
    """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conrelid <> 'alembic_version'::regclass
    """,
    """
    SELECT tablename, indexname, indexdef
    FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'
    """,
)


def parts(sql: str) -> list[str]:
    """Split a statement at lines and commas: in which order columns and constraints stand is of no account."""
    pieces = (re.sub(r"\s+", " ", piece).strip() for piece in re.split(r"[\n,]", sql))
    return sorted(filter(None, pieces))


async def test_on_sqlite_it_is_the_same(tmp_path: Path) -> None:
    migrated, made = (f"sqlite+aiosqlite:///{tmp_path}/{name}.db" for name in ("migrated", "made"))
    await prepare(migrated, NOON)
    await within(made, metadata.create_all)

    def schema(connection: Connection) -> dict[tuple[str, str], list[str]]:
        return {(kind, name): parts(sql) for kind, name, sql in connection.execute(text(SQLITE))}

    found, wanted = await within(migrated, schema), await within(made, schema)
    assert found.keys() == wanted.keys()
    for key, statement in wanted.items():
        assert found[key] == statement


@pytest.mark.parametrize("query", POSTGRESQL, ids=["columns", "constraints", "indexes"])
async def test_on_postgresql_it_is_the_same(postgres: Postgres, query: str) -> None:
    migrated, made = postgres.new_database(), postgres.new_database()
    await prepare(migrated, NOON)
    await within(made, metadata.create_all)
    await within(made, lambda connection: connection.execute(text("CREATE TABLE alembic_version ()")))

    def rows(connection: Connection) -> list[tuple[Any, ...]]:
        return sorted(map(tuple, connection.execute(text(query))), key=repr)

    found, wanted = await within(migrated, rows), await within(made, rows)
    assert wanted
    assert found == wanted
