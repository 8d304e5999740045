"""An account of what must come of each interval, kept by the boot clock alone from the events as they are committed.

It knows neither the domain nor the time line of a timer: only what was asked for, and when it was done.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from pomo_daemon.application.ports import Announcement, TimerRecord
from pomo_daemon.domain.interval import Interval, Status
from pomo_daemon.domain.timer import Command, Extend, Finish

NOTHING: Final = timedelta(0)
#: How far by the boot clock from its deadline an interval may be completed, and its length be from what was spent.
TOLERANCE: Final = timedelta(milliseconds=50)
#: What one wake-up may lead to.
BY_ITSELF: Final[tuple[list[str], ...]] = ([], ["completed"], ["completed", "started"], ["ending"], ["paused"])
#: And what it may lead to besides after the machine was away.
BY_SLEEP: Final[tuple[list[str], ...]] = (["stopped"], ["skipped"])


@dataclass
class Account:
    """One interval: `spent` up to `since`, and on from there; `since` is None while it is paused.

    It may be over when it is `known`: a start in the past.
    """

    known: timedelta
    planned: timedelta | None
    since: timedelta | None
    spent: timedelta = NOTHING

    def at(self, boottime: timedelta) -> timedelta:
        """Answer what is spent by then."""
        return self.spent if self.since is None else self.spent + boottime - self.since

    def hold(self, boottime: timedelta, since: timedelta | None) -> None:
        """Settle what is spent by `boottime`; it goes on from `since`, or not."""
        self.spent, self.since = self.at(boottime), since

    @property
    def due(self) -> timedelta | None:
        """Answer when it is over, None for never."""
        if self.planned is None or self.since is None:
            return None
        return self.since + self.planned - self.spent


@dataclass
class Ledger:
    """All accounts. `awake_since` is since when the daemon could have noticed anything."""

    awake_since: timedelta
    accounts: dict[int, Account] = field(default_factory=dict)
    completed: dict[int, int] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)
    completions: int = 0
    booting: bool = False
    tolerance: timedelta = TOLERANCE
    #: Since when the machine was away that is just back.
    slept_at: timedelta | None = None

    def take(
        self,
        events: Sequence[Announcement],
        intervals: Mapping[int, Interval],
        boottime: timedelta,
        command: Command | None,
        ago: timedelta,
    ) -> None:
        """Account for a commit: by a command that was given, or by a wake-up."""
        events = [event for event in events if event.type.startswith("interval.")]
        kinds = [event.type.removeprefix("interval.") for event in events]
        if command is None:
            away = self.booting or self.slept_at is not None
            assert kinds in BY_ITSELF or (away and kinds in BY_SLEEP), f"one wake-up did {kinds}"
            assert "paused" not in kinds or away, "nobody paused it"
            if self.slept_at is not None and kinds in (["paused"], *BY_SLEEP):
                boottime = self.slept_at
        by_hand = -1
        if isinstance(command, Finish) and "completed" in kinds:
            by_hand = len(kinds) - 1 - kinds[::-1].index("completed")
        follows: timedelta | None = None
        for place, (kind, event) in enumerate(zip(kinds, events, strict=True)):
            number = event.data["interval"]["interval_id"]
            self.log.append(f"    {kind} {number} at {boottime}")
            if kind == "started":
                since = boottime - ago if follows is None else follows
                self.accounts[number] = Account(boottime, intervals[number].planned, since)
            follows = self._enter(kind, intervals[number], boottime, command, by_hand=place == by_hand)
            follows = None if event.data["waits"] else follows

    def _enter(
        self, kind: str, interval: Interval, now: timedelta, command: Command | None, *, by_hand: bool
    ) -> timedelta | None:
        """Enter one event; answer when the interval was completed if it was."""
        account = self.accounts[interval.interval_id or 0]
        match kind:
            case "paused":
                account.hold(now, None)
            case "resumed":
                account.since = now
            case "extended":
                assert isinstance(command, Extend)
                assert account.planned is not None
                account.planned += command.by
            case "reopened":
                assert isinstance(command, Extend)
                self.completed[interval.interval_id or 0] -= 1
                account.planned = None if account.planned is None else account.at(now) + command.by
            case "completed":
                return self._complete(interval, account, now, by_hand=by_hand)
            case _:
                pass
        return None

    def _complete(self, interval: Interval, account: Account, now: timedelta, *, by_hand: bool) -> timedelta:
        number = interval.interval_id or 0
        self.completed[number] = self.completed.get(number, 0) + 1
        self.completions += 1
        assert self.completed[number] == 1, f"interval {number} was completed twice"
        spent = (interval.ended_at or interval.started_at) - interval.started_at
        spent -= sum(((gap.ended_at or gap.started_at) - gap.started_at for gap in interval.gaps), NOTHING)
        if by_hand:
            account.hold(now, now)
            assert abs(account.spent - spent) <= self.tolerance, f"{account}, but {interval}"
            return now
        assert spent == interval.planned, f"completed with {spent} of {interval.planned}"
        if self.booting:
            account.spent, account.since = spent, now
            return now
        due = account.due
        assert due is not None, f"interval {number} was completed while nothing was due"
        assert due - self.tolerance <= now <= max(due, account.known, self.awake_since) + self.tolerance, (
            f"due at {due}, completed at {now}"
        )
        account.hold(due, due)
        return due

    def booted(self, record: TimerRecord, boottime: timedelta) -> None:
        """Go on after a boot, which only the wall clock has measured, from what the timer made of it."""
        timer, anchor = record.timer, record.anchor
        if anchor is None:
            return
        if (current := timer.current) is not None:
            account = self.accounts[current.interval_id or 0]
            account.spent = current.elapsed(anchor.wall)
            account.since = boottime if current.status is Status.RUNNING else None
        elif timer.due is not None:
            account = self.accounts[timer.due.after.interval_id or 0]
            account.since = boottime - (anchor.wall - timer.due.since)
