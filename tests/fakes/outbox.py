"""Repositories in memory: events, answers already given, and what can be undone."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec

from pomo_daemon.application.ports import Announcement, Change, Draft, Item, StoreError
from tests.fakes.rows import Rows, number, plain


class MemoryOutbox:
    """The Outbox port."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def append(self, user_id: int, drafts: Sequence[Draft]) -> Sequence[Announcement]:
        """Store events under the next numbers of the user."""
        first = await self.last_seq(user_id) + 1
        stored = [Announcement(user_id, first + i, it.type, it.at, plain(it.data)) for i, it in enumerate(drafts)]
        self._rows.events.update({(user_id, it.seq): it for it in stored})
        self._rows.last_seq[user_id] = first + len(stored) - 1
        return stored

    async def since(self, user_id: int, seq: int, limit: int) -> Sequence[Announcement]:
        """Answer up to `limit` events with numbers above `seq`, in order."""
        numbers = range(seq + 1, min(seq + limit, await self.last_seq(user_id)) + 1)
        return [self._rows.events[user_id, number] for number in numbers]

    async def last_seq(self, user_id: int) -> int:
        """Answer the number of the latest event."""
        return self._rows.last_seq.get(user_id, 0)

    async def last_seqs(self, user_ids: Sequence[int]) -> Mapping[int, int]:
        """Answer the number of the latest event of each of these users."""
        return {user_id: await self.last_seq(user_id) for user_id in user_ids}

    async def delivered(self, user_id: int, consumer: str) -> int | None:
        """Answer up to which event `consumer` has done its work."""
        return self._rows.deliveries.get((user_id, consumer))

    async def mark_delivered(self, user_id: int, consumer: str, seq: int) -> None:
        """Note that `consumer` has done its work up to and with `seq`."""
        self._rows.deliveries[user_id, consumer] = seq


class MemoryRequests:
    """The Requests port."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def find(self, user_id: int, request_id: str) -> Mapping[str, Any] | None:
        """Answer what was answered to a request."""
        kept = self._rows.requests.get((user_id, request_id))
        return None if kept is None else msgspec.json.decode(kept, type=dict[str, Any])

    async def remember(self, user_id: int, request_id: str, now: datetime, answer: Mapping[str, Any]) -> None:  # noqa: ARG002
        """Keep an answer."""
        if (user_id, request_id) in self._rows.requests:
            raise StoreError("database.error", f"The request {request_id!r} is answered already.")
        self._rows.requests[user_id, request_id] = msgspec.json.encode(answer)


class MemoryChanges:
    """The Changes port."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def add(self, user_id: int, at: datetime, label: str, items: Sequence[Item]) -> None:
        """Keep a change as the latest; those that were undone can be done again no more."""
        change = Change(number(self._rows, "changes", None), at, label, undone=False, items=tuple(items))
        self._rows.changes[change.change_id] = (user_id, change)

    async def latest(self, user_id: int, limit: int) -> Sequence[Change]:
        """Answer the latest changes that are not undone, newest first."""
        mine = [it for owner, it in self._rows.changes.values() if owner == user_id and not it.undone]
        return sorted(mine, key=lambda it: -it.change_id)[:limit]

    async def first_undone(self, user_id: int) -> Change | None:
        """Answer the change that was undone last."""
        last = max((it.change_id for it in await self.latest(user_id, 1)), default=0)
        changes = [it for owner, it in self._rows.changes.values() if owner == user_id]
        mine = [it for it in changes if it.undone and it.change_id > last]
        return min(mine, key=lambda it: it.change_id, default=None)

    async def mark(self, user_id: int, change_id: int, *, undone: bool) -> None:
        """Note that a change was undone, or done again."""
        owner, change = self._rows.changes[change_id]
        if owner == user_id:
            for it in [it for who, it in self._rows.changes.values() if who == user_id and it.undone]:
                if undone and it.change_id < change_id:
                    del self._rows.changes[it.change_id]
            self._rows.changes[change_id] = (owner, replace(change, undone=undone))
