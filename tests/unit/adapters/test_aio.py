"""The daemon loads of SQLAlchemy what it uses."""

import subprocess
import sys

CODE = """
import sys
import pomo_daemon.bootstrap
print("sqlalchemy.orm" in sys.modules, "sqlalchemy.ext.asyncio" in sys.modules)
import sqlalchemy.ext.asyncio
from pomo_daemon.adapters.db.aio import AsyncEngine
print(sqlalchemy.ext.asyncio.AsyncEngine is AsyncEngine)
"""


def test_the_daemon_loads_no_orm_and_leaves_the_package_whole_for_others() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False", "True"]
