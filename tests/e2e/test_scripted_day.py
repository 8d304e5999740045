"""A whole day as a user would live it, by commands and in a terminal: the record is what happened, to the second."""

import json
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.e2e.test_a_day import Terminal
from tests.e2e.user import User, until

CATEGORIES = ("Work", "Home", "Study & $(more)")
TASKS = [
    ("Write report", 4, 0),
    ("Answer mail", 1, 0),
    ("Plan the week", 2, 0),
    ("Review", 3, 0),
    ("Fix the tap", 1, 1),
    ("Taxes 'n' forms", 6, 1),
    ("Garden", 0, 1),
    ("Read chapter 5", 2, 2),
    ("日本語", 8, 2),
    ("Exercises [hard]", 12, 2),
]


class Day:
    """What the user does, and when: each moment is known by the clock before and behind the command."""

    def __init__(self, user: User) -> None:
        self.user = user

    def do(self, *words: str) -> tuple[datetime, datetime]:
        """Give a command that must succeed; answer between which moments it was done."""
        before = datetime.now(UTC)
        self.user.pomo(*words)
        return before, datetime.now(UTC)


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def within(moment: str, bounds: tuple[datetime, datetime]) -> bool:
    return bounds[0] <= instant(moment) <= bounds[1]


def spent(it: dict[str, Any]) -> float:
    """Answer the time of an interval that counts, by its own ends and gaps."""
    gaps = sum((instant(gap["ended_at"]) - instant(gap["started_at"])).total_seconds() for gap in it["gaps"])
    return (instant(it["ended_at"]) - instant(it["started_at"])).total_seconds() - gaps


@pytest.fixture
def day(user: User) -> Day:
    """Give a user with ten tasks in three categories."""
    living = Day(user)
    for name in CATEGORIES:
        living.do("category", "add", name)
    for name, estimate, category in TASKS:
        living.do("task", "add", name, "-e", str(estimate), "-c", CATEGORIES[category])
    return living


def test_the_record_of_a_day_is_what_happened(day: Day) -> None:
    user = day.user

    # A pomodoro that rings, with a pause and two interruptions in it.
    first = day.do("start", "write REPORT", "--duration", "2s")
    external = day.do("interrupt", "--external", "the phone")
    internal = day.do("interrupt", "coffee?")
    assert user.pomo("status").endswith(" Write report (1/4) 2!\n")
    paused = day.do("pause")
    time.sleep(1.2)
    resumed = day.do("resume")
    until(lambda: user.json("status")["state"] == "due")

    # A break that is cut short by the next one, which is finished early.
    pause = day.do("break", "--duration", "5m")
    second = day.do("start", "#1")
    time.sleep(1.1)
    finished = day.do("finish")

    # A wrong stop, undone: it goes on from its original start, and the pause of the mistake counts.
    third = day.do("start", "8", "--duration", "10m")
    day.do("stop")
    time.sleep(1)
    assert user.pomo("undo") == "Undone: stop.\n"
    assert user.json("status")["task"] == "Read chapter 5"
    stopped = day.do("stop")

    # One that was forgotten, the day before, and a task that is done.
    day.do("log", "add", "--start", "yesterday 10:00", "--end", "10:25", "--task", "Taxes 'n' forms", "--note", "paper")
    day.do("task", "done", "Answer mail")

    record = user.json("log", "--from", "yesterday")
    assert [(it["phase"], it["status"], it["task"], it["category"]) for it in record] == [
        ("focus", "completed", "Taxes 'n' forms", "Home"),
        ("focus", "completed", "Write report", "Work"),
        ("short_break", "skipped", None, None),
        ("focus", "completed", "Write report", "Work"),
        ("focus", "stopped", "Read chapter 5", "Study & $(more)"),
    ]
    forgotten, rang, short, early, wrong = record

    assert within(rang["started_at"], first)
    [gap] = rang["gaps"]
    assert within(gap["started_at"], paused)
    assert within(gap["ended_at"], resumed)
    assert gap["reason"] == "pause"
    # It ended at its deadline: two seconds and the pause after its start, whenever that was noticed.
    assert spent(rang) == pytest.approx(2, abs=0.001)
    assert (rang["planned_s"], rang["elapsed_s"]) == (2, 2)
    assert [(it["kind"], it["note"]) for it in rang["interruptions"]] == [
        ("external", "the phone"),
        ("internal", "coffee?"),
    ]
    assert within(rang["interruptions"][0]["at"], external)
    assert within(rang["interruptions"][1]["at"], internal)

    assert within(short["started_at"], pause)
    assert within(short["ended_at"], second)
    assert within(early["started_at"], second)
    assert within(early["ended_at"], finished)
    assert within(wrong["started_at"], third)
    assert within(wrong["ended_at"], stopped)
    assert wrong["gaps"] == []
    for it in (short, early, wrong):
        assert it["elapsed_s"] == int(spent(it)), it
    assert instant(forgotten["ended_at"]) - instant(forgotten["started_at"]) == timedelta(minutes=25)
    assert (forgotten["elapsed_s"], forgotten["note"]) == (1500, "paper")

    check_inventory(user, record)


def check_inventory(user: User, record: list[dict[str, Any]]) -> None:
    """Check that the tasks tell the same of the day as its record, and that both are on disk."""
    _, rang, _, early, _ = record
    detail = user.json("task", "show", "Write report")
    assert detail["intervals"] == [rang, early]
    assert (detail["focus_s"], detail["internal"], detail["external"]) == (2 + early["elapsed_s"], 1, 1)
    assert (detail["task"]["done"], detail["task"]["pomodoro_count"]) == (2, 4)

    done = user.json("task", "list", "--status", "done")
    assert [it["name"] for it in done] == ["Answer mail"]
    progress = {it["name"]: (it["done"], it["pomodoro_count"]) for it in user.json("task", "list")}
    assert progress == {
        name: ({"Write report": 2, "Taxes 'n' forms": 1}.get(name, 0), estimate)
        for name, estimate, _ in TASKS
        if name != "Answer mail"
    }
    assert [it["task"] for it in user.json("log", "--from", "yesterday", "-c", "home")] == ["Taxes 'n' forms"]

    # All of it is on disk: a killed daemon's successor says the same.
    user.kill()
    assert user.json("log", "--from", "yesterday") == record
    assert user.json("task", "show", "1") == detail


class Asking(Terminal):
    """A terminal in which commands may ask."""

    def answer(self, line: str, question: str, answer: str) -> str:
        """Type a line, wait for its question, type the answer, and return what is to be seen then."""
        self._tmux("send-keys", "-l", f"clear; {line}; echo asked")
        self._tmux("send-keys", "Enter")
        until(lambda: question in self._screen())
        self._tmux("send-keys", "-l", answer)
        self._tmux("send-keys", "Enter")
        until(lambda: "asked" in self._screen().splitlines())
        return self._screen()


@pytest.fixture
def terminal(day: Day) -> Iterator[Asking]:
    """Give a terminal of the user."""
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed")
    opened = Asking(day.user)
    yield opened
    opened.close()


def test_the_lists_look_right_in_a_terminal(day: Day, terminal: Asking) -> None:
    day.do("task", "edit", "3", "--due", "yesterday")
    screen = terminal.type("pomo task list")
    lines = [line.rstrip() for line in screen.splitlines()]
    assert lines[0].split() == ["#1", "Write", "report", "\N{WHITE CIRCLE}" * 4, "0/4", "Work"]
    assert lines[2].endswith("overdue")
    assert lines[-1] == "10 open tasks, 0 of 39 pomodoros"
    assert max(map(len, lines)) <= 100
    assert "####" not in screen
    assert "  ....     0/4   Work" in terminal.type("LC_ALL=C pomo task list")
    terminal.type("pomo start 1 --duration 30m; pomo interrupt; pomo finish")
    shown = terminal.type("pomo log --from yesterday")
    # The number that `log edit` takes, and the interruption.
    assert shown.startswith("#1  ")
    assert "  1!  Write report" in shown
    assert "corrected" in terminal.type("pomo log edit 1 --note good").casefold()
    assert "(good)" in terminal.type("pomo task show 1")


def test_a_category_in_use_asks_where_its_tasks_go(day: Day, terminal: Asking) -> None:
    screen = terminal.answer("pomo category delete Work", "Number (nothing: leave it all as it is):", "2")
    assert "4 tasks belong to 'Work'. Where do they go?" in screen
    assert "Category 'Work' deleted. Its tasks are in 'Study & $(more)' now." in screen
    assert {it["category"] for it in day.user.json("task", "list")} == {"Home", "Study & $(more)"}
    assert [it["name"] for it in day.user.json("category", "list")] == ["Home", "Study & $(more)"]


def test_ten_thousand_tasks_are_listed(day: Day) -> None:
    """How long that takes is told by the benchmarks; here, that none is left out."""
    day.user.kill()
    with closing(sqlite3.connect(day.user.database)) as connection, connection:
        connection.execute(
            "WITH RECURSIVE many(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < 10000) "
            "INSERT INTO tasks (owner_id, name, description, pomodoro_count, created_at, updated_at) "
            "SELECT owner_id, 'Task ' || n, '', 2, created_at, updated_at FROM tasks, many WHERE task_id = 1"
        )
    assert len(json.loads(day.user.pomo("task", "list", "--json"))) == 10_010
    lines = day.user.pomo("task", "list").splitlines()
    assert (len(lines), lines[-1]) == (10_011, "10010 open tasks, 0 of 20039 pomodoros")
