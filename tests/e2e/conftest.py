"""Users for the tests of the installed command."""

import asyncio
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from pomo_daemon.adapters.db.migrate import prepare
from tests.e2e.desktop import Desktop
from tests.e2e.user import User


@pytest.fixture
def newcomer(home: dict[str, str]) -> Iterator[User]:
    """Give a user who has never called pomo."""
    user = User(home)
    yield user
    user.close()


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give a database with today's schema: to make one takes longer than most of what is tested here."""
    path = str(tmp_path_factory.mktemp("database") / "pomo.db")
    asyncio.run(prepare(f"sqlite+aiosqlite:///{path}", datetime.now(UTC)))
    return path


@pytest.fixture
def user(newcomer: User, empty_database: str) -> User:
    """Give a user who has called pomo before; no daemon runs."""
    os.makedirs(newcomer.data, mode=0o700)
    shutil.copy(empty_database, newcomer.database)
    return newcomer


@pytest.fixture
def desktop(user: User) -> Iterator[Desktop]:
    """Give the user a desktop, whose bus lies where systemd puts it: in the runtime folder."""
    with Desktop(user.env["XDG_RUNTIME_DIR"]) as shown:
        yield shown
