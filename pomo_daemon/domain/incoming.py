"""Intervals and tasks on their way in from a file: what they may hold. Pure.

There may be a million of them, so that instants and lengths are whole microseconds, instants since 1970: to make each
a datetime, and that back into what is stored, took more than all the rest.
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from pomo_daemon.domain.commit import SUBJECT_LENGTH, check_sha
from pomo_daemon.domain.errors import Invalid
from pomo_daemon.domain.interruption import InterruptionKind
from pomo_daemon.domain.interval import GapReason, Phase, Status
from pomo_daemon.domain.report import zone_named
from pomo_daemon.domain.task import MAX_NAME, check_count, check_name, check_text, printable

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_NONE: Final = timedelta(0)
_LAST: Final = (datetime(9000, 1, 1, tzinfo=UTC) - EPOCH) // _MICROSECOND
_PHASES: Final = frozenset(Phase)
_OUTCOMES: Final = (Status.COMPLETED, Status.STOPPED, Status.SKIPPED)
_ZONE_LENGTH: Final = 64
_REPOSITORY_LENGTH: Final = 1000
#: More of these belong to no interval that anybody had.
_PARTS: Final = 10_000


class GapIn(NamedTuple):
    """A stretch that does not count."""

    started_at: int
    ended_at: int
    reason: str


class InterruptionIn(NamedTuple):
    """What broke in; `key` is its number in the file, 0 where it has none."""

    kind: str
    at: int
    note: str
    key: int


class CommitIn(NamedTuple):
    """What was committed meanwhile."""

    sha: str
    subject: str
    repository: str
    at: int


Part = GapIn | InterruptionIn | CommitIn


class CategoryIn(NamedTuple):
    """A category that is to be there; `line` is where the file has it."""

    line: int
    name: str
    key: int = 0


class TaskIn(NamedTuple):
    """A task, which intervals mean by its `number`. Without a `source` it comes only if an interval needs it."""

    line: int
    number: int
    name: str
    category: str | None = None
    source: str = ""
    key: int = 0
    description: str = ""
    pomodoro_count: int = 0
    due: int | None = None
    created_at: int | None = None
    updated_at: int | None = None
    completed_at: int | None = None
    deleted_at: int | None = None

    @property
    def state(self) -> tuple[bool, bool]:
        """Answer whether it is done, and whether it is deleted."""
        return self.completed_at is not None, self.deleted_at is not None


class IntervalIn(NamedTuple):
    """An interval that has ended. `source` is what its program knows it by, `key` its number there, 0 for none."""

    line: int
    source: str
    phase: str
    status: str
    started_at: int
    ended_at: int
    planned: int | None
    zone: str
    note: str
    task: int | None
    key: int = 0


Row = CategoryIn | TaskIn | IntervalIn | Part


def microseconds(moment: datetime) -> int:
    """Answer an instant as microseconds since 1970."""
    return (moment - EPOCH) // _MICROSECOND


def moment(value: int) -> datetime:
    """Answer the instant so many microseconds after 1970."""
    return EPOCH + timedelta(0, 0, value)


def wall_clock(row: IntervalIn) -> int:
    """Answer what the clock on the wall showed as an interval began: see `domain.report.local_start`."""
    started = row.started_at // 1_000_000
    offset = datetime.fromtimestamp(started, zone_named(row.zone)).utcoffset() or _NONE
    return started + offset.days * 86_400 + offset.seconds


def fingerprint(kind: str, source: str) -> bytes:
    """Answer by what a thing of a file is known again: `kind` is `interval` or `task`."""
    return hashlib.blake2b(f"{kind}\0{source}".encode(), digest_size=16).digest()


def check_interval(row: IntervalIn, now: int) -> IntervalIn:
    """Answer an interval as it can be stored. Raises Invalid with the field that cannot."""
    if row.phase not in _PHASES:
        raise Invalid(f"phase: {row.phase[:40]!r} is not one of {', '.join(Phase)}.")
    if row.status not in _OUTCOMES:
        raise Invalid(f"status: {row.status[:40]!r} is not one of {', '.join(_OUTCOMES)}.")
    if row.started_at < 0:
        raise Invalid("started_at: lies before 1970.")
    if row.ended_at < row.started_at:
        raise Invalid("ended_at: lies before the start.")
    if row.ended_at > now:
        raise Invalid("ended_at: lies in the future.")
    if row.planned is not None and not 0 < row.planned <= _LAST:
        raise Invalid("planned: must be more than nothing.")
    if len(row.zone) > _ZONE_LENGTH:
        raise Invalid("zone: is not the name of a time zone.")
    printable("zone", row.zone)
    return row._replace(note=check_text("note", row.note)) if row.note else row


def check_parts(row: IntervalIn, parts: Sequence[Part]) -> None:
    """See that what belongs to an interval fits it. Raises Invalid with the field that does not."""
    if len(parts) > _PARTS:
        raise Invalid(f"gaps: there are {len(parts)}, at most {_PARTS} are allowed.")
    free = row.started_at
    for it in parts:
        match it:
            case GapIn():
                if not free <= it.started_at <= it.ended_at <= row.ended_at:
                    raise Invalid("gaps: do not lie within the interval, one after the other.")
                if it.reason not in frozenset(GapReason):
                    raise Invalid(f"gaps: {it.reason[:40]!r} is no reason for one.")
                free = it.ended_at
            case InterruptionIn():
                if it.kind not in frozenset(InterruptionKind):
                    raise Invalid(f"interruptions: {it.kind[:40]!r} is no kind of them.")
                _instant("interruptions", it.at)
                check_text("interruptions", it.note)
            case CommitIn():
                _instant("commits", it.at)
                check_sha(it.sha)
                if len(it.subject) > SUBJECT_LENGTH or len(it.repository) > _REPOSITORY_LENGTH:
                    raise Invalid("commits: a subject or a folder is too long.")


def check_task(row: TaskIn) -> TaskIn:
    """Answer a task as it can be stored. Raises Invalid."""
    for name in ("due", "created_at", "updated_at", "completed_at", "deleted_at"):
        _instant(name, getattr(row, name) or 0)
    check_count(row.pomodoro_count)
    return row._replace(
        name=check_name(row.name),
        category=None if row.category is None else check_category(row.category),
        description=check_text("description", row.description),
    )


def check_category(name: str) -> str:
    """Answer the name of a category. Raises Invalid."""
    try:
        name = check_name(name)
    except Invalid as error:
        raise Invalid(f"category: {error.message}") from None
    if name.removeprefix("#").isdigit():
        raise Invalid(f"category: {name[:MAX_NAME]!r} is a number, and no name.")
    return name


def _instant(field: str, value: int) -> None:
    if not 0 <= value <= _LAST:
        raise Invalid(f"{field}: names no instant from 1970 to 9000.")
