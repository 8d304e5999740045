"""A store that is read-only: time goes on for whoever looks, nothing is told of twice, and nothing waits for it."""

import asyncio
from datetime import time, timedelta

import pytest

from pomo_daemon.application.accounts import AccountService
from pomo_daemon.application.ports import READ_ONLY, StoreError
from pomo_daemon.application.report import Query
from pomo_daemon.domain.cycle import AutoStart, Rules
from pomo_daemon.domain.interval import Status
from pomo_daemon.domain.timer import Pause, Start
from tests.fakes.application import UID, FakeDaemon, start
from tests.fakes.clock import NOON
from tests.fakes.loop import virtual


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


async def read_only(rules: Rules | None = None) -> FakeDaemon:
    """Answer a daemon whose store is read-only since a focus began."""
    daemon = await start(rules=rules)
    await daemon.run(Start())
    daemon.store.read_only = True
    return daemon


@virtual
async def test_time_goes_on_interval_by_interval_and_no_event_tells_of_it() -> None:
    daemon = await read_only(Rules(auto_start=AutoStart.ALL))
    await daemon.wait(minutes(26))
    assert (daemon.peek().state, daemon.peek().remaining_s, daemon.peek().today) == ("break", 4 * 60, 1)
    await daemon.wait(minutes(5))
    assert (daemon.peek().state, daemon.peek().remaining_s, daemon.peek().today) == ("focus", 24 * 60, 1)
    await daemon.wait(minutes(25))
    assert (daemon.peek().state, daemon.peek().today) == ("break", 2)
    assert daemon.kinds == ["interval.started"]
    assert daemon.notifier.shown == []
    assert [it.status for it in daemon.intervals] == [Status.RUNNING]


@virtual
async def test_a_daemon_that_comes_up_then_shows_what_is_over() -> None:
    daemon = await read_only()
    daemon.crash()
    await asyncio.sleep(minutes(40).total_seconds())
    heir = await start(daemon.store)
    assert (heir.peek().state, heir.peek().overtime_s, heir.peek().today) == ("due", 15 * 60, 1)
    assert heir.kinds == []


@virtual
async def test_the_end_is_stored_and_told_of_once_when_it_can_be() -> None:
    daemon = await read_only()
    await daemon.wait(minutes(30))
    daemon.store.read_only = False
    await daemon.timers.settle_all()
    await daemon.wait(minutes(0))
    assert daemon.kinds == ["interval.started", "interval.completed"]
    assert daemon.intervals[0].ended_at == NOON + minutes(25)
    assert [it.title for it in daemon.notifier.shown] == ["Focus completed"]
    assert daemon.peek().today == 1


@virtual
async def test_what_is_refused_changes_nothing_and_nothing_asks_again_by_itself() -> None:
    daemon = await read_only()
    loop = asyncio.get_running_loop()
    for command in (Pause(), Start(replace=True)):
        with pytest.raises(StoreError) as caught:
            await daemon.run(command)
        assert caught.value.code == READ_ONLY
    assert daemon.peek().state == "focus"
    await daemon.wait(minutes(30))
    # Nothing is to come but the alarm, which has rung.
    assert [it for it in loop._scheduled if not it.cancelled()] == []  # type: ignore[attr-defined]


@virtual
async def test_who_has_an_account_is_let_in_and_a_stranger_hears_why_not() -> None:
    daemon = await read_only()
    accounts = AccountService(daemon.store, "default")
    assert (await accounts.peer(UID, "ada")).user_id == daemon.who.user_id
    with pytest.raises(StoreError):
        await accounts.peer(UID + 1, "bob")


@virtual
async def test_a_report_counts_what_no_totals_are_kept_of() -> None:
    daemon = await start()
    await daemon.run(Start())
    await daemon.wait(minutes(25))
    before = await daemon.reports.period(daemon.who, Query())
    daemon.store.read_only = True
    daemon.rules = Rules(day_start=time(4))
    found = await daemon.reports.period(daemon.who, Query())
    assert found.rows == before.rows
    assert found.total.pomodoros == 1
