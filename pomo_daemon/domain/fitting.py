"""Fitting intervals between those that are recorded. Pure; instants are microseconds since 1970."""

from collections.abc import Sequence
from typing import NamedTuple

Span = tuple[int, int, int]


class Fit(NamedTuple):
    """How an interval fits: `number` is that of the recorded one in its way, 0 for one of the same file."""

    clear: bool
    same: bool = False
    number: int = 0


_CLEAR = Fit(clear=True)


class Fitting:
    """Takes intervals in the order of their start and end, and remembers what it took."""

    def __init__(self) -> None:
        self._until = 0
        self._spans: Sequence[Span] = ()
        self._at = 0

    def look(self, spans: Sequence[Span]) -> None:
        """Take note of what is recorded around the next intervals: start, end and number, in order."""
        self._spans, self._at = spans, 0

    def fit(self, start: int, end: int) -> Fit:
        """Tell what is in the way of an interval; take it if nothing is."""
        while self._at < len(self._spans) and self._spans[self._at][1] <= start:
            self._at += 1
        if self._at < len(self._spans):
            first, last, number = self._spans[self._at]
            if first < end:
                return Fit(clear=False, same=(first, last) == (start, end), number=number)
        if start < self._until:
            return Fit(clear=False)
        self._until = end
        return _CLEAR

    def trim(self, start: int, end: int) -> tuple[int, int] | None:
        """Answer and take the first part of an interval that nothing is in the way of."""
        start = max(start, self._until)
        at = self._at
        while at < len(self._spans) and self._spans[at][0] <= start:
            start = max(start, self._spans[at][1])
            at += 1
        if at < len(self._spans):
            end = min(end, self._spans[at][0])
        if start >= end:
            return None
        self._until = end
        return start, end
