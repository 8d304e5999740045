"""Users with a home of their own, for campaigns: what tests get from fixtures."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.e2e.user import User


@contextmanager
def somebody() -> Iterator[User]:
    """Give a user who never called pomo; whatever daemon they leave is killed."""
    # Short: a socket's path may have 107 bytes.
    home = tempfile.mkdtemp(prefix="pomo-", dir="/tmp")
    os.mkdir(f"{home}/run", 0o700)
    user = User({"HOME": home, "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "XDG_RUNTIME_DIR": f"{home}/run"})
    try:
        yield user
    finally:
        if user.is_served():
            with suppress(ProcessLookupError):
                user.kill()
        user.close()
        shutil.rmtree(home)


@contextmanager
def running_daemon() -> Iterator[User]:
    """Give a user whose daemon runs."""
    with somebody() as user:
        assert user.start_daemon() == 0
        yield user
