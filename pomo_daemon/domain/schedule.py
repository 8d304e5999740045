"""What is to happen by the calendar, and what comes of a time at which it was due."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class ScheduleAction(StrEnum):
    """What a schedule does."""

    START = "start"
    NOTIFY = "notify"


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """One schedule of a user: `cron` on the clock of `zone` starts the task, or shows the text.

    `next_at` is when it is due next: None while it is paused, and where that is still to be found out. `schedule_id` 0
    is not stored yet.
    """

    schedule_id: int = 0
    cron: str
    action: ScheduleAction
    task_id: int | None = None
    text: str = ""
    zone: str
    paused: bool = False
    next_at: datetime | None = None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Turn:
    """What comes of a time at which a schedule was `due`: it `runs`, or was missed. Then `next_at` is up."""

    due: datetime
    runs: bool
    next_at: datetime | None


def turn(due: datetime, now: datetime, grace: timedelta, after: Callable[[datetime], datetime | None]) -> Turn:
    """Decide about what was due: it runs once if any of its times is at most `grace` ago, however many there were.

    `after` answers the first of its times after an instant. None of those missed is made up for.
    """
    latest = due if now - due <= grace else after(now - grace - timedelta(microseconds=1))
    if latest is None or latest > now:
        return Turn(due, runs=False, next_at=latest)
    following = after(latest)
    while following is not None and following <= now:
        latest, following = following, after(following)
    return Turn(latest, runs=True, next_at=following)
