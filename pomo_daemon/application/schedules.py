"""Schedules: what is to happen by the calendar, and that it happens. Every change is one transaction to be undone."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any, Final

from pomo_daemon.application.ports import Clock, Cron, Store
from pomo_daemon.application.tasks import choose
from pomo_daemon.application.timer import Identity, TaskChoice, TimerService, apply
from pomo_daemon.application.work import Work, plain
from pomo_daemon.domain.cycle import Rules
from pomo_daemon.domain.errors import DomainError, ScheduleNotFound
from pomo_daemon.domain.events import EventType
from pomo_daemon.domain.schedule import Schedule, ScheduleAction, turn
from pomo_daemon.domain.task import check_name
from pomo_daemon.domain.timer import Start

log = logging.getLogger(__name__)

#: So many of its next times are shown of a schedule.
SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class ScheduleView:
    """A schedule as it is shown: with the name of its task and its next times, none while it is paused."""

    schedule_id: int
    cron: str
    action: str
    task: str | None
    task_id: int | None
    text: str
    zone: str
    paused: bool
    next: tuple[datetime, ...]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Planned:
    """A schedule as it is now, and whether a task was made for it."""

    schedule: ScheduleView
    task_created: bool = False


def image(schedule: Schedule | None) -> Any:  # noqa: ANN401  # it is JSON
    """Answer what a change keeps of a schedule: not when it is due next, which time alone moves."""
    return plain(schedule and replace(schedule, next_at=None))


class ScheduleService:
    """Schedules of the user who asks; those of others are not found."""

    def __init__(
        self, timers: TimerService, store: Store, clock: Clock, cron: Cron, rules: Callable[[], Rules]
    ) -> None:
        self._timers = timers
        self._store = store
        self._clock = clock
        self._cron = cron
        self._rules = rules

    async def list(self, who: Identity) -> Sequence[ScheduleView]:
        """Answer all schedules, oldest first."""
        now = self._clock.read().wall
        async with self._store.read() as unit:
            found = await unit.schedules.all(who.user_id)
            names = await unit.tasks.names(who.user_id, [it.task_id for it in found if it.task_id is not None])
        return [self._view(it, names.get(it.task_id or 0), now) for it in found]

    async def add(
        self, who: Identity, cron: str, action: ScheduleAction, words: str, *, create: bool, request_id: str | None
    ) -> Planned:
        """Make a schedule; `words` name the task, or are what is shown. Raises Invalid and what a task can raise."""

        async def act(work: Work) -> Schedule:
            now, zone = work.reading.wall, str(work.rules.zone)
            expression = self._cron.check(cron, zone, now)
            task_id, text = None, ""
            if action is ScheduleAction.START:
                task, work.answer["task_created"] = await choose(work, words, create=create)
                task_id = task.task_id
            else:
                text = check_name(words)
            made = Schedule(
                cron=expression,
                action=action,
                task_id=task_id,
                text=text,
                zone=zone,
                next_at=self._cron.after(expression, zone, now),
                created_at=now,
                updated_at=now,
            )
            stored = await work.unit.schedules.add(work.user_id, made)
            work.touch("schedule", stored.schedule_id, None, image(stored))
            return stored

        return await self._change(who, "add", EventType.SCHEDULE_CREATED, act, request_id)

    async def pause(self, who: Identity, schedule_id: int, request_id: str | None) -> Planned:
        """Let a schedule rest. Raises ScheduleNotFound."""
        return await self._alter(who, "pause", schedule_id, request_id)

    async def resume(self, who: Identity, schedule_id: int, request_id: str | None) -> Planned:
        """Go on with a schedule, on the clock of the zone that the user is in now. Raises ScheduleNotFound."""
        return await self._alter(who, "resume", schedule_id, request_id)

    async def _alter(self, who: Identity, verb: str, schedule_id: int, request_id: str | None) -> Planned:
        async def act(work: Work) -> Schedule:
            before = await _get(work, schedule_id)
            now, after = work.reading.wall, replace(before, paused=True, next_at=None)
            if verb == "resume":
                zone = str(work.rules.zone)
                after = replace(before, paused=False, zone=zone, next_at=self._cron.after(before.cron, zone, now))
            if image(after) == image(before):
                return before
            after = replace(after, updated_at=now)
            await work.unit.schedules.update(work.user_id, after)
            work.touch("schedule", schedule_id, image(before), image(after))
            return after

        return await self._change(who, verb, EventType.SCHEDULE_CHANGED, act, request_id)

    async def delete(self, who: Identity, schedule_id: int, request_id: str | None) -> Planned:
        """Take a schedule away. Raises ScheduleNotFound."""

        async def act(work: Work) -> Schedule:
            before = await _get(work, schedule_id)
            await work.unit.schedules.remove(work.user_id, schedule_id)
            work.touch("schedule", schedule_id, image(before), None)
            return before

        return await self._change(who, "delete", EventType.SCHEDULE_DELETED, act, request_id)

    async def _change(
        self,
        who: Identity,
        verb: str,
        kind: EventType,
        act: Callable[[Work], Awaitable[Schedule]],
        request_id: str | None,
    ) -> Planned:
        async def keep(work: Work) -> None:
            schedule = await act(work)
            name = await name_of(work, schedule)
            if ("schedule", schedule.schedule_id) in work.items:
                work.label = f"schedule {verb} {schedule.cron} {name or schedule.text}"
                work.announce(kind, told(schedule, name))
            work.answer.update(schedule=plain(schedule), name=name)

        answer = await self._timers.transact(who, keep, request_id, f"schedule.{verb}")
        import msgspec

        schedule = msgspec.convert(answer["schedule"], Schedule)
        view = self._view(schedule, answer["name"], self._clock.read().wall)
        return Planned(view, answer.get("task_created", False))

    def _view(self, schedule: Schedule, task: str | None, now: datetime) -> ScheduleView:
        times = () if schedule.paused else tuple(islice(self._times(schedule, now), SHOWN))
        return ScheduleView(
            schedule.schedule_id,
            schedule.cron,
            schedule.action,
            task,
            schedule.task_id,
            schedule.text,
            schedule.zone,
            schedule.paused,
            times,
            schedule.created_at,
        )

    def _times(self, schedule: Schedule, now: datetime) -> Any:  # noqa: ANN401
        at: datetime | None = now
        while at is not None and (at := self._cron.after(schedule.cron, schedule.zone, at)) is not None:
            yield at


def told(schedule: Schedule, name: str | None, **more: object) -> dict[str, Any]:
    """Answer what an event tells of a schedule."""
    return {
        "schedule_id": schedule.schedule_id,
        "cron": schedule.cron,
        "action": schedule.action,
        "task_id": schedule.task_id,
        "name": name,
        "text": schedule.text,
        **more,
    }


async def name_of(work: Work, schedule: Schedule) -> str | None:
    """Answer the name of the task that a schedule starts."""
    if schedule.task_id is None:
        return None
    return (await work.unit.tasks.names(work.user_id, [schedule.task_id])).get(schedule.task_id)


async def happen(cron: Cron, work: Work) -> None:
    """Settle every schedule of a user that is due: it happens, or is missed, and is due later then."""
    now = work.reading.wall
    for schedule in await work.unit.schedules.all(work.user_id):

        def after(at: datetime, it: Schedule = schedule) -> datetime | None:
            return cron.after(it.cron, it.zone, at)

        if schedule.paused or (schedule.next_at is not None and schedule.next_at > now):
            continue
        if schedule.next_at is None:
            # It was put back by an undo.
            await work.unit.schedules.update(work.user_id, replace(schedule, next_at=after(now)))
            continue
        what = turn(schedule.next_at, now, work.rules.schedule_grace, after)
        await work.unit.schedules.update(work.user_id, replace(schedule, next_at=what.next_at))
        reason = await _run(work, schedule) if what.runs else "late"
        name = await name_of(work, schedule)
        kind = EventType.SCHEDULE_MISSED if reason else EventType.SCHEDULE_FIRED
        work.announce(kind, told(schedule, name, due=what.due.isoformat(), reason=reason))


async def _run(work: Work, schedule: Schedule) -> str | None:
    """Do what a schedule is for, unless something is in the way: answer what."""
    if schedule.action is ScheduleAction.NOTIFY:
        return None
    task = await work.unit.tasks.get(work.user_id, schedule.task_id or 0)
    if task is None or task.completed_at is not None:
        return "task"
    if work.record.timer.current is not None:
        return "busy"
    try:
        await apply(work, Start(), TaskChoice(f"#{task.task_id}", create=False))
    except DomainError as error:
        log.warning("schedule %d did not start: %s", schedule.schedule_id, error.message)
        return "refused"
    work.label = f"schedule {schedule.schedule_id} start {task.name}"
    return None


async def _get(work: Work, schedule_id: int) -> Schedule:
    found = await work.unit.schedules.get(work.user_id, schedule_id)
    if found is None:
        raise ScheduleNotFound(f"There is no schedule {schedule_id}.")
    return found
