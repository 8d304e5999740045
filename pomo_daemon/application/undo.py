"""Taking changes back, and doing them again: rows are put to what they were, if they still are as they were left."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, TypeVar

import msgspec

from pomo_daemon.application.ports import Change, Item, Store
from pomo_daemon.application.timer import Identity, TimerService
from pomo_daemon.application.work import TimerImage, Work, image, plain
from pomo_daemon.domain.errors import NothingToUndo, UndoConflict
from pomo_daemon.domain.events import EventType
from pomo_daemon.domain.interruption import Interruption
from pomo_daemon.domain.interval import Interval
from pomo_daemon.domain.task import Category, Task
from pomo_daemon.domain.timer import Timer

_T = TypeVar("_T")

LISTED: Final = 50


class UndoService:
    """Undo and redo, of everything that was recorded as a change."""

    def __init__(self, timers: TimerService, store: Store) -> None:
        self._timers = timers
        self._store = store

    async def list(self, who: Identity) -> Sequence[Change]:
        """Answer what can be undone, the latest first."""
        async with self._store.read() as unit:
            return await unit.changes.latest(who.user_id, LISTED)

    async def undo(self, who: Identity, request_id: str | None) -> Mapping[str, Any]:
        """Take the latest change back. Raises NothingToUndo and UndoConflict; then nothing has changed."""

        async def act(work: Work) -> None:
            found = await work.unit.changes.latest(work.user_id, 1)
            if not found:
                raise NothingToUndo("There is nothing to undo.")
            await _turn(work, found[0], undone=True)

        return await self._timers.transact(who, act, request_id, "change.undo")

    async def redo(self, who: Identity, request_id: str | None) -> Mapping[str, Any]:
        """Do the change again that was undone last. Raises NothingToUndo and UndoConflict."""

        async def act(work: Work) -> None:
            found = await work.unit.changes.first_undone(work.user_id)
            if found is None:
                raise NothingToUndo("There is nothing to do again.", "Only what was just undone can be.")
            await _turn(work, found, undone=False)

        return await self._timers.transact(who, act, request_id, "change.redo")


async def _turn(work: Work, change: Change, *, undone: bool) -> None:
    """Put every row of a change from its one side to the other."""
    sides = [(it, it.after, it.before) if undone else (it, it.before, it.after) for it in change.items]
    for item, expected, _ in sides:
        if _state(item, await _present(work, item)) != _state(item, expected):
            verb = "undone" if undone else "done again"
            raise UndoConflict(f"'{change.label}' cannot be {verb}: {_what(item)} was changed since.")
    targets = {(item.kind, item.key): target for item, _, target in sides}
    await _put(work, change, targets)
    await work.unit.changes.mark(work.user_id, change.change_id, undone=undone)
    work.recount = True
    kind = EventType.UNDONE if undone else EventType.REDONE
    work.announce(kind, {"label": change.label, "at": change.at.isoformat()})
    work.answer.update(label=change.label, at=change.at.isoformat())


def _state(item: Item, row: Any) -> Any:  # noqa: ANN401
    """Answer what must not have changed since: of a timer not its anchor, which is moved as time goes by.

    What an older pomo kept may lack fields that there were none of.
    """
    if item.kind == "interval" and row is not None:
        return msgspec.convert(row, Interval)
    return msgspec.convert(row["timer"], Timer) if item.kind == "timer" else row


def _what(item: Item) -> str:
    return "the timer" if item.kind == "timer" else f"{item.kind} {item.key}"


async def _present(work: Work, item: Item) -> Any:  # noqa: ANN401
    """Answer a row as it is now."""
    unit, user_id = work.unit, work.user_id
    row: object
    match item.kind:
        case "timer":
            return plain(image(work.record))
        case "schedule":
            from pomo_daemon.application.schedules import image as image_of_schedule

            return image_of_schedule(await unit.schedules.get(user_id, item.key))
        case "import":
            return await _brought(work, item)
        case "task":
            row = await unit.tasks.get(user_id, item.key, deleted=True)
        case "category":
            row = await unit.categories.get(user_id, item.key)
        case "interval":
            row = await unit.intervals.get(user_id, item.key, cancelled=True)
        case _:
            row = await unit.interruptions.get(user_id, item.key)
    return plain(row)


Targets = Mapping[tuple[str, int], Any]


async def _brought(work: Work, item: Item) -> Any:  # noqa: ANN401
    """Answer what is left of what an import brought; None if nothing is."""
    left = await work.unit.imports.sum_up(work.user_id, item.key, item.after["runs"])
    return {**item.after, "sums": list(left)} if any(left) else None


async def _put(work: Work, change: Change, targets: Targets) -> None:
    """Write rows in an order in which none ever refers to one that is not there, nor overlaps one that will go."""
    timer = targets.get(("timer", work.user_id))
    if timer is not None:
        work.record = replace(work.record, timer=Timer())
        await work.save_timer()
    await _put_inventory(work, targets)
    for item in change.items:
        if item.kind == "import":
            await _put_import(work, change.change_id, item, back=targets[item.kind, item.key] is not None)
    await _put_intervals(work, targets)
    if any(kind == "schedule" for kind, _ in targets):
        await _put_schedules(work, targets)
    if timer is not None:
        restored = msgspec.convert(timer, TimerImage)
        anchor = restored.anchor
        if anchor is not None and anchor.same_boot(work.reading):
            # Who takes something back is there: no sleep in between is owed any more.
            anchor = replace(anchor, slept=work.reading.slept)
        work.record = replace(work.record, timer=restored.timer, anchor=anchor)
        await work.save_timer()
    await _remove_inventory(work, targets)
    # What the timer holds may be among the rows that were written.
    work.record = await work.unit.timers.load(work.user_id)


async def _put_inventory(work: Work, targets: Targets) -> None:
    unit, user_id = work.unit, work.user_id
    for category in _of(targets, "category", Category):
        present = await unit.categories.get(user_id, category.category_id)
        await (unit.categories.update if present else unit.categories.add)(user_id, category)
    for task in _of(targets, "task", Task):
        known = await unit.tasks.get(user_id, task.task_id, deleted=True)
        await (unit.tasks.update if known else unit.tasks.add)(user_id, task)


async def _put_import(work: Work, change_id: int, item: Item, *, back: bool) -> None:
    """Take out what an import brought, or put it back; rows by the thousand, that no change could hold."""
    from pomo_daemon.application.imports import totals_aside

    unit, user_id = work.unit, work.user_id
    runs = item.after["runs"]
    async with totals_aside(unit, user_id, sum(high - low + 1 for low, high in runs)):
        if back:
            await unit.imports.unshelve(user_id, change_id)
        else:
            await unit.imports.shelve(user_id, change_id, item.key, runs)


async def _put_intervals(work: Work, targets: Targets) -> None:
    unit, user_id = work.unit, work.user_id
    for key in _gone(targets, "interval"):
        await unit.intervals.remove(user_id, key)
    # Those that have ended first: a current one reaches over whatever still lies there.
    for interval in sorted(_of(targets, "interval", Interval), key=lambda it: it.ended_at is None):
        if await unit.intervals.get(user_id, interval.interval_id or 0, cancelled=True):
            await unit.intervals.update(user_id, interval)
            await unit.intervals.set_gaps(interval)
        else:
            await unit.intervals.add(user_id, interval)
    for key in _gone(targets, "interruption"):
        await unit.interruptions.remove(key)
    for interruption in _of(targets, "interruption", Interruption):
        await unit.interruptions.add(interruption)


async def _put_schedules(work: Work, targets: Targets) -> None:
    """Put schedules back; when they are due next is found out after that (calendar.py)."""
    from pomo_daemon.domain.schedule import Schedule

    unit, user_id = work.unit, work.user_id
    for key in _gone(targets, "schedule"):
        await unit.schedules.remove(user_id, key)
    for schedule in _of(targets, "schedule", Schedule):
        known = await unit.schedules.get(user_id, schedule.schedule_id)
        await (unit.schedules.update if known else unit.schedules.add)(user_id, schedule)


async def _remove_inventory(work: Work, targets: Targets) -> None:
    unit, user_id = work.unit, work.user_id
    scheduled = {it.task_id for it in await unit.schedules.all(user_id)}
    for key in _gone(targets, "task"):
        if key in scheduled or await unit.intervals.of_task(user_id, key) or work.record.timer.last_task_id == key:
            raise UndoConflict(f"Task #{key} is in use by now, and so cannot be taken back.")
        await unit.tasks.remove(user_id, key)
    for key in _gone(targets, "category"):
        if await unit.tasks.in_category(user_id, key):
            raise UndoConflict(f"Category {key} is in use by now, and so cannot be taken back.")
        await unit.categories.remove(user_id, key)


def _of(targets: Targets, kind: str, type_: type[_T]) -> list[_T]:
    return [msgspec.convert(it, type_) for (name, _), it in targets.items() if name == kind and it is not None]


def _gone(targets: Targets, kind: str) -> list[int]:
    return [key for (name, key), it in targets.items() if name == kind and it is None]
