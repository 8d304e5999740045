"""The file in which shells find the timer: a line in the runtime folder, whole at any moment, for its user alone."""

import contextlib
import logging
import os

log = logging.getLogger(__name__)


def point(link: str, target: str) -> None:
    """Let a name lead to the file `target` of the same folder, and to nothing for an empty one."""
    with contextlib.suppress(OSError):  # prompts show less; the board itself says why
        if not target:
            os.unlink(link)
            return
        with contextlib.suppress(FileNotFoundError):
            os.unlink(f"{link}.new")
        os.symlink(target, f"{link}.new")
        os.rename(f"{link}.new", link)


class BoardFile:
    """A file that holds the latest text, and is not there while there is none."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._failed = False

    def show(self, text: str) -> None:
        """Put a text in place of the one before. Where that is not possible, the log says so, once."""
        try:
            self._write(text) if text else self._remove()
            self._failed = False
        except OSError as error:
            if not self._failed:
                log.warning("prompts are not up to date: %s", error)
            self._failed = True

    def _write(self, text: str) -> None:
        fresh = f"{self._path}.new"
        fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            os.write(fd, text.encode())
        finally:
            os.close(fd)
        os.rename(fresh, self._path)

    def _remove(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._path)
