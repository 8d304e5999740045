"""`pomo undo`, `pomo redo` and `pomo interrupt`: what is asked for, and what is told."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from pomo_daemon.protocol.errors import PomoError
from tests.unit.cli.conftest import Ran
from tests.unit.cli.fake_daemon import STATUS, FakeDaemon
from tests.unit.cli.test_task_commands import sent

Run = Callable[..., Ran]

CHANGES = [
    {"change_id": 9, "at": "2026-11-24T08:00:05Z", "label": "stop"},
    {"change_id": 7, "at": "2026-11-23T23:30:00Z", "label": "task add \x1b[31m\nred"},
]


def turned(message: str) -> dict[str, Any]:
    return {"message": message, "label": "stop", "at": CHANGES[0]["at"], "status": STATUS}


@pytest.mark.parametrize(("verb", "message"), [("undo", "Undone: stop."), ("redo", "Done again: stop.")])
def test_it_says_what_was_turned(verb: str, message: str, daemon: FakeDaemon, run: Run) -> None:
    daemon.results[f"change.{verb}"] = turned(message)
    assert run(verb) == (0, f"{message}\n", "")
    assert json.loads(run(verb, "--json").out) == turned(message)
    assert run(verb, "-q") == (0, "", "")
    # One confirmed twice would take back two.
    identifiers = [it["request_id"] for it in daemon.requests(f"change.{verb}")]
    assert len(set(identifiers)) == 3


def test_what_can_be_undone_is_listed_without_undoing(daemon: FakeDaemon, run: Run) -> None:
    daemon.results["change.list"] = {"changes": CHANGES}
    assert run("undo", "--list").out.splitlines() == [
        "2026-11-24 09:00:05  stop",
        "2026-11-24 00:30:00  task add \N{REPLACEMENT CHARACTER}[31m\N{REPLACEMENT CHARACTER}red",
    ]
    assert json.loads(run("undo", "--list", "--json").out) == CHANGES
    assert daemon.requests("change.undo") == []


def test_nothing_to_undo_is_told(daemon: FakeDaemon, run: Run) -> None:
    daemon.results |= {"change.list": {"changes": []}, "change.undo": PomoError("undo.nothing")}
    assert run("undo", "--list").out.startswith("There is nothing to undo")
    assert run("undo", "--list", "--json").out == "[]\n"
    assert run("undo").code == 4
    daemon.results["change.undo"] = PomoError("undo.conflict")
    assert "nothing was changed" in run("undo").err


@pytest.mark.parametrize(
    ("words", "params"),
    [
        ((), {"kind": "internal", "note": ""}),
        (("--external", "the", "phone"), {"kind": "external", "note": "the phone"}),
        (("--internal", "an idea"), {"kind": "internal", "note": "an idea"}),
        (("--", "-x"), {"kind": "internal", "note": "-x"}),
    ],
)
def test_an_interruption_goes_over_the_wire(
    words: tuple[str, ...], params: dict[str, str], daemon: FakeDaemon, run: Run
) -> None:
    result = {"message": "Interrupted (internal), once in this interval; the clock runs on.", "count": 1}
    daemon.results["timer.interrupt"] = result
    assert run("interrupt", *words) == (0, f"{result['message']}\n", "")
    assert sent(daemon, "timer.interrupt") == params
    assert json.loads(run("interrupt", "--json").out) == result


def test_an_interruption_has_one_kind(daemon: FakeDaemon, run: Run) -> None:
    ran = run("interrupt", "--internal", "--external")
    assert (ran.code, "Give one of --internal and --external." in ran.err) == (2, True)
    assert daemon.lines == []
