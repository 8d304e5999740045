"""Schedules of the installed command."""

import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime

import pytest

from tests.e2e.desktop import Desktop
from tests.e2e.user import User, until


def make_due(user: User, seconds_ago: float) -> None:
    """Let the schedules of a user whose daemon is gone have been due so long ago."""
    due = round((time.time() - seconds_ago) * 1e6)
    with closing(sqlite3.connect(user.database)) as connection, connection:
        connection.execute("UPDATE schedules SET next_at = ?", [due])


def test_schedules_are_made_listed_paused_and_deleted(user: User) -> None:
    made = user.json("schedule", "add", "0 9 * * mon-fri", "--start", "Write report")
    assert (made["task"], len(made["next"])) == ("Write report", 3)
    assert all(datetime.fromisoformat(it) > datetime.now(UTC) for it in made["next"])
    user.pomo("schedule", "pause", "1")
    assert user.json("schedule", "list")[0]["paused"]
    user.pomo("undo")
    assert not user.json("schedule", "list")[0]["paused"]
    user.pomo("schedule", "delete", "1")
    assert user.json("schedule", "list") == []
    user.pomo("undo")
    assert len(user.json("schedule", "list")) == 1


def test_what_is_no_schedule_is_refused(user: User) -> None:
    assert "five fields of cron" in user.fails(2, "schedule", "add", "every day", "--notify", "a")
    assert "never due" in user.fails(2, "schedule", "add", "0 0 30 2 *", "--notify", "a")
    user.fails(3, "schedule", "add", "@daily", "--start", "New", "--no-create")
    for verb in ("pause", "resume", "delete"):
        user.fails(3, "schedule", verb, "7")


def test_a_minute_later_it_has_happened_without_anybody_asking(user: User, desktop: Desktop) -> None:
    # Not so near to the minute's end that the command comes behind it.
    until(lambda: time.time() % 60 < 57)
    user.pomo("schedule", "add", "* * * * *", "--notify", "Stand up")
    assert desktop.wait(1, within=65)["summary"] == "Stand up"
    assert time.time() % 60 < 20


@pytest.mark.parametrize(("late", "state"), [(60, "focus"), (3600, "idle")])
def test_what_was_due_while_no_daemon_ran_happens_if_it_is_not_too_late(
    user: User, desktop: Desktop, late: int, state: str
) -> None:
    user.pomo("schedule", "add", "0 0 1 1 *", "--start", "Write report")
    user.kill()
    make_due(user, late)
    until(lambda: user.json("status")["state"] == state)
    title = desktop.wait(1)["summary"]
    assert title == ("Focus started: Write report" if state == "focus" else "Not started: Write report")
    # Neither the next look nor the next daemon does it again.
    user.kill()
    assert user.json("status")["state"] == state
    assert len(user.log()) == (state == "focus")


def test_a_focus_that_runs_is_left_alone(user: User, desktop: Desktop) -> None:
    user.pomo("schedule", "add", "0 0 1 1 *", "--start", "Write report")
    user.pomo("start", "Read")
    user.kill()
    make_due(user, 1)
    assert user.json("status")["task"] == "Read"
    assert desktop.wait(1)["summary"] == "Not started: Write report"
