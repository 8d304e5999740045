"""The tables of the database in memory."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from pomo_daemon.application.ports import Announcement, Change, LoginRecord, RefreshRecord, TimerRecord
from pomo_daemon.domain.account import Account
from pomo_daemon.domain.commit import Commit
from pomo_daemon.domain.interruption import Interruption
from pomo_daemon.domain.interval import Interval
from pomo_daemon.domain.schedule import Schedule
from pomo_daemon.domain.task import Category, Task
from pomo_daemon.domain.throttle import Attempts


@dataclass
class Rows:
    """The tables. Every value is immutable, so a copy of the dictionaries is a copy of all."""

    users: dict[int, Account] = field(default_factory=dict)
    logins: dict[int, LoginRecord] = field(default_factory=dict)
    refresh_tokens: dict[str, RefreshRecord] = field(default_factory=dict)
    attempts: dict[str, Attempts] = field(default_factory=dict)
    timers: dict[int, TimerRecord] = field(default_factory=dict)
    intervals: dict[int, tuple[int, Interval]] = field(default_factory=dict)
    tasks: dict[int, tuple[int, Task]] = field(default_factory=dict)
    categories: dict[int, tuple[int, Category]] = field(default_factory=dict)
    schedules: dict[int, tuple[int, Schedule]] = field(default_factory=dict)
    commits: dict[tuple[int, int, str], Commit] = field(default_factory=dict)
    interruptions: dict[int, Interruption] = field(default_factory=dict)
    day_starts: dict[tuple[int, int], None] = field(default_factory=dict)
    changes: dict[int, tuple[int, Change]] = field(default_factory=dict)
    #: What imports brought, by owner and source: the number of the import, and what came of it.
    sources: dict[tuple[int, bytes], tuple[int, int]] = field(default_factory=dict)
    #: What was taken out again, by the change: rows of other tables.
    shelf: dict[int, tuple[tuple[str, Any, Any], ...]] = field(default_factory=dict)
    #: The last number that each table gave out: numbers are never given out twice.
    numbers: dict[str, int] = field(default_factory=dict)
    events: dict[tuple[int, int], Announcement] = field(default_factory=dict)
    last_seq: dict[int, int] = field(default_factory=dict)
    deliveries: dict[tuple[int, str], int] = field(default_factory=dict)
    requests: dict[tuple[int, str], bytes] = field(default_factory=dict)

    def copy(self) -> "Rows":
        """Answer an independent copy."""
        other = Rows.__new__(Rows)
        other.__dict__.update({name: table.copy() for name, table in self.__dict__.items()})
        return other


def number(rows: Rows, table: str, given: int | None) -> int:
    """Answer the number of a new row: the one it has already, or the next."""
    found = given or rows.numbers.get(table, 0) + 1
    rows.numbers[table] = max(found, rows.numbers.get(table, 0))
    return found


def plain(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Answer what a JSON column would."""
    return msgspec.json.decode(msgspec.json.encode(data), type=dict[str, Any])
