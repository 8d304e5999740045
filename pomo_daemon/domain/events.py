"""Facts that the daemon announces. A type, once published, keeps its meaning (docs/protocol.md lists them)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pomo_daemon.domain.interval import GapReason, Interval, Phase


class EventType(StrEnum):
    """The types of events, as on the wire."""

    STARTED = "interval.started"
    PAUSED = "interval.paused"
    RESUMED = "interval.resumed"
    EXTENDED = "interval.extended"
    REOPENED = "interval.reopened"
    ENDING = "interval.ending"
    COMPLETED = "interval.completed"
    STOPPED = "interval.stopped"
    SKIPPED = "interval.skipped"
    CANCELLED = "interval.cancelled"
    DISMISSED = "timer.dismissed"
    INTERRUPTED = "interval.interrupted"
    CORRECTED = "interval.corrected"
    RECORDED = "interval.recorded"
    REMOVED = "interval.removed"
    CONFLICT = "interval.conflict"
    IMPORTED = "history.imported"
    TASK_CREATED = "task.created"
    TASK_CHANGED = "task.changed"
    CATEGORY_CHANGED = "category.changed"
    SCHEDULE_CREATED = "schedule.created"
    SCHEDULE_CHANGED = "schedule.changed"
    SCHEDULE_DELETED = "schedule.deleted"
    SCHEDULE_FIRED = "schedule.fired"
    SCHEDULE_MISSED = "schedule.missed"
    UNDONE = "change.undone"
    REDONE = "change.redone"
    LOGIN_CREATED = "login.created"
    LOGIN_REVOKED = "login.revoked"
    PASSWORD_CHANGED = "user.password_changed"  # noqa: S105  # an event, not a password


@dataclass(frozen=True, slots=True)
class IntervalEvent:
    """What became of an interval.

    `at` is when it happened, which for a deadline that passed unnoticed lies before it was seen. `next` is the phase
    that follows a completed one, `waits` whether it waits for the user instead of starting by itself. `reason` tells
    why it was paused, or that it ended by a suspend.
    """

    type: EventType
    at: datetime
    interval: Interval
    next: Phase | None = None
    waits: bool = False
    reason: GapReason | None = None
