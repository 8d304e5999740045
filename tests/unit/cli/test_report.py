"""`pomo report`: what it asks for, and how reports look as text, values and a page."""

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest

from pomo_cli import clock
from pomo_cli.render import report as render
from pomo_cli.render.page import page
from pomo_cli.render.table import csv_text
from pomo_daemon.protocol.report_text import lines
from pomo_daemon.protocol.text import clean
from tests.unit.cli.conftest import Ran, write_config
from tests.unit.cli.fake_daemon import FakeDaemon

Run = Callable[..., Ran]
HOSTILE = "=1+1\x1b[31m<script>alert(1)</script>\u202e"


def tally(focus_s: int = 0, pomodoros: int = 0, **more: int) -> dict[str, int]:
    names = ("focus_s", "pomodoros", "stopped", "break_s", "breaks", "internal", "external")
    return {**dict.fromkeys(names, 0), "focus_s": focus_s, "pomodoros": pomodoros, **more}


def report(**changes: Any) -> dict[str, Any]:
    found = {
        "from": "2026-11-23",
        "to": "2026-11-24",
        "by": "day",
        "rows": [
            {"key": "2026-11-23", "label": "Mon 2026-11-23", **tally(6000, 4, stopped=1, external=2)},
            {"key": "2026-11-24", "label": "Tue 2026-11-24", **tally(1500, 1, break_s=300, breaks=1)},
        ],
        "total": tally(7500, 5, stopped=1, external=2, break_s=300, breaks=1),
        "previous": {"from": "2026-11-21", "to": "2026-11-22", "total": tally(5000, 3)},
        "goal": 4,
        "reached": 1,
        "today": "2026-11-24",
    }
    return {**found, **changes}


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 11, 24, 2, tzinfo=UTC))


def asked(daemon: FakeDaemon) -> dict[str, Any]:
    """Answer the params of the last question."""
    params: dict[str, Any] = json.loads(daemon.lines[-1])["params"]
    return params


@pytest.mark.parametrize(
    ("words", "params"),
    [
        (("--by", "day"), {"by": "day"}),
        (("year", "--by", "month"), {"period": "year", "by": "month"}),
        (("week", "--from", "2026-11-01"), {"period": "week", "from": "2026-11-01"}),
        (("--from", "yesterday", "--to", "today"), {"from": "2026-11-22", "to": "2026-11-23"}),
        (("month", "--by", "task", "-c", "work"), {"period": "month", "by": "task", "category": "work"}),
    ],
)
def test_days_are_asked_for_as_the_user_counts_them(
    words: tuple[str, ...], params: dict[str, str], daemon: FakeDaemon, run: Run
) -> None:
    write_config('[timer]\nday_start = "04:00"\n')
    daemon.results["report.period"] = report()
    assert run("report", *words).code == 0
    assert asked(daemon) == params


@pytest.mark.parametrize(
    "words",
    [("--by", "moon"), ("--from", "someday"), ("--by", "day", "week"), ("--task", ""), ("week", "--json", "--csv")],
)
def test_what_is_not_valid_is_refused(words: tuple[str, ...], daemon: FakeDaemon, run: Run) -> None:
    daemon.results["report.period"] = report()
    done = run("report", *words)
    assert (done.code, done.out) == (2, "")


def test_a_report_in_a_pipe(daemon: FakeDaemon, run: Run) -> None:
    daemon.results["report.period"] = report()
    assert run("report", "--by", "day").out.splitlines() == [
        "Mon 2026-11-23 \N{EN DASH} Tue 2026-11-24",
        "Mon 2026-11-23  " + "█" * 31 + "  1h40m  4  1 stopped, 2!, goal",
        "Tue 2026-11-24  " + "███████▊".ljust(31) + "    25m  1",
        "",
        "Total: 5 pomodoros, 2h05m focus, 1 break of 5m, 1 stopped, 2 external interruptions.",
        "Goal: 4 a day, reached on 1 of 2 days.",
        "Before (2026-11-21 \N{EN DASH} 2026-11-22): 3 pomodoros, 1h23m20s focus; now 50% more.",
    ]


@pytest.mark.parametrize("columns", [1, 20, 80, 300])
def test_bars_and_names_are_as_wide_as_there_is_room(columns: int) -> None:
    wide = report(by="task", rows=[{"key": "1", "label": "日本" * 60, **tally(1500, 1)}])
    for drawn in (True, False):
        found = lines(wide, columns, drawn=drawn)
        assert len(found[1]) < max(columns, 40)


def test_values_are_safe_in_a_spreadsheet(daemon: FakeDaemon, run: Run) -> None:
    rows = [{"key": "1", "label": HOSTILE, **tally(1500, 1)}, {"key": "", "label": '\'a, "b"\n', **tally()}]
    daemon.results["report.period"] = report(by="task", rows=rows)
    found = list(csv.DictReader(io.StringIO(csv_text(("key", "label"), rows))))
    assert found[0]["label"] == f"'{clean(HOSTILE)}"
    assert found[1] == {"key": "", "label": "''a, \"b\"\n"}
    assert run("report", "--csv").out.startswith("key,label,focus_s,pomodoros,stopped,break_s,breaks,internal,external")


class Tags(HTMLParser):
    """Reads a page, and keeps its tags, its attributes and what is open."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_whole_and_fetches_and_runs_nothing() -> None:
    rows = [{"key": "1", "label": HOSTILE, **tally(1500, 1)}]
    text = page(report(), rows)
    tags = Tags()
    tags.feed(text)
    assert not tags.open
    names = {name for name, _ in tags.seen}
    assert not names & {"script", "link", "img", "iframe"}
    assert not [attrs for _, attrs in tags.seen if attrs.keys() & {"href", "src", "onclick", "style"}]
    assert "http" not in text.replace("http-equiv", "")
    assert "\x1b" not in text
    assert "prefers-color-scheme: dark" in text
    assert len([it for it in tags.seen if it[0] == "rect"]) == 2
    assert "goal 4" in text


def test_the_page_is_written(daemon: FakeDaemon, run: Run, place: str) -> None:
    daemon.results["report.period"] = report()
    assert run("report", "week", "--html", f"{place}/week.html").out == f"Wrote {place}/week.html.\n"
    with open(f"{place}/week.html", encoding="utf-8") as opened:
        assert opened.read() == run("report", "--html", "-").out
    refused = run("report", "--html", f"{place}/no/week.html")
    assert (refused.code, refused.out) == (2, "")


def calendar(**changes: Any) -> dict[str, Any]:
    none = {"days": 0, "from": None, "to": None}
    found = {
        "from": "2025-11-18",
        "to": "2026-11-23",
        "today": "2026-11-23",
        "goal": 4,
        "reached": 1,
        "week_start": "monday",
        "days": [
            {"day": "2025-12-01", "focus_s": 1500, "pomodoros": 1},
            {"day": "2026-11-23", "focus_s": 6000, "pomodoros": 4},
        ],
        "current": {"days": 1, "from": "2026-11-23", "to": "2026-11-23"},
        "longest": none,
    }
    return {**found, **changes}


@pytest.mark.parametrize(("columns", "weeks", "shown"), [(80, 38, 4), (200, 53, 5), (1, 1, 4)])
def test_the_heatmap_is_as_wide_as_the_terminal(columns: int, weeks: int, shown: int) -> None:
    lines = render.heatmap(calendar(), columns, drawn=True)
    assert len(lines[1]) == 4 + 2 * weeks - 1
    assert lines[1].startswith("Mon ")
    assert lines[1].endswith("█")
    assert len(lines[2].rstrip()) == max(len(lines[1]) - 2, 3)
    assert lines[-1].startswith(f"{shown} pomodoros since ")
    assert ("lie further back" in lines[-1]) == (shown == 4)


def test_the_heatmap_begins_the_week_as_the_user_does(daemon: FakeDaemon, run: Run) -> None:
    daemon.results["report.calendar"] = calendar(week_start="sunday")
    assert run("report", "heatmap").out.splitlines()[1].startswith("Sun ")
    assert asked(daemon) == {"from": "2025-11-18", "to": "2026-11-24"}


def test_streaks_are_told(daemon: FakeDaemon, run: Run) -> None:
    daemon.results["report.calendar"] = calendar()
    assert run("report", "streak").out.splitlines() == [
        "Current streak: 1 day (2026-11-23 to 2026-11-23)",
        "Longest streak: none",
        "A day counts with 4 pomodoros.",
    ]
    assert json.loads(run("report", "streak", "--json").out)["current"]["days"] == 1
    assert run("report", "streak", "--csv").out.splitlines()[0] == "streak,days,from,to"


def test_estimates_are_held_against_what_was_needed(daemon: FakeDaemon, run: Run) -> None:
    accuracy = {"key": "", "tasks": 1, "estimate": 4, "actual": 6, "factor": 1.5, "close": 0}
    one = {"task_id": 1, "task": HOSTILE, "category": None, "estimate": 4, "actual": 6, "completed_at": "2026-11-23"}
    daemon.results["report.estimates"] = {
        "tasks": [one],
        "categories": [accuracy],
        "months": [{**accuracy, "key": "2026-11"}],
        "total": accuracy,
    }
    out = run("report", "estimates").out
    assert "\x1b" not in out
    assert out.splitlines()[-1] == "All: 1 task, estimated 4, needed 6 (x 1.50), 0 off by one at most."
    assert run("report", "estimates", "--csv").out.splitlines()[1].startswith("1,'=1+1")


def test_interruptions_are_told_by_hour_and_with_their_notes(daemon: FakeDaemon, run: Run) -> None:
    daemon.results["report.interruptions"] = {
        "from": "2026-11-23",
        "to": "2026-11-23",
        "internal": 1,
        "external": 0,
        "pomodoros": 2,
        "hours": [{"hour": 9, "internal": 1, "external": 0}],
        "interruptions": [{"at": "2026-11-23T09:05:00+01:00", "kind": "internal", "task": "Write", "note": "mail\n!"}],
    }
    lines = run("report", "interruptions").out.splitlines()
    assert lines[1].startswith("09:00  █")
    assert lines[3] == "2026-11-23 09:05  internal  Write  mail !"
    assert lines[-1] == "Total: 1: 1 internal, 0 external, 0.5 for each pomodoro."
