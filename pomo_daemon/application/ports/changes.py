"""Changes, as they are kept to be taken back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Item:
    """One row of a change: what it was and what it became, as plain JSON; None where it was not there."""

    kind: str
    key: int
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Change:
    """Something a user did, with all that is needed to take it back."""

    change_id: int
    at: datetime
    label: str
    undone: bool
    items: tuple[Item, ...]


class Changes(Protocol):
    """What can be undone, and done again."""

    async def add(self, user_id: int, at: datetime, label: str, items: Sequence[Item]) -> None:
        """Keep a change as the latest; those that were undone can be done again no more."""
        ...

    async def latest(self, user_id: int, limit: int) -> Sequence[Change]:
        """Answer the latest changes that are not undone, newest first."""
        ...

    async def first_undone(self, user_id: int) -> Change | None:
        """Answer the change that was undone last."""
        ...

    async def mark(self, user_id: int, change_id: int, *, undone: bool) -> None:
        """Note that a change was undone, or done again."""
        ...
