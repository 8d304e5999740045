"""Schedules: they happen once, when they are due, and leave alone what runs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from pomo_daemon.adapters.cron import CronTab
from pomo_daemon.application.calendar import RETRY, Calendar
from pomo_daemon.application.schedules import Planned, ScheduleService
from pomo_daemon.application.selection import Selection
from pomo_daemon.application.tasks import TaskService
from pomo_daemon.application.timer import Identity
from pomo_daemon.application.undo import UndoService
from pomo_daemon.domain.cycle import Rules
from pomo_daemon.domain.errors import Invalid, ScheduleNotFound, TaskNotFound, UndoConflict
from pomo_daemon.domain.schedule import ScheduleAction
from pomo_daemon.domain.timer import Break, Start
from tests.fakes.application import FakeDaemon
from tests.fakes.clock import NOON
from tests.fakes.loop import current_clock, virtual
from tests.fakes.store import MemoryStore


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


class Planner(FakeDaemon):
    """A daemon that minds schedules."""

    def __init__(self, store: MemoryStore | None = None, rules: Rules | None = None) -> None:
        super().__init__(store, rules)
        self.schedules = ScheduleService(self.timers, self.store, self.clock, CronTab(), lambda: self.rules)
        self.tasks = TaskService(self.timers, self.store, self.clock, lambda: self.rules)
        self.undo = UndoService(self.timers, self.store)
        self.calendar = Calendar(self.timers, self.store, self.clock, CronTab)
        self.announcer.add(self.calendar.listen)

    async def start(self) -> "Planner":
        """Come up."""
        await super().start()
        await self.calendar.look()
        return self

    def crash(self) -> None:
        """Stop at once."""
        super().crash()
        self.calendar.stop()

    async def clocks_changed(self) -> None:
        """Take what the kernel tells."""
        await super().clocks_changed()
        await self.calendar.look()

    async def wait(self, span: timedelta) -> None:
        """Let time pass, and whatever is due be done."""
        await super().wait(span)
        for _ in range(3):
            await self.calendar.drain()
            await asyncio.sleep(0)

    async def add(self, cron: str, words: str, action: ScheduleAction = ScheduleAction.START) -> Planned:
        return await self.schedules.add(self.who, cron, action, words, create=True, request_id=None)

    def told(self) -> list[Any]:
        """Answer what was announced of schedules that were due."""
        found = [it for it in self.published if it.type in ("schedule.fired", "schedule.missed")]
        return [it.data["reason"] or "ran" for it in found]


@asynccontextmanager
async def planner(store: MemoryStore | None = None, rules: Rules | None = None) -> AsyncIterator[Planner]:
    daemon = await Planner(store, rules).start()
    yield daemon
    daemon.crash()


NOTIFY = ScheduleAction.NOTIFY


@virtual
async def test_a_focus_begins_when_it_is_scheduled_and_not_before() -> None:
    async with planner() as daemon:
        made = await daemon.add("30 12 * * *", "Write report")
        assert made.task_created
        assert made.schedule.next == tuple(NOON + minutes(30) + timedelta(days=it) for it in range(3))
        await daemon.wait(minutes(30) - timedelta(microseconds=1))
        assert daemon.peek().state == "idle"
        await daemon.wait(timedelta(microseconds=1))
        assert (daemon.peek().state, daemon.peek().task) == ("focus", "Write report")
        assert daemon.kinds[-2:] == ["interval.started", "schedule.fired"]
        await daemon.wait(timedelta(days=1))
        assert daemon.told() == ["ran", "ran"]


@virtual
async def test_a_notice_is_shown_each_time() -> None:
    async with planner() as daemon:
        await daemon.add("*/20 * * * *", "Stand <up>", NOTIFY)
        await daemon.wait(minutes(61))
        assert [it.title for it in daemon.notifier.shown] == ["Stand <up>"] * 3


@virtual
async def test_what_runs_is_left_alone_and_that_is_told() -> None:
    async with planner() as daemon:
        await daemon.add("10 12 * * *", "Write report")
        await daemon.run(Break(planned=minutes(20)))
        await daemon.wait(minutes(10))
        assert (daemon.peek().state, daemon.told()) == ("break", ["busy"])
        shown = daemon.notifier.shown[-1]
        assert shown.title == "Not started: Write report"
        assert shown.body == "It was due by schedule, but something else is running."


@virtual
async def test_a_task_that_is_done_is_not_started() -> None:
    async with planner() as daemon:
        made = await daemon.add("10 12 * * *", "Write report")
        await daemon.tasks.done(daemon.who, f"#{made.schedule.task_id}", None)
        await daemon.wait(minutes(10))
        assert (daemon.peek().state, daemon.told()) == ("idle", ["task"])


@pytest.mark.parametrize(("slept", "told"), [(minutes(10), ["ran"]), (minutes(11), ["late"]), (minutes(600), ["late"])])
@virtual
async def test_what_was_slept_through_happens_once_if_it_is_not_too_late(slept: timedelta, told: list[str]) -> None:
    async with planner() as daemon:
        await daemon.add("0 13 * * *", "Write report")
        await daemon.wait(minutes(59))
        current_clock().suspend(slept + minutes(1))
        await daemon.clocks_changed()
        await daemon.wait(timedelta(0))
        assert daemon.told() == told


@virtual
async def test_a_night_of_missed_notices_is_one() -> None:
    async with planner() as daemon:
        await daemon.add("55 * * * *", "Stand up", NOTIFY)
        current_clock().suspend(timedelta(hours=9))
        await daemon.clocks_changed()
        await daemon.wait(timedelta(0))
        assert (daemon.told(), len(daemon.notifier.shown)) == (["ran"], 1)
        await daemon.wait(minutes(56))
        assert len(daemon.notifier.shown) == 2


@virtual
async def test_a_daemon_that_was_dead_does_what_is_not_too_late_and_tells_what_its_predecessor_did_not() -> None:
    async with planner() as daemon:
        await daemon.add("30 12 * * *", "Stand up", NOTIFY)
        await daemon.add("31 12 * * *", "Sit down", NOTIFY)
        daemon.show_nothing()
        await daemon.wait(minutes(30))
        daemon.crash()
        current_clock().advance(minutes(5))
        async with planner(daemon.store) as heir:
            await heir.wait(timedelta(0))
            assert [it.title for it in heir.notifier.shown] == ["Stand up", "Sit down"]


@virtual
async def test_two_daemons_on_one_database_do_it_once() -> None:
    async with planner() as one, planner(one.store) as other:
        await one.add("*/5 * * * *", "Stand up", NOTIFY)
        await other.calendar.look()
        await one.wait(minutes(60))
        fired = [it for it in one.store.rows.events.values() if it.type == "schedule.fired"]
        assert [it.at for it in fired] == [NOON + minutes(5 * it) for it in range(1, 13)]


@virtual
async def test_a_clock_that_is_set_back_repeats_nothing_and_one_set_forward_is_noticed() -> None:
    async with planner() as daemon:
        await daemon.add("30 12 * * *", "Stand up", NOTIFY)
        await daemon.wait(minutes(31))
        current_clock().step(minutes(-20))
        await daemon.clocks_changed()
        await daemon.wait(minutes(60))
        assert daemon.told() == ["ran"]
        current_clock().step(timedelta(hours=23, minutes=20))
        await daemon.clocks_changed()
        await daemon.wait(timedelta(0))
        assert daemon.told() == ["ran", "ran"]


@virtual
async def test_a_store_that_fails_is_tried_again() -> None:
    async with planner() as daemon:
        await daemon.add("30 12 * * *", "Stand up", NOTIFY)
        daemon.store.failing = True
        await daemon.wait(minutes(30))
        assert daemon.told() == []
        daemon.store.failing = False
        await daemon.wait(timedelta(seconds=RETRY))
        assert daemon.told() == ["ran"]


@virtual
async def test_without_a_schedule_nothing_is_waited_for() -> None:
    async with planner() as daemon:
        assert not daemon.calendar.waits()
        made = await daemon.add("30 12 * * *", "Stand up", NOTIFY)
        await daemon.wait(timedelta(0))
        assert daemon.calendar.waits()
        await daemon.schedules.pause(daemon.who, made.schedule.schedule_id, None)
        await daemon.wait(timedelta(0))
        assert not daemon.calendar.waits()


@virtual
async def test_a_paused_schedule_rests_until_it_goes_on() -> None:
    async with planner() as daemon:
        number = (await daemon.add("30 * * * *", "Stand up", NOTIFY)).schedule.schedule_id
        paused = await daemon.schedules.pause(daemon.who, number, None)
        assert (paused.schedule.paused, paused.schedule.next) == (True, ())
        await daemon.wait(minutes(60))
        await daemon.schedules.resume(daemon.who, number, None)
        await daemon.wait(minutes(60))
        assert daemon.told() == ["ran"]
        before = list(daemon.kinds)
        await daemon.schedules.resume(daemon.who, number, None)
        assert daemon.kinds == before


@virtual
async def test_every_change_can_be_undone_and_done_again() -> None:
    async with planner() as daemon:
        number = (await daemon.add("30 * * * *", "Write report")).schedule.schedule_id
        await daemon.wait(minutes(31))
        # That it ran in between is no reason to refuse; only the start itself must be taken back first.
        assert (await daemon.undo.undo(daemon.who, None))["label"] == f"schedule {number} start Write report"
        await daemon.schedules.pause(daemon.who, number, None)
        await daemon.undo.undo(daemon.who, None)
        assert [it.paused for it in await daemon.schedules.list(daemon.who)] == [False]
        await daemon.undo.redo(daemon.who, None)
        assert [it.paused for it in await daemon.schedules.list(daemon.who)] == [True]
        await daemon.schedules.delete(daemon.who, number, None)
        assert await daemon.schedules.list(daemon.who) == []
        await daemon.undo.undo(daemon.who, None)
        await daemon.undo.undo(daemon.who, None)
        told = daemon.told()
        await daemon.wait(minutes(60))
        assert daemon.told() == [*told, "ran"]


@virtual
async def test_the_task_that_was_made_for_a_schedule_goes_with_it() -> None:
    async with planner() as daemon:
        await daemon.add("30 * * * *", "Write report")
        await daemon.undo.undo(daemon.who, None)
        assert await daemon.schedules.list(daemon.who) == []
        assert (await daemon.tasks.list(daemon.who, Selection(), None)).rows == []


@virtual
async def test_a_task_that_is_scheduled_stays() -> None:
    async with planner() as daemon:
        await daemon.run(Start())
        await daemon.add("30 * * * *", "Write report")
        await daemon.schedules.delete(daemon.who, 1, None)
        await daemon.add("31 * * * *", "Write report")
        [*_] = [await daemon.undo.undo(daemon.who, None) for _ in range(2)]
        assert len(await daemon.schedules.list(daemon.who)) == 1
        other = await daemon.add("31 * * * *", "#1")
        rows = daemon.store.rows
        rows.changes = {key: it for key, it in rows.changes.items() if "31" not in it[1].label}
        with pytest.raises(UndoConflict, match="Task #1 is in use"):
            await daemon.undo.undo(daemon.who, None)
        assert other.schedule.task_id == 1


@virtual
async def test_what_cannot_be_is_refused() -> None:
    async with planner() as daemon:
        with pytest.raises(Invalid, match="five fields"):
            await daemon.add("nine", "Write report")
        with pytest.raises(Invalid, match="must not be empty"):
            await daemon.add("@daily", " ", NOTIFY)
        with pytest.raises(TaskNotFound):
            await daemon.add("@daily", "#9")
        for change in (daemon.schedules.pause, daemon.schedules.resume, daemon.schedules.delete):
            with pytest.raises(ScheduleNotFound, match="no schedule 7"):
                await change(daemon.who, 7, None)
        assert await daemon.schedules.list(Identity(99, "bob", "default")) == []
        assert daemon.kinds == []


@virtual
async def test_what_cannot_be_noted_since_the_store_is_read_only_waits_until_somebody_looks() -> None:
    async with planner() as daemon:
        await daemon.add("30 12 * * *", "Write report")
        daemon.store.read_only = True
        await daemon.wait(minutes(31))
        assert (daemon.told(), daemon.calendar.waits()) == ([], False)
        daemon.store.read_only = False
        await daemon.calendar.look()
        assert (daemon.told(), daemon.calendar.waits()) == (["ran"], True)
