"""How many columns a text takes on a terminal, and texts that take as many as there are."""

from collections.abc import Sequence
from functools import lru_cache


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
