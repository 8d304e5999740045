"""An import under way: its rows are checked as they come, intervals kept aside on disk, tasks in memory."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from pomo_daemon.application.ports import Spool, Staged
from pomo_daemon.domain.errors import DomainError, Invalid
from pomo_daemon.domain.incoming import (
    CategoryIn,
    InterruptionIn,
    IntervalIn,
    Part,
    Row,
    TaskIn,
    check_category,
    check_interval,
    check_parts,
    check_task,
    fingerprint,
    wall_clock,
)

#: Tasks and categories of one import.
MOST_TASKS: Final = 50_000


class Problem(NamedTuple):
    """A row that is left out, and why."""

    line: int
    message: str


@dataclass(slots=True)
class Staging:
    """The rows of an import; `zone` is that of intervals that name none."""

    user_id: int
    name: str
    overlap: str
    spool: Spool
    zone: str
    expires: asyncio.TimerHandle | None = None
    seq: int = 0
    count: int = 0
    tasks: dict[int, TaskIn] = field(default_factory=dict)
    categories: dict[str, CategoryIn] = field(default_factory=dict)
    #: The interval that came last: what belongs to it follows.
    last: IntervalIn | None = None
    parts: list[Part] = field(default_factory=list)
    #: The lowest and the highest number that intervals and interruptions have in the file.
    reaches: dict[str, tuple[int, int]] = field(default_factory=dict)

    def take(self, rows: Sequence[Row], now: int, *, done: bool) -> Sequence[Problem]:
        """Check rows and keep those that are right; answer what is wrong with the others. `done`: none follow."""
        problems: list[Problem] = []
        whole: list[Staged] = []
        for it in rows:
            if isinstance(it, IntervalIn):
                self._finish(whole, problems)
            try:
                self._take(it, now)
            except DomainError as error:
                line = it.line if isinstance(it, IntervalIn | TaskIn | CategoryIn) else 0
                problems.append(Problem(line, error.message))
        if done:
            self._finish(whole, problems)
        self.spool.add(whole)
        self.count += len(whole)
        return problems

    def _take(self, it: Row, now: int) -> None:
        if isinstance(it, IntervalIn):
            if it.task is not None and it.task not in self.tasks:
                raise Invalid("task: is none that the file has.")
            self.last = check_interval(it if it.zone else it._replace(zone=self.zone), now)
        elif isinstance(it, TaskIn | CategoryIn):
            self._keep(it)
        elif self.last is not None:
            self.parts.append(it)

    def _finish(self, whole: list[Staged], problems: list[Problem]) -> None:
        """Take up the interval that came last, now that all that belongs to it is there."""
        row, parts = self.last, tuple(self.parts)
        self.last = None
        if row is None:
            return
        self.parts.clear()
        try:
            if parts:
                check_parts(row, parts)
        except DomainError as error:
            problems.append(Problem(row.line, error.message))
            return
        self._reach("interval", row.key)
        for it in parts:
            if isinstance(it, InterruptionIn):
                self._reach("interruption", it.key)
        whole.append(Staged(row, fingerprint("interval", row.source), wall_clock(row), parts))

    def _keep(self, it: TaskIn | CategoryIn) -> None:
        if len(self.tasks) + len(self.categories) >= MOST_TASKS:
            raise Invalid(f"task: there are more than {MOST_TASKS} tasks.")
        if isinstance(it, TaskIn):
            self.tasks[it.number] = check_task(it)
        else:
            it = it._replace(name=check_category(it.name))
            self.categories.setdefault(it.name.lower(), it)

    def _reach(self, kind: str, key: int) -> None:
        low, high = self.reaches.get(kind, (key, key))
        self.reaches[kind] = min(low, key), max(high, key)
