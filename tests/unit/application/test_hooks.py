"""Which events hooks are told, in what order, how often, and in what words."""

import asyncio
from datetime import timedelta

import pytest

from pomo_daemon.application.hook_event import example, hook_event
from pomo_daemon.application.hooks import CONSUMER, STALE, HookDesk
from pomo_daemon.application.ports import Announcement, HookEvent
from pomo_daemon.application.timer import TaskChoice
from pomo_daemon.domain.errors import Invalid
from pomo_daemon.domain.events import EventType
from pomo_daemon.domain.timer import Pause, Resume, Start, Stop
from tests.fakes.application import FakeDaemon, start
from tests.fakes.clock import NOON
from tests.fakes.hooks import FakeHooks
from tests.fakes.loop import current_clock, virtual
from tests.fakes.store import MemoryStore

NOTHING = timedelta(0)


def hire(daemon: FakeDaemon, hooks: FakeHooks) -> HookDesk:
    """Put hooks to a daemon, and let them work."""
    desk = HookDesk(hooks, daemon.store, daemon.clock, "default")
    daemon.announcer.add(desk.listen)
    daemon.hooking = asyncio.create_task(desk.run())
    return desk


def kinds(hooks: FakeHooks) -> list[str]:
    return [it.type for it in hooks.told]


async def settle(daemon: FakeDaemon) -> None:
    for _ in range(20):
        await daemon.wait(NOTHING)


@virtual
async def test_hooks_are_told_each_event_once_in_order_however_slow_they_are() -> None:
    daemon, hooks = await start(), FakeHooks()
    hire(daemon, hooks)

    async def slow(_event: HookEvent) -> None:
        await asyncio.sleep(7)

    hooks.before = slow
    await daemon.run(Start())
    await daemon.run(Pause())
    await daemon.run(Resume())
    await daemon.wait(timedelta(seconds=10))
    await daemon.run(Stop())
    await daemon.wait(timedelta(seconds=30))
    assert kinds(hooks) == ["interval.started", "interval.paused", "interval.resumed", "interval.stopped"]


@virtual
async def test_a_command_does_not_wait_for_hooks() -> None:
    daemon, hooks = await start(), FakeHooks()
    hire(daemon, hooks)

    async def forever(_event: HookEvent) -> None:
        await asyncio.Event().wait()

    hooks.before = forever
    before = current_clock().read().boottime
    await daemon.run(Start())
    await daemon.run(Pause())
    assert current_clock().read().boottime == before


@virtual
async def test_what_a_killed_daemon_did_not_come_to_is_run_by_the_next_under_the_same_id() -> None:
    store = MemoryStore()
    first = await start(store)
    hooks = FakeHooks()
    hire(first, hooks)
    await first.run(Start())
    await settle(first)

    async def killed(event: HookEvent) -> None:
        hooks.told.append(event)
        await asyncio.Event().wait()

    hooks.before = killed
    await first.run(Pause())
    await first.run(Resume())
    await settle(first)
    first.crash()
    first.hooking.cancel()
    again = FakeHooks()
    second = await start(store)
    await hire(second, again).catch_up(second.who.user_id)
    await settle(second)
    assert kinds(hooks) == ["interval.started", "interval.paused"]
    assert kinds(again) == ["interval.paused", "interval.resumed"]
    assert again.told[0].event_id == hooks.told[1].event_id


@virtual
async def test_the_first_event_of_all_is_not_lost_in_a_crash() -> None:
    store = MemoryStore()
    first, hooks = await start(store), FakeHooks()
    hire(first, hooks)

    async def killed(_event: HookEvent) -> None:
        await asyncio.Event().wait()

    hooks.before = killed
    await first.run(Start())
    await settle(first)
    first.hooking.cancel()
    again = FakeHooks()
    second = await start(store)
    await hire(second, again).catch_up(second.who.user_id)
    await settle(second)
    assert kinds(again) == ["interval.started"]


@virtual
async def test_hooks_that_are_new_are_not_told_of_the_past() -> None:
    daemon, hooks = await start(), FakeHooks()
    hooks.there = False
    hire(daemon, hooks)
    await daemon.run(Start())
    await settle(daemon)
    assert daemon.store.rows.deliveries == {}
    hooks.there = True
    await daemon.run(Pause())
    await settle(daemon)
    assert kinds(hooks) == ["interval.paused"]
    fresh = FakeHooks()
    daemon.store.rows.deliveries.clear()
    await hire(daemon, fresh).catch_up(daemon.who.user_id)
    await settle(daemon)
    assert kinds(fresh) == []


@virtual
async def test_what_is_long_past_runs_nothing_and_is_done_with() -> None:
    daemon, hooks = await start(), FakeHooks()
    await daemon.run(Start())
    daemon.store.rows.deliveries[daemon.who.user_id, CONSUMER] = 0
    current_clock().suspend(STALE + timedelta(minutes=1))
    await hire(daemon, hooks).catch_up(daemon.who.user_id)
    await settle(daemon)
    assert kinds(hooks) == []
    assert daemon.store.rows.deliveries[daemon.who.user_id, CONSUMER] == 1


@virtual
async def test_what_a_hook_does_runs_no_hooks_but_what_time_does_meanwhile_does() -> None:
    daemon, hooks = await start(), FakeHooks()
    hire(daemon, hooks)
    await daemon.run(Start())
    await settle(daemon)
    hook = daemon.who.__class__(daemon.who.user_id, "ada", "default", hook_depth=1)
    daemon.alarm.stop()
    await daemon.wait(timedelta(minutes=26))
    await daemon.timers.run(hook, Start())
    await settle(daemon)
    assert kinds(hooks) == ["interval.started", "interval.completed"]
    assert [it.data.get("hook_depth") for it in daemon.published] == [None, None, 1]


@virtual
async def test_a_stopped_desk_leaves_the_rest_to_the_next() -> None:
    daemon, hooks = await start(), FakeHooks()
    desk = hire(daemon, hooks)

    async def stop(_event: HookEvent) -> None:
        desk.stop()

    hooks.before = stop
    await daemon.run(Start())
    await daemon.run(Pause())
    await settle(daemon)
    assert daemon.hooking.done()
    assert kinds(hooks) == ["interval.started"]
    assert daemon.store.rows.deliveries[daemon.who.user_id, CONSUMER] == 1


@virtual
async def test_hooks_can_be_tried_with_any_event_and_no_other_word() -> None:
    daemon, hooks = await start(), FakeHooks()
    desk = HookDesk(hooks, daemon.store, daemon.clock, "default")
    for kind in EventType:
        [run] = await desk.test(daemon.who, kind)
        assert run.event_id == f"default-{daemon.who.user_id}-0"
    assert kinds(hooks) == list(EventType)
    with pytest.raises(Invalid):
        await desk.test(daemon.who, "interval.started.d")


@virtual
async def test_the_environment_tells_what_the_document_tells() -> None:
    daemon, hooks = await start(), FakeHooks("interval.completed")
    hire(daemon, hooks)
    await daemon.run(Start(), task=TaskChoice("$(touch x);'\"=é"))
    await daemon.wait(timedelta(minutes=25))
    await settle(daemon)
    [told] = hooks.told
    assert told.variables == {
        "POMO_HOOK_VERSION": "1",
        "POMO_EVENT": "interval.completed",
        "POMO_EVENT_ID": told.event_id,
        "POMO_EVENT_AT": "2026-01-12T12:25:00Z",
        "POMO_LATE_S": "0",
        "POMO_PROFILE": "default",
        "POMO_INTERVAL_ID": "1",
        "POMO_PHASE": "focus",
        "POMO_STATUS": "completed",
        "POMO_STARTED_AT": "2026-01-12T12:00:00Z",
        "POMO_ENDED_AT": "2026-01-12T12:25:00Z",
        "POMO_PLANNED_S": "1500",
        "POMO_ELAPSED_S": "1500",
        "POMO_TASK": "$(touch x);'\"=é",
        "POMO_TASK_ID": "1",
        "POMO_NEXT": "short_break",
        "POMO_WAITS": "1",
        "POMO_HOOK_DEPTH": "1",
    }
    assert told.document["data"]["interval"]["task"] == "$(touch x);'\"=é"


def test_how_late_an_event_is_told_is_told() -> None:
    event = hook_event(example(EventType.COMPLETED, 1, NOON), "work", NOON + timedelta(seconds=90))
    assert (event.variables["POMO_LATE_S"], event.variables["POMO_PROFILE"]) == ("90", "work")


def test_a_nul_keeps_nothing_from_being_told() -> None:
    event = Announcement(1, 5, "task.created", NOON, {"task_id": 3, "name": "a\0b"})
    assert hook_event(event, "default", NOON).variables["POMO_TASK"] == "ab"
