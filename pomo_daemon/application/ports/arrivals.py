"""A history that comes in."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    # Few have schedules, or import: what these are made of is loaded with the first of them.
    from pomo_daemon.domain.incoming import IntervalIn
    from pomo_daemon.domain.incoming import Part as PartIn


class Staged(NamedTuple):
    """An interval that was handed in; `source` as imports are known by, `local_start` as the record keeps it."""

    row: "IntervalIn"
    source: bytes
    local_start: int
    parts: "Sequence[PartIn]" = ()


class Arrival(NamedTuple):
    """An interval of an import, as it is to be stored: it may be shorter than it came."""

    interval_id: int
    task_id: int | None
    staged: Staged


class Imports(Protocol):
    """Much at once, by numbers instead of objects: microseconds since 1970, ranges of interval numbers."""

    async def take_time(self) -> None:
        """Let statements of this transaction take longer than those that somebody waits for."""
        ...

    async def known(self, user_id: int, sources: Sequence[bytes]) -> Mapping[bytes, int]:
        """Answer which of these an earlier import brought, and what came of each."""
        ...

    async def spans(self, user_id: int, first: int, last: int) -> Sequence[tuple[int, int, int]]:
        """Answer start, end and number of what is recorded between, in order; what is current has no end so far."""
        ...

    async def last_number(self, kind: str) -> int:
        """Answer the highest number that an `interval`, `task`, `category` or `interruption` of anybody ever had."""
        ...

    async def take_numbers(self, count: int) -> Sequence[int]:
        """Answer numbers for new intervals, in order; nobody else gets them."""
        ...

    async def pass_numbers(self, kind: str, number: int) -> None:
        """Let new ones get higher numbers than this."""
        ...

    async def add(self, user_id: int, arrivals: Sequence[Arrival], *, numbered: bool) -> None:
        """Store intervals with what belongs to them; `numbered`: interruptions keep the numbers they have."""
        ...

    async def next_import(self, user_id: int) -> int:
        """Answer the number of the user's next import."""
        ...

    async def note(self, user_id: int, number: int, keys: Sequence[tuple[bytes, int]]) -> None:
        """Note what an import brought, and what came of each."""
        ...

    async def sum_up(self, user_id: int, number: int, runs: Sequence[Sequence[int]]) -> Sequence[int]:
        """Answer sums that any change to what an import brought would change; all are 0 where nothing is left."""
        ...

    async def shelve(self, user_id: int, change_id: int, number: int, runs: Sequence[Sequence[int]]) -> None:
        """Take what an import brought out of the record, and lay it aside with its change."""
        ...

    async def unshelve(self, user_id: int, change_id: int) -> None:
        """Put it back."""
        ...


class Spool(Protocol):
    """Where an import is kept aside, on disk: it may be larger than memory. Blocking; gone when nobody holds it."""

    def add(self, rows: Sequence[Staged]) -> None:
        """Keep some."""
        ...

    def has_twice(self, kind: str) -> bool:
        """Tell whether a number stands for two things of a kind, `interval` or `interruption`."""
        ...

    def ordered(self) -> Iterator[Sequence[Staged]]:
        """Give all by start and end, some at a time; what was noted of sources is forgotten."""
        ...

    def accept(self, keys: Sequence[tuple[bytes, int]]) -> None:
        """Note what came of sources."""
        ...

    def accepted(self) -> Iterator[Sequence[tuple[bytes, int]]]:
        """Give what was noted, in the order of the sources, each once."""
        ...
