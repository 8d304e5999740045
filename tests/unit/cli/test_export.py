"""`pomo export`: each format as its program reads it, pages, and files that are whole or not there."""

import csv
import io
import json
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from pomo_cli.exports.calendar import fold
from pomo_cli.exports.formats import FORMATS
from pomo_cli.exports.record import Record, stretches
from pomo_daemon.protocol.text import first_control
from tests.unit.cli.conftest import Ran
from tests.unit.cli.fake_daemon import FakeDaemon

Run = Callable[..., Ran]
NAME = 'Write; "it", \\o/ 日本 ' + "🍅" * 40


def interval(number: int, start: str, minutes: float, **changes: Any) -> dict[str, Any]:
    begin = datetime.fromisoformat(start).replace(tzinfo=UTC)
    found: dict[str, Any] = {
        "interval_id": number,
        "phase": "focus",
        "status": "completed",
        "task": NAME,
        "task_id": 1,
        "category": "deep work",
        "started_at": begin.isoformat(),
        "ended_at": (begin + timedelta(minutes=minutes)).isoformat(),
        "planned_s": 1500,
        "elapsed_s": int(minutes * 60),
        "gaps": [],
        "interruptions": [],
        "note": "two\nlines",
        "zone": "Europe/Berlin",
    }
    return {**found, **changes}


def task(number: int, name: str, **changes: Any) -> dict[str, Any]:
    moment = "2026-11-20T09:00:00Z"
    found = {
        "task_id": number,
        "name": name,
        "description": "",
        "pomodoro_count": 3,
        "done": 2,
        "category_id": None,
        "category": None,
        "due": None,
        "created_at": moment,
        "updated_at": moment,
        "completed_at": None,
        "deleted_at": None,
    }
    return {**found, **changes}


GAP = {"started_at": "2026-11-24T10:10:00+00:00", "ended_at": "2026-11-24T10:15:00+00:00", "reason": "pause"}
INTERVALS = [
    interval(1, "2026-11-24T09:00", 25),
    interval(2, "2026-11-24T09:25", 5, phase="short_break", task=None, category=None, note=""),
    interval(3, "2026-11-24T10:00", 30, elapsed_s=1500, gaps=[GAP], status="stopped", note=""),
    interval(4, "2026-11-24T11:00", 25, task=None, category=None, note='a "quote"'),
    interval(5, "2026-11-24T12:00", 5, ended_at=None, status="running"),
]
TASKS = [
    task(1, NAME, category="deep work", due="2026-11-30T22:59:59Z", description="What\nfor"),
    task(2, "(A) 2026-01-01 x", completed_at="2026-11-21T10:00:00Z"),
    task(3, "gone", deleted_at="2026-11-22T10:00:00Z"),
]
RECORD = Record("default", [{"category_id": 1, "name": "deep work", "tasks": 1}], TASKS, lambda: iter(INTERVALS))


def exported(form: str, record: Record = RECORD) -> str:
    return "".join(FORMATS[form](record))


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_record_is_the_same_bytes(form: str) -> None:
    assert exported(form) == exported(form)


@pytest.mark.parametrize("form", FORMATS)
def test_an_empty_record_is_a_file_as_well(form: str) -> None:
    empty = exported(form, Record("default", [], [], lambda: iter(())))
    if form in ("json", "watson", "taskwarrior"):
        json.loads(empty)
    assert not empty or empty.endswith("\n")


def test_json_has_everything() -> None:
    found = json.loads(exported("json"))
    assert (found["intervals"], found["tasks"]) == (INTERVALS, TASKS)
    assert (found["format"], found["version"]) == ("pomo", 1)


@pytest.mark.parametrize("form", FORMATS)
def test_no_format_holds_what_a_terminal_obeys(form: str) -> None:
    evil = "a\x1b[31mb\x7fc\x9bd\u202ee\u2028f\rg"
    row = interval(1, "2026-11-24T09:00", 25, task=evil, note=evil, category=evil)
    record = Record("default", [], [task(1, evil, category=evil, description=evil)], lambda: iter([row]))
    text = exported(form, record).replace("\r\n", "\n").replace("\n", "")
    assert first_control(text) is None
    if form == "json":
        assert json.loads(exported(form, record))["tasks"][0]["name"] == evil


def test_csv_is_a_row_for_each_interval_and_computes_nothing() -> None:
    evil = Record("default", [], [], lambda: iter([interval(1, "2026-11-24T09:00", 25, task="=1+1", note="+x")]))
    [row] = csv.DictReader(io.StringIO(exported("csv", evil)))
    assert (row["task"], row["note"], row["elapsed_s"]) == ("'=1+1", "'+x", "1500")
    assert len(list(csv.DictReader(io.StringIO(exported("csv"))))) == len(INTERVALS)


def test_an_independent_parser_reads_the_calendar() -> None:
    raw = exported("ics").encode()
    assert max(map(len, raw.split(b"\r\n"))) <= 75
    events: list[Any] = Calendar.from_ical(raw).walk("VEVENT")
    assert [str(it["SUMMARY"]) for it in events] == [NAME, NAME, "Focus"]
    assert sum((it["DTEND"].dt - it["DTSTART"].dt for it in events), timedelta(0)) == timedelta(minutes=80)
    assert str(events[0]["DESCRIPTION"]) == "completed, 25m\ntwo\nlines"
    assert events[0]["CATEGORIES"].cats == ["deep work"]
    moved = Record("default", [], [], lambda: iter([interval(1, "2026-11-24T09:01", 25)]))
    [event] = Calendar.from_ical(exported("ics", moved)).walk("VEVENT")
    assert event["UID"] == events[0]["UID"] != events[1]["UID"]


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])))
def test_folded_lines_are_short_and_unfold_to_what_they_were(line: str) -> None:
    folded = fold(line)
    assert all(len(it.encode()) <= 75 for it in folded.split("\r\n"))
    assert folded.replace("\r\n ", "").removesuffix("\r\n") == line


def test_timewarrior_has_the_time_that_counts() -> None:
    name = NAME.replace('"', "'").replace("\\", "/")
    assert exported("timewarrior").splitlines() == [
        f'inc 20261124T090000Z - 20261124T092500Z # "{name}" "deep work" # "two lines"',
        f'inc 20261124T100000Z - 20261124T101000Z # "{name}" "deep work"',
        f'inc 20261124T101500Z - 20261124T103000Z # "{name}" "deep work"',
        "inc 20261124T110000Z - 20261124T112500Z # # \"a 'quote'\"",
    ]


def test_watson_has_frames_with_numbers_of_their_own() -> None:
    frames = json.loads(exported("watson"))
    assert [len(it) for it in frames] == [6] * 4
    assert sum(it[1] - it[0] for it in frames) == 1500 * 3
    assert len({it[3] for it in frames}) == 4
    assert (frames[0][2], frames[0][4], frames[3][2]) == (NAME, ["deep work"], "pomodoro")


def test_open_pomodoro_has_what_counts_on_the_clock_of_its_place() -> None:
    text = NAME.replace("\\", "\\\\").replace('"', '\\"')
    assert exported("openpomodoro").splitlines() == [
        f'2026-11-24T10:00:00+01:00 description="{text}" duration=25 tags=deep-work',
        "2026-11-24T12:00:00+01:00 duration=25",
    ]


def test_taskwarrior_has_tasks_with_their_pomodoros() -> None:
    first, done, gone = json.loads(exported("taskwarrior"))
    assert (first["status"], first["project"], first["due"]) == ("pending", "deep work", "20261130T225959Z")
    assert (first["pomo_est"], first["pomo_act"]) == (3, 2)
    assert first["annotations"] == [{"entry": "20261120T090000Z", "description": "What for"}]
    assert (done["status"], done["end"], gone["status"]) == ("completed", "20261121T100000Z", "deleted")


def test_todotxt_takes_no_name_for_a_priority() -> None:
    assert exported("todotxt").splitlines() == [
        f"2026-11-20 {NAME} +deep_work due:2026-11-30 pomo:2/3",
        "x 2026-11-21 2026-11-20 (A) 2026-01-01 x pomo:2/3",
    ]


@given(
    st.lists(st.integers(0, 100_000_000), min_size=2, max_size=8, unique=True),
    st.integers(0, 999_999),
)
def test_stretches_lie_within_and_come_to_no_more_than_counted(moments: list[int], offset: int) -> None:
    start = datetime(2026, 11, 24, tzinfo=UTC) + timedelta(microseconds=offset)
    first, *inner, last = [start + timedelta(microseconds=it) for it in sorted(moments)]
    pairs = list(zip(inner[::2], inner[1::2], strict=False))
    elapsed = last - first - sum((b - a for a, b in pairs), timedelta(0))
    found = stretches(
        {
            "started_at": first.isoformat(),
            "ended_at": last.isoformat(),
            "elapsed_s": elapsed // timedelta(seconds=1),
            "gaps": [{"started_at": a.isoformat(), "ended_at": b.isoformat()} for a, b in pairs],
        }
    )
    total = sum((b - a for a, b in found), timedelta(0)) // timedelta(seconds=1)
    assert elapsed // timedelta(seconds=1) - len(pairs) - 1 <= total <= elapsed // timedelta(seconds=1)
    assert all(a < b for a, b in found)
    assert all(b <= c for (_, b), (c, _) in pairwise(found))
    assert not found or found[-1][1] <= last
    if not pairs:
        assert total == elapsed // timedelta(seconds=1)


@pytest.fixture
def recorded(daemon: FakeDaemon) -> FakeDaemon:
    daemon.results["task.list"] = {"tasks": TASKS}
    daemon.results["category.list"] = {"categories": list(RECORD.categories)}
    daemon.results["history.list"] = {"intervals": INTERVALS}
    return daemon


def test_bounds_and_filters_are_asked_for(recorded: FakeDaemon, run: Run) -> None:
    done = run("export", "csv", "--from", "2026-11-24", "--to", "2026-11-24", "-c", "deep work")
    assert len(done.out.splitlines()) > len(INTERVALS)
    [asked] = [json.loads(it)["params"] for it in recorded.lines if b"history.list" in it]
    assert datetime.fromisoformat(asked["to"]) - datetime.fromisoformat(asked["from"]) == timedelta(days=1)
    assert (asked["category"], asked["limit"]) == ("deep work", 500)


def test_a_file_is_whole_or_not_there(recorded: FakeDaemon, run: Run, place: str) -> None:
    assert run("export", "json", "-o", f"{place}/all.json").out == f"Wrote {place}/all.json.\n"
    with open(f"{place}/all.json", encoding="utf-8") as opened:
        assert json.load(opened)["intervals"] == INTERVALS
    refused = run("export", "json", "-o", f"{place}/none/all.json")
    assert (refused.code, refused.out) == (2, "")
    assert run("export", "floppy").code == 2
    recorded.results["history.list"] = {"intervals": [{}]}
    assert run("export", "csv", "-o", f"{place}/half.csv").code == 1
    assert not os.path.exists(f"{place}/half.csv")


def test_timewarrior_months_go_to_their_files(recorded: FakeDaemon, run: Run, place: str) -> None:
    os.mkdir(f"{place}/timew")
    late = [*INTERVALS[:1], interval(9, "2026-12-01T00:00", 25)]
    recorded.results["history.list"] = {"intervals": late}
    assert run("export", "timewarrior", "-o", f"{place}/timew").code == 0
    assert sorted(os.listdir(f"{place}/timew")) == ["2026-11.data", "2026-12.data"]
    assert run("export", "timewarrior", "-o", f"{place}/timew").code == 2


def lines_of(form: str, count: int) -> Iterator[str]:
    """Export `count` intervals that are made one by one."""
    many = (interval(it, "2026-11-24T09:00", 25) for it in range(count))
    return FORMATS[form](Record("default", [], [], lambda: many))


@pytest.mark.parametrize("form", ["json", "csv", "ics", "timewarrior", "watson", "openpomodoro"])
def test_an_export_begins_before_the_record_is_read(form: str) -> None:
    endless = lines_of(form, 10**12)
    assert sum(len(next(endless)) for _ in range(10)) > 10
