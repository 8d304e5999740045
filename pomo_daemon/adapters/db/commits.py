"""Commits."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import bindparam, insert, select

from pomo_daemon.adapters.db.aio import AsyncConnection
from pomo_daemon.adapters.db.tables import commits
from pomo_daemon.domain.commit import Commit

_OF: Final = (
    select(commits)
    .where(commits.c.owner_id == bindparam("user"), commits.c.interval_id.in_(bindparam("ids", expanding=True)))
    .order_by(commits.c.at, commits.c.sha)
)
_THERE: Final = select(commits.c.at).where(
    commits.c.owner_id == bindparam("user"),
    commits.c.interval_id == bindparam("interval"),
    commits.c.sha == bindparam("sha"),
)


class SqlCommits:
    """The Commits port."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def of(self, user_id: int, interval_ids: Sequence[int]) -> Sequence[Commit]:
        """Answer the commits of some intervals, in the order in which they came."""
        found: list[Commit] = []
        for first in range(0, len(interval_ids), 1000):
            rows = await self._connection.execute(
                _OF, {"user": user_id, "ids": list(interval_ids[first : first + 1000])}
            )
            found += [
                Commit(interval_id=it.interval_id, sha=it.sha, subject=it.subject, repository=it.repository, at=it.at)
                for it in rows
            ]
        return found

    async def add(self, user_id: int, commit: Commit) -> None:
        """Store one, unless it is there."""
        key = {"user": user_id, "interval": commit.interval_id, "sha": commit.sha}
        if await self._connection.scalar(_THERE, key) is None:
            await self._connection.execute(
                insert(commits),
                {
                    "owner_id": user_id,
                    "interval_id": commit.interval_id,
                    "sha": commit.sha,
                    "subject": commit.subject,
                    "repository": commit.repository,
                    "at": commit.at,
                },
            )
