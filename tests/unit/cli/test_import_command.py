"""`pomo import`: what goes to the daemon, in lines that it takes, and what the user is told."""

import gc
import json
import os
from collections.abc import Callable
from datetime import UTC
from typing import Any

import pytest

from pomo_cli.render import imports as render
from pomo_daemon.protocol.errors import PomoError
from pomo_daemon.protocol.framing import MAX_LINE
from tests.unit.cli.conftest import Ran
from tests.unit.cli.fake_daemon import FakeDaemon

Run = Callable[..., Ran]
NOTHING: dict[str, Any] = {
    **dict.fromkeys(("intervals", "focus_s", "tasks", "categories", "known", "overlapping", "trimmed"), 0),
    "first": None,
    "last": None,
    "new_tasks": [],
    "new_categories": [],
    "obstacle": "",
}
SOME = {**NOTHING, "intervals": 1, "focus_s": 1500, "first": 1772442000000000, "last": 1772443500000000}
ROW = "2026-03-02T09:00:00Z,2026-03-02T09:25:00Z,"


@pytest.fixture
def taker(daemon: FakeDaemon) -> FakeDaemon:
    """Give a daemon that takes everything."""
    daemon.results |= {
        "import.begin": {"import_id": 5},
        "import.append": {"problems": []},
        "import.preview": SOME,
        "import.commit": SOME,
        "import.abandon": {},
    }
    return daemon


def asked(daemon: FakeDaemon) -> list[str]:
    """Answer which methods of imports were called, chunks left out."""
    found = [json.loads(it)["method"] for it in daemon.lines]
    return [it for it in found if it.startswith("import.") and it != "import.append"]


def table(place: str, *rows: str) -> str:
    path = f"{place}/a.csv"
    with open(path, "w", encoding="utf-8") as opened:
        opened.write("started_at,ended_at,note,task\n" + "".join(f"{it}\n" for it in rows))
    return path


def test_rows_go_in_chunks_that_fit_into_a_line(taker: FakeDaemon, run: Run, place: str) -> None:
    notes = ("x" * 2000, "\N{TOMATO}" * 2000, '"' * 1500, "\\" * 1500, "\t" * 9, "")
    rows = [f'{ROW}"{notes[at % 6].replace(chr(34), chr(34) * 2)}",Task {at}' for at in range(300)]
    assert run("import", "csv", table(place, *rows)).code == 0
    assert max(map(len, taker.lines)) < MAX_LINE
    chunks = taker.requests("import.append")
    assert [it["seq"] for it in chunks] == list(range(len(chunks)))
    assert [it["done"] for it in chunks] == [False] * (len(chunks) - 1) + [True]
    kinds = [row[0] for it in chunks for row in it["rows"]]
    assert kinds == ["task", "interval"] * 300
    assert asked(taker) == ["import.begin", "import.commit"]


def test_a_dry_run_asks_and_then_forgets(taker: FakeDaemon, run: Run, place: str) -> None:
    said = run("import", "csv", table(place, ROW), "--dry-run")
    assert said.out == "Would import 1 interval: 2026-03-02, 25m focus.\n"
    assert asked(taker) == ["import.begin", "import.preview", "import.abandon"]


def test_a_line_that_cannot_be_read_is_told_and_nothing_is_committed(taker: FakeDaemon, run: Run, place: str) -> None:
    file = table(place, ROW, "soon,later,")
    said = run("import", "csv", file)
    assert (said.code, said.err.splitlines()[0]) == (
        2,
        f"pomo: {file}: line 3: started_at: 'soon' is not a date and time.",
    )
    assert asked(taker) == ["import.begin", "import.abandon"]
    assert run("import", "csv", file, "--skip-invalid").out.splitlines()[1] == (
        f"Left out: 1 line not valid, first {file}: line 3: started_at: 'soon' is not a date and time."
    )


def test_the_first_wrong_line_is_told_whoever_finds_it(taker: FakeDaemon, run: Run, place: str) -> None:
    taker.results["import.append"] = {"problems": [{"line": 2, "message": "note: no."}]}
    said = run("import", "csv", table(place, ROW, "soon,later,"))
    assert said.err.splitlines()[0].endswith("a.csv: line 2: note: no.")


def test_the_file_of_a_line_is_named_where_there_are_several(taker: FakeDaemon, run: Run, place: str) -> None:
    os.mkdir(f"{place}/timew")
    for month in ("2026-02", "2026-03"):
        with open(f"{place}/timew/{month}.data", "w", encoding="utf-8") as opened:
            opened.write(f"inc {month.replace('-', '')}02T090000Z - {month.replace('-', '')}02T092500Z\n")
    with open(f"{place}/timew/tags.data", "w", encoding="utf-8") as opened:
        opened.write("{}")
    answers = iter([[], [{"line": 1, "message": "note: no."}]])
    taker.results["import.append"] = lambda _params: {"problems": next(answers)}
    said = run("import", "timewarrior", f"{place}/timew")
    assert said.err.startswith(f"pomo: {place}/timew/2026-03.data: line 1: note: no.")


def test_an_overlap_names_the_file(taker: FakeDaemon, run: Run, place: str) -> None:
    taker.results["import.commit"] = PomoError("history.overlap", "line 2: started_at: in the way.", "Skip.")
    said = run("import", "csv", table(place, ROW))
    assert (said.code, said.err.splitlines()[0]) == (4, f"pomo: {place}/a.csv: line 2: started_at: in the way.")


def test_what_is_wrong_with_a_chunk_is_told_though_the_next_one_was_read(
    taker: FakeDaemon, run: Run, place: str
) -> None:
    file = table(place, *[f"{ROW}{'x' * 1000}," for _ in range(100)])
    taker.results["import.append"] = lambda params: {
        "problems": [{"line": 70, "message": "note: no."}] if params["seq"] == 2 else []
    }
    said = run("import", "csv", file)
    assert (said.code, said.err.splitlines()[0]) == (2, f"pomo: {file}: line 70: note: no.")
    assert asked(taker) == ["import.begin", "import.abandon"]
    said = run("import", "csv", file, "--skip-invalid")
    assert said.out.splitlines()[1] == f"Left out: 1 line not valid, first {file}: line 70: note: no."


@pytest.mark.usefixtures("taker")
@pytest.mark.parametrize("form", ["csv", "json", "timewarrior"])
def test_a_file_that_is_left_in_the_middle_is_closed_without_a_word(form: str, run: Run, place: str) -> None:
    lines = {
        "csv": f"started_at,ended_at\nsoon,later\n{ROW}\n",
        "json": f"[{{}},\n{{}}{' ' * 300_000}]",
        "timewarrior": "exc\n",
    }
    with open(f"{place}/a", "w", encoding="utf-8") as opened:
        opened.write(lines[form] + ("" if form == "json" else lines[form].splitlines()[-1] + "\n") * 2000)
    said = run("import", form, f"{place}/a")
    gc.collect()
    assert (said.code, len(said.err.splitlines())) == (2, 2)


def test_a_daemon_that_forgot_the_import_is_said_so(taker: FakeDaemon, run: Run, place: str) -> None:
    taker.results["import.append"] = PomoError("import.not_found")
    assert run("import", "csv", table(place, ROW)).code == 3


@pytest.mark.usefixtures("taker")
def test_json_has_what_was_left_out_too(run: Run, place: str) -> None:
    found = json.loads(run("import", "csv", table(place, ROW, "x"), "--skip-invalid", "--json").out)
    assert found == {
        **SOME,
        "dry_run": False,
        "invalid": 1,
        "running": 0,
        "first": "2026-03-02T09:00:00+00:00",
        "last": "2026-03-02T09:25:00+00:00",
    }


@pytest.mark.parametrize(
    ("facts", "lines"),
    [
        ({}, ["Nothing came: nothing is new."]),
        ({"dry_run": True}, ["Nothing would come."]),
        (
            {"known": 3, "running": 1},
            ["Nothing came: nothing is new.", "There already: 3.", "Left out: 1 that has not ended yet."],
        ),
        ({"tasks": 2, "categories": 1}, ["Imported 2 tasks, 1 category.", "'pomo undo' takes it all back."]),
        (
            {"tasks": 3, "new_tasks": ["a", "b\x1b"], "dry_run": True},
            ["Would import 3 tasks.", "New tasks: a, b\N{REPLACEMENT CHARACTER}, and 1 more."],
        ),
        (
            {"overlapping": 2, "obstacle": "line 5: x.", "dry_run": True},
            ["Nothing would come.", "Overlaps: 2 would be in the way: nothing would come. First line 5: x."],
        ),
    ],
)
def test_what_came_is_told_in_lines(facts: dict[str, Any], lines: list[str]) -> None:
    whole = {**NOTHING, "dry_run": False, "invalid": 0, "running": 0, **facts}
    assert render.told(whole, "", "fail", UTC).splitlines() == lines
