"""A timer that is kept on this machine while the shared database is away: its transactions, in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final, NoReturn, Self

from pomo_daemon.application.kept import Entry, Known, mark
from pomo_daemon.application.ports import Announcement, Draft, StoreError, TimerRecord
from pomo_daemon.domain.interruption import Interruption
from pomo_daemon.domain.interval import Interval, Phase, Status
from pomo_daemon.domain.task import Task
from pomo_daemon.domain.timer import Timer


def away(message: str = "The database is away; nothing was changed.") -> StoreError:
    """Answer the error for what cannot be done meanwhile."""
    return StoreError("database.unavailable", message)


@dataclass(frozen=True, slots=True)
class State:
    """What is known here: numbers below 0 are given to what the database does not have yet."""

    record: TimerRecord
    intervals: Mapping[int, Interval]
    names: Mapping[int, str]
    interruptions: tuple[Interruption, ...] = ()
    lowest: int = 0

    @classmethod
    def of(cls, record: TimerRecord, names: Mapping[int, str]) -> Self:
        """Begin with a timer as the database had it."""
        return cls(record, {it.interval_id or 0: it for it in _held(record.timer)}, names)


def _held(timer: Timer) -> list[Interval]:
    return [it for it in (timer.current, timer.due.after if timer.due else None) if it is not None]


@dataclass(frozen=True, slots=True)
class Step:
    """A command that was carried out here: what was answered, and which intervals it touched."""

    entry: Entry
    answer: Mapping[str, Any]
    touched: frozenset[int]
    broke_in: tuple[Interruption, ...] = ()


@dataclass(slots=True)
class Local:
    """One user's timer while it is kept here: `done` steps are in the database, `unfit` ones do not fit there."""

    base: Known
    state: State
    steps: list[Step] = field(default_factory=list)
    done: int = 0
    unfit: list[Step] = field(default_factory=list)

    @classmethod
    def of(cls, base: Known) -> Self:
        """Begin with the timer as last known."""
        return cls(base, State.of(base.record, base.names))

    def answer(self, request_id: str | None) -> Mapping[str, Any] | None:
        """Answer what was answered to a request before."""
        here = next((it.answer for it in self.steps if it.entry.request_id == request_id), None)
        return self.base.answers.get(request_id or "") if here is None else here

    @property
    def before(self) -> str:
        """Answer the mark of the timer before the step that is to be brought in next."""
        return self.steps[self.done - 1].entry.after if self.done else mark(self.base.record.timer)

    def took(self, step: Step, state: State) -> None:
        """Go on from a step that was kept."""
        self.steps.append(step)
        self.state = state


class LocalUnit:
    """The UnitOfWork of such a timer: what a command to it needs, and of everything else that it is away.

    It works on a copy; `state` is what came of it.
    """

    def __init__(self, local: Local) -> None:
        self.state = local.state
        self.touched: set[int] = set()
        self._base = local.base
        refused: Any = _Away()
        self.users = self.logins = self.attempts = self.categories = self.commits = self.tallies = self.schedules = (
            refused
        )
        self.requests = self.imports = refused
        self.timers: Any = _Timers(self)
        self.intervals: Any = _Intervals(self, local.base)
        self.tasks: Any = _Tasks(self)
        self.interruptions: Any = _Interruptions(self, local.base)
        self.changes: Any = _Nothing()
        self.outbox: Any = _Outbox()

    def number(self) -> int:
        """Answer a number for something new."""
        self.state = replace(self.state, lowest=self.state.lowest - 1)
        return self.state.lowest


class _Away:
    """A repository that nobody can reach."""

    def __getattr__(self, _name: str) -> NoReturn:
        raise away()


class _Timers(_Away):
    def __init__(self, unit: LocalUnit) -> None:
        self._unit = unit

    async def load(self, _user_id: int) -> TimerRecord:
        return self._unit.state.record

    async def save(self, record: TimerRecord) -> TimerRecord:
        record = replace(record, version=record.version + 1)
        self._unit.state = replace(self._unit.state, record=record)
        return record


class _Intervals(_Away):
    def __init__(self, unit: LocalUnit, base: Known) -> None:
        self._unit = unit
        self._base = base

    async def add(self, _user_id: int, interval: Interval) -> Interval:
        stored = replace(interval, interval_id=self._unit.number())
        await self.update(_user_id, stored)
        return stored

    async def update(self, _user_id: int, interval: Interval) -> None:
        key = interval.interval_id or 0
        self._unit.touched.add(key)
        self._unit.state = replace(self._unit.state, intervals={**self._unit.state.intervals, key: interval})

    async def set_gaps(self, _interval: Interval, _before: Any = None) -> None:  # noqa: ANN401
        """`update` kept them."""

    async def overlapping(
        self, _user_id: int, start: datetime, end: datetime, *, but: int | None = None
    ) -> Interval | None:
        ended = [
            it
            for it in self._unit.state.intervals.values()
            if it.ended_at is not None and it.status is not Status.CANCELLED and it.interval_id != but
        ]
        return next((it for it in ended if it.started_at < end and (it.ended_at or end) > start), None)

    async def last_end(self, _user_id: int) -> datetime | None:
        touched = self._unit.state.record.timer.cycle.touched_at
        ended = [it.ended_at for it in self._unit.state.intervals.values() if it.status is not Status.CANCELLED]
        return max((it for it in (touched, *ended) if it is not None), default=None)

    async def completed_focus(self, _user_id: int, start: datetime, end: datetime) -> int:
        def counted(intervals: Sequence[Interval]) -> int:
            done = [it for it in intervals if it.phase is Phase.FOCUS and it.status is Status.COMPLETED]
            return sum(start <= it.started_at < end for it in done)

        before = self._base.today if self._base.day_end == end else 0
        here = counted(list(self._unit.state.intervals.values()))
        return before - counted(_held(self._base.record.timer)) + here


class _Tasks(_Away):
    """Of tasks only the names of those that the timer had to do with are known."""

    def __init__(self, unit: LocalUnit) -> None:
        self._unit = unit

    async def names(self, _user_id: int, task_ids: Sequence[int]) -> Mapping[int, str]:
        return {it: name for it in task_ids if (name := self._unit.state.names.get(it)) is not None}

    async def get(self, _user_id: int, task_id: int, *, deleted: bool = False) -> Task:  # noqa: ARG002
        name = self._unit.state.names.get(task_id)
        if name is None:
            raise away(f"The database is away, and task #{task_id} is not known here; nothing was changed.")
        return _task(task_id, name)

    async def open_named(self, _user_id: int, name: str) -> Sequence[Task]:
        wanted = name.casefold()
        return [_task(key, it) for key, it in self._unit.state.names.items() if it.casefold() == wanted][:1]

    async def add(self, _user_id: int, task: Task) -> Task:
        stored = replace(task, task_id=self._unit.number())
        self._unit.state = replace(self._unit.state, names={**self._unit.state.names, stored.task_id: stored.name})
        return stored


_WHENEVER: Final = datetime.max.replace(tzinfo=UTC)


def _task(task_id: int, name: str) -> Task:
    return Task(task_id=task_id, name=name, created_at=_WHENEVER, updated_at=_WHENEVER)


class _Interruptions(_Away):
    def __init__(self, unit: LocalUnit, base: Known) -> None:
        self._unit = unit
        self._base = base

    async def add(self, interruption: Interruption) -> Interruption:
        stored = replace(interruption, interruption_id=self._unit.number())
        state = self._unit.state
        self._unit.state = replace(state, interruptions=(*state.interruptions, stored))
        self._unit.touched.add(stored.interval_id)
        return stored

    async def of(self, interval_ids: Sequence[int]) -> Sequence[object]:
        """Answer as many as there are, which is all that is asked."""
        here = [it for it in self._unit.state.interruptions if it.interval_id in interval_ids]
        current = self._base.record.timer.current
        known = self._base.interruptions if current and current.interval_id in interval_ids else 0
        return [*range(known), *here]


class _Nothing(_Away):
    async def add(self, *_change: object) -> None:
        """Keep no change: it is made when the command is brought to the database."""


class _Outbox(_Away):
    async def append(self, user_id: int, drafts: Sequence[Draft]) -> Sequence[Announcement]:
        """Give them no numbers: those come from the database."""
        return [Announcement(user_id, 0, it.type, it.at, it.data) for it in drafts]

    async def last_seq(self, _user_id: int) -> int:
        return 0
