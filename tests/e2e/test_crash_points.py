"""The daemon dies at every point where a change is half done; whoever asked asks again, and it is done once."""

import os
import shutil
import sqlite3
from contextlib import closing
from itertools import count
from typing import Any

import pytest

from pomo_daemon.adapters.faults import STATUS, VARIABLE
from tests.e2e.desktop import Desktop
from tests.e2e.user import User, until
from tests.integration.server.wire import greeted

POINTS = ("before_commit", "after_commit", "after_publish")
#: A day in small, with the state in which each command leaves the timer and the event it leads to.
DAY: tuple[tuple[str, dict[str, Any], str, str], ...] = (
    ("timer.start", {"task": "Write report"}, "focus", "interval.started"),
    ("timer.pause", {}, "focus-paused", "interval.paused"),
    ("timer.resume", {}, "focus", "interval.resumed"),
    ("timer.finish", {}, "due", "interval.completed"),
    ("timer.break", {}, "break", "interval.started"),
    ("timer.stop", {}, "idle", "interval.skipped"),
)


def ask(user: User, method: str, params: dict[str, Any]) -> dict[str, Any] | None:
    """Answer the result of a method, None where the daemon died before it could."""
    try:
        with greeted(user.socket) as wire:
            result: dict[str, Any] = wire.call(method, **params)
            return result
    except ConnectionError:
        return None


def events(user: User) -> list[tuple[int, str]]:
    """Answer the number and type of every event there ever was."""
    with greeted(user.socket) as wire:
        last = wire.call("events.subscribe", since=0)["seq"]
        found = [wire.message()["params"] for _ in range(last)]
    return [(event["seq"], event["type"]) for event in found]


def live_through_a_day(user: User, point: str) -> bool:
    """Do what a day holds, each thing again if the daemon died over it; tell whether it died."""
    died = user.start_daemon(**{VARIABLE: point}) == STATUS
    if died:
        assert user.start_daemon() == 0
    for method, params, state, _event in DAY:
        request = {**params, "request_id": f"day-{method}"}
        answer = ask(user, method, request)
        if answer is None:
            assert not died
            died = True
            assert user.start_daemon() == 0
            answer = ask(user, method, request)
        assert answer is not None
        assert (answer["status"]["state"], answer["changed"]) == (state, True), (point, method)
    return died


@pytest.mark.parametrize("point", POINTS)
def test_at_no_point_of_a_day_a_death_loses_or_doubles_anything(user: User, empty_database: str, point: str) -> None:
    for times in count(1):
        died = live_through_a_day(user, f"{point}:{times}")
        assert events(user) == list(enumerate(("task.created", *(event for *_, event in DAY)), start=1))
        assert [(it["phase"], it["status"]) for it in user.log()] == [
            ("focus", "completed"),
            ("short_break", "skipped"),
        ]
        user.kill()
        if not died:
            break
        replace_database(user, empty_database)
    assert times > len(DAY)  # it died over each


@pytest.mark.parametrize("point", ["before_schema", "before_rename"])
def test_a_death_while_the_first_database_is_made_leaves_none_that_is_half_made(newcomer: User, point: str) -> None:
    assert newcomer.start_daemon(**{VARIABLE: point}) == STATUS
    assert not os.path.exists(newcomer.database)
    assert newcomer.pomo("start", "Write report").startswith("Focus started")
    assert [it for it in os.listdir(newcomer.data) if ".new" in it] == []


@pytest.mark.parametrize("point", POINTS)
def test_at_no_point_of_a_late_completion_a_death_loses_or_doubles_it(user: User, desktop: Desktop, point: str) -> None:
    user.pomo("start", "Write report", "--duration", "1s")
    before = f"{user.env['HOME']}/before.db"
    user.kill()
    with closing(sqlite3.connect(user.database)) as source, closing(sqlite3.connect(before)) as copy:
        source.backup(copy)
    for times in count(1):
        replace_database(user, before)
        seen = len(desktop.shown)
        user.start_daemon(**{VARIABLE: f"{point}:{times}"})
        until(lambda: not user.is_served() or is_delivered(user))
        died = not user.is_served()
        if died:
            assert user.start_daemon() == 0
            until(lambda: is_delivered(user))
        [interval] = user.log()
        assert (interval["status"], interval["elapsed_s"]) == ("completed", 1)
        assert events(user) == [(1, "task.created"), (2, "interval.started"), (3, "interval.completed")]
        shown = [it["summary"] for it in desktop.shown[seen:]]
        # Shown, but dead before that was noted: then it is shown once more, rather than never.
        assert shown in (["Focus completed: Write report"], ["Focus completed: Write report"] * (1 + died))
        user.kill()
        if not died:
            break
    assert times > 1


def test_a_command_whose_daemon_dies_over_it_starts_another_and_is_done_once(user: User) -> None:
    for times in count(1):
        if user.start_daemon(**{VARIABLE: f"after_commit:{times}"}) == 0:
            break
    assert user.pomo("start", "Write report").startswith("Focus started: Write report, 25m (1/4).")
    [interval] = user.log()
    assert interval["status"] == "running"
    assert user.daemon_log().count(" starts, pid ") == times + 1


def replace_database(user: User, by: str) -> None:
    for rest in ("-wal", "-shm"):
        if os.path.exists(user.database + rest):
            os.unlink(user.database + rest)
    shutil.copy(by, user.database)


def is_delivered(user: User) -> bool:
    """Tell whether the daemon has noted that it showed what there was to show."""
    with closing(sqlite3.connect(user.database, timeout=10)) as connection:
        return bool(connection.execute("SELECT count(*) FROM deliveries").fetchone()[0])
