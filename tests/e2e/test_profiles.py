"""Profiles as a user has them: one daemon, and for each profile a timer, a database and settings of its own."""

import contextlib
import json
import os
import signal
import sqlite3

import pytest

from tests.e2e.user import User, until

CONFIG = """
[timer]
focus = "20m"
[profiles.work]
timer.focus = "50m"
[profiles.side-project]
"""


@pytest.fixture
def two(user: User) -> User:
    user.write_config(CONFIG)
    return user


def as_profile(user: User, name: str) -> User:
    return User({**user.env, "POMO_PROFILE": name})


def test_each_profile_has_a_timer_a_database_and_settings_of_its_own_and_one_daemon_serves_all(two: User) -> None:
    work = as_profile(two, "work")
    assert two.pomo("start", "At home") == "Focus started: At home, 20m (1/4).\nNew task #1.\n"
    assert work.pomo("start", "At work") == "Focus started: At work, 50m (1/4).\nNew task #1.\n"
    assert two.pomo("status", "-f", "{task} {planned}") == "At home 20:00\n"
    assert work.pomo("status", "-f", "{task} {planned}") == "At work 50:00\n"
    assert two.pomo("-p", "side-project") == "idle\n"
    assert [it["task"] for it in work.log()] == ["At work"]
    assert sorted(it for it in os.listdir(two.data) if it.endswith(".db")) == ["pomo.db", "side-project.db", "work.db"]
    assert len(two.daemons()) == 1


def test_the_profile_in_use_is_that_of_the_configuration_and_the_command_line_is_stronger(two: User) -> None:
    two.pomo("-p", "work", "start", "At work")
    two.write_config('profile = "work"\n' + CONFIG)
    assert two.pomo("status", "-f", "{task}") == "At work\n"
    assert two.json("status")["profile"] == "work"
    assert two.pomo("-p", "default") == "idle\n"
    assert as_profile(two, "default").pomo() == "idle\n"


def test_a_profile_that_is_not_there_is_not_found(two: User) -> None:
    assert two.fails(3, "-p", "elsewhere", "status") == (
        "pomo: There is no profile 'elsewhere'.\n      See 'pomo profile list'.\n"
    )
    assert as_profile(two, "elsewhere").run("toggle").code == 3


def test_a_timer_of_any_profile_ends_though_the_daemon_was_killed_and_nobody_asks(two: User) -> None:
    work = as_profile(two, "work")
    work.pomo("start", "At work", "--duration", "1s")
    two.kill(signal.SIGKILL)
    assert two.pomo() == "idle\n"
    with contextlib.closing(sqlite3.connect(f"file:{two.data}/work.db?mode=ro", uri=True)) as connection:
        until(lambda: connection.execute("SELECT status FROM intervals").fetchall() == [("completed",)])


def test_a_profile_whose_database_is_damaged_is_told_and_harms_no_other(two: User) -> None:
    with open(f"{two.data}/work.db", "w", encoding="utf-8") as file:
        file.write("no database")
    assert two.pomo() == "idle\n"
    assert "is damaged" in two.fails(7, "-p", "work", "status")
    assert two.pomo("start", "-q") == ""


def test_a_profile_that_is_moved_to_another_database_is_served_from_there_at_once(two: User) -> None:
    work = as_profile(two, "work")
    work.pomo("start", "Before")
    two.write_config(CONFIG.replace("[profiles.work]", f'[profiles.work]\ndatabase_url = "sqlite:///{two.data}/x.db"'))
    assert work.pomo() == "idle\n"
    two.write_config(CONFIG)
    assert work.json("status")["task"] == "Before"


def test_a_profile_that_was_deleted_is_served_no_more_and_its_database_is_left_alone(two: User) -> None:
    work = as_profile(two, "work")
    work.pomo("start", "At work")
    assert f"{two.data}/work.db" in two.pomo("profile", "delete", "work", "--yes")
    assert work.run("status").code == 3
    assert work.run("log").code == 3
    two.pomo("profile", "create", "work")
    assert work.json("status")["task"] == "At work"


def test_a_wrong_profile_in_the_configuration_is_told(two: User) -> None:
    two.write_config('profile = "nowhere"\n[profiles.work]\nlogin = "maybe"\ndaemon.idle_timeout = "1m"\n')
    done = two.run("config", "check", "--json")
    assert done.code == 2
    assert json.loads(done.err)["error"]["code"] == "config.invalid"
