"""What a terminal can draw: whether more than ASCII, and how many columns a text takes."""

import os
import sys
from typing import Final

from pomo_daemon.protocol.cells import cells, column, cut, pad, widest

__all__ = ["can_draw", "cells", "column", "cut", "dash", "pad", "widest"]

#: Locales that promise ASCII and no more, although Python writes UTF-8 under them (PEP 540).
_ASCII_LOCALES: Final = ("C", "POSIX")
_DRAWN: Final = "\N{BLACK CIRCLE}\N{WHITE CIRCLE}\N{EN DASH}"


def can_draw() -> bool:
    """Tell whether circles and dashes come out as such: by the locale, and the encoding of stdout."""
    env = os.environ
    # In the C locale Python itself sets LC_CTYPE to this (PEP 538): it says nothing of the terminal.
    ctype = env.get("LC_CTYPE", "").replace("C.UTF-8", "")
    if (env.get("LC_ALL") or ctype or env.get("LANG") or "") in _ASCII_LOCALES:
        return False
    try:
        _DRAWN.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def dash() -> str:
    """Answer what stands between two times."""
    return "\N{EN DASH}" if can_draw() else "-"
