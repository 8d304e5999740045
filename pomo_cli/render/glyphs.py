"""What a terminal can draw: whether more than ASCII, and how many columns a text takes."""

import os
import sys
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

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


@lru_cache(maxsize=8192)
def cells(text: str) -> int:
    """Answer how many columns a text takes, by the rules that most terminals keep."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(it) else 2 if east_asian_width(it) in "WF" else 1 for it in text)


def cut(text: str, columns: int) -> str:
    """Answer as much of the beginning of a text as takes fewer cells than `columns`."""
    while text and cells(text) >= columns:
        text = text[:-1]
    return text


def pad(text: str, columns: int) -> str:
    """Fill a text up to so many columns."""
    return text + " " * (columns - cells(text))


def widest(texts: Sequence[str]) -> int:
    """Answer how many columns the widest text takes. Quick where nothing is beyond ASCII: lists are long."""
    measure = len if all(map(str.isascii, texts)) else cells
    return max(map(measure, texts), default=0)


def column(texts: Sequence[str], columns: int) -> list[str]:
    """Fill texts up to so many columns."""
    if all(map(str.isascii, texts)):
        return [it.ljust(columns) for it in texts]
    return [pad(it, columns) for it in texts]
