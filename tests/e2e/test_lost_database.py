"""The database goes away under the daemon: nothing is confirmed that would be lost, nothing is made in its place."""

import os
import shutil

from tests.e2e.user import User

FILES = ("", "-wal", "-shm")


def test_what_would_go_to_a_deleted_file_is_refused_and_no_other_is_made(user: User) -> None:
    user.pomo("start", "Write report")
    os.mkdir(f"{user.env['HOME']}/aside")
    for rest in FILES:
        shutil.move(user.database + rest, f"{user.env['HOME']}/aside/pomo.db{rest}")
    for command in ("pause", "finish"):
        said = user.fails(7, command)
        assert f"The database {user.database} was removed or replaced; nothing was changed." in said
    assert user.json("status")["state"] == "focus"
    assert [it for it in os.listdir(user.data) if "db" in it] == []
    # Back in its place it is good again, without a restart.
    for rest in FILES:
        shutil.move(f"{user.env['HOME']}/aside/pomo.db{rest}", user.database + rest)
    assert "paused" in user.pomo("pause")
    user.kill()
    assert [it["status"] for it in user.log()] == ["paused"]


def test_what_would_go_to_a_replaced_file_is_refused(user: User, empty_database: str) -> None:
    user.pomo("start", "Write report")
    shutil.copy(empty_database, f"{user.database}.other")
    os.rename(f"{user.database}.other", user.database)
    assert "was removed or replaced" in user.fails(7, "pause")
