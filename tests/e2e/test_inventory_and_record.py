"""A day with the inventory: tasks in categories, interruptions, mistakes taken back, a record put right."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.e2e.user import User, until


def asked(user: User, *words: str) -> Any:
    return json.loads(user.pomo(*words, "--json"))


def test_a_day_with_the_inventory_is_recorded_as_it_happened(user: User) -> None:
    for category in ("Work", "Home", "Study"):
        user.pomo("category", "add", category)
    for number in range(10):
        category = ("Work", "Home", "Study")[number % 3]
        user.pomo("task", "add", f"Task {number}", "-e", str(number), "-c", category)
    assert [it["pomodoro_count"] for it in asked(user, "task", "list")] == list(range(10))
    assert {it["name"] for it in asked(user, "task", "list", "-c", "home")} == {"Task 1", "Task 4", "Task 7"}

    user.pomo("start", "task 3", "--duration", "1s")
    until(lambda: user.pomo("status").startswith("short break due"))

    user.pomo("start", "Task 4")
    started = datetime.fromisoformat(user.log()[-1]["started_at"])
    user.pomo("interrupt", "--external", "the phone")
    user.pomo("interrupt", "an idea")
    user.pomo("pause")
    user.pomo("resume")
    user.pomo("stop")
    assert user.pomo("undo") == "Undone: stop.\n"
    assert asked(user, "status")["interruptions"] == 2
    assert datetime.fromisoformat(user.log()[-1]["started_at"]) == started
    user.pomo("finish")

    now = datetime.now(UTC)
    begin, end = (now - timedelta(hours=2)).isoformat(), (now - timedelta(hours=1, minutes=35)).isoformat()
    forgotten = asked(user, "log", "add", "--start", begin, "--end", end, "--task", "Task 5", "--note", "forgot")
    assert (forgotten["elapsed_s"], forgotten["task"], forgotten["category"]) == (1500, "Task 5", "Study")
    refused = user.run("log", "add", "--start", begin, "--end", end)
    assert refused.code == 4
    assert "'Task 5'" in refused.err
    assert "Free is" in refused.err
    user.pomo("task", "done", "Task 3")

    record = {it["task"]: it for it in asked(user, "log", "--from", begin)}
    assert {name: it["status"] for name, it in record.items()} == {
        "Task 3": "completed",
        "Task 4": "completed",
        "Task 5": "completed",
    }
    assert [it["kind"] for it in record["Task 4"]["interruptions"]] == ["external", "internal"]
    assert len(record["Task 4"]["gaps"]) == 1
    detail = asked(user, "task", "show", "Task 4")
    assert (detail["internal"], detail["external"], detail["task"]["done"]) == (1, 1, 1)
    assert [it["name"] for it in asked(user, "task", "list", "--status", "done")] == ["Task 3"]


def test_everything_can_be_taken_back_and_done_again_after_a_restart(user: User) -> None:
    user.pomo("category", "add", "Work")
    user.pomo("task", "add", "Write", "-c", "Work")
    user.pomo("start", "Write")
    user.pomo("finish")
    [interval] = user.log()
    user.pomo("log", "edit", str(interval["interval_id"]), "--note", "well")
    user.pomo("log", "delete", str(interval["interval_id"]))
    user.pomo("daemon", "restart")
    labels = [it["label"] for it in asked(user, "undo", "--list")]
    assert labels == ["log delete 1", "log edit 1", "finish", "start Write", "task add Write", "category add Work"]
    for _ in labels:
        user.pomo("undo")
    assert user.run("undo").code == 4
    assert asked(user, "task", "list", "--status", "all") == []
    assert asked(user, "category", "list") == []
    assert user.log() == []
    for _ in labels[:-1]:
        user.pomo("redo")
    assert [it["note"] for it in user.log()] == ["well"]
    user.pomo("redo")
    assert user.log() == []


def test_a_category_in_use_goes_only_when_it_is_said_where_its_tasks_go(user: User) -> None:
    user.pomo("category", "add", "Work")
    user.pomo("category", "add", "Home")
    user.pomo("task", "add", "Write", "-c", "work")
    refused = user.run("category", "delete", "Work")
    assert (refused.code, refused.out) == (4, "")
    assert "--move-to" in refused.err
    user.pomo("category", "delete", "Work", "--move-to", "home")
    assert [it["category"] for it in asked(user, "task", "list")] == ["Home"]


def test_what_is_not_valid_names_the_field_and_the_limit(user: User) -> None:
    for words, field in (
        (("task", "add", " "), "name: must not be empty"),
        (("task", "add", "x" * 201), "name: has 201 characters, at most 200"),
        (("task", "add", "a\x1b[31mb"), "name: the control character U+001B"),
        (("task", "add", "x", "-e", "-1"), "estimate: is -1, from 0"),
        (("task", "add", "x", "--due", "someday"), "due: 'someday' is not a time"),
    ):
        done = user.run(*words)
        assert (done.code, done.out) == (2, "")
        assert field in done.err
    missing = user.run("task", "add", "x", "-c", "nowhere")
    assert (missing.code, "category: there is no category 'nowhere'" in missing.err) == (3, True)
    assert asked(user, "task", "list", "--status", "all") == []
