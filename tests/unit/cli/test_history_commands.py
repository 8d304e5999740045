"""`pomo log add`, `edit` and `delete`: which times are meant; a bare time of day stays on its day."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pomo_cli import clock
from pomo_cli.history import PAGE
from pomo_daemon.protocol.errors import PomoError
from tests.unit.cli.conftest import Ran
from tests.unit.cli.fake_daemon import FakeDaemon
from tests.unit.cli.test_log import DAY, HOSTILE, interval
from tests.unit.cli.test_task_commands import sent

Run = Callable[..., Ran]

#: 13:00 in Berlin.
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
#: 09:00 to 09:25 of the day before.
PRESENT = interval("2026-11-23T08:00:00+00:00", interval_id=12) | {"task_created": False}


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOON)


@pytest.fixture(autouse=True)
def answers(daemon: FakeDaemon) -> None:
    daemon.results |= {
        "history.add": PRESENT,
        "history.edit": PRESENT,
        "history.delete": {"interval_id": 12},
    }


def span(params: dict[str, Any]) -> tuple[str | None, str | None]:
    """Answer the times in Berlin, as day and clock."""

    def local(text: str | None) -> str | None:
        return None if text is None else f"{datetime.fromisoformat(text).astimezone(UTC) + timedelta(hours=1):%d %H:%M}"

    return local(params.get("start")), local(params.get("end"))


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (("--start", "9:00", "--end", "9:25"), ("24 09:00", "24 09:25")),
        (("--start", "9:00", "--duration", "25m"), ("24 09:00", "24 09:25")),
        (("--end", "9:25", "--duration", "25"), ("24 09:00", "24 09:25")),
        # After now is yesterday; what ends past midnight ends on the next day.
        (("--start", "23:50", "--end", "0:15"), ("23 23:50", "24 00:15")),
        (("--start", "14:00", "--end", "14:25"), ("23 14:00", "23 14:25")),
        (("--start", "yesterday 14:00", "--end", "14:25"), ("23 14:00", "23 14:25")),
        (("--start", "14:00", "--end", "yesterday 14:25"), ("23 14:00", "23 14:25")),
        (("--start", "23:50", "--end", "yesterday 0:15"), ("22 23:50", "23 00:15")),
        (("--start", "2026-11-20 08:00", "--end", "2026-11-20 09:00"), ("20 08:00", "20 09:00")),
        (("--start", "2h ago", "--end", "now"), ("24 11:00", "24 13:00")),
    ],
)
def test_the_times_of_a_forgotten_focus(
    words: tuple[str, ...], meant: tuple[str, str], daemon: FakeDaemon, run: Run
) -> None:
    assert run("log", "add", *words).code == 0
    assert span(sent(daemon, "history.add")) == meant


def test_what_is_recorded_is_told(daemon: FakeDaemon, run: Run) -> None:
    words = ("--start", "9:00", "--end", "9:25", "--task", "Write", "--outcome", "stopped", "--note", "two\nlines")
    ran = run("log", "add", *words)
    assert ran.out.replace("\N{EN DASH}", "-").splitlines() == [
        "Recorded 12: focus of Mon 2026-11-23 09:00-09:25, completed, 25m, Write report."
    ]
    params = sent(daemon, "history.add")
    assert {it: params[it] for it in ("task", "create", "outcome", "note")} == {
        "task": "Write",
        "create": True,
        "outcome": "stopped",
        "note": "two\nlines",
    }
    assert json.loads(run("log", "add", *words, "--json").out) == PRESENT
    daemon.results["history.add"] = PRESENT | {"task": HOSTILE}
    assert run("log", "add", *words).out.count("\n") == 1


def test_a_task_that_is_made_is_told(daemon: FakeDaemon, run: Run) -> None:
    words = ("--start", "9:00", "--end", "9:25", "--task")
    assert "New task" not in run("log", "add", *words, "Write").out
    daemon.results |= {it: PRESENT | {"task_created": True} for it in ("history.add", "history.edit")}
    assert run("log", "add", *words, "Write").out.splitlines()[1:] == ["New task #1."]
    assert run("log", "edit", "12", "--task", "Write").out.splitlines()[1:] == ["New task #1."]
    assert run("log", "add", *words, "Write", "--no-create").code == 0
    assert daemon.requests("history.add")[-1]["create"] is False


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        # A bare time is that of the interval's day, which is not today.
        (("--end", "9:20"), (None, "23 09:20")),
        (("--start", "8:50"), ("23 08:50", None)),
        (("--start", "10:00", "--end", "10:25"), ("23 10:00", "23 10:25")),
        (("--start", "23:50"), ("22 23:50", None)),
        (("--start", "23:50", "--end", "0:15"), ("23 23:50", "24 00:15")),
        (("--end", "8:00"), (None, "24 08:00")),
        (("--start", "yesterday 8:00"), ("23 08:00", None)),
        (("--start", "14:00", "--end", "2026-11-22 14:30"), ("22 14:00", "22 14:30")),
        (("--start", "2026-11-22 14:00", "--end", "14:30"), ("22 14:00", "22 14:30")),
    ],
)
def test_the_times_of_a_correction(
    words: tuple[str, ...], meant: tuple[str | None, str | None], daemon: FakeDaemon, run: Run
) -> None:
    assert run("log", "edit", "12", *words).code == 0
    *looks, change = daemon.requests("history.edit")
    assert span(change) == meant
    # To look is to correct nothing.
    assert [it.keys() - {"request_id"} for it in looks] == [{"interval_id"}] * len(looks)


@pytest.mark.parametrize(
    ("words", "params"),
    [
        (("--no-task",), {"task": ""}),
        (("--task", "7", "--outcome", "stopped"), {"task": "7", "create": True, "outcome": "stopped"}),
        (("--note", ""), {"note": ""}),
    ],
)
def test_only_what_is_to_change_goes_over_the_wire(
    words: tuple[str, ...], params: dict[str, Any], daemon: FakeDaemon, run: Run
) -> None:
    assert run("log", "edit", "#12", *words).out.startswith("Corrected 12: focus of Mon 2026-11-23 ")
    assert sent(daemon, "history.edit") == {"interval_id": 12, **params}


def test_an_interval_is_deleted_and_the_way_back_is_told(daemon: FakeDaemon, run: Run) -> None:
    assert run("log", "delete", "#12").out == "Interval 12 is deleted. 'pomo undo' brings it back.\n"
    assert sent(daemon, "history.delete") == {"interval_id": 12}
    assert json.loads(run("log", "delete", "12", "--json").out) == {"interval_id": 12}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", "--start", "9:00"), "Give two of --start, --end and --duration."),
        (("add", "--start", "9:00", "--end", "9:25", "--duration", "25m"), "Give two of"),
        (("add", "--start", "soon", "--duration", "25m"), "'soon' is not a time: use 14:00"),
        (("add", "--start", "9:00", "--duration", "long"), "'long' is not a duration: use 25m"),
        (("add", "--start", "9:00", "--end", "9:25", "--outcome", "won"), "--outcome: there is no 'won'"),
        (("add", "--start", "9:00", "--end", "9:25", "--task", ""), "--task is empty."),
        (("edit", "12"), "Say what to correct."),
        (("edit", "x", "--note", "y"), "'x' is not the number of an interval."),
        (("edit", "-1", "--note", "y"), "-1"),
        (("edit", "12", "--task", "7", "--no-task"), "Give one of --task and --no-task."),
        (("edit", "12", "--outcome", "won"), "--outcome: there is no 'won'"),
        (("edit", "12", "--start", "25:00"), "'25:00' is not a time"),
        (("delete",), "Missing argument 'ID'"),
        (("--from", "yesterday", "delete", "12"), "do not go with 'delete'"),
        (("--task", " "), "--task is empty."),
        (("lose",), "lose"),
    ],
)
def test_what_is_not_valid_is_told_before_anything_is_changed(
    words: tuple[str, ...], said: str, daemon: FakeDaemon, run: Run
) -> None:
    ran = run("log", *words)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err.splitlines()[0]
    assert len(ran.err.splitlines()) == 2
    assert daemon.lines == []


def test_what_is_in_the_way_is_told_as_the_daemon_does(daemon: FakeDaemon, run: Run) -> None:
    daemon.results["history.add"] = PomoError("history.overlap", "Interval 3 is in the way.", "Free is 9:00 to 9:30.")
    ran = run("log", "add", "--start", "9:00", "--end", "9:25")
    assert ran == (4, "", "pomo: Interval 3 is in the way.\n      Free is 9:00 to 9:30.\n")


def test_the_log_shows_interruptions_notes_and_on_demand_numbers(daemon: FakeDaemon, run: Run) -> None:
    broken = interval("2026-11-24T10:30:00Z", interval_id=112, interruptions=[{}, {}], note="hard\nwork")
    daemon.results["history.list"] = {"intervals": [*DAY[:1], broken]}
    assert run("log").out.replace("\N{EN DASH}", "-").splitlines()[:2] == [
        "09:00-09:25  focus  completed  25m      Write report",
        "11:30-11:55  focus  completed  25m  2!  Write report (hard work)",
    ]
    numbers = [line.split()[0] for line in run("log", "--ids").out.splitlines()[:2]]
    assert numbers == ["#1", "#112"]
    assert run("log", "--task", "7", "-c", "Work").code == 0
    assert daemon.requests("history.list")[-1] == {"task": "7", "category": "Work", "limit": PAGE}


def test_the_log_in_a_locale_of_ascii_is_ascii(daemon: FakeDaemon, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C")
    daemon.results["history.list"] = {"intervals": DAY}
    assert run("log").out.startswith("09:00-09:25  focus ")
    assert run("log").out.isascii()
