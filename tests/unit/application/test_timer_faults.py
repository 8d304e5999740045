"""Timers on stores that fail, and daemons that die: nothing is lost, nothing is done twice."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

import pytest

from pomo_daemon.application.ports import StoreError
from pomo_daemon.application.timer import RETRY
from pomo_daemon.domain.cycle import OnSuspend, Rules
from pomo_daemon.domain.interval import Status
from pomo_daemon.domain.timer import Break, Cancel, Command, Extend, Finish, Pause, Resume, Start, Stop
from tests.fakes.application import start
from tests.fakes.clock import NOON
from tests.fakes.loop import current_clock, virtual

RETRY_SPAN: Final = timedelta(seconds=RETRY)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def once(error: BaseException) -> Callable[[], None]:
    """Make a hook that raises the first time."""
    errors = [error]

    def hook() -> None:
        if errors:
            raise errors.pop()

    return hook


CRASHES: Final = ["before_commit", "after_commit"]
CASES: Final[list[tuple[list[Command], Command]]] = [
    ([], Start()),
    ([Start()], Pause()),
    ([Start(), Pause()], Resume()),
    ([Start()], Extend(minutes(5))),
    ([Start()], Finish()),
    ([Start()], Stop()),
    ([Start()], Cancel()),
    ([Start(), Finish()], Break()),
    ([Start(), Finish()], Extend(minutes(5))),
]


class Crash(BaseException):
    """The daemon is killed here."""


@pytest.mark.parametrize("point", CRASHES)
@pytest.mark.parametrize(("before", "command"), CASES)
@virtual
async def test_a_command_during_which_the_daemon_dies_is_done_once_when_it_is_sent_again(
    point: str, before: list[Command], command: Command
) -> None:
    daemon, undisturbed = await start(), await start()
    for each in (daemon, undisturbed):
        for earlier in before:
            await each.run(earlier)
    daemon.store.hooks[point] = once(Crash())
    with pytest.raises(Crash):
        await daemon.run(command, request_id="r")
    daemon.crash()
    heir = await start(daemon.store)
    await heir.run(command, request_id="r")
    await undisturbed.run(command)
    assert heir.intervals == undisturbed.intervals
    assert heir.stored == undisturbed.stored
    assert heir.peek() == undisturbed.peek()


@virtual
async def test_an_end_that_cannot_be_stored_is_tried_again_and_loses_nothing() -> None:
    daemon = await start()
    await daemon.run(Start())
    daemon.store.failing = True
    await daemon.wait(minutes(27))
    assert daemon.kinds == ["interval.started"]
    assert (daemon.peek().state, daemon.peek().remaining_s) == ("focus", 0)
    daemon.store.failing = False
    await daemon.wait(RETRY_SPAN)
    assert daemon.kinds == ["interval.started", "interval.completed"]
    assert daemon.intervals[0].ended_at == NOON + minutes(25)


@virtual
async def test_a_command_that_cannot_be_stored_changes_nothing() -> None:
    daemon = await start()
    await daemon.run(Start())
    before = daemon.peek()
    daemon.store.hooks["before_commit"] = once(StoreError("database.error", "full"))
    with pytest.raises(StoreError, match="full"):
        await daemon.run(Stop())
    assert daemon.peek() == before
    assert daemon.intervals[0].status is Status.RUNNING


@virtual
async def test_memory_learns_of_a_commit_whose_answer_was_lost() -> None:
    daemon = await start()
    daemon.store.hooks["after_commit"] = once(StoreError("database.unavailable", "gone"))
    with pytest.raises(StoreError, match="gone"):
        await daemon.run(Start(), request_id="r")
    await daemon.wait(RETRY_SPAN)
    assert daemon.peek().state == "focus"
    await daemon.wait(minutes(25) - RETRY_SPAN)
    assert daemon.intervals[0].status is Status.COMPLETED
    await daemon.run(Start(), request_id="r")
    assert len(daemon.intervals) == 1


@virtual
async def test_whoever_listens_learns_of_a_commit_whose_answer_was_lost_though_nothing_follows() -> None:
    daemon = await start()
    daemon.store.hooks["after_commit"] = once(StoreError("database.unavailable", "gone"))
    with pytest.raises(StoreError, match="gone"):
        await daemon.run(Start())
    await daemon.wait(RETRY_SPAN)
    assert daemon.kinds == ["interval.started"]


@virtual
async def test_many_failures_lead_to_one_retry() -> None:
    daemon = await start()
    daemon.store.failing = True
    for _ in range(50):
        with pytest.raises(StoreError):
            await daemon.run(Start())
    daemon.store.failing = False
    commits: list[None] = []
    daemon.store.hooks["after_commit"] = lambda: commits.append(None)
    await daemon.wait(3 * RETRY_SPAN)
    assert len(commits) == 1


@virtual
async def test_a_failure_before_a_retry_does_not_lead_to_another_one() -> None:
    daemon = await start()
    daemon.store.failing = True
    for _ in range(2):
        with pytest.raises(StoreError):
            await daemon.run(Start())
        await daemon.wait(RETRY_SPAN * 0.6)
    daemon.store.failing = False
    commits: list[None] = []
    daemon.store.hooks["after_commit"] = lambda: commits.append(None)
    # The first retry failed as well; the next one comes as long after it.
    await daemon.wait(RETRY_SPAN * 0.7)
    assert len(commits) == 0
    await daemon.wait(RETRY_SPAN * 0.2)
    assert len(commits) == 1


@virtual
async def test_a_machine_that_wakes_up_without_its_database_is_not_late_for_what_it_knows() -> None:
    daemon = await start(rules=Rules(on_suspend=OnSuspend.CONTINUE))
    await daemon.run(Start())
    current_clock().suspend(minutes(60))
    daemon.store.failing = True
    await daemon.clocks_changed()
    daemon.store.failing = False
    await daemon.wait(RETRY_SPAN)
    assert daemon.kinds == ["interval.started", "interval.completed"]


@virtual
async def test_a_slow_commit_does_not_make_the_alarm_late() -> None:
    daemon = await start()
    daemon.store.hooks["before_commit"] = lambda: current_clock().advance(timedelta(seconds=3))
    await daemon.run(Start())
    del daemon.store.hooks["before_commit"]
    assert daemon.alarm.pending == {daemon.who.user_id: 1500.0}
