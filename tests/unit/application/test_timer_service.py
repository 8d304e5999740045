"""Commands to the timer, from the request to the disk and to memory."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from pomo_daemon.application.ports import Stale, StoreError
from pomo_daemon.application.timer import TaskChoice
from pomo_daemon.application.undo import UndoService
from pomo_daemon.domain.cycle import AutoStart, OnSuspend, Rules
from pomo_daemon.domain.errors import Overlap, TaskNotFound, TimerConflict
from pomo_daemon.domain.interval import Interval, Phase, Status
from pomo_daemon.domain.timer import Command, Extend, Finish, Pause, Resume, Start, Stop, Toggle
from tests.fakes.application import FakeDaemon, start
from tests.fakes.clock import NOON
from tests.fakes.loop import current_clock, virtual


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


# The line from start to end


@virtual
async def test_a_focus_completes_by_itself_at_its_deadline() -> None:
    daemon = await start()
    await daemon.run(Start(), task=TaskChoice("Write"))
    await daemon.wait(minutes(25))
    assert daemon.kinds == ["task.created", "interval.started", "interval.completed"]
    [interval] = daemon.intervals
    assert (interval.status, interval.ended_at) == (Status.COMPLETED, NOON + minutes(25))
    status = daemon.peek()
    assert (status.state, status.today, status.overtime_s, status.task) == ("due", 1, 0, "Write")
    assert daemon.alarm.pending == {}


@virtual
async def test_a_phase_that_starts_by_itself_is_rung_for_as_well() -> None:
    daemon = await start(rules=Rules(auto_start=AutoStart.ALL))
    await daemon.run(Start())
    await daemon.wait(minutes(30))
    assert [it.status for it in daemon.intervals] == [Status.COMPLETED, Status.COMPLETED, Status.RUNNING]
    assert daemon.intervals[2].started_at == NOON + minutes(30)


@virtual
async def test_what_a_command_answers_is_what_is_on_disk_and_in_memory() -> None:
    daemon = await start()
    for command in (Start(), Pause(), Resume(), Extend(minutes(5)), Finish(), Toggle(), Stop()):
        await daemon.wait(minutes(1))
        outcome = await daemon.run(command)
        assert outcome.changed
        assert outcome.status == daemon.peek()
        again = await start(daemon.store)
        assert again.peek() == daemon.peek()
        again.crash()
    assert [it.seq for it in daemon.published] == list(range(1, 8))


# Requests that come twice


@virtual
async def test_a_request_that_is_sent_again_is_answered_and_not_done_again() -> None:
    daemon = await start()
    first = await daemon.run(Start(), task=TaskChoice("Write"), request_id="r1")
    await daemon.run(Stop(), request_id="r2")
    again = await daemon.run(Start(), task=TaskChoice("Write"), request_id="r1")
    assert (list(again.events), again.task_created) == (list(first.events), True)
    assert daemon.kinds == ["task.created", "interval.started", "interval.stopped"]
    assert daemon.peek().state == "idle"


@virtual
async def test_a_request_that_is_sent_twice_at_once_is_done_once() -> None:
    daemon = await start()
    await asyncio.gather(*(daemon.run(Toggle(), request_id="r1") for _ in range(8)))
    assert daemon.kinds == ["interval.started"]


# Somebody else at the same time


async def rival(daemon: FakeDaemon, command: Command) -> Callable[[], None]:
    """Make a hook that finds, the first time, that the command of another machine came first."""
    elsewhere = daemon.store.fork()
    other = await start(elsewhere, daemon.rules)
    await other.run(command)
    other.crash()
    races = [Stale()]

    def overtaken() -> None:
        if races:
            daemon.store.rows = elsewhere.rows
            raise races.pop()

    return overtaken


@virtual
async def test_a_lost_race_is_run_again_on_what_the_winner_left() -> None:
    daemon = await start()
    await daemon.run(Start())
    daemon.store.hooks["before_commit"] = await rival(daemon, Pause())
    # The other machine has paused it, so that there is nothing left to do.
    outcome = await daemon.run(Pause())
    assert not outcome.changed
    assert daemon.peek().state == "focus-paused"
    assert len(daemon.intervals[0].gaps) == 1


@virtual
async def test_an_end_that_another_daemon_recorded_is_not_recorded_again() -> None:
    daemon = await start(rules=Rules(on_suspend=OnSuspend.CONTINUE))
    await daemon.run(Start())
    current_clock().suspend(minutes(25))
    daemon.store.hooks["before_commit"] = await rival(daemon, Toggle())
    await daemon.clocks_changed()
    assert [it.status for it in daemon.intervals] == [Status.COMPLETED, Status.RUNNING]
    assert daemon.peek().state == "break"


@virtual
async def test_a_race_that_is_lost_for_ever_is_an_error_and_no_loop() -> None:
    daemon = await start()

    def always() -> None:
        raise Stale

    daemon.store.hooks["before_commit"] = always
    with pytest.raises(StoreError, match="too many sides"):
        await daemon.run(Start())
    assert daemon.intervals == []


# Refusals


@virtual
async def test_a_conflict_names_the_task_that_runs() -> None:
    daemon = await start()
    await daemon.run(Start(), task=TaskChoice("Write"))
    with pytest.raises(TimerConflict) as caught:
        await daemon.run(Start(), task=TaskChoice("Read"))
    assert (caught.value.task, caught.value.code) == ("Write", "timer.conflict")
    # The task that was made for the refused start is not left behind.
    assert [it.name for _, it in daemon.store.rows.tasks.values()] == ["Write"]


@virtual
async def test_a_refused_command_still_settles_what_had_passed() -> None:
    daemon = await start(rules=Rules(on_suspend=OnSuspend.CONTINUE))
    await daemon.run(Start())
    current_clock().suspend(minutes(60))
    with pytest.raises(TaskNotFound):
        await daemon.run(Start(), task=TaskChoice("#99"))
    await daemon.clocks_changed()
    assert daemon.intervals[0].ended_at == NOON + minutes(25)


@virtual
async def test_a_start_in_the_past_over_what_is_recorded_is_refused_with_the_free_time() -> None:
    daemon = await start(rules=Rules(zone=ZoneInfo("Europe/Berlin")))
    await daemon.run(Start())
    await daemon.wait(minutes(10))
    await daemon.run(Stop())
    await daemon.wait(minutes(10))
    with pytest.raises(Overlap) as caught:
        await daemon.run(Start(at=NOON + minutes(9)))
    assert "Interval 1 (focus) lasted until 13:10:00." in caught.value.message
    assert "13:10:00 or later" in caught.value.hint
    await daemon.run(Start(at=NOON + minutes(10)))
    assert daemon.peek().elapsed_s == 600


@virtual
async def test_what_was_recorded_since_keeps_an_interval_from_being_reopened() -> None:
    daemon = await start()
    await daemon.run(Start())
    await daemon.wait(minutes(40))
    added = Interval(phase=Phase.FOCUS, started_at=NOON + minutes(30), planned=minutes(5))
    async with daemon.store.write() as unit:
        await unit.intervals.add(daemon.who.user_id, added.ended(Status.COMPLETED, NOON + minutes(35)))
    with pytest.raises(Overlap, match="Interval 2"):
        await daemon.run(Extend(minutes(5)))
    assert daemon.peek().state == "due"


@virtual
async def test_a_command_for_another_version_does_nothing() -> None:
    daemon = await start()
    await daemon.run(Start())
    version = daemon.timers.version(daemon.who.user_id)
    await daemon.run(Pause())
    outcome = await daemon.run(Stop(), only_version=version)
    assert (outcome.changed, daemon.peek().state) == (False, "focus-paused")
    assert (await daemon.run(Stop(), only_version=daemon.timers.version(daemon.who.user_id))).changed


@virtual
async def test_a_command_for_another_version_leaves_nothing_half_settled() -> None:
    daemon = await start(rules=Rules(on_suspend=OnSuspend.CONTINUE))
    await daemon.run(Start())
    current_clock().suspend(minutes(30))
    await daemon.run(Stop(), only_version=-1)
    await daemon.clocks_changed()
    assert [it.status for it in daemon.intervals] == [Status.COMPLETED]
    assert (daemon.stored.mode, daemon.kinds) == ("due", ["interval.started", "interval.completed"])


# Days


@virtual
async def test_todays_pomodoros_are_those_that_began_today() -> None:
    clock = current_clock()
    clock.wall = datetime(2026, 1, 12, 23, 0, tzinfo=UTC)
    daemon = await start(rules=Rules(day_start=time(4)))
    await daemon.run(Start(planned=minutes(10)))
    await daemon.wait(minutes(30))
    assert daemon.peek().today == 1
    await daemon.wait(minutes(240))
    assert (clock.wall.hour, daemon.peek().today) == (3, 1)
    await daemon.wait(minutes(30))
    # Nobody has given a command since: the count is of the new day all the same.
    assert (clock.wall.hour, daemon.peek().today) == (4, 0)
    await daemon.run(Start(planned=minutes(10)))
    assert daemon.peek().today == 0
    await daemon.wait(minutes(10))
    assert daemon.peek().today == 1


@virtual
async def test_a_reopened_pomodoro_is_none_until_it_ends_again() -> None:
    daemon = await start()
    await daemon.run(Start())
    await daemon.wait(minutes(26))
    await daemon.run(Extend(minutes(5)))
    assert daemon.peek().today == 0
    await daemon.wait(minutes(5))
    assert daemon.peek().today == 1


# Several users


@virtual
async def test_users_have_timers_of_their_own() -> None:
    daemon = await start()
    async with daemon.store.write() as unit:
        bob = replace(daemon.who, user_id=await unit.users.of_peer(2000, "bob"))
    await daemon.run(Start(), task=TaskChoice("Write"))
    await daemon.timers.run(bob, Start(planned=minutes(10)))
    with pytest.raises(TaskNotFound):
        await daemon.timers.run(bob, Start(replace=True), task=TaskChoice("#1"))
    await daemon.wait(minutes(10))
    assert (await daemon.timers.status(bob)).state == "due"
    assert daemon.peek().state == "focus"


# Suspends


@virtual
async def test_what_is_taken_back_after_a_suspend_goes_on_as_it_was() -> None:
    daemon = await start()
    await daemon.run(Start(planned=minutes(600)))
    await daemon.run(Stop())
    current_clock().suspend(minutes(60))
    await daemon.clocks_changed()
    await UndoService(daemon.timers, daemon.store).undo(daemon.who, None)
    await daemon.clocks_changed()
    assert daemon.peek().state == "focus"
    # The next one is a suspend like any other.
    current_clock().suspend(minutes(30))
    await daemon.clocks_changed()
    assert (daemon.peek().state, daemon.peek().elapsed_s) == ("focus-paused", 3600)


@virtual
async def test_a_daemon_that_ends_notes_when_it_left_what_runs_and_the_next_one_takes_it_up() -> None:
    daemon = await start()
    await daemon.run(Start())
    await daemon.wait(minutes(5))
    await daemon.timers.leave()
    assert daemon.store.rows.timers[daemon.who.user_id].left_at == NOON + minutes(5)
    daemon.crash()
    current_clock().advance(minutes(5))
    heir = await start(daemon.store)
    assert daemon.store.rows.timers[daemon.who.user_id].left_at is None
    assert (heir.peek().state, heir.peek().elapsed_s) == ("focus", 600)
