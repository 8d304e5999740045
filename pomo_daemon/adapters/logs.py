"""The log: bounded in size, one event a line, and no flood when the same thing fails again and again."""

import contextlib
import logging
import logging.handlers
import os
import sys
from typing import Final

_FORMAT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_JOURNAL_FORMAT: Final = "%(name)s: %(message)s"
_PRIORITIES: Final = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3, logging.CRITICAL: 2}
_BYTES: Final = 1024 * 1024
_SAME: Final = 20
_WINDOW: Final = 60.0


class _Formatter(logging.Formatter):
    """Takes control characters out of messages, so that nothing a client sends can forge a line or reach a terminal."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  # its name in the standard library
        """Format the line, without a traceback."""
        return "".join(it if it.isprintable() else "\N{REPLACEMENT CHARACTER}" for it in super().formatMessage(record))


class _JournalFormatter(_Formatter):
    """Puts the priority before the line, as the journal takes it (sd-daemon(3)); when it was, it knows itself."""

    def format(self, record: logging.LogRecord) -> str:
        """Format the lines, each with the priority."""
        prefix = f"<{_PRIORITIES.get(record.levelno, 6)}>"
        return "\n".join(prefix + line for line in super().format(record).split("\n"))


class _RateLimit(logging.Filter):
    """Lets one kind of message through twenty times a minute, and says how many it held back."""

    def __init__(self) -> None:
        super().__init__()
        self._seen: dict[str, tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether to log it."""
        key = f"{record.name}:{record.msg}"
        since, count = self._seen.get(key, (record.created, 0))
        if record.created - since > _WINDOW:
            if count > _SAME:
                record.msg = f"{record.msg} ({count - _SAME} more of these were left out)"
            since, count = record.created, 0
        self._seen[key] = (since, count + 1)
        if len(self._seen) > 1000:  # noqa: PLR2004  # bounded, whatever the messages
            self._seen.clear()
        return count < _SAME


def configure(path: str, level: str, *, foreground: bool) -> None:
    """Log to a file of at most 2 MiB in all; in the foreground also to stderr (and so to the journal)."""
    with contextlib.suppress(OSError):  # the timer is worth more than its log
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    handlers: list[logging.Handler] = [
        logging.handlers.RotatingFileHandler(path, maxBytes=_BYTES, backupCount=1, encoding="utf-8", delay=True)
    ]
    if foreground:
        handlers.append(logging.StreamHandler(sys.stderr))
    for handler in handlers:
        handler.setFormatter(_Formatter(_FORMAT))
    if foreground and os.environ.get("JOURNAL_STREAM"):
        handlers[-1].setFormatter(_JournalFormatter(_JOURNAL_FORMAT))
    for handler in handlers:
        handler.addFilter(_RateLimit())
    # Alembic tells its whole set-up; our own line about the migration says what matters. The driver of SQLite would
    # tell each statement with its values, which are private.
    for name in ("alembic", "aiosqlite"):
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.basicConfig(handlers=handlers, level=level.upper(), force=True)
    # A log that cannot be written (disk full) must not print tracebacks into nowhere, nor stop the timer.
    logging.raiseExceptions = False
