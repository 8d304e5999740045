"""Servers to talk to."""

import tempfile
from collections.abc import Iterator

import pytest

from tests.e2e.user import User
from tests.integration.server.hosting import HostedServer
from tests.integration.server.wire import Wire, greeted


@pytest.fixture
def folder() -> Iterator[str]:
    """Give a folder whose path leaves room for a socket's name."""
    with tempfile.TemporaryDirectory(prefix="pomo-", dir="/tmp") as made:
        yield made


def hosted() -> Iterator[HostedServer]:
    """Give a server that many tests use, if none of them leaves traces that another could see."""
    with tempfile.TemporaryDirectory(prefix="pomo-", dir="/tmp") as made, HostedServer(made) as running:
        yield running


@pytest.fixture
def server(folder: str) -> Iterator[HostedServer]:
    """Give a server on an empty database."""
    with HostedServer(folder) as running:
        yield running


@pytest.fixture
def wire(server: HostedServer) -> Iterator[Wire]:
    """Give a client of that server, who was greeted."""
    with greeted(server.path) as connected:
        yield connected


@pytest.fixture
def daemon(home: dict[str, str]) -> Iterator[User]:
    """Give a user whose daemon runs, as a process of its own."""
    user = User(home)
    assert user.start_daemon() == 0
    yield user
    user.close()
