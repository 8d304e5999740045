"""Imports over the wire: chunks that come again, lines that are wrong, and a status that does not wait."""

import threading
from typing import Any

import pytest

from tests.integration.server.hosting import HostedServer
from tests.integration.server.wire import Wire, greeted

MINUTE = 60_000_000


def intervals(count: int, first: int = 0) -> list[list[Any]]:
    """Make rows, one after the other since 1971."""
    begin = 365 * 24 * 60 * MINUTE
    return [
        ["interval", at, f"test/{at}", "focus", "completed", begin + 30 * at * MINUTE, begin + (30 * at + 25) * MINUTE]
        for at in range(first, first + count)
    ]


def test_rows_come_in_chunks_and_at_once(wire: Wire) -> None:
    number = wire.call("import.begin", name="x.json")["import_id"]
    for seq in (0, 0, 1):
        rows = [["task", 1, 7, "Write"], *intervals(50, 50 * seq)] if seq == 0 else intervals(50, 50)
        assert wire.call("import.append", import_id=number, seq=seq, rows=rows)["problems"] == []
    wire.call("import.append", import_id=number, seq=2, rows=[], done=True)
    assert wire.call("history.list", **{"from": "1970-01-01T00:00:00Z"})["intervals"] == []
    assert wire.call("import.preview", import_id=number)["intervals"] == 100
    told = wire.call("import.commit", import_id=number, request_id="0123456789abcdef")
    assert (told["intervals"], told["tasks"], told["focus_s"]) == (100, 0, 100 * 1500)
    assert wire.call("import.commit", import_id=number, request_id="0123456789abcdef") == told
    assert len(wire.call("history.list", **{"from": "1970-01-01T00:00:00Z"})["intervals"]) == 100


@pytest.mark.parametrize(
    "row",
    [
        [],
        ["nap", 1],
        ["interval", 1],
        ["interval", "1", "s", "focus", "completed", 0, 1],
        ["interval", 1, "s", "focus", "completed", 0, 1.5],
        ["interval", -1, "s", "focus", "completed", 0, 1],
        ["category", 1, 2],
        ["gap", 0],
        "gap",
    ],
)
def test_a_row_that_is_none_is_refused_whole(wire: Wire, row: Any) -> None:
    number = wire.call("import.begin")["import_id"]
    assert wire.error("import.append", import_id=number, seq=0, rows=[row])["code"] == "validation"


@pytest.mark.parametrize("times", [(-1, 5), (2**62, 2**62), (5, 2**62), (-(2**63), 0)])
def test_instants_that_are_none_are_problems_of_their_line(wire: Wire, times: tuple[int, int]) -> None:
    number = wire.call("import.begin")["import_id"]
    row = ["interval", 3, "s", "focus", "completed", *times]
    [problem] = wire.call("import.append", import_id=number, seq=0, rows=[row], done=True)["problems"]
    assert problem["line"] == 3


def test_an_import_that_nobody_began_is_not_found(wire: Wire) -> None:
    for method, more in (("append", {"seq": 0, "rows": []}), ("preview", {}), ("commit", {}), ("abandon", {})):
        assert wire.error(f"import.{method}", import_id=99, **more)["code"] == "import.not_found"


def test_the_status_is_answered_while_a_history_is_taken_over(server: HostedServer, wire: Wire) -> None:
    number = wire.call("import.begin")["import_id"]
    for seq in range(80):
        wire.call("import.append", import_id=number, seq=seq, rows=intervals(250, 250 * seq))
    wire.call("import.append", import_id=number, seq=80, rows=[], done=True)
    over = threading.Event()

    def commit() -> None:
        wire.call("import.commit", import_id=number)
        over.set()

    with greeted(server.path) as other:
        other.call("timer.status")
        working = threading.Thread(target=commit)
        working.start()
        answers = 0
        while not over.is_set():
            other.call("timer.status")
            answers += 1
        working.join()
    # Were they answered only between two slices of a thousand, there would be twenty.
    assert answers > 25
