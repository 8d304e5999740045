"""The Imports port in memory: the same rows as those of all other repositories."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from pomo_daemon.application.ports import Arrival
from pomo_daemon.domain.commit import Commit
from pomo_daemon.domain.incoming import CommitIn, GapIn, InterruptionIn, microseconds, moment
from pomo_daemon.domain.interruption import Interruption, InterruptionKind
from pomo_daemon.domain.interval import Gap, GapReason, Interval, Phase, Status
from tests.fakes.record import MemoryIntervals
from tests.fakes.rows import Rows, number

NEVER: Final = 2**63 - 1
TABLES: Final = {
    "interval": "intervals",
    "task": "tasks",
    "category": "categories",
    "interruption": "interruptions",
}


class MemoryImports:
    """The Imports port."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def take_time(self) -> None:
        """Do nothing: nothing takes any."""

    async def known(self, user_id: int, sources: Sequence[bytes]) -> Mapping[bytes, int]:
        """Answer which of these an earlier import brought."""
        found = self._rows.sources
        return {it: found[user_id, it][1] for it in sources if (user_id, it) in found}

    async def spans(self, user_id: int, first: int, last: int) -> Sequence[tuple[int, int, int]]:
        """Answer start, end and number of what is recorded between."""
        spans = [
            (microseconds(it.started_at), microseconds(it.ended_at) if it.ended_at else NEVER, it.interval_id or 0)
            for owner, it in self._rows.intervals.values()
            if owner == user_id and it.status is not Status.CANCELLED
        ]
        return sorted(it for it in spans if it[0] < last and it[1] >= first)

    async def last_number(self, kind: str) -> int:
        """Answer the highest number ever given."""
        return self._rows.numbers.get(TABLES[kind], 0)

    async def take_numbers(self, count: int) -> Sequence[int]:
        """Answer numbers for new intervals."""
        return [number(self._rows, "intervals", None) for _ in range(count)]

    async def pass_numbers(self, kind: str, number: int) -> None:
        """Let new ones get higher numbers."""
        self._rows.numbers[TABLES[kind]] = max(number, await self.last_number(kind))

    async def add(self, user_id: int, arrivals: Sequence[Arrival], *, numbered: bool) -> None:
        """Store intervals with what belongs to them."""
        for it in arrivals:
            await MemoryIntervals(self._rows).add(user_id, _interval(it))
            for part in it.staged.parts:
                if isinstance(part, InterruptionIn):
                    key = number(self._rows, "interruptions", part.key if numbered else None)
                    self._rows.interruptions[key] = Interruption(
                        interruption_id=key,
                        interval_id=it.interval_id,
                        kind=InterruptionKind(part.kind),
                        at=moment(part.at),
                        note=part.note,
                    )
                elif isinstance(part, CommitIn):
                    words = {**part._asdict(), "at": moment(part.at)}
                    self._rows.commits[user_id, it.interval_id, part.sha] = Commit(interval_id=it.interval_id, **words)

    async def next_import(self, user_id: int) -> int:
        """Answer the number of the next import."""
        return max((it for (owner, _), (it, _) in self._rows.sources.items() if owner == user_id), default=0) + 1

    async def note(self, user_id: int, number: int, keys: Sequence[tuple[bytes, int]]) -> None:
        """Note what an import brought."""
        self._rows.sources.update({(user_id, source): (number, key) for source, key in keys})

    async def sum_up(self, user_id: int, number: int, runs: Sequence[Sequence[int]]) -> Sequence[int]:
        """Answer sums that any change would change."""
        brought = [it for (owner, _), (it, _) in self._rows.sources.items() if (owner, it) == (user_id, number)]
        mine = [self._rows.intervals[key][1] for key in self._held(user_id, runs)]
        return [
            len(brought),
            len(mine),
            sum(microseconds(it.started_at) for it in mine),
            sum(microseconds(it.ended_at or it.started_at) for it in mine),
            sum(it.task_id or 0 for it in mine),
            sum(len(it.note) for it in mine),
            sum(len(it.status) for it in mine),
        ]

    async def shelve(self, user_id: int, change_id: int, number: int, runs: Sequence[Sequence[int]]) -> None:
        """Take what an import brought out, and lay it aside."""
        taken: list[tuple[str, Any, Any]] = []
        held = set(self._held(user_id, runs))
        belongs: dict[str, set[Any]] = {
            "intervals": held,
            "interruptions": {key for key, it in self._rows.interruptions.items() if it.interval_id in held},
            "commits": {it for it in self._rows.commits if it[0] == user_id and it[1] in held},
            "sources": {key for key, it in self._rows.sources.items() if (key[0], it[0]) == (user_id, number)},
        }
        for name, keys in belongs.items():
            table = getattr(self._rows, name)
            taken += [(name, key, table.pop(key)) for key in keys]
        self._rows.shelf[change_id] = tuple(taken)

    async def unshelve(self, user_id: int, change_id: int) -> None:  # noqa: ARG002
        """Put it back."""
        for name, key, value in self._rows.shelf.pop(change_id):
            getattr(self._rows, name)[key] = value

    def _held(self, user_id: int, runs: Sequence[Sequence[int]]) -> list[int]:
        within = [it for low, high in runs for it in range(low, high + 1) if it in self._rows.intervals]
        return [it for it in within if self._rows.intervals[it][0] == user_id]


def _interval(it: Arrival) -> Interval:
    row = it.staged.row
    gaps = [part for part in it.staged.parts if isinstance(part, GapIn)]
    return Interval(
        phase=Phase(row.phase),
        status=Status(row.status),
        started_at=moment(row.started_at),
        ended_at=moment(row.ended_at),
        planned=None if row.planned is None else timedelta(microseconds=row.planned),
        zone=row.zone,
        note=row.note,
        task_id=it.task_id,
        interval_id=it.interval_id,
        gaps=tuple(Gap(moment(gap.started_at), moment(gap.ended_at), GapReason(gap.reason)) for gap in gaps),
    )
