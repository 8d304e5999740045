"""Databases with today's schema, for which the migrations run but once in each worker."""

import asyncio
import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from pomo_daemon.adapters.db.migrate import prepare
from tests.fakes.clock import NOON


def ready(url: str) -> None:
    """Bring the database at `url` to the schema, whether an event loop runs or not."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, prepare(url, NOON)).result()


def ready_file(path: str) -> str:
    """Make a SQLite database at `path`; answer its URL."""
    with open(path, "wb") as file:
        file.write(_model())
    return f"sqlite+aiosqlite:///{path}"


@cache
def _model() -> bytes:
    with tempfile.TemporaryDirectory(prefix="pomo-", dir="/tmp") as folder:
        path = f"{folder}/model.db"
        ready(f"sqlite+aiosqlite:///{path}")
        assert os.listdir(folder) == ["model.db"], "all of it is in one file"
        with open(path, "rb") as file:
            return file.read()
