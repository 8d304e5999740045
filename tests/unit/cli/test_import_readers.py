"""The readers of imports: what files become, what is wrong with a line, and that nothing breaks a reader."""

import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pomo_cli.exports.formats import FORMATS as EXPORTS
from pomo_cli.exports.record import Record
from pomo_cli.imports import lines as module
from pomo_cli.imports.fields import micros
from pomo_cli.imports.formats import FORMATS
from pomo_cli.imports.lines import Ending, JsonFile
from pomo_cli.imports.rows import Bad, Context, Found, Running
from pomo_daemon.protocol.import_messages import AppendParams
from tests.unit.cli.test_export import INTERVALS, RECORD, TASKS, interval

BERLIN = ZoneInfo("Europe/Berlin")


def read(form: str, data: str | bytes, **mapping: str) -> list[Found]:
    """Read a file as the command does: where nothing behind a place can be read, that is a bad line."""
    raw = data.encode() if isinstance(data, str) else data
    stream = io.BufferedReader(io.BytesIO(raw))
    context = Context(FORMATS[form].mapping._replace(**mapping), BERLIN)
    found: list[Found] = []
    try:
        found += FORMATS[form].read(stream, context)
    except Ending as error:
        found.append(Bad(error.line, str(error)))
    return found


def us(text: str) -> int:
    return micros("", text)


def kinds(found: list[Found], kind: str) -> list[Any]:
    return [it for it in found if it[0] == kind]


def spans(found: list[Found]) -> list[tuple[str, int]]:
    """Answer start and seconds of intervals."""
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return [
        (f"{epoch + timedelta(microseconds=it[5]):%H:%M:%S}", (it[6] - it[5]) // 1_000_000)
        for it in kinds(found, "interval")
    ]


def names(found: list[Found]) -> list[tuple[str, str | None]]:
    return [(it[3], it[4]) for it in kinds(found, "task")]


TIMEW = r"""inc 20260302T090000Z - 20260302T092500Z # #hash a\b "deep \"x\" work" plain # "He said \"hi\" # and  more"
inc 20260302T100000Z - 20260302T102500Z

inc 20260302T110000Z - 20260302T112500Z # # "only said"
inc 20261124T144050Z # foo
"""


def test_timewarrior_data_lines_become_intervals_of_their_first_tag() -> None:
    found = read("timewarrior", TIMEW)
    assert spans(found) == [("09:00:00", 1500), ("10:00:00", 1500), ("11:00:00", 1500)]
    assert names(found) == [("#hash", r"a\b")]
    assert [it[9] for it in kinds(found, "interval")] == ['He said "hi" # and  more', "", "only said"]
    assert found[-1] == Running(5)


def test_what_timew_export_writes_is_the_same() -> None:
    exported = json.dumps(
        [
            {
                "id": 2,
                "start": "20260302T090000Z",
                "end": "20260302T092500Z",
                "tags": ["#hash", "a\\b"],
                "annotation": "x",
            },
            {"id": 1, "start": "20261124T144050Z", "tags": ["foo"]},
        ]
    )
    found = read("timewarrior", "\n " + exported)
    assert (spans(found), names(found), found[-1]) == ([("09:00:00", 1500)], [("#hash", "a\\b")], Running(2))
    assert kinds(found, "interval")[0][2] == kinds(read("timewarrior", TIMEW), "interval")[0][2]


def test_a_task_is_one_whatever_its_case_and_has_the_first_category_that_it_is_seen_with() -> None:
    frames = [
        [0, 9, name, str(at), tags] for at, (name, *tags) in enumerate([("a",), ("A", "x"), ("a", "y"), ("b", "x")])
    ]
    found = read("watson", json.dumps(frames))
    assert names(found) == [("a", None), ("A", "x"), ("b", "x")]
    first, second, third, _ = (it[10] for it in kinds(found, "interval"))
    assert first == second == third == kinds(found, "task")[0][2]


@pytest.mark.parametrize(
    ("mapping", "task_name", "category", "note"),
    [
        ({}, "write", "deep", ""),
        ({"task": "tags", "category": "project", "note": "tag2"}, "deep, x", "write", "x"),
        ({"task": "none", "category": "tag"}, None, None, ""),
    ],
)
def test_options_say_which_field_becomes_what(
    mapping: dict[str, str], task_name: str | None, category: str | None, note: str
) -> None:
    found = read("watson", '[[1772442000, 1772443500, "write", "aa0b", ["deep", "x"], 1795531251]]', **mapping)
    assert names(found) == ([(task_name, category)] if task_name else [])
    assert kinds(found, "interval")[0][9] == note


def test_watson_frames_and_its_log_are_the_same() -> None:
    frames = '[\n [1772442000, 1772443500, "write", "aa0b", ["deep"], 1]\n]'
    logged = json.dumps(
        [{"id": "aa0b", "project": "write", "start": "2026-03-02T09:00:00Z", "stop": "2026-03-02T09:25:00Z"}]
    )
    [one], [other] = (kinds(read("watson", it), "interval") for it in (frames, logged))
    assert one[2] == other[2] == "watson/aa0b"
    assert one[5:7] == other[5:7] == (us("2026-03-02T09:00:00Z"), us("2026-03-02T09:25:00Z"))


def test_open_pomodoro_lines_have_minutes() -> None:
    found = read("openpomodoro", '2026-11-24T10:00:00+01:00 description="a \\"b\\"" duration=20 tags=x,y\n')
    assert (spans(found), names(found)) == ([("09:00:00", 1200)], [('a "b"', "x")])
    assert spans(read("openpomodoro", "2026-11-24T10:00:00+01:00")) == [("09:00:00", 1500)]


TOGGL = (
    "\ufeffUser,Email,Client,Project,Task,Description,Billable,Start date,Start time,End date,End time,Duration,Tags\n"
    'Ada,ada@x.org,ACME,Site,,"Fix ""it""",No,2026-11-24,09:00:00,2026-11-24,9:25:00,00:25:00,"a, b"\n'
    "Ada,ada@x.org,,,,,No,2026-11-24,10:00:00,2026-11-24,10:05:00,00:05:00,\n"
)


def test_toggl_reports_are_on_the_clock_of_the_zone() -> None:
    found = read("toggl", TOGGL)
    assert spans(found) == [("08:00:00", 1500), ("09:00:00", 300)]
    assert names(found) == [('Fix "it"', "Site")]
    assert names(read("toggl", TOGGL, task="project", category="client")) == [("Site", "ACME")]


def test_a_row_of_csv_begins_at_its_line_whatever_is_quoted() -> None:
    text = 'started_at,ended_at,note\n2026-11-24T09:00:00Z,2026-11-24T09:25:00Z,"two\nlines"\nx,y,z\n'
    found = read("csv", text)
    assert [(it[1], it[9]) for it in kinds(found, "interval")] == [(2, "two\nlines")]
    assert found[-1] == Bad(4, "started_at: 'x' is not a date and time.")


def test_csv_takes_back_what_keeps_a_spreadsheet_from_computing() -> None:
    row = interval(1, "2026-11-24T09:00", 25, task="=1+1", note="'tis", category=None)
    found = read("csv", "".join(EXPORTS["csv"](Record("default", [], [], lambda: iter([row])))))
    assert (names(found), kinds(found, "interval")[0][9]) == ([("=1+1", None)], "'tis")


def test_csv_has_the_time_that_counts_and_how_often_it_was_interrupted() -> None:
    broken = [{"kind": "internal"}, {"kind": "external"}, {"kind": "internal"}]
    row = interval(1, "2026-11-24T09:00", 30, elapsed_s=1500, interruptions=broken)
    found = read("csv", "".join(EXPORTS["csv"](Record("default", [], [], lambda: iter([row])))))
    assert kinds(found, "gap") == [("gap", us("2026-11-24T09:25:00Z"), us("2026-11-24T09:30:00Z"), "pause")]
    assert [it[1] for it in kinds(found, "interruption")] == ["internal", "internal", "external"]


def test_json_is_read_whole() -> None:
    found = read("json", "".join(EXPORTS["json"](RECORD)))
    assert kinds(found, "category") == [("category", 3, "deep work", 1)]
    assert [it[2:4] for it in kinds(found, "task")] == [(it["task_id"], it["name"]) for it in TASKS]
    assert [it[11] for it in kinds(found, "interval")] == [1, 2, 3, 4]
    assert kinds(found, "gap") == [("gap", us("2026-11-24T10:10:00Z"), us("2026-11-24T10:15:00Z"), "pause")]
    assert found[-1] == Running(3 + 1 + 1 + 1 + 3 + 1 + 5)


def test_json_may_be_laid_out_in_any_way_and_be_a_bare_list() -> None:
    written = "".join(EXPORTS["json"](RECORD))
    plain = [it for it in read("json", written) if it[0] == "interval"]
    spread = [it for it in read("json", json.dumps(json.loads(written), indent=7)) if it[0] == "interval"]
    assert [it[2:] for it in map(list, plain)] == [it[2:] for it in map(list, spread)]
    bare = read("json", json.dumps(INTERVALS[:1]))
    assert (names(bare), len(kinds(bare, "interval"))) == ([(INTERVALS[0]["task"], "deep work")], 1)


def test_taskwarrior_brings_tasks_with_their_states() -> None:
    found = read("taskwarrior", "".join(EXPORTS["taskwarrior"](RECORD)))
    assert [it[3:5] for it in kinds(found, "task")] == [
        (TASKS[0]["name"], "deep work"),
        (TASKS[1]["name"], None),
        ("gone", None),
    ]
    assert [(it[8], it[12] is not None, it[13] is not None) for it in kinds(found, "task")] == [
        (3, False, False),
        (3, True, False),
        (3, False, True),
    ]
    assert kinds(found, "task")[0][7] == "What for"
    assert read("taskwarrior", '[{"uuid": "x", "status": "recurring", "description": "each day"}]') == []


def test_todotxt_brings_names_without_what_is_marked() -> None:
    lines = (
        "(A) 2026-11-20 Call +Home_Office Mum @phone due:2026-12-24 pomo:2/3",
        "x 2026-11-21 2026-11-20 (A) 2026-01-01 x pomo:2/3",
        "x 2026-11-21 only done",
        "plain +a b+c +b",
    )
    found = kinds(read("todotxt", "\n".join(lines)), "task")
    assert [it[3:5] for it in found] == [
        ("Call Mum @phone", "Home Office"),
        ("(A) 2026-01-01 x", None),
        ("only done", None),
        ("plain +a b+c", "b"),
    ]
    assert (found[0][8], found[0][9]) == (3, us("2026-12-24T23:59:59+01:00"))
    assert [it[12] is not None for it in found] == [False, True, True, False]
    assert kinds(read("todotxt", lines[0], category="context"), "task")[0][3:5] == ("Call +Home_Office Mum", "phone")


@pytest.mark.parametrize("form", ["timewarrior", "watson", "openpomodoro", "csv"])
def test_the_time_of_an_export_comes_back(form: str) -> None:
    found = read(form, "".join(EXPORTS[form](RECORD)))
    gone = sum(it[2] - it[1] for it in kinds(found, "gap")) // 1_000_000
    wanted = [it for it in INTERVALS if it["ended_at"] and (it["phase"] == "focus" or form == "csv")]
    if form == "openpomodoro":
        wanted = [it for it in wanted if it["status"] == "completed"]
    assert sum(length for _, length in spans(found)) - gone == sum(it["elapsed_s"] for it in wanted)
    assert not [it for it in found if isinstance(it, Bad)]


@pytest.mark.parametrize(
    ("form", "text", "line", "field"),
    [
        ("timewarrior", "inc 20260302T090000Z - 20260302T092500Z\nexc monday\n", 2, "line"),
        ("timewarrior", "inc 20260302T090000Z - later\n", 1, "end"),
        ("timewarrior", "inc later\n", 1, "start"),
        ("timewarrior", "inc\n", 1, "start"),
        ("timewarrior", "inc 20261302T090000Z - 20260302T092500Z\n", 1, "start"),
        ("watson", '[\n[1, 2, "x", "a", []],\n["1", 2, "x", "b", []]]', 3, "start"),
        ("watson", "[[1, 2, 3, 4, []]]", 1, "project"),
        ("watson", '[[1, 2, "x", ""]]', 1, "id"),
        ("watson", '[[1e999, 2, "x", "a"]]', 1, "start"),
        ("watson", '[[1, 2, "x", "a", [1]]]', 1, "tags"),
        ("openpomodoro", "2026-11-24T10:00:00\n", 1, "start"),
        ("openpomodoro", "2026-11-24T10:00:00Z duration=0\n", 1, "duration"),
        ("toggl", "Start date,Start time\n2026-11-24,09:00:00\n", 2, "end date, end time"),
        ("csv", "a,b\n1,2\n", 2, "started_at"),
        ("csv", "started_at,ended_at,planned_s\n2026-11-24T09:00Z,2026-11-24T09:25Z,-5\n", 2, "planned_s"),
        ("json", '{"format": "pomo", "version": 2}', 1, "version"),
        ("json", '{"intervals": [\n{"started_at": "2026-11-24T09:00:00Z"}]}', 2, "ended_at"),
        ("json", '{"intervals": [\n{"started_at": 7}]}', 2, "started_at"),
        ("json", '{"tasks": [{"task_id": -1}]}', 1, "task_id"),
        ("json", '{"tasks": [{"task_id": true}]}', 1, "task_id"),
        (
            "json",
            '[{"started_at": "2026-11-24T09:00:00Z", "ended_at": "2026-11-24T09:00:00Z", "gaps": [1]}]',
            1,
            "gaps",
        ),
        ("json", '[\n{"note": "\\ud800"}]', 2, "started_at"),
        ("taskwarrior", '[{"uuid": "x", "status": "strange"}]', 1, "status"),
        ("taskwarrior", '[{"status": "pending"}]', 1, "uuid"),
        ("todotxt", "due:2026-02-30 x\n", 1, "due"),
        ("todotxt", "y" * 201, 1, "name"),
    ],
)
def test_what_is_wrong_with_a_line_names_its_field(form: str, text: str, line: int, field: str) -> None:
    bad = [it for it in read(form, text) if isinstance(it, Bad)]
    assert [(it.line, it.message.partition(":")[0]) for it in bad] == [(line, field)]


@pytest.mark.parametrize("form", ["json", "watson", "taskwarrior"])
@pytest.mark.parametrize(
    "text", ["[", "{", '{"a"', '{"a": [1', "[1,", "[1 2]", "x", "[" * 100_000, '["\x00"]', '[""] x']
)
def test_what_is_no_json_ends_with_a_line(form: str, text: str) -> None:
    assert isinstance(read(form, text)[-1], Bad)


def test_bytes_that_are_no_text_are_named() -> None:
    row = b"2026-11-24T09:00Z,2026-11-24T09:25Z,caf\xe9\n"
    assert read("csv", b"started_at,ended_at,note\n" + row) == [Bad(2, "note: is not UTF-8.")]


def test_lines_are_counted_across_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    for block in (1, 2, 3, 7, 64):
        monkeypatch.setattr(module, "_BLOCK", block)
        text = '{"a":\n[1,\n12345, "x\\ny",\n\n{"b": [3]}],\n"c": 5,\n"d": []}\n'
        found = [(it.line, it.name, it.value) for it in JsonFile(io.BytesIO(text.encode())).values()]
        assert found == [(2, "a", 1), (3, "a", 12345), (3, "a", "x\ny"), (5, "a", {"b": [3]}), (6, "c", 5)]


def test_no_value_and_no_line_is_read_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LONGEST", 1000)
    monkeypatch.setattr(module, "_BLOCK", 100)
    for form, text in (("watson", '["' + "x" * 5000), ("timewarrior", "x" * 5000), ("todotxt", "y" * 1000 + "\n")):
        assert isinstance(read(form, text)[-1], Bad)


#: Of each format, what is valid, and stays so whatever stands around it.
VALID = {
    "csv": "2026-11-24T09:00:00Z,2026-11-24T09:25:00Z,Write",
    "timewarrior": "inc 20260302T090000Z - 20260302T092500Z # Write",
    "openpomodoro": "2026-11-24T10:00:00+01:00 description=Write duration=20",
    "todotxt": "2026-11-20 Write",
}
HEADS = {"csv": "started_at,ended_at,task\n"}


@pytest.mark.parametrize("form", VALID)
@given(junk=st.lists(st.text(st.characters(exclude_characters='\r\n"\x00'), max_size=40), max_size=5))
def test_valid_lines_survive_among_others(form: str, junk: list[str]) -> None:
    text = HEADS.get(form, "") + "".join(f"{it}\n{VALID[form]}\n" for it in junk)
    found = read(form, text.encode("utf-8", "surrogatepass"))
    rows = kinds(found, "task" if form == "todotxt" else "interval")
    assert len([it for it in rows if it[3] == "Write" or form != "todotxt"]) >= len(junk)


FIELDS = (
    *("started_at", "ended_at", "task_id", "task", "gaps", "interruptions", "commits", "at", "planned_s", "note"),
    *("uuid", "status", "tags", "start", "end", "stop", "id", "project", "annotations", "entry", "due"),
    *("intervals", "tasks", "categories", "name", "format"),
)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["2026-11-24T09:00Z", "pending", "20261124T090000Z"])
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=5), inner, max_size=6)
    ),
    max_leaves=20,
)
WORDS = (
    *('"', ",", "\n", "inc ", "20260302T090000Z", " - ", "# ", "x ", "2026-11-24", "T10:00:00Z", "started_at"),
    *("ended_at", "Start date", "due:", "pomo:1/2", "+a", "\\", "duration=", "\ufeff", "\u2028", "\x1b", "9" * 30),
)


@pytest.mark.parametrize("form", FORMATS)
@given(data=st.binary(max_size=300))
def test_no_bytes_break_a_reader(form: str, data: bytes) -> None:
    check(read(form, data))


@pytest.mark.parametrize("form", ["json", "watson", "taskwarrior", "timewarrior"])
@given(value=VALUES)
def test_no_json_breaks_a_reader(form: str, value: object) -> None:
    check(read(form, json.dumps([value] if form == "timewarrior" else value)))


@pytest.mark.parametrize("form", ["csv", "toggl", "timewarrior", "openpomodoro", "todotxt"])
@given(words=st.lists(st.sampled_from(WORDS), max_size=30))
def test_no_words_of_a_format_break_its_reader(form: str, words: list[str]) -> None:
    check(read(form, "".join(words)))


def check(found: list[Found]) -> None:
    """See that every row can go over the wire: texts are texts, numbers fit, and a problem has a line and a field."""
    for it in found:
        if isinstance(it, Bad):
            assert it.line >= 1
            assert it.message.endswith(".")
        elif not isinstance(it, Running):
            line = json.dumps({"import_id": 1, "seq": 0, "rows": [it]}).encode()
            assert len(line) < 32 * 1024
            msgspec.json.decode(line, type=AppendParams)
