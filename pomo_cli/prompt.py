"""Questions to whoever sits at the terminal. Where nobody does, nothing is asked, and so nothing hangs."""

import os
import sys
from typing import Final

from pomo_cli import output
from pomo_daemon.protocol.errors import PomoError

_STDIN: Final = 0
#: Longer than any password may be, as UTF-8.
_LONGEST: Final = 8192


def can_ask() -> bool:
    """Tell whether somebody sits there, who sees the question and can answer it."""
    return os.isatty(_STDIN) and os.isatty(output.STDERR)


def line(question: str) -> str:
    """Ask for a line, which is shown as it is typed."""
    output.copy(question.encode("utf-8", "replace"), output.STDERR)
    return sys.stdin.readline().strip()


def confirm(question: str) -> bool:
    """Ask for a yes; anything else is a no."""
    return line(f"{question} [y/N] ").lower() in ("y", "yes")


def secret(question: str) -> str:
    """Ask for a line that is not shown. Raises PomoError where it cannot be hidden, or nothing more is typed."""
    import getpass
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("error", getpass.GetPassWarning)
        try:
            return getpass.getpass(question)
        except (EOFError, UnicodeDecodeError, getpass.GetPassWarning):
            raise PomoError("validation", "No password was read.", "Try again, or use --password-stdin.") from None


def new_secret(question: str) -> str:
    """Ask twice for a line that is not shown. Raises PomoError unless both are the same."""
    first = secret(question)
    if secret("Once more: ") != first:
        raise PomoError("validation", "Those were two different passwords.", "Nothing was changed; try again.")
    return first


def piped_secret() -> str | None:
    """Read a line of stdin, without its end; None behind the last one. Raises PomoError for what is no text."""
    raw = sys.stdin.buffer.readline(_LONGEST)
    if not raw:
        return None
    try:
        return raw.removesuffix(b"\n").removesuffix(b"\r").decode()
    except UnicodeDecodeError:
        raise PomoError("validation", "The password on stdin is not UTF-8 text.") from None
