"""What an export is made of: tasks, categories, and intervals that come page by page."""

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from pomo_daemon.protocol.text import clean

Interval = Mapping[str, Any]
Task = Mapping[str, Any]

_SECOND: Final = timedelta(seconds=1)
#: Names of our own things among universally unique ones (RFC 9562, version 5).
_NAMESPACE: Final = uuid.UUID("6f1f3c0e-5d52-5a0b-9d2e-706f6d6f0008")


class Record(NamedTuple):
    """What is exported. `intervals` reads them anew at each call, oldest first, never all at once."""

    profile: str
    categories: Sequence[Mapping[str, Any]]
    tasks: Sequence[Task]
    intervals: Callable[[], Iterator[Interval]]

    def focus(self) -> Iterator[Interval]:
        """Answer the focus intervals that have ended."""
        return (it for it in self.intervals() if it["phase"] == "focus" and it["ended_at"])

    def number(self, kind: str, key: object) -> uuid.UUID:
        """Answer the number by which another program knows a thing; the same at each export."""
        return uuid.uuid5(_NAMESPACE, f"{self.profile}/{kind}/{key}")


def instant(text: str) -> datetime:
    """Read an instant."""
    return datetime.fromisoformat(text).astimezone(UTC)


def stretches(interval: Interval) -> Sequence[tuple[datetime, datetime]]:
    """Answer the stretches in which time counted, in whole seconds, for programs that know no gaps.

    They add up to the interval's `elapsed_s`, and reach beyond no end of it.
    """
    left, begin, end = interval["elapsed_s"], instant(interval["started_at"]), instant(interval["ended_at"])
    parts = []
    for gap in interval["gaps"]:
        parts.append((begin, instant(gap["started_at"])))
        begin = instant(gap["ended_at"] or interval["ended_at"])
    parts.append((begin, end))
    found = []
    for place, (first, last) in enumerate(parts):
        whole = first.replace(microsecond=0)
        seconds = left if place == len(parts) - 1 else min((last - first) // _SECOND, left)
        until = min(whole + seconds * _SECOND, last.replace(microsecond=0))
        if until > whole:
            found.append((whole, until))
            left -= (until - whole) // _SECOND
    return found


def one_line(text: str) -> str:
    """Answer a text without line breaks, and without what a terminal obeys: an export may well be looked at there."""
    return clean(" ".join(text.split()))
