"""Several daemons mind the same schedules on one PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

from pomo_daemon.adapters.cron import CronTab
from pomo_daemon.adapters.db.store import SqlStore
from pomo_daemon.application.accounts import AccountService
from pomo_daemon.application.announcer import Announcer
from pomo_daemon.application.calendar import Calendar
from pomo_daemon.application.schedules import ScheduleService
from pomo_daemon.application.timer import TimerService
from pomo_daemon.domain.cycle import Rules
from pomo_daemon.domain.schedule import ScheduleAction
from tests.fakes.alarm import FakeAlarm
from tests.fakes.clock import NOON, FakeClock

DAEMONS = 4
HOURS = 12


@asynccontextmanager
async def daemon(url: str, clock: FakeClock) -> AsyncIterator[tuple[SqlStore, TimerService, Calendar]]:
    store = SqlStore(url, clock)
    timers = TimerService(store, clock, FakeAlarm(lambda _user_id: None), Announcer(), Rules)
    calendar = Calendar(timers, store, clock, CronTab)
    yield store, timers, calendar
    calendar.stop()
    await timers.drain()
    await store.close()


async def test_each_time_comes_once_however_many_daemons_look_at_once(ready_url: str) -> None:
    clock = FakeClock()
    async with AsyncExitStack() as stack:
        running = [await stack.enter_async_context(daemon(ready_url, clock)) for _ in range(DAEMONS)]
        store, timers, _ = running[0]
        who = await AccountService(store, "default").peer(1, "ada")
        schedules = ScheduleService(timers, store, clock, CronTab(), Rules)
        for action, words in ((ScheduleAction.NOTIFY, "Stand up"), (ScheduleAction.START, "Write report")):
            await schedules.add(who, "0 * * * *", action, words, create=True, request_id=None)
        for _ in range(HOURS):
            clock.advance(timedelta(hours=1))
            await asyncio.gather(*(calendar.look() for _, _, calendar in running))
        async with store.read() as unit:
            events = await unit.outbox.since(who.user_id, 0, 1000)
            intervals = await unit.intervals.between(who.user_id, NOON, NOON + timedelta(days=1))
    hours = [NOON + timedelta(hours=it) for it in range(1, HOURS + 1)]
    fired = [it for it in events if it.type == "schedule.fired"]
    assert [it.data["due"] for it in fired if it.data["action"] == "notify"] == [it.isoformat() for it in hours]
    assert [it.started_at for it in intervals] == hours
