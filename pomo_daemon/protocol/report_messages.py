"""The messages of reports. The daemon's side only, as messages.py."""

from datetime import date, datetime
from typing import Literal

import msgspec

from pomo_daemon.protocol.messages import Name


class DaysParams(msgspec.Struct, frozen=True, rename={"from_": "from"}):
    """Days, both ends among them; `period` is the one that holds `from`, or today. Without any: this week."""

    from_: date | None = None
    to: date | None = None
    period: Literal["day", "week", "month", "year"] | None = None


class ReportParams(DaysParams, frozen=True):
    """What to sum up; `by`: what the rows are."""

    by: Literal["task", "category", "day", "month", "weekday", "hour"] | None = None
    task: Name | None = None
    category: Name | None = None


class Tally(msgspec.Struct, frozen=True):
    """What intervals come to; `stopped` focus intervals are no pomodoros, but their time counts."""

    focus_s: int
    pomodoros: int
    stopped: int
    break_s: int
    breaks: int
    internal: int
    external: int


class ReportRow(Tally, frozen=True, kw_only=True):
    """One row: `key` is a day, a month, a weekday, an hour, the number of a task, or a category; empty for none."""

    key: str
    label: str


class Before(msgspec.Struct, frozen=True, rename={"from_": "from"}):
    """The days before, as far as these have come."""

    from_: date
    to: date
    total: Tally


class ReportResult(msgspec.Struct, frozen=True, rename={"from_": "from"}):
    """A report. Rows add up to the total; `reached` counts the days with as many pomodoros as `goal`."""

    from_: date
    to: date
    by: str
    rows: tuple[ReportRow, ...]
    total: Tally
    previous: Before
    goal: int
    reached: int
    today: date


class Estimate(msgspec.Struct, frozen=True):
    """A task that is done; `actual` pomodoros stand against the estimate."""

    task_id: int
    task: str
    category: str | None
    estimate: int
    actual: int
    completed_at: datetime


class Accuracy(msgspec.Struct, frozen=True):
    """Estimates of some tasks; `factor` is what they took over what was thought, `close` those off by one at most."""

    key: str
    tasks: int
    estimate: int
    actual: int
    factor: float
    close: int


class EstimatesResult(msgspec.Struct, frozen=True):
    """Estimates against what was needed, of tasks that are done: each, by category, by month, and all."""

    tasks: tuple[Estimate, ...]
    categories: tuple[Accuracy, ...]
    months: tuple[Accuracy, ...]
    total: Accuracy


class InterruptionRow(msgspec.Struct, frozen=True):
    """What broke in; `at` is on the clock of the place."""

    at: datetime
    kind: str
    task: str | None
    note: str


class HourCount(msgspec.Struct, frozen=True):
    """Interruptions within an hour of the day."""

    hour: int
    internal: int
    external: int


class InterruptionsResult(msgspec.Struct, frozen=True, rename={"from_": "from"}):
    """Interruptions of some days."""

    from_: date
    to: date
    internal: int
    external: int
    pomodoros: int
    hours: tuple[HourCount, ...]
    interruptions: tuple[InterruptionRow, ...]


class DayTotal(msgspec.Struct, frozen=True):
    """What a day came to."""

    day: date
    focus_s: int
    pomodoros: int


class Run(msgspec.Struct, frozen=True, rename={"from_": "from"}):
    """Days in a row that reached the goal; none: a length of 0."""

    days: int
    from_: date | None
    to: date | None


class CalendarResult(msgspec.Struct, frozen=True, rename={"from_": "from"}):
    """Days that have something; the streaks are of the whole record. Where there is no goal, it is one pomodoro."""

    from_: date
    to: date
    today: date
    goal: int
    reached: int
    week_start: str
    days: tuple[DayTotal, ...]
    current: Run
    longest: Run
