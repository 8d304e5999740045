"""One user's transaction under way: the timer as it stands, what happens to it, and what can be taken back later."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import msgspec

from pomo_daemon.application.ports import Announcement, Draft, Item, TimerRecord, UnitOfWork
from pomo_daemon.application.views import Snapshot, event_data
from pomo_daemon.domain.cycle import Rules
from pomo_daemon.domain.events import IntervalEvent
from pomo_daemon.domain.interval import Interval
from pomo_daemon.domain.timeline import Reading
from pomo_daemon.domain.timer import Timer, Transition


@dataclass(frozen=True, slots=True)
class TimerImage:
    """A timer as a change keeps it. That its user was warned is no part of it: the warning was seen."""

    timer: Timer
    anchor: Reading | None


def plain(value: Any) -> Any:  # noqa: ANN401
    """Turn a domain object into plain JSON, as it comes back from the store."""
    return msgspec.json.decode(msgspec.json.encode(value))


def image(record: TimerRecord) -> TimerImage:
    """Answer what a change keeps of a timer."""
    return TimerImage(replace(record.timer, warned=False), record.anchor)


@dataclass(slots=True)
class Work:
    """A transaction of one user. `now` is the time on the timer's line, `reading` all clocks when it was loaded."""

    unit: UnitOfWork
    record: TimerRecord
    reading: Reading
    now: datetime
    rules: Rules
    #: The timer before the user's own change, its overdue transition made: what an undo goes back to.
    base: TimerRecord
    pending: list[IntervalEvent | Draft] = field(default_factory=list)
    items: dict[tuple[str, int], Item] = field(default_factory=dict)
    #: What the change is called in the list of those that can be undone; empty: it cannot.
    label: str = ""
    #: Which of what is pending time did: so many from the first on. The rest is the user's, or the hook's.
    owed: int = 0
    hook_depth: int = 0
    #: The machine at which the user is, where several share the database.
    machine: str = ""
    #: Whether counts kept in memory may be wrong now.
    recount: bool = False
    #: Whether the timer must be stored although nothing happened.
    moved: bool = False
    #: What the request is answered, also when it is sent again.
    answer: dict[str, Any] = field(default_factory=dict)

    @property
    def user_id(self) -> int:
        """Answer whose transaction it is."""
        return self.record.user_id

    def touch(self, kind: str, key: int, before: object, after: object) -> None:
        """Note what a row was and what it is now, so that it can be taken back."""
        first = self.items.get((kind, key))
        self.items[kind, key] = Item(kind, key, first.before if first else plain(before), plain(after))

    def announce(self, kind: str, data: Mapping[str, Any]) -> None:
        """Announce a fact with the commit."""
        self.pending.append(Draft(kind, self.now, data))

    async def take(self, transition: Transition) -> None:
        """Store the intervals of a transition, and take its timer and events over, with the ids that they now have."""
        before, timer = self.record.timer, transition.timer
        for ended in transition.ended:
            await self._change(ended)
        current, events = timer.current, transition.events
        if current is not None and current.interval_id is None:
            stored = await self.unit.intervals.add(self.user_id, current)
            self.touch("interval", stored.interval_id or 0, None, stored)
            events = tuple(replace(it, interval=stored) if it.interval is current else it for it in events)
            timer = replace(timer, current=stored)
        elif current is not None and current != before.current:
            await self._change(current)
        self.record = replace(self.record, timer=timer)
        self.pending += events

    async def _change(self, interval: Interval) -> None:
        """Store an interval that the timer held before, and its gaps where those are others now."""
        timer = self.record.timer
        before = timer.current or (timer.due.after if timer.due else None)
        await self.unit.intervals.update(self.user_id, interval)
        if before is None or before.gaps != interval.gaps:
            await self.unit.intervals.set_gaps(interval, before.gaps if before else None)
        self.touch("interval", interval.interval_id or 0, before, interval)

    async def save_timer(self) -> None:
        """Store the timer over the version that is stored."""
        self.record = await self.unit.timers.save(self.record)

    def settled(self) -> None:
        """Draw the line between what time did and what the user does."""
        self.base = self.record
        self.owed = len(self.pending)
        self.items.clear()

    def drafts(self, names: Mapping[int, str]) -> list[Draft]:
        """Answer what is to be announced, in order. What a user did says where, what a hook did says so."""
        drafts = [
            Draft(it.type, it.at, event_data(it, names, self.now)) if isinstance(it, IntervalEvent) else it
            for it in self.pending
        ]
        marked = {name: it for name in ("hook_depth", "machine") if (it := getattr(self, name))}
        if marked:
            drafts[self.owed :] = [replace(it, data={**it.data, **marked}) for it in drafts[self.owed :]]
        return drafts

    def task_ids(self) -> list[int]:
        """Answer the tasks whose names are needed to tell of the timer and of what happened."""
        timer = self.record.timer
        held = [timer.last_task_id, timer.current.task_id if timer.current else None]
        held += [it.interval.task_id for it in self.pending if isinstance(it, IntervalEvent)]
        return sorted({task_id for task_id in held if task_id is not None})


@dataclass(frozen=True, slots=True)
class Done:
    """A transaction that was stored: what memory, the alarm and listeners are told after the commit."""

    snapshot: Snapshot
    announcements: tuple[Announcement, ...]
    answer: Mapping[str, Any]
    #: The number of the user's latest event.
    seq: int
