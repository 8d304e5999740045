"""Work on a whole database, as a process of its own: `python -m pomo_daemon.maintenance`, which `pomo db` starts.

It takes a request on stdin, a line of JSON (a URL may hold a password, and a command line is seen by all), and writes
lines of JSON: `{"progress": …}`, then `{"result": …}` or `{"error": …}`. Work that no daemon may disturb is looked at
first: `{"ready": …}` says that it can be done. Told `go`, when the daemon has stopped, it takes the daemon's lock,
says `{"held": true}`, and does it.

Like bootstrap.py, a place that names concrete adapters.
"""

import asyncio
import logging
import os
import signal
import sqlite3
import sys
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from pomo_daemon.adapters.clock import SystemClock, system_zone
from pomo_daemon.adapters.db import backups, checking, copying
from pomo_daemon.adapters.db.engine import sqlite_file
from pomo_daemon.adapters.db.errors import translated
from pomo_daemon.adapters.db.files import unwritable
from pomo_daemon.adapters.db.frozen import refusal
from pomo_daemon.adapters.db.migrate import HEAD, look, prepare
from pomo_daemon.adapters.db.plain import count, present, revision, snapshot, writing
from pomo_daemon.adapters.lock import DaemonLock
from pomo_daemon.application.ports import StoreError
from pomo_daemon.config import SettingsFile
from pomo_daemon.protocol import paths
from pomo_daemon.protocol.errors import INTERRUPTED, PomoError
from pomo_daemon.protocol.profiles import check_field, to_show

Result = dict[str, Any]


class Job:
    """One piece of work: on which database, and how to tell of it."""

    def __init__(self, request: Mapping[str, Any]) -> None:
        self.request = request
        self.data = os.path.realpath(paths.data_dir())
        settings = SettingsFile(paths.config_file(), system_zone)
        self.profile = request["profile"] or settings.in_use
        if self.profile not in settings.profiles:
            raise PomoError("profile.not_found", f"There is no profile {self.profile!r}.")
        self.url = settings.database_url(self.profile, self.data)
        self.file = sqlite_file(self.url)
        self.now = SystemClock().read().wall
        self._lock = DaemonLock(paths.lock_file())

    def work(self) -> Result:
        """Do it. Raises PomoError, StoreError, and what the databases raise."""
        with translated(self.file):
            result = _WORK[self.request["do"]](self)
        return {"profile": self.profile, "database": to_show(self.url), **result}

    def progress(self, what: str, done: int, total: int) -> None:
        """Tell how far it is."""
        _tell("progress", {"what": what, "done": done, "total": total})

    def be_alone(self, **facts: Any) -> None:  # noqa: ANN401  # JSON
        """Say that the work can be done; go on with it when the daemon has stopped. Raises PomoError, StoreError."""
        if self.file and self.request["do"] != "copy" and (place := unwritable(self.file)):
            raise refusal(self.file, place)
        _tell("ready", facts)
        if sys.stdin.readline() != "go\n":
            raise KeyboardInterrupt
        os.makedirs(os.path.dirname(self._lock.path), mode=0o700, exist_ok=True)
        if not self._lock.acquire():
            raise PomoError("daemon.unavailable", "Another daemon has been started in between.", "Try again.")
        self._lock.occupy(f"pomo db {self.request['do']}")
        _tell("held", value=True)


def upgrade(job: Job) -> Result:
    """Bring the schema to today's."""
    before = _schema(job)
    if before != HEAD:
        job.be_alone(schema=before)
        asyncio.run(prepare(job.url, job.now))
    return {"before": before, "schema_revision": HEAD}


def check(job: Job) -> Result:
    """Look for whatever is wrong."""
    found = checking.check(job.url)
    return {
        "schema_revision": found.revision,
        "is_current": found.revision == HEAD,
        "size": found.size,
        "rows": found.rows,
        "findings": found.findings,
    }


def backup(job: Job) -> Result:
    """Write a backup."""
    target = job.request["file"]
    if os.path.lexists(target) and not job.request["force"]:
        raise PomoError("database.conflict", f"{target} is there already.", "Replace it with --force.")
    return {"file": target, "size": backups.back_up(job.url, target, job.progress)}


def restore(job: Job) -> Result:
    """Put a backup in the place of the database."""
    source = job.request["file"]
    schema, intervals = backups.verify(source)
    if job.file and os.path.realpath(job.file) == os.path.realpath(source):
        raise PomoError("validation", f"{source} is the database itself.", "Name a backup of it.")
    job.be_alone(schema=schema, intervals=intervals)
    kept = ""
    if job.file:
        kept = backups.restore_file(source, os.path.realpath(job.file), job.now)
    else:
        backups.restore_rows(source, job.url, job.progress)
    return {"file": source, "intervals": intervals, "kept": kept, "schema_before": schema}


def copy(job: Job) -> Result:
    """Copy everything to another database."""
    try:
        to = check_field("database_url", job.request["to"])
    except ValueError as error:
        raise PomoError("validation", f"{error}.") from None
    if to == job.url or (job.file and os.path.realpath(job.file) == os.path.realpath(sqlite_file(to) or "/")):
        raise PomoError("validation", "That is the database that the profile has already.", "Name another one.")
    schema = _schema(job)
    if not schema:
        raise StoreError("database.unavailable", "The database has no schema yet: there is nothing to copy.")
    with snapshot(job.url) as source:
        _look_at_target(source, to)
        rows = sum(count(source, table) for table in present(source))
    job.be_alone(rows=rows)
    if schema != HEAD:
        asyncio.run(prepare(job.url, job.now))
    asyncio.run(prepare(to, job.now))
    with snapshot(job.url) as source, writing(to) as target:
        others = copying.others(source)
        done = copying.copy(source, target, job.progress)
    return {
        "to": to_show(to),
        "written": done.written,
        "tables": {name: it._asdict() for name, it in done.tables.items()},
        "others": others,
    }


def _look_at_target(source: Any, to: str) -> None:  # noqa: ANN401
    """Refuse a target that holds another history, before anything is stopped or written."""
    file = sqlite_file(to)
    if file and look(file) is None:
        return
    with translated(file), snapshot(to) as target:
        if present(target):
            copying.refuse_another(source, target)


def _schema(job: Job) -> str:
    """Answer the revision of the database. Raises StoreError where there is none."""
    if job.file:
        found = look(job.file)
        if found is None:
            raise checking.absent(job.file)
        return found
    with snapshot(job.url) as connection:
        return revision(connection)


_WORK: Final[Mapping[str, Callable[[Job], Result]]] = {
    it.__name__: it for it in (upgrade, check, backup, restore, copy)
}


def _tell(kind: str, value: object) -> None:
    sys.stdout.buffer.write(msgspec.json.encode({kind: value}) + b"\n")
    sys.stdout.buffer.flush()


def _failure(error: Exception) -> PomoError:
    """Say in the words of the table what went wrong."""
    if isinstance(error, PomoError):
        return error
    if isinstance(error, StoreError):
        return PomoError(error.code, error.message, error.hint)
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return PomoError("database.error", f"{where}{error.strerror}.", "Nothing of yours was changed.")
    if isinstance(error, sqlite3.Error):
        return PomoError("database.error", f"The database file failed: {error}.", "Nothing of yours was changed.")
    return PomoError("internal", f"Something unexpected went wrong: {error!r}.")


def main() -> int:
    """Do what stdin says; answer the exit code."""
    os.umask(0o077)
    # What the database says is told once, in the answer.
    logging.basicConfig(handlers=[logging.NullHandler()])
    try:
        _tell("result", Job(msgspec.json.decode(sys.stdin.readline())).work())
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever asked is gone. Another run goes on from here.
        return -signal.SIGPIPE
    except Exception as error:  # noqa: BLE001  # nobody else could say why
        failure = _failure(error)
        _tell("error", {"code": failure.code, "message": failure.message, "hint": failure.hint})
        return failure.exit
    return 0


if __name__ == "__main__":
    code = main()
    os._exit(code)
