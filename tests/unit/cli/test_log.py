"""`pomo log`: which range it asks for, and how it shows days, hostile names and narrow terminals."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from pomo_cli import clock, history, output
from pomo_cli.history import PAGE
from pomo_cli.render import log as render
from pomo_cli.render.terminal import draw
from pomo_cli.zone import Days
from pomo_daemon.protocol.text import clean
from tests.unit.cli.conftest import Ran, write_config
from tests.unit.cli.fake_daemon import FakeDaemon

Run = Callable[..., Ran]

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
BERLIN = Days(ZoneInfo("Europe/Berlin"), time(0))
HOSTILE = "\x1b[31m[/x] [bold]a\u202eb\x9b\x07\n\t日本 🍅 👩‍👩‍👧 e\u0301 #1 %{F} & <b>"
SGR = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOON)


def interval(start: str, minutes: int | None = 25, **changes: Any) -> dict[str, Any]:
    begin = datetime.fromisoformat(start)
    found: dict[str, Any] = {
        "interval_id": 1,
        "phase": "focus",
        "status": "running" if minutes is None else "completed",
        "task": "Write report",
        "task_id": 1,
        "started_at": start,
        "ended_at": None if minutes is None else (begin + timedelta(minutes=minutes)).isoformat(),
        "planned_s": 1500,
        "elapsed_s": 60 * (minutes or 5),
        "gaps": [],
        "note": "",
    }
    return found | changes


def gap(start: str, end: str | None, reason: str = "pause") -> dict[str, Any]:
    return {"started_at": start, "ended_at": end, "reason": reason}


DAY = [
    interval("2026-11-24T08:00:00Z"),
    interval("2026-11-24T08:25:00Z", 5, phase="short_break", task=None),
    interval("2026-11-24T08:30:00Z", 30, gaps=[gap("2026-11-24T08:40:00Z", "2026-11-24T08:45:00Z")], elapsed_s=1500),
    interval("2026-11-24T11:00:00Z", 10, status="stopped", task="Plan"),
    interval("2026-11-24T11:55:00Z", None, task=None),
]


def test_a_day_is_aligned_columns_and_a_total(daemon: FakeDaemon, run: Run) -> None:
    daemon.results["history.list"] = {"intervals": DAY}
    assert run("log").out.replace("\N{EN DASH}", "-").splitlines() == [
        "09:00-09:25  focus        completed  25m             Write report",
        "09:25-09:30  short break  completed  5m",
        "09:30-10:00  focus        completed  25m  paused 5m  Write report",
        "12:00-12:10  focus        stopped    10m             Plan",
        "12:55-now    focus        running    5m",
        "2 pomodoros, 1h05m focus",
    ]


def test_an_interval_in_conflict_says_so_and_counts_for_nothing(daemon: FakeDaemon, run: Run) -> None:
    daemon.results["history.list"] = {"intervals": [DAY[0], interval("2026-11-24T08:05:00Z", 10, conflict=True)]}
    assert run("log").out.replace("\N{EN DASH}", "-").splitlines() == [
        "09:00-09:25  focus  completed  25m  Write report",
        "09:05-09:15  focus  conflict   10m  Write report",
        "1 pomodoro, 25m focus",
    ]


def test_several_days_have_a_title_each_and_a_sum(daemon: FakeDaemon, run: Run) -> None:
    daemon.results["history.list"] = {"intervals": [interval("2026-11-22T08:00:00Z"), *DAY[:2]]}
    lines = run("log", "--from", "2026-11-22").out.splitlines()
    assert [line for line in lines if "focus" not in line and "break" not in line] == [
        "Sun 2026-11-22",
        "",
        "Tue 2026-11-24",
        "",
    ]
    assert lines[2] == "1 pomodoro, 25m focus"
    assert lines[-1] == "All: 2 pomodoros, 50m focus"


def test_a_long_record_is_asked_for_in_pages_and_looks_as_if_it_were_one(
    daemon: FakeDaemon, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = datetime(2026, 11, 1, tzinfo=UTC)
    record = [interval((begin + it * timedelta(minutes=40)).isoformat(), interval_id=it + 1) for it in range(500)]
    daemon.results["history.list"] = lambda params: {"intervals": record[params.get("after", 0) :][: params["limit"]]}
    whole = run("log", "--from", "2026-11-01")
    for page in (1, 7, 100, 250):
        monkeypatch.setattr(history, "PAGE", page)
        daemon.lines.clear()
        assert run("log", "--from", "2026-11-01").out == whole.out
        asked = daemon.requests("history.list")
        assert [it.get("after", 0) for it in asked] == [*range(0, 500, page), *([500] if 500 % page == 0 else [])]
        assert asked[1]["from"] == record[page - 1]["started_at"]
    assert whole.out.endswith("All: 500 pomodoros, 208h20m focus\n")
    assert len(json.loads(run("log", "--from", "2026-11-01", "--json").out)) == 500


def test_the_night_counts_to_the_day_before(daemon: FakeDaemon, run: Run) -> None:
    write_config('[timer]\nday_start = "04:00"\n')
    night = [interval("2026-11-23T22:00:00Z"), interval("2026-11-24T02:00:00Z"), interval("2026-11-24T03:00:00Z")]
    daemon.results["history.list"] = {"intervals": night}
    lines = run("log", "--from", "yesterday").out.splitlines()
    assert (lines[0], lines[5]) == ("Mon 2026-11-23", "Tue 2026-11-24")


def test_the_days_of_a_change_of_the_clocks_are_told_apart() -> None:
    # 2026-10-25 has 25 hours in Berlin.
    moments = ["2026-10-24T21:59:00Z", "2026-10-24T22:00:00Z", "2026-10-25T22:59:00Z", "2026-10-25T23:00:00Z"]
    days = render.by_day([interval(it) for it in moments], BERLIN, NOON)
    assert [(day.title, len(day.rows)) for day in days] == [
        ("Sat 2026-10-24", 1),
        ("Sun 2026-10-25", 2),
        ("Mon 2026-10-26", 1),
    ]


@pytest.mark.parametrize(
    ("arguments", "params"),
    [
        ((), {}),
        (("--from", "yesterday"), {"from": "2026-11-22T23:00:00+00:00"}),
        (("--to", "yesterday"), {"from": "2026-11-23T00:00:00+01:00", "to": "2026-11-24T00:00:00+01:00"}),
        (
            ("--from", "2026-11-01", "--to", "2026-11-02"),
            {"from": "2026-10-31T23:00:00+00:00", "to": "2026-11-03T00:00:00+01:00"},
        ),
        (("--from", "2h ago", "--to", "now"), {"from": "2026-11-24T10:00:00+00:00", "to": "2026-11-24T12:00:00+00:00"}),
        (("--to", "10:00"), {"from": "2026-11-24T00:00:00+01:00", "to": "2026-11-24T09:00:00+00:00"}),
    ],
)
def test_the_range_goes_over_the_wire(
    arguments: tuple[str, ...], params: dict[str, str], daemon: FakeDaemon, run: Run
) -> None:
    assert run("log", *arguments).code == 0
    assert daemon.requests("history.list") == [{**params, "limit": PAGE}]


def test_an_empty_log_says_what_to_do(daemon: FakeDaemon, run: Run) -> None:  # noqa: ARG001
    assert run("log").out.startswith("Nothing is recorded today.\nBegin with 'pomo start'")
    assert run("log", "--from", "yesterday").out.startswith("Nothing is recorded for that time.")
    assert run("log", "--json").out == "[]\n"
    assert run("log", "-q").out == ""


def test_json_is_the_bare_list(daemon: FakeDaemon, run: Run) -> None:
    daemon.results["history.list"] = {"intervals": [interval("2026-11-24T08:00:00Z", task=HOSTILE + "\x7f\udcff")]}
    out = run("log", "--json").out
    assert json.loads(out) == daemon.results["history.list"]["intervals"]
    assert out.isascii()
    assert out.rstrip("\n").isprintable()


def test_gaps_are_named_and_an_open_one_lasts_until_now() -> None:
    def gaps(*found: dict[str, Any]) -> str:
        return render._gaps(found, NOON)

    assert gaps() == ""
    assert gaps(gap("2026-11-24T11:00:00Z", "2026-11-24T11:01:00Z")) == "paused 1m"
    assert gaps(gap("2026-11-24T11:58:00Z", None)) == "paused 2m"
    assert gaps(gap("2026-11-24T11:58:00Z", "2026-11-24T11:59:00Z", "suspend")) == "suspended 1m"
    both = (gap("2026-11-24T11:50:00Z", "2026-11-24T11:51:00Z"), gap("2026-11-24T11:58:00Z", None, "suspend"))
    assert gaps(*both) == "gap 3m"
    assert gaps(gap("2026-11-24T12:58:00Z", None)) == "paused 0s"


def squash(shown: str) -> str:
    return "".join(SGR.sub("", shown).split())


def is_harmless(shown: str) -> bool:
    return all(clean(line) == line for line in shown.split("\n"))


@given(st.lists(st.one_of(st.text(), st.just(HOSTILE)), min_size=1, max_size=4), st.sampled_from([80, 200]))
def test_no_name_reaches_a_terminal_raw_breaks_the_table_or_is_cut(names: list[str], width: int) -> None:
    days = render.by_day([interval("2026-11-24T08:00:00Z", task=name) for name in names], BERLIN, NOON)
    overall = render.total([interval("2026-11-24T08:00:00Z")])
    plain, drawn = render.plain(days, overall), draw(render.table(days, overall), width)
    assert plain.count("\n") == len(names)
    for shown in (plain, SGR.sub("", drawn)):
        assert is_harmless(shown)
        assert all(squash(clean(name)) in squash(shown) for name in names)
    assert all(cell_len(line) <= width for line in SGR.sub("", drawn).split("\n"))


def test_markup_in_a_name_is_shown_as_it_is() -> None:
    days = render.by_day([interval("2026-11-24T08:00:00Z", task="[bold]x[/x]")], BERLIN, NOON)
    assert "[bold]x[/x]" in SGR.sub("", draw(render.table(days, ""), 80))


@pytest.mark.parametrize("width", [70, 80, 200])
def test_a_terminal_folds_long_names_and_keeps_all_of_them(width: int) -> None:
    days = render.by_day([*DAY, interval("2026-11-25T08:00:00Z", task="word " * 30)], BERLIN, NOON)
    assert render.fits(days, width)
    drawn = SGR.sub("", draw(render.table(days, "sum"), width))
    assert squash(drawn).count("word") == 30


def test_a_terminal_that_is_too_narrow_for_a_table_gets_plain_lines() -> None:
    days = render.by_day(DAY, BERLIN, NOON)
    assert not render.fits(days, 40)


@pytest.mark.parametrize(
    ("environment", "color", "fancy"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"NO_COLOR": "1"}, True, False),
        ({"NO_COLOR": ""}, True, True),
        ({"TERM": "dumb"}, True, False),
    ],
)
def test_tables_are_for_terminals_that_want_them(
    environment: dict[str, str],
    color: bool,  # noqa: FBT001
    fancy: bool,  # noqa: FBT001
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("os.isatty", lambda _fd: True)
    assert output.is_fancy(color=color) is fancy
    monkeypatch.setattr("os.isatty", lambda _fd: False)
    assert not output.is_fancy(color=color)
