"""What the record of an older database comes to, once totals of days are kept in it."""

from collections.abc import Iterator
from datetime import date, time
from pathlib import Path

import pytest
from alembic.config import Config
from sqlalchemy import Connection, text

from alembic import command
from pomo_daemon.adapters.db.checking import check
from pomo_daemon.adapters.db.migrate import prepare, script_folder
from pomo_daemon.adapters.db.store import SqlStore
from pomo_daemon.application.report import ReportService
from pomo_daemon.domain.cycle import Rules
from pomo_daemon.domain.report import Days, Tally
from tests.fakes.clock import NOON, FakeClock
from tests.migration.database import within

#: Intervals of an old database: zone, start in seconds after noon, whether it was cancelled.
OLD = (("Asia/Tokyo", 3 * 3600, "completed"), ("nowhere", 4 * 3600, "stopped"), ("UTC", 5 * 3600, "cancelled"))


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path}/pomo.db"
    else:
        yield request.getfixturevalue("postgres_url")


def fill(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", script_folder())
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "0003")
    user = (
        "INSERT INTO users (user_id, username, peer_uid, event_seq, created_at, updated_at) VALUES (1, 'a', 1, 0, 0, 0)"
    )
    connection.execute(text(user))
    connection.execute(text("INSERT INTO timers (user_id, version, cycle_done, warned) VALUES (1, 0, 0, false)"))
    statement = text(
        "INSERT INTO intervals (owner_id, phase, status, started_at, ended_at, zone, note)"
        " VALUES (1, 'focus', :status, :start, :start + 90999999, :zone, '')"
    )
    for zone, after, status in OLD:
        start = (int(NOON.timestamp()) + after) * 10**6
        connection.execute(statement, {"status": status, "start": start, "zone": zone})


async def test_old_intervals_count_on_the_day_that_their_clock_showed(url: str) -> None:
    await within(url, fill)
    await prepare(url, NOON)
    store = SqlStore(url, FakeClock())
    try:
        async with store.write() as unit:
            await unit.tallies.keep(1, time(0))
            found = await unit.tallies.of_days(1, time(0), Days(date(2026, 1, 1), date(2026, 2, 1)))
        assert found == {
            date(2026, 1, 12): Tally(focus_s=90, stopped=1),
            date(2026, 1, 13): Tally(focus_s=90, pomodoros=1),
        }
    finally:
        await store.close()


async def test_a_recount_finds_what_somebody_else_wrote(url: str) -> None:
    await within(url, fill)
    await prepare(url, NOON)
    store = SqlStore(url, FakeClock())
    reports = ReportService(store, FakeClock(), Rules)
    try:
        async with store.write() as unit:
            await unit.tallies.keep(1, time(0))
        assert await reports.wrong_days(1) == []
        assert not [it for it in check(url).findings if "totals" in it]
        await within(
            url, lambda connection: connection.execute(text("UPDATE days SET pomodoros = 7 WHERE stopped = 0"))
        )
        assert await reports.wrong_days(1) == [date(2026, 1, 13)]
        assert any("for day 20466 since 1970" in it for it in check(url).findings)
    finally:
        await store.close()
