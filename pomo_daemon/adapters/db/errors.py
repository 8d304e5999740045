"""The one place where the driver's errors become ours."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from pomo_daemon.adapters.db.locked import locked
from pomo_daemon.application.ports import StoreError

log = logging.getLogger(__name__)

#: What SQLite says when it cannot go on, and what it means for the user.
_SQLITE = {
    "intervals overlap": ("history.overlap", "Another interval lies there."),
    "database or disk is full": ("database.error", "The disk is full; nothing was changed."),
    "attempt to write a readonly database": ("database.error", "The database is read-only; nothing was changed."),
    "file is not a database": ("database.unavailable", "The database file is damaged: it is no database."),
    "database disk image is malformed": ("database.unavailable", "The database file is damaged."),
    "unable to open database file": ("database.unavailable", "The database file cannot be opened."),
    "disk I/O error": ("database.unavailable", "The disk reports an error under the database."),
}

#: What the driver raises where there is no connection, or none any more.
_UNREACHED = ("OperationalError", "ConnectionTimeout")
#: SQLSTATEs by which PostgreSQL says that it cannot serve (its manual, "PostgreSQL Error Codes").
_AWAY = ("08", "53300", "57P")


@contextmanager
def translated(file: str) -> Iterator[None]:
    """Turn errors of the database into StoreError; log what was said, since the user is told less. `file`: SQLite's."""
    try:
        yield
    except PoolTimeoutError as error:
        raise StoreError("database.unavailable", "The database is busy.") from error
    except DBAPIError as error:
        said = str(error.orig).splitlines()[0] if str(error.orig) else type(error.orig).__name__
        if error.connection_invalidated or (not file and _is_away(error.orig)):
            log.info("database: %s", said)
            raise StoreError("database.unavailable", "The database is away; nothing was changed.") from error
        log.error("database: %s", said)  # noqa: TRY400  # the statement's values may be private
        raise failure(said, file) from error
    except SQLAlchemyError as error:
        log.exception("database")
        raise StoreError("database.error", "The database failed.") from error


def failure(said: str, file: str) -> StoreError:
    """Answer the error for what a database said when it failed. `file`: SQLite's."""
    if "database is locked" in said:
        return locked(file)
    found = (StoreError(*it) for words, it in _SQLITE.items() if words in said)
    return next(found, StoreError("database.error", f"The database failed: {said}"))


def _is_away(error: BaseException | None) -> bool:
    """Tell whether PostgreSQL could not be reached, or does not serve now, which is no fault of the statement."""
    state = getattr(error, "sqlstate", None)
    return type(error).__name__ in _UNREACHED if state is None else state.startswith(_AWAY)
