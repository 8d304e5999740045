"""Events that are committed with what they tell of, answers that are kept, and hints between daemons."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Draft:
    """An event before it has a number; `data` is plain JSON, `at` when it happened."""

    type: str
    at: datetime
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Announcement:
    """An event as stored and as sent: `seq` counts per user without a hole.

    It is 0 for one that is kept on this machine, until the shared database is back; then it comes again with a number,
    and `seen` since those who are told by this machine know of it.
    """

    user_id: int
    seq: int
    type: str
    at: datetime
    data: Mapping[str, Any]
    seen: bool = False


class Outbox(Protocol):
    """Events, committed with the change that they tell of."""

    async def append(self, user_id: int, drafts: Sequence[Draft]) -> Sequence[Announcement]:
        """Store events under the next numbers of the user."""
        ...

    async def since(self, user_id: int, seq: int, limit: int) -> Sequence[Announcement]:
        """Answer up to `limit` events with numbers above `seq`, in order."""
        ...

    async def last_seq(self, user_id: int) -> int:
        """Answer the number of the latest event, 0 if there is none."""
        ...

    async def last_seqs(self, user_ids: Sequence[int]) -> Mapping[int, int]:
        """Answer the number of the latest event of each of these users."""
        ...

    async def delivered(self, user_id: int, consumer: str) -> int | None:
        """Answer up to which event `consumer` has done its work; None if it never did any."""
        ...

    async def mark_delivered(self, user_id: int, consumer: str, seq: int) -> None:
        """Note that `consumer` has done its work up to and with `seq`."""
        ...


class Requests(Protocol):
    """Answers already given, so that a request that is sent again is not done again."""

    async def find(self, user_id: int, request_id: str) -> Mapping[str, Any] | None:
        """Answer what was answered to a request."""
        ...

    async def remember(self, user_id: int, request_id: str, now: datetime, answer: Mapping[str, Any]) -> None:
        """Keep an answer."""
        ...


class Bus(Protocol):
    """Hints between the daemons on one database; they may be lost, late, or doubled."""

    async def listen(self, users: Collection[int], heard: Callable[[int, int], None]) -> None:
        """Call `heard(user_id, seq)` when any daemon commits an event of one of these users, until cancelled.

        Never raises. A hint of somebody else's event does no harm.
        """
        ...
