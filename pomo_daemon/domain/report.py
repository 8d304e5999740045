"""Reports: what intervals come to, by day, hour, task and the like. Pure.

An interval counts whole, where it began: on the day and at the hour that the clock on the wall showed there and then.
So neither a journey nor a change of the clocks moves what is past to another day.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from pomo_daemon.domain.days import WeekStart
from pomo_daemon.domain.interruption import InterruptionKind
from pomo_daemon.domain.interval import Interval, Phase, Status

_SECOND: Final = timedelta(seconds=1)
_DAY: Final = timedelta(days=1)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY: Final = _EPOCH.toordinal()


class Tally(NamedTuple):
    """What some intervals come to. Of a focus all time counts; `stopped` is one that was no pomodoro."""

    focus_s: int = 0
    pomodoros: int = 0
    stopped: int = 0
    break_s: int = 0
    breaks: int = 0
    internal: int = 0
    external: int = 0

    def __bool__(self) -> bool:
        return any(self)


#: The columns of the totals.
COUNTS: Final = Tally._fields


def total(tallies: Iterable[Tally]) -> Tally:
    """Add up."""
    return Tally(*map(sum, zip(*tallies, strict=True)))


def tally_of(interval: Interval, now: datetime, interruptions: Iterable[InterruptionKind] = ()) -> Tally:
    """Answer what one interval comes to, in whole seconds as the record shows them; nothing if it was cancelled."""
    if interval.status is Status.CANCELLED:
        return Tally()
    spent, kinds = interval.elapsed(now) // _SECOND, list(interruptions)
    focus, ended = interval.phase is Phase.FOCUS, interval.ended_at is not None
    done = interval.status is Status.COMPLETED
    return Tally(
        focus_s=spent if focus else 0,
        pomodoros=int(focus and done),
        stopped=int(focus and ended and not done),
        break_s=0 if focus else spent,
        breaks=int(not focus),
        internal=kinds.count(InterruptionKind.INTERNAL),
        external=kinds.count(InterruptionKind.EXTERNAL),
    )


@lru_cache(maxsize=256)
def zone_named(name: str) -> tzinfo:
    """Answer a zone; UTC for a name that is not known here."""
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        return UTC


def local_start(interval: Interval) -> int:
    """Answer what the clock on the wall showed as it began: seconds since 1970, as if that clock were UTC's."""
    return seconds_of(interval.started_at.astimezone(zone_named(interval.zone)))


def seconds_of(local: datetime) -> int:
    """Answer the reading of a clock on the wall as seconds since 1970."""
    return (local.replace(tzinfo=UTC) - _EPOCH) // _SECOND


def shift_of(day_start: time) -> int:
    """Answer how many seconds after midnight a day begins."""
    return day_start.hour * 3600 + day_start.minute * 60 + day_start.second


def time_of(shift: int) -> time:
    """Answer when a day begins, that begins so many seconds after midnight."""
    return time(shift // 3600, shift // 60 % 60, shift % 60)


def day_number(day: date) -> int:
    """Answer a day as its number since 1970."""
    return day.toordinal() - _EPOCH_DAY


def day_numbered(number: int) -> date:
    """Answer the day of a number."""
    return date.fromordinal(number + _EPOCH_DAY)


def month_of(day: date) -> str:
    """Answer the month of a day: `2026-11`."""
    return day.isoformat()[:7]


class Period(StrEnum):
    """A stretch of the calendar."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


class By(StrEnum):
    """What the rows of a report are."""

    TASK = "task"
    CATEGORY = "category"
    DAY = "day"
    MONTH = "month"
    WEEKDAY = "weekday"
    HOUR = "hour"


@dataclass(frozen=True, slots=True)
class Days:
    """Days from `first` to `last`, both among them."""

    first: date
    last: date

    def __len__(self) -> int:
        return (self.last - self.first).days + 1

    def each(self) -> Sequence[date]:
        """Answer every day."""
        return [self.first + timedelta(days=it) for it in range(len(self))]


def days_of(period: Period, day: date, week_start: WeekStart) -> Days:
    """Answer the period that holds a day."""
    match period:
        case Period.DAY:
            return Days(day, day)
        case Period.WEEK:
            first = day - timedelta(days=(day.weekday() + (week_start is WeekStart.SUNDAY)) % 7)
            return Days(first, first + timedelta(days=6))
        case Period.MONTH:
            first = day.replace(day=1)
            return Days(first, (first + timedelta(days=31)).replace(day=1) - _DAY)
        case Period.YEAR:
            return Days(day.replace(month=1, day=1), day.replace(month=12, day=31))


def before(days: Days, period: Period | None, today: date, week_start: WeekStart) -> Days:
    """Answer the period before, as far as this one has come: on a Tuesday, Monday and Tuesday of the last week."""
    if period is None:
        whole = Days(days.first - timedelta(days=len(days)), days.first - _DAY)
    else:
        whole = days_of(period, days.first - _DAY, week_start)
    if not days.first <= today < days.last:
        return whole
    return Days(whole.first, min(whole.last, whole.first + (today - days.first)))


def usual_rows(period: Period | None, days: Days) -> By:
    """Answer what the rows are where nobody says: the finest that can be taken in at a glance."""
    if period is Period.DAY or len(days) == 1:
        return By.HOUR
    return By.MONTH if len(days) > 62 else By.DAY  # noqa: PLR2004  # two months


@dataclass(frozen=True, slots=True)
class Part:
    """What came together of one task within one hour of a day; `task_id` 0 is none."""

    day: date
    hour: int
    task_id: int
    tally: Tally


@dataclass(frozen=True, slots=True)
class Streak:
    """Days in a row that reached the goal."""

    first: date | None = None
    last: date | None = None

    def __len__(self) -> int:
        return len(Days(self.first, self.last)) if self.first and self.last else 0


def streaks(reached: Iterable[date]) -> Sequence[Streak]:
    """Answer the runs of days without a hole, oldest first; the days in order."""
    found: list[Streak] = []
    for day in reached:
        if found and found[-1].last == day - _DAY:
            found[-1] = Streak(found[-1].first, day)
        else:
            found.append(Streak(day, day))
    return found


def current_streak(runs: Sequence[Streak], today: date) -> Streak:
    """Answer the run that still can grow: one that reaches to today, or to yesterday as today is not over."""
    return runs[-1] if runs and runs[-1].last in (today, today - _DAY) else Streak()
