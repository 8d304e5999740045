"""The only place that writes to the terminal (beside the one write of the hot path), and says why when it cannot."""

import contextlib
import os
import sys

from pomo_daemon.protocol.errors import BROKEN_PIPE, UNEXPECTED, PomoError
from pomo_daemon.protocol.text import clean

STDOUT = 1
STDERR = 2
_MARGIN = "      "


class Gone(Exception):
    """The reader of the output went away: no failure, nothing to say."""


class Unwritable(Exception):
    """The output cannot be written: disk full, not open for writing."""


def write(text: str, fd: int = STDOUT) -> None:
    """Write `text` whole, a newline after it unless it is empty or has one. Raises Gone and Unwritable.

    In the encoding of the locale; what that cannot express is escaped, as nothing is worse than a crash while telling.
    """
    if text and not text.endswith("\n"):
        text += "\n"
    stream = sys.stdout if fd == STDOUT else sys.stderr
    encoding = getattr(stream, "encoding", None) or "utf-8"
    copy(text.encode(encoding, "backslashreplace"), fd)


def copy(data: bytes, fd: int) -> None:
    """Write `data` whole. Raises Gone and Unwritable."""
    rest = memoryview(data)
    while rest:
        try:
            rest = rest[os.write(fd, rest) :]
        except BlockingIOError:
            _wait_until_writable(fd)
        except BrokenPipeError:
            raise Gone from None
        except OSError as error:
            raise Unwritable(error.strerror) from None


def _wait_until_writable(fd: int) -> None:
    """Wait for a reader whose pipe is full and not blocking (as under some editors and ssh)."""
    import select

    poll = select.poll()
    poll.register(fd, select.POLLOUT)
    poll.poll()


def save(text: str, file: str) -> None:
    """Write a file whole, in UTF-8. Raises PomoError."""
    try:
        with open(file, "w", encoding="utf-8", newline="") as opened:
            opened.write(text)
    except OSError as error:
        raise PomoError("validation", f"{file} cannot be written: {error.strerror}.", "Name another file.") from error


def complain(error: PomoError, *, as_json: bool = False) -> int:
    """Say on stderr what went wrong and what to do, a line each; answer the exit code."""
    message, hint = (" ".join(clean(line) for line in text.split("\n")) for text in (error.message, error.hint))
    if as_json:
        text = dumps({"error": {"code": error.code, "message": message, "hint": hint}})
    else:
        text = f"pomo: {message}\n" + (f"{_MARGIN}{hint}\n" if hint else "")
    with contextlib.suppress(Gone, Unwritable):  # else there is nobody left to tell
        write(text, STDERR)
    return error.exit


def failed(error: Gone | Unwritable) -> int:
    """Answer the exit code for output that could not be written, having said why where that helps."""
    if isinstance(error, Gone):
        return BROKEN_PIPE
    reason = PomoError("internal", f"The output cannot be written: {error}.", "Free space there, or write elsewhere.")
    complain(reason)
    return UNEXPECTED


def dumps(value: object, *, pretty: bool = False) -> str:
    """Write JSON in printable ASCII, so that it is safe on any terminal: even DEL, which `json` leaves alone."""
    import json

    return json.dumps(value, indent=2 if pretty else None).replace("\x7f", "\\u007f")


def show_json(value: object) -> None:
    """Print a bare result: readable on a terminal, a line in a pipe."""
    write(dumps(value, pretty=os.isatty(STDOUT)))


def is_fancy(*, color: bool) -> bool:
    """Tell whether stdout is a terminal that may be given colours and tables."""
    return color and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb" and os.isatty(STDOUT)


def columns() -> int:
    """Answer how wide the terminal is (or COLUMNS says)."""
    import shutil

    return shutil.get_terminal_size().columns


def occupy_closed() -> None:
    """Put /dev/null where stdin, stdout or stderr was closed: else the next socket would be taken for one of them."""
    while True:
        fd = os.open(os.devnull, os.O_RDWR)
        if fd > STDERR:
            os.close(fd)
            return
