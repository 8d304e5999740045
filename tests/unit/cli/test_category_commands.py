"""`pomo category`: what goes over the wire, and the question where tasks go, which is asked on a terminal alone."""

import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from pomo_cli import prompt
from pomo_daemon.protocol.errors import PomoError
from tests.unit.cli.conftest import Ran
from tests.unit.cli.fake_daemon import FakeDaemon
from tests.unit.cli.test_task_commands import sent

Run = Callable[..., Ran]

CATEGORIES = [
    {"category_id": 3, "name": "Home & Co", "tasks": 0},
    {"category_id": 12, "name": "Write\x1b[31m", "tasks": 1},
    {"category_id": 1, "name": "Work", "tasks": 3},
]
IN_USE = PomoError("category.in_use", "3 tasks belong to 'Work'.")


class Refusing(FakeDaemon):
    """Lets no category go before it is said where its tasks go."""

    def _result(self, method: str, params: dict[str, Any]) -> Any:
        if method == "category.delete" and "move_to" not in params:
            return IN_USE
        return super()._result(method, params)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch, no_start: list[str]) -> Callable[[str], Refusing]:  # noqa: ARG001
    """Give a function that lets somebody sit there who types a text."""

    def sit(typed: str) -> Refusing:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        monkeypatch.setattr(prompt, "can_ask", lambda: True)
        refusing = Refusing()
        refusing.results |= {
            "category.list": {"categories": CATEGORIES},
            "category.delete": {"category_id": 1, "name": "Work"},
        }
        return refusing

    return sit


def test_categories_are_made_renamed_and_listed(daemon: FakeDaemon, run: Run) -> None:
    daemon.results["category.add"] = {"category_id": 1, "name": "Work"}
    assert run("category", "add", "Work") == (0, "Category 'Work' added.\n", "")
    daemon.results["category.rename"] = {"category_id": 1, "name": "Home"}
    assert run("category", "rename", "work", "Home").out == "Category 'work' is 'Home' now.\n"
    assert sent(daemon, "category.rename") == {"category": "work", "name": "Home"}
    daemon.results["category.list"] = {"categories": CATEGORIES}
    assert run("category", "list").out.splitlines() == [
        " 3  Home & Co   0 tasks",
        "12  Write\N{REPLACEMENT CHARACTER}[31m  1 task",
        " 1  Work        3 tasks",
    ]
    assert json.loads(run("category", "list", "--json").out) == CATEGORIES


def test_an_empty_list_says_what_to_do(daemon: FakeDaemon, run: Run) -> None:
    daemon.results["category.list"] = {"categories": []}
    assert "'pomo category add NAME'" in run("category", "list").out
    assert run("category", "list", "--json").out == "[]\n"


@pytest.mark.parametrize(
    ("words", "params", "said"),
    [
        ((), {}, "Category 'Work' deleted.\n"),
        (("--move-to", "Home"), {"move_to": "Home"}, "Category 'Work' deleted. Its tasks are in 'Home' now.\n"),
        (("--uncategorize",), {"move_to": ""}, "Category 'Work' deleted. Its tasks have none now.\n"),
    ],
)
def test_a_category_is_deleted_and_its_tasks_go_where_it_is_said(
    words: tuple[str, ...], params: dict[str, str], said: str, daemon: FakeDaemon, run: Run
) -> None:
    daemon.results["category.delete"] = {"category_id": 1, "name": "Work"}
    assert run("category", "delete", "Work", *words) == (0, said, "")
    assert sent(daemon, "category.delete") == {"category": "Work", **params}


@pytest.mark.parametrize(
    ("typed", "move_to"),
    [
        ("1\n", "Home & Co"),
        ("2\n", "Write\x1b[31m"),
        ("0\n", ""),
        ("home & co\n", "Home & Co"),
        ("9\nx\n1\n", "Home & Co"),
    ],
)
def test_somebody_on_a_terminal_is_asked(
    typed: str, move_to: str, terminal: Callable[[str], Refusing], run: Run
) -> None:
    with terminal(typed) as daemon:
        ran = run("category", "delete", "work")
    assert ran.code == 0
    assert [it.get("move_to") for it in daemon.requests("category.delete")] == [None, move_to]
    assert ran.err.splitlines()[:4] == [
        "3 tasks belong to 'Work'. Where do they go?",
        "  1  Home & Co",
        "  2  Write\N{REPLACEMENT CHARACTER}[31m",
        "  0  to no category",
    ]


@pytest.mark.parametrize("typed", ["", "\n", "9\n9\n9\n1\n", "work\n"])
def test_no_answer_leaves_it_all_as_it_is(typed: str, terminal: Callable[[str], Refusing], run: Run) -> None:
    with terminal(typed) as daemon:
        ran = run("category", "delete", "1")
    assert (ran.code, ran.out) == (4, "")
    assert "--move-to NAME" in ran.err.splitlines()[-1]
    assert len(daemon.requests("category.delete")) == 1


@pytest.mark.parametrize("words", [("--yes",), ("--json",)])
def test_yes_is_no_answer_to_where(words: tuple[str, ...], terminal: Callable[[str], Refusing], run: Run) -> None:
    with terminal("1\n") as daemon:
        ran = run("category", "delete", "Work", *words)
    assert (ran.code, ran.out) == (4, "")
    assert len(daemon.requests("category.delete")) == 1


def test_without_a_terminal_nobody_is_asked(daemon: FakeDaemon, run: Run) -> None:
    daemon.results["category.delete"] = IN_USE
    ran = run("category", "delete", "Work")
    assert ran == (4, "", f"pomo: {IN_USE.message}\n      {IN_USE.hint}\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", "Two", "words"), "There is one NAME, and these are several words."),
        (("add", "x\udcff"), "NAME is not text"),
        (("delete", "Work", "--move-to", ""), "--move-to is empty."),
        (("delete", "Work", "--move-to", "x", "--uncategorize"), "Give one of --move-to and --uncategorize."),
    ],
)
def test_what_is_not_valid_is_told_before_anything_is_asked(
    words: tuple[str, ...], said: str, daemon: FakeDaemon, run: Run
) -> None:
    ran = run("category", *words)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert daemon.lines == []
