"""What a machine keeps of a timer while the shared database is away: the timer as last known, and commands to it."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from pomo_daemon.application.history import Interrupt
from pomo_daemon.application.ports import StoreError, TimerRecord
from pomo_daemon.application.timer import Order, TaskChoice
from pomo_daemon.domain import timer as commands
from pomo_daemon.domain.cycle import Rules
from pomo_daemon.domain.events import IntervalEvent
from pomo_daemon.domain.interval import Interval
from pomo_daemon.domain.timeline import Reading
from pomo_daemon.domain.timer import Timer

#: The form in which timers are kept.
FORM: Final = 1
_VERBS: Final = {
    it.__name__.lower(): it
    for it in (
        *(commands.Start, commands.Break, commands.Repeat, commands.Pause, commands.Resume, commands.Toggle),
        *(commands.Stop, commands.Finish, commands.Cancel, commands.Skip, commands.Extend, Interrupt),
    )
}
_WAKE: Final = "wake"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A timer as the database had it last, and what is shown with it; `seq` is the number of the latest event.

    `uid` is the OS user who needs no login for it, `ahead` by how much the database's clock is ahead of the machine's,
    `generation` counts the journals: commands are kept for this timer in the one of the same generation. `answers` are
    the latest to requests: one that is sent again is not done again.
    """

    user_id: int
    uid: int | None
    username: str
    record: TimerRecord
    names: dict[int, str]
    today: int
    day_end: datetime
    interruptions: int
    seq: int
    ahead: timedelta
    generation: int
    answers: dict[str, dict[str, Any]]
    form: int = FORM


class _Form(msgspec.Struct):
    form: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A command as it was given, or what time did (`action` None); marks of what it left, and of what it ended."""

    request_id: str
    action: Order | Interrupt | None
    hook_depth: int
    reading: Reading
    rules: Rules
    after: str
    ended: str

    @property
    def method(self) -> str:
        """Answer by which method it was given; empty for what time did."""
        return method_of(self.action)


def method_of(action: Order | Interrupt | None) -> str:
    """Answer the method by which something is asked of a timer; empty for what time does."""
    return "" if action is None else f"timer.{_verb(action)}"


def mark(timer: Timer) -> str:
    """Answer a mark that two timers share if they stand alike: what runs, or is due, since when, and its gaps.

    Numbers of rows are left out: what was kept here has none yet.
    """
    return _digest((outline(timer.current), timer.due and (timer.due.phase, timer.due.since, outline(timer.due.after))))


def mark_ended(events: Sequence[object]) -> str:
    """Answer such a mark of the intervals that ended; empty if none did."""
    ended = [it.interval for it in events if isinstance(it, IntervalEvent) and it.interval.ended_at is not None]
    return _digest([outline(it) for it in ended]) if ended else ""


def _digest(held: Any) -> str:  # noqa: ANN401
    return hashlib.blake2b(msgspec.json.encode(held), digest_size=8).hexdigest()


def outline(interval: Interval | None) -> tuple[Any, ...] | None:
    """Answer what makes an interval the same as another one: all but its numbers, and its words."""
    if interval is None:
        return None
    return (interval.phase, interval.status, interval.started_at, interval.ended_at, interval.planned, interval.gaps)


def write_known(known: Known) -> bytes:
    """Write a timer."""
    return msgspec.json.encode(known)


def read_known(data: bytes) -> Known | None:
    """Read a timer, None for one that is not whole. Raises StoreError for a form of a newer pomo."""
    try:
        if msgspec.json.decode(data, type=_Form).form > FORM:
            raise StoreError("database.newer", "The timer was kept by a newer pomo: update this one.")
        return msgspec.json.decode(data, type=Known)
    except msgspec.MsgspecError:
        return None


def write_entry(entry: Entry) -> bytes:
    """Write a command as one line."""
    action = entry.action
    given: Any = action.command if isinstance(action, Order) else action
    fields = {
        "id": entry.request_id,
        "verb": _verb(action),
        "with": given or {},
        "task": action.task if isinstance(action, Order) else None,
        "hook_depth": entry.hook_depth,
        "reading": entry.reading,
        "rules": entry.rules,
        "after": entry.after,
        "ended": entry.ended,
    }
    return msgspec.json.encode(fields, enc_hook=str)


def read_entry(line: bytes) -> Entry:
    """Read a command. Raises StoreError for one that this pomo does not know."""
    try:
        fields = msgspec.json.decode(line, type=dict[str, Any])
        return Entry(
            request_id=fields["id"],
            action=_action(fields),
            hook_depth=fields["hook_depth"],
            reading=msgspec.convert(fields["reading"], Reading),
            rules=msgspec.convert(fields["rules"], Rules, dec_hook=_zone),
            after=fields["after"],
            ended=fields["ended"],
        )
    except (msgspec.MsgspecError, KeyError, TypeError) as error:
        raise StoreError("database.newer", "The journal was written by a newer pomo: update this one.") from error


def _verb(action: Order | Interrupt | None) -> str:
    if action is None:
        return _WAKE
    return type(action.command if isinstance(action, Order) else action).__name__.lower()


def _action(fields: Mapping[str, Any]) -> Order | Interrupt | None:
    if fields["verb"] == _WAKE:
        return None
    given: Any = msgspec.convert(fields["with"], _VERBS[fields["verb"]])
    if isinstance(given, Interrupt):
        return given
    return Order(given, fields["task"] and msgspec.convert(fields["task"], TaskChoice))


def _zone(kind: type, value: Any) -> Any:  # noqa: ANN401  # as msgspec calls it
    """Read a time zone by its name."""
    return ZoneInfo(value) if kind is tzinfo else value
