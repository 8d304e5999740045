"""`pomo task`: what goes over the wire, and how tasks are shown, whatever their names and the terminal."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from pomo_cli import clock
from pomo_cli.render import glyphs
from pomo_cli.render import task as render
from pomo_cli.render.terminal import draw
from pomo_cli.zone import Days
from pomo_daemon.protocol.errors import PomoError
from pomo_daemon.protocol.text import clean
from tests.unit.cli.conftest import Ran, write_config
from tests.unit.cli.fake_daemon import FakeDaemon
from tests.unit.cli.test_log import HOSTILE, SGR, interval, is_harmless, squash

Run = Callable[..., Ran]

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
BERLIN = Days(ZoneInfo("Europe/Berlin"), time(0))


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOON)


def task(number: int = 3, **changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = {
        "task_id": number,
        "name": "Write report",
        "description": "",
        "pomodoro_count": 4,
        "done": 2,
        "category_id": None,
        "category": None,
        "due": None,
        "created_at": "2026-11-20T08:00:00Z",
        "updated_at": "2026-11-21T08:00:00Z",
        "completed_at": None,
        "deleted_at": None,
    }
    return found | changes


TASKS = [
    task(3, category="Work", due="2026-11-24T22:59:59Z"),
    task(12, name="Plan", pomodoro_count=0, done=0, due="2026-11-24T08:30:00Z"),
    task(104, name="日本語", pomodoro_count=12, done=1, category="Study"),
]


def sent(daemon: FakeDaemon, method: str) -> dict[str, Any]:
    [params] = daemon.requests(method)
    params.pop("request_id", None)
    return params


@pytest.mark.parametrize(
    ("words", "params"),
    [
        (("Write report",), {"name": "Write report"}),
        (
            ("Write", "-e", "4", "-c", "Work", "-d", "two\nlines"),
            {"name": "Write", "pomodoro_count": 4, "category": "Work", "description": "two\nlines"},
        ),
        (("--due", "2026-11-26", "x"), {"name": "x", "due": "2026-11-26T23:59:59+01:00"}),
        (("--due", "tomorrow", "x"), {"name": "x", "due": "2026-11-25T23:59:59+01:00"}),
        (("--due", "tomorrow 14:00", "x"), {"name": "x", "due": "2026-11-25T13:00:00+00:00"}),
        (("x", "-e", "-1"), {"name": "x", "pomodoro_count": -1}),
        (("--", "--help"), {"name": "--help"}),
    ],
)
def test_what_is_said_of_a_new_task_goes_over_the_wire(
    words: tuple[str, ...], params: dict[str, Any], daemon: FakeDaemon, run: Run
) -> None:
    daemon.results["task.add"] = task(done=0)
    assert run("task", "add", *words) == (0, "Task #3 added: Write report (0/4).\n", "")
    assert sent(daemon, "task.add") == params


def test_a_due_day_ends_when_the_day_of_the_settings_does(daemon: FakeDaemon, run: Run) -> None:
    write_config('[timer]\nday_start = "04:00"\n')
    daemon.results["task.add"] = daemon.results["task.list"] = task()
    run("task", "add", "x", "--due", "today")
    due = sent(daemon, "task.add")["due"]
    assert due == "2026-11-25T03:59:59+01:00"
    daemon.results["task.list"] = {"tasks": [task(due=due)], "more": 0}
    assert "  Tue 2026-11-24\n" in run("task", "list").out


@pytest.mark.parametrize(
    ("words", "params"),
    [
        ((), {}),
        (("--status", "done", "--sort", "due"), {"status": "done", "sort": "due"}),
        (("-c", "Work"), {"category": "Work"}),
        (("--no-category",), {"category": ""}),
        (("--due", "today"), {"due": "2026-11-25T00:00:00+01:00"}),
        (("--due", "week"), {"due": "2026-12-01T00:00:00+01:00"}),
        (("--due", "overdue"), {"due": "2026-11-24T12:00:00+00:00"}),
        (("--due", "2026-11-26"), {"due": "2026-11-27T00:00:00+01:00"}),
        (("--due", "18:00"), {"due": "2026-11-24T17:00:00+00:00"}),
        (("--limit", "7"), {"limit": 7}),
    ],
)
def test_filters_go_over_the_wire(words: tuple[str, ...], params: dict[str, Any], daemon: FakeDaemon, run: Run) -> None:
    daemon.results["task.list"] = {"tasks": TASKS, "more": 0}
    assert run("task", "list", *words).code == 0
    assert sent(daemon, "task.list") == {"status": "open", "sort": "id"} | params


def test_a_list_is_aligned_columns_and_says_how_many(daemon: FakeDaemon, run: Run) -> None:
    daemon.results["task.list"] = {"tasks": TASKS, "more": 0}
    assert run("task", "list").out.splitlines() == [
        "  #3  Write report  ●●○○ 2/4   Work   Tue 2026-11-24",
        " #12  Plan                            Tue 2026-11-24 09:30 overdue",
        "#104  日本語             1/12  Study",
        "3 open tasks, 3 of 16 pomodoros",
    ]


@pytest.mark.parametrize(("more", "said"), [(1, "; 1 more is not shown"), (97, "; 97 more are not shown")])
def test_a_list_says_how_many_it_leaves_out(more: int, said: str, daemon: FakeDaemon, run: Run) -> None:
    daemon.results["task.list"] = {"tasks": TASKS[:1], "more": more}
    assert run("task", "list", "--limit", "1").out.splitlines()[-1] == f"1 open task, 2 of 4 pomodoros{said}"


def test_bars_of_all_lengths_stand_below_each_other(daemon: FakeDaemon, run: Run) -> None:
    found = [
        task(3, category="Work"),
        task(4, done=0, pomodoro_count=12),
        task(5, done=0, pomodoro_count=0, category="Work"),
    ]
    daemon.results["task.list"] = {"tasks": found, "more": 0}
    assert run("task", "list").out.splitlines()[:3] == [
        "#3  Write report  ●●○○ 2/4   Work",
        "#4  Write report       0/12",
        "#5  Write report             Work",
    ]


def test_all_tasks_are_listed_with_what_became_of_them(daemon: FakeDaemon, run: Run) -> None:
    gone = {"deleted_at": "2026-11-21T08:00:00Z"}
    found = [task(1), task(2, completed_at="2026-11-21T08:00:00Z"), task(3, **gone)]
    daemon.results["task.list"] = {"tasks": found, "more": 0}
    lines = run("task", "list", "--status", "all").out.splitlines()
    assert [line.split()[-1] for line in lines[:3]] == ["open", "done", "deleted"]
    assert lines[3] == "3 tasks, 6 of 12 pomodoros"


@pytest.mark.parametrize("locale", [{"LC_ALL": "C"}, {"LC_CTYPE": "POSIX"}, {"LANG": "C"}])
def test_a_locale_of_ascii_gets_ascii(
    locale: dict[str, str], daemon: FakeDaemon, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LC_ALL", "LC_CTYPE", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in locale.items():
        monkeypatch.setenv(name, value)
    daemon.results["task.list"] = {"tasks": TASKS[:2], "more": 0}
    out = run("task", "list").out
    assert out.isascii()
    assert "##.. 2/4" in out


def test_an_empty_list_says_what_to_do(daemon: FakeDaemon, run: Run) -> None:
    daemon.results["task.list"] = {"tasks": [], "more": 0}
    assert "'pomo task add NAME'" in run("task", "list").out
    assert "'pomo task list --status all'" in run("task", "list", "--due", "today").out
    assert max(map(len, run("task", "list").out.splitlines())) <= 80
    assert run("task", "list", "--json").out == "[]\n"
    assert run("task", "list", "-q").out == ""


def test_json_is_the_bare_result(daemon: FakeDaemon, run: Run) -> None:
    detail = {"task": task(), "intervals": [], "focus_s": 0, "internal": 0, "external": 0}
    daemon.results |= {
        "task.list": {"tasks": TASKS, "more": 0},
        "task.show": detail,
        "task.add": TASKS[0],
        "task.done": TASKS[1],
    }
    assert json.loads(run("task", "list", "--json").out) == TASKS
    assert json.loads(run("task", "show", "3", "--json").out) == detail
    assert json.loads(run("--json", "task", "add", "x").out) == TASKS[0]
    assert json.loads(run("task", "--json", "done", "3").out) == TASKS[1]


@pytest.mark.parametrize(
    ("verb", "said"),
    [
        ("done", "Task #3 done: Write report (2/4)."),
        ("reopen", "Task #3 open again: Write report (2/4)."),
        ("delete", "Task #3 deleted: Write report (2/4). 'pomo task restore' brings it back."),
        ("restore", "Task #3 restored: Write report (2/4)."),
    ],
)
def test_each_verb_says_what_it_did(verb: str, said: str, daemon: FakeDaemon, run: Run) -> None:
    daemon.results[f"task.{verb}"] = task()
    assert run("task", verb, "#3") == (0, f"{said}\n", "")
    assert sent(daemon, f"task.{verb}") == {"task": "#3"}


@pytest.mark.parametrize(
    ("words", "params"),
    [
        (("--name", "Plan"), {"name": "Plan"}),
        (("--no-category", "--no-due"), {"category": "", "no_due": True}),
        (("-e", "0", "-d", ""), {"pomodoro_count": 0, "description": ""}),
        (("-c", "Work", "--due", "2026-11-26 09:00"), {"category": "Work", "due": "2026-11-26T08:00:00+00:00"}),
    ],
)
def test_only_what_is_to_change_goes_over_the_wire(
    words: tuple[str, ...], params: dict[str, Any], daemon: FakeDaemon, run: Run
) -> None:
    daemon.results["task.edit"] = task()
    assert run("task", "edit", "3", *words).out == "Task #3 changed: Write report (2/4).\n"
    assert sent(daemon, "task.edit") == {"task": "3", **params}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add",), "Missing argument 'NAME'"),
        (("add", "Write", "report"), "There is one NAME, and these are several words."),
        (("add", "x\udcff"), "NAME is not text in the encoding of this locale."),
        (("add", "x", "-c", " "), "--category is empty."),
        (("add", "x", "--due", "someday"), "'someday' is not a time: use 14:00"),
        (("add", "x", "-e", "many"), "'many' is not a valid int"),
        (("edit", "3"), "Say what to change."),
        (("edit", "3", "-c", "Work", "--no-category"), "Give one of --category and --no-category."),
        (("edit", "3", "--due", "today", "--no-due"), "Give one of --due and --no-due."),
        (("list", "-c", "Work", "--no-category"), "Give one of --category and --no-category."),
        (("list", "--status", "lost"), "--status: there is no 'lost'; it takes one of open, done, deleted, all."),
        (("list", "--sort", "luck"), "--sort: there is no 'luck'; it takes one of id, name, due"),
        (("done", "Write", "report"), "There is one TASK, and these are several words."),
        (("lose",), "lose"),
    ],
)
def test_what_is_not_valid_is_told_before_anything_is_asked(
    words: tuple[str, ...], said: str, daemon: FakeDaemon, run: Run
) -> None:
    ran = run("task", *words)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err.splitlines()[0]
    assert len(ran.err.splitlines()) == 2
    assert daemon.lines == []


def test_what_the_daemon_refuses_points_to_the_help_of_the_command(daemon: FakeDaemon, run: Run) -> None:
    daemon.results["task.add"] = PomoError("validation", "estimate: is -1, from 0 to 10000 are allowed.")
    assert run("task", "add", "x", "-e", "-1").err.splitlines() == [
        "pomo: estimate: is -1, from 0 to 10000 are allowed.",
        "      See 'pomo task add --help'.",
    ]
    daemon.results["task.done"] = PomoError("task.not_found", "There is no task #9.")
    assert run("task", "done", "9") == (3, "", "pomo: There is no task #9.\n      See 'pomo task list'.\n")


def test_a_task_is_shown_with_all_its_fields_and_what_happened_on_it(daemon: FakeDaemon, run: Run) -> None:
    broken = interval("2026-11-24T08:00:00Z", interruptions=[{}, {}], note="hard\nwork")
    daemon.results["task.show"] = {
        "task": task(description="first\n\nlast", category="Work", done=6, due="2026-11-24T08:30:00Z"),
        "intervals": [interval("2026-11-23T08:00:00Z", 90), broken],
        "focus_s": 6900,
        "internal": 1,
        "external": 2,
    }
    assert run("task", "show", "3").out.replace("\N{EN DASH}", "-").splitlines() == [
        "#3  Write report",
        "  state          open",
        "  progress       ●●●●●● 6/4, 2 over",
        "  focus          1h55m",
        "  interruptions  1 internal, 2 external",
        "  category       Work",
        "  due            Tue 2026-11-24 09:30 overdue",
        "  created        Fri 2026-11-20 09:00",
        "  changed        Sat 2026-11-21 09:00",
        "  description    first",
        "",
        "                 last",
        "",
        "Mon 2026-11-23",
        "#1  09:00-10:30  focus  completed  1h30m      Write report",
        "1 pomodoro, 1h30m focus",
        "",
        "Tue 2026-11-24",
        "#1  09:00-09:25  focus  completed  25m    2!  Write report (hard work)",
        "1 pomodoro, 25m focus",
        "",
        "All: 2 pomodoros, 1h55m focus",
    ]


def test_a_task_on_which_nothing_happened_says_how_to_begin(daemon: FakeDaemon, run: Run) -> None:
    fresh = task(done=0, pomodoro_count=0, completed_at=None)
    daemon.results["task.show"] = {"task": fresh, "intervals": [], "focus_s": 0, "internal": 0, "external": 0}
    out = run("task", "show", "3").out
    assert "no estimate, nothing done" in out
    assert out.endswith("\n\nNothing is recorded on it. Begin with 'pomo start 3'.\n")


@pytest.mark.parametrize(
    ("done", "estimate", "shown"),
    [
        (0, 0, ("", "")),
        (2, 0, ("●●", "2")),
        (2, 4, ("●●○○", "2/4")),
        (6, 4, ("●●●●●●", "6/4")),
        (10, 10, ("●●●●●●●●●●", "10/10")),
        (0, 11, ("", "0/11")),
        (9999, 10_000, ("", "9999/10000")),
    ],
)
def test_progress_is_circles_while_they_can_be_counted(done: int, estimate: int, shown: tuple[str, str]) -> None:
    assert render.progress(done, estimate, drawn=True) == shown


@given(st.lists(st.one_of(st.text(), st.just(HOSTILE)), min_size=1, max_size=4), st.sampled_from([80, 200]))
def test_no_name_reaches_a_terminal_raw_breaks_the_table_or_is_cut(names: list[str], width: int) -> None:
    found = render.rows([task(name=it, category="Work") for it in names], BERLIN, NOON, drawn=True)
    plain, drawn = render.plain(found, "sum"), draw(render.table(found, "sum"), width)
    assert plain.count("\n") == len(names)
    for shown in (plain, SGR.sub("", drawn)):
        assert is_harmless(shown)
        assert all(squash(clean(name)) in squash(shown) for name in names if len(name) < 40)
    assert all(cell_len(line) <= width for line in SGR.sub("", drawn).split("\n"))


@pytest.mark.parametrize("width", [80, 200])
def test_a_terminal_folds_long_names_and_keeps_all_of_them(width: int) -> None:
    found = render.rows([*TASKS, task(7, name="word " * 40)], BERLIN, NOON, drawn=True)
    assert render.fits(found, width)
    assert squash(draw(render.table(found, "sum"), width)).count("word") == 40


def test_where_a_table_is_too_narrow_or_too_long_there_are_plain_lines() -> None:
    found = render.rows(TASKS, BERLIN, NOON, drawn=True)
    assert not render.fits(found, 50)
    assert not render.fits(found * render.MOST_ROWS, 200)


def test_a_card_folds_what_is_long_and_shows_markup_as_it_is() -> None:
    detail = {"task": task(description="[bold]x[/] " + "word " * 40), "focus_s": 0, "internal": 0, "external": 0}
    facts = render.facts(detail, BERLIN, NOON, drawn=True)
    drawn = SGR.sub("", draw(render.drawn_card("#3  " + "name " * 40, facts), 80))
    assert all(cell_len(line) <= 80 for line in drawn.split("\n"))
    assert drawn.count("word") == drawn.count("name") == 40
    assert "[bold]x[/]" in drawn


@given(st.text())
def test_padding_counts_as_terminals_do_for_common_text(text: str) -> None:
    shown = re.sub("[^ -~\u4e00-\u9fff\u00c0-\u024f]", "", text)
    assert glyphs.cells(shown) == cell_len(shown)
    assert cell_len(glyphs.pad(shown, 300)) == max(300, cell_len(shown))
