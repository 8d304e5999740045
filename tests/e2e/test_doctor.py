"""`pomo doctor`: says what is wrong and what to do, of things that really are wrong."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.desktop import Desktop
from tests.e2e.user import PATIENCE_S, User
from tests.fakes.servers import Valkey


def findings(user: User, code: int = 0) -> dict[str, Any]:
    """Answer what the doctor finds, by name."""
    done = user.run("doctor", "--json", timeout=2 * PATIENCE_S)
    assert (done.code, done.err) == (code, "")
    import json

    return {it["name"]: it for it in json.loads(done.out)}


def test_a_sound_installation_has_no_failure_and_each_line_says_what_it_is(user: User) -> None:
    done = user.run("doctor")
    assert (done.code, done.err) == (0, "")
    heads = [line.split() for line in done.out.splitlines() if not line.startswith(" ")]
    assert {it[0] for it in heads} <= {"ok", "warning"}
    assert [it["name"] for it in findings(user).values()] == [
        *("configuration", "runtime folder", "data folder", "lock", "socket", "versions"),
        *("database", "migrations", "record", "notifications", "hooks", "path", "clock", "redis", "completion"),
    ]
    assert all(it["hint"] for it in findings(user).values() if it["state"] != "ok")
    assert user.run("doctor", "--quiet").out == ""


def test_the_notification_server_is_named(user: User, desktop: Desktop) -> None:
    found = findings(user)["notifications"]
    assert (found["state"], desktop.address in found["message"]) == ("ok", True)


def test_without_a_bus_there_is_a_warning(user: User) -> None:
    found = findings(user)["notifications"]
    assert (found["state"], found["message"]) == ("warning", "there is no session bus")


def test_overlapping_intervals_are_a_failure(user: User) -> None:
    user.pomo("log", "add", "--start", "yesterday 9:00", "--end", "yesterday 10:00")
    user.pomo("log", "add", "--start", "yesterday 10:00", "--end", "yesterday 11:00")
    assert findings(user)["record"]["state"] == "ok"
    with closing(sqlite3.connect(user.database)) as connection, connection:
        for event in ("insert", "update"):
            connection.execute(f"DROP TRIGGER intervals_no_overlap_{event}")
        connection.execute("UPDATE intervals SET started_at = started_at - 1000000 WHERE interval_id = 2")
    found = findings(user, code=1)["record"]
    assert (found["state"], found["message"]) == ("failure", "1 intervals overlap")


def test_rows_that_refer_to_none_are_a_failure(user: User) -> None:
    user.pomo("start", "Write report")
    with closing(sqlite3.connect(user.database)) as connection, connection:
        connection.execute("UPDATE intervals SET task_id = 999")
    found = findings(user, code=1)["database"]
    assert (found["state"], found["message"].endswith("rows of intervals refer to none")) == ("failure", True)


def test_a_damaged_database_is_a_failure_that_the_daemon_explains(newcomer: User) -> None:
    os.makedirs(newcomer.data, mode=0o700)
    Path(newcomer.database).write_bytes(b"this is no database" * 1000)
    found = findings(newcomer, code=1)
    assert found["daemon"]["state"] == "failure"
    assert "damaged" in found["daemon"]["message"]
    assert found["clock"]["state"] == "ok"


def test_a_daemon_that_must_not_be_started_is_missed(user: User) -> None:
    done = user.run("doctor", "--no-autostart")
    assert done.code == 1
    assert "failure  daemon          The daemon is not running.\n" in done.out
    assert not user.is_served()


def test_a_folder_open_to_others_is_a_failure(user: User) -> None:
    os.chmod(user.data, 0o755)
    found = findings(user, code=1)["data folder"]
    assert (found["state"], found["hint"]) == ("failure", f"Run 'chmod 700 {user.data}'.")


def test_a_configuration_that_is_wrong_is_a_failure(user: User) -> None:
    user.pomo("start")
    user.write_config("[timer]\nfocus = 'long'\n")
    assert findings(user, code=1)["configuration"]["hint"] == "Run 'pomo config check'."


def test_a_hook_that_does_not_run_is_a_warning(user: User) -> None:
    path = Path(user.config).parent / "hooks" / "interval.started.d" / "hook"
    path.parent.mkdir(parents=True)
    path.write_text("#!/bin/sh\n")
    found = findings(user)["hooks"]
    assert (found["state"], found["hint"]) == ("warning", "See 'pomo hooks list'.")
    path.chmod(0o755)
    assert findings(user)["hooks"]["message"] == "1 installed"


def test_the_redis_of_the_environment_is_that_of_the_default_profile_alone(user: User) -> None:
    user.env["POMO_REDIS_URL"] = "redis://127.0.0.1:1/0"
    user.pomo("profile", "create", "work")
    assert findings(user)["redis"]["state"] == "warning"
    user.env["POMO_PROFILE"] = "work"
    assert findings(user)["redis"]["message"] == "none is configured"


def test_redis_is_asked_for_a_sign_of_life(user: User, valkey: Valkey) -> None:
    user.env["POMO_REDIS_URL"] = valkey.url
    assert findings(user)["redis"]["state"] == "ok"
    user.env["POMO_REDIS_URL"] = "redis://127.0.0.1:1/0"
    found = findings(user)["redis"]
    assert (found["state"], found["message"]) == ("warning", "127.0.0.1:1: Connection refused")


def test_a_pomo_that_bars_and_cron_do_not_find_is_a_warning(user: User) -> None:
    found = findings(user)["path"]
    expected = "ok" if any(os.path.exists(f"{it}/pomo") for it in ("/usr/local/bin", "/usr/bin", "/bin")) else "warning"
    assert found["state"] == expected


def test_a_postgresql_is_looked_at_through_the_daemon(user: User, ready_url: str) -> None:
    user.env["POMO_DATABASE_URL"] = ready_url
    found = findings(user)
    assert found["database"]["message"].startswith("PostgreSQL ")
    assert (found["migrations"]["state"], found["record"]["state"]) == ("ok", "ok")


@pytest.mark.parametrize("words", [("doctor", "--help")])
def test_the_help_tells_the_exit_codes(user: User, words: tuple[str, ...]) -> None:
    assert "Exits 0 if nothing fails, else with 1" in user.pomo(*words)
