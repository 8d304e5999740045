"""What is recorded: the timers, intervals and what belongs to them, and their totals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final, Protocol

from pomo_daemon.domain.commit import Commit
from pomo_daemon.domain.interruption import Interruption, InterruptionKind
from pomo_daemon.domain.interval import Gap, Interval
from pomo_daemon.domain.report import Days, Part, Tally
from pomo_daemon.domain.timeline import Reading
from pomo_daemon.domain.timer import Timer


@dataclass(frozen=True, slots=True)
class TimerRecord:
    """A timer as stored: `version` rises with each change, `anchor` began its time line (domain/timeline.py).

    `left_at`: when the daemon that watched it ended, until another takes it up.
    """

    user_id: int
    version: int
    timer: Timer
    anchor: Reading | None = None
    left_at: datetime | None = None


class Timers(Protocol):
    """One timer per user."""

    async def load(self, user_id: int) -> TimerRecord:
        """Answer the timer, an idle one of version 0 if there never was one."""
        ...

    async def save(self, record: TimerRecord) -> TimerRecord:
        """Store over the version that was loaded, and answer the record with the next version. Raises Stale."""
        ...

    async def running(self) -> Sequence[int]:
        """Answer the users whose timer has a current interval that runs."""
        ...

    async def overdue(self, since: datetime) -> Sequence[int]:
        """Answer some users whose interval runs though it was to end before `since`, or at least as it began."""
        ...


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list: of those behind the interval `after`, which began at its start, the first `limit`."""

    after: int = 0
    limit: int | None = None


WHOLE: Final = Page()


class Intervals(Protocol):
    """The record of what was done. Cancelled intervals are kept, and answered by `find` alone."""

    async def add(self, user_id: int, interval: Interval) -> Interval:
        """Store a new interval and its gaps; answer it with its id. One that has an id already keeps it (redo)."""
        ...

    async def update(self, user_id: int, interval: Interval) -> None:
        """Store a changed interval, but for its gaps. Raises StoreError if this user has none of that number."""
        ...

    async def set_gaps(self, interval: Interval, before: Sequence[Gap] | None = None) -> None:
        """Store the gaps of a stored interval in place of those it had, which are `before`; None: whatever is there."""
        ...

    async def between(
        self,
        user_id: int,
        start: datetime,
        end: datetime,
        *,
        tasks: Sequence[int] | None = None,
        page: Page = WHOLE,
    ) -> Sequence[Interval]:
        """Answer those that began in [start, end), oldest first, the current one among them; of some tasks only."""
        ...

    async def overlapping(
        self, user_id: int, start: datetime, end: datetime, *, but: int | None = None
    ) -> Interval | None:
        """Answer the first ended interval, other than `but`, that shares time with (start, end)."""
        ...

    async def around(
        self, user_id: int, at: datetime, *, but: int | None = None
    ) -> tuple[datetime | None, datetime | None]:
        """Answer when the last interval that began by `at` ended, and when the first after it began; `but` aside."""
        ...

    async def get(self, user_id: int, interval_id: int, *, cancelled: bool = False) -> Interval | None:
        """Answer an interval with its gaps; one that is cancelled only if asked to."""
        ...

    async def of_task(self, user_id: int, task_id: int) -> Sequence[Interval]:
        """Answer the intervals spent on a task, oldest first."""
        ...

    async def remove(self, user_id: int, interval_id: int) -> None:
        """Take an interval out of the record, with its gaps and interruptions."""
        ...

    async def last_end(self, user_id: int) -> datetime | None:
        """Answer when the latest ended interval ended."""
        ...

    async def completed_focus(self, user_id: int, start: datetime, end: datetime) -> int:
        """Count the pomodoros that began in [start, end)."""
        ...


class Commits(Protocol):
    """What was committed during intervals; it stays when an interval is removed, which may come back."""

    async def of(self, user_id: int, interval_ids: Sequence[int]) -> Sequence[Commit]:
        """Answer the commits of some intervals, in the order in which they came."""
        ...

    async def add(self, user_id: int, commit: Commit) -> None:
        """Store one, unless it is there."""
        ...


class Interruptions(Protocol):
    """What broke into intervals."""

    async def of(self, interval_ids: Sequence[int]) -> Sequence[Interruption]:
        """Answer the interruptions of some intervals, in the order in which they came."""
        ...

    async def get(self, user_id: int, interruption_id: int) -> Interruption | None:
        """Answer an interruption of an interval of this user."""
        ...

    async def add(self, interruption: Interruption) -> Interruption:
        """Store one; answer it with its number. One that has a number already keeps it (redo)."""
        ...

    async def remove(self, interruption_id: int) -> None:
        """Take one out of the record."""
        ...


@dataclass(frozen=True, slots=True)
class Interrupted:
    """An interruption as reports show it: `at` is on the clock of the place, `task` the name of what it broke into."""

    at: datetime
    kind: InterruptionKind
    task: str | None
    note: str


class Tallies(Protocol):
    """What ended intervals come to. Totals of days are kept in the transaction of whatever changes them."""

    async def are_kept(self, user_id: int, day_start: time) -> bool:
        """Tell whether there are totals of days that begin at `day_start`."""
        ...

    async def keep(self, user_id: int, day_start: time) -> None:
        """Have such totals from now on; they are not kept yet."""
        ...

    async def forget(self, user_id: int) -> Sequence[time]:
        """Keep none from now on, and answer the `day_start` of those that were kept: much is about to change."""
        ...

    async def of_days(self, user_id: int, day_start: time, wanted: Days) -> Mapping[date, Tally]:
        """Answer the totals, which are kept, of days that have any, in order."""
        ...

    async def recounted(self, user_id: int, day_start: time) -> Mapping[date, Tally]:
        """Answer what the totals of all days must be, counted anew."""
        ...

    async def parts(
        self, user_id: int, day_start: time, wanted: Days, tasks: Sequence[int] | None = None
    ) -> Sequence[Part]:
        """Answer the totals of hours and tasks in order; of some tasks, if they are given."""
        ...

    async def interrupted(self, user_id: int, day_start: time, wanted: Days) -> Sequence[Interrupted]:
        """Answer what broke into the intervals of these days, the current one too, in the order in which it came."""
        ...
