"""What every test may ask for: real servers, and a home of its own where a daemon may run."""

import fcntl
import glob
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import settings

from pomo_daemon.protocol import paths
from tests.fakes.servers import Postgres, Valkey

# Here and not in a hook: `--hypothesis-profile=long` is applied after this file is read.
settings.register_profile("deterministic", derandomize=True, deadline=None, database=None)
settings.register_profile("long", derandomize=False, deadline=None, database=None, max_examples=10_000)
settings.load_profile("deterministic")

#: Of these variables none reaches a test from the developer's shell.
FOREIGN = ("POMO_", "XDG_", "DBUS_", "PG")
#: How long a daemon may take from its lock to the line that says who it is.
PATIENCE_S = 10.0


def pytest_configure() -> None:
    """Forget what the developer's shell says about pomo, its folders, the desktop and PostgreSQL."""
    for name in [name for name in os.environ if name.startswith(FOREIGN)]:
        del os.environ[name]


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """Give a running PostgreSQL server, one for each worker that asks."""
    with Postgres() as server:
        yield server


@pytest.fixture
def postgres_url(postgres: Postgres) -> str:
    """Give the SQLAlchemy URL of an empty database."""
    return postgres.new_database()


@pytest.fixture
def ready_url(postgres: Postgres) -> str:
    """Give the SQLAlchemy URL of a PostgreSQL database with today's schema, and nothing else."""
    return postgres.ready_database()


@pytest.fixture(scope="session")
def valkey() -> Iterator[Valkey]:
    """Give a running Valkey server, one for each worker that asks. Its tests share it: let each name its own keys."""
    with Valkey() as server:
        yield server


@pytest.fixture
def home() -> Iterator[dict[str, str]]:
    """Give the environment of a user with an empty home: for `subprocess.run([...], env=home)`.

    A daemon that was started there is killed in the end, and the home removed.
    """
    with new_home() as env:
        yield env


@contextmanager
def new_home() -> Iterator[dict[str, str]]:
    """Make an empty home for as long as `with` lasts."""
    # Not below pytest's own folder: a socket's path may have 107 bytes.
    folder = tempfile.mkdtemp(prefix="pomo-", dir="/tmp")
    runtime = f"{folder}/run"
    os.mkdir(runtime, 0o700)
    try:
        yield {"HOME": folder, "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "XDG_RUNTIME_DIR": runtime}
    finally:
        for lock in glob.glob(f"{folder}/**/{paths.LOCK_NAME}", recursive=True, include_hidden=True):
            _kill_holder(lock)
        shutil.rmtree(folder)


def _kill_holder(lock: str) -> None:
    """Kill the daemon that holds `lock`, and wait until it is gone.

    The pid in the file outlives its daemon and may be anybody's by now; only while the lock is held does it name ours.
    """
    give_up = time.monotonic() + PATIENCE_S
    with open(lock, "rb") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = paths.read_holder(lock)
                if holder is not None:
                    os.kill(holder.pid, signal.SIGKILL)
            else:
                return
            if time.monotonic() > give_up:
                raise TimeoutError(f"somebody still holds {lock}")
            time.sleep(0.01)
