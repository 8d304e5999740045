"""Users for the tests of the installed command."""

import os
import shutil
from collections.abc import Iterator

import pytest

from tests.conftest import new_home
from tests.e2e.desktop import Desktop
from tests.e2e.user import User
from tests.fakes.databases import ready_file


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
    ready_file(path)
    return path


@pytest.fixture
def user(newcomer: User, empty_database: str) -> User:
    """Give a user who has called pomo before; no daemon runs."""
    return settled(newcomer, empty_database)


@pytest.fixture(scope="module")
def regular(empty_database: str) -> Iterator[User]:
    """Give a user whose daemon runs on from test to test: where none leaves traces that another could see."""
    with new_home() as home:
        user = User(home)
        yield settled(user, empty_database)
        user.close()


def settled(user: User, database: str) -> User:
    os.makedirs(user.data, mode=0o700)
    shutil.copy(database, user.database)
    return user


@pytest.fixture
def desktop(user: User) -> Iterator[Desktop]:
    """Give the user a desktop, whose bus lies where systemd puts it: in the runtime folder."""
    with Desktop(user.env["XDG_RUNTIME_DIR"]) as shown:
        yield shown
