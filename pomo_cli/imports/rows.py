"""What readers make of a file: rows as they go over the wire (docs/protocol.md), and lines that are wrong."""

from collections.abc import Callable, Generator, Iterable, Iterator
from datetime import tzinfo
from typing import Any, BinaryIO, Final, NamedTuple, TypeVar

#: A row for the daemon: an array that begins with its kind.
Row = tuple[Any, ...]


class Bad(NamedTuple):
    """A line that is left out, or ends the import, and why: the message names the field."""

    line: int
    message: str


class Running(NamedTuple):
    """A line of what has not ended yet."""

    line: int


class Wrong(ValueError):
    """What is wrong with a thing of a file."""


class Mapping(NamedTuple):
    """Which field of a file becomes what in pomo; `outcome` is what its intervals came to."""

    task: str = "none"
    category: str = "none"
    note: str = "none"
    outcome: str = "completed"


#: Above any number that a file may have for tasks of its own.
_FREE: Final = 2**62
_SOURCE: Final = 200


class Context:
    """What a reader needs to know, and what it keeps while it reads: the tasks that were named so far."""

    def __init__(self, mapping: Mapping, zone: tzinfo) -> None:
        self.mapping = mapping
        self.zone = zone
        self._tasks: dict[tuple[str, str], tuple[int, str]] = {}
        self._count = 0

    def number(self) -> int:
        """Answer a number for one more task."""
        self._count += 1
        return _FREE + self._count

    def task(self, line: int, name: str, category: str, key: str = "") -> Generator[Row, None, int]:
        """Give the row that tells of a task, if there is news of it, and answer its number.

        Names that differ by case are one task, unless the file tells them apart by a `key`. Its category is the first
        that it is seen with.
        """
        wanted = name.lower(), key
        number, before = self._tasks.get(wanted, (0, ""))
        if not number or (category and not before):
            number = number or self.number()
            self._tasks[wanted] = number, category
            yield ("task", line, number, name, category or None)
        return number


Found = Row | Bad | Running
Reader = Callable[[BinaryIO, Context], Iterator[Found]]


_T = TypeVar("_T")


def each(things: Iterable[tuple[int, _T]], made: Callable[[int, _T], Iterable[Found]]) -> Iterator[Found]:
    """Give what is made of the things of a file, with their lines: all of a thing, or what is wrong with it."""
    for line, thing in things:
        try:
            yield from list(made(line, thing))
        except Wrong as error:
            yield Bad(line, str(error))


def known_by(source: str) -> str:
    """Answer what a thing is known by, or a checksum of it: some programs have nothing short."""
    if len(source) <= _SOURCE:
        return source
    import hashlib

    return hashlib.sha256(source.encode()).hexdigest()


def interval(  # noqa: PLR0913  # what an interval is
    line: int,
    source: str,
    start: int,
    end: int,
    *,
    phase: str = "focus",
    status: str = "completed",
    planned: int | None = None,
    zone: str = "",
    note: str = "",
    task: int | None = None,
    key: int = 0,
) -> Row:
    """Make the row of an interval; instants in microseconds since 1970."""
    return ("interval", line, known_by(source), phase, status, start, end, planned, zone, note, task, key)
