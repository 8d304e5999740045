"""`pomo schedule`: what goes over the wire, and what is shown."""

import json
from collections.abc import Callable

import pytest

from tests.unit.cli.conftest import Ran
from tests.unit.cli.fake_daemon import FakeDaemon
from tests.unit.cli.test_task_commands import sent

Run = Callable[..., Ran]

SCHEDULE = {
    "schedule_id": 2,
    "cron": "0 9 * * mon-fri",
    "action": "start",
    "task": "Write\x1b[31m",
    "task_id": 7,
    "text": "",
    "zone": "Europe/Berlin",
    "paused": False,
    "next": ["2026-10-23T07:00:00Z", "2026-10-26T08:00:00Z"],
    "created_at": "2026-01-01T00:00:00Z",
}
NOTICE = {
    **SCHEDULE,
    "schedule_id": 11,
    "cron": "0 0 * * *",
    "action": "notify",
    "task": None,
    "text": "Bed",
    "next": [],
}


def test_a_schedule_is_made_of_five_words_or_one(daemon: FakeDaemon, run: Run) -> None:
    daemon.results["schedule.add"] = {**SCHEDULE, "task_created": True}
    assert run("schedule", "add", "0", "9", "*", "*", "mon-fri", "--start", "Write").out.splitlines() == [
        "Schedule 2: 0 9 * * mon-fri  start Write\N{REPLACEMENT CHARACTER}[31m.",
        "next Fri 2026-10-23 09:00, Mon 2026-10-26 09:00 (Europe/Berlin)",
        "New task #7.",
    ]
    assert sent(daemon, "schedule.add") == {"cron": "0 9 * * mon-fri", "task": "Write", "create": True}


def test_a_text_is_scheduled_without_a_task(daemon: FakeDaemon, run: Run) -> None:
    daemon.results["schedule.add"] = {**NOTICE, "task_created": False}
    assert run("schedule", "add", "@daily", "--notify", "Bed", "--json").code == 0
    assert sent(daemon, "schedule.add") == {"cron": "@daily", "text": "Bed", "create": True}


@pytest.mark.parametrize("options", [[], ["--start", "a", "--notify", "b"], ["--start", " "], ["--notify", ""]])
def test_it_must_be_said_what_is_to_happen_and_that_alone(run: Run, options: list[str]) -> None:
    ran = run("schedule", "add", "@daily", *options)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.splitlines()[1] == "      See 'pomo schedule add --help'."


def test_schedules_are_listed_on_their_own_clocks(daemon: FakeDaemon, run: Run) -> None:
    daemon.results["schedule.list"] = {"schedules": [SCHEDULE, {**NOTICE, "paused": True}]}
    assert run("schedule", "list").out.splitlines() == [
        " 2  0 9 * * mon-fri  start Write\N{REPLACEMENT CHARACTER}[31m",
        "    next Fri 2026-10-23 09:00, Mon 2026-10-26 09:00 (Europe/Berlin)",
        "11  0 0 * * *        notify Bed",
        "    paused",
    ]
    assert json.loads(run("schedule", "list", "--json").out)[0] == SCHEDULE
    daemon.results["schedule.list"] = {"schedules": []}
    assert run("schedule", "list").out.startswith("There are no schedules.")


@pytest.mark.parametrize(("verb", "said"), [("pause", "rests"), ("resume", "goes on"), ("delete", "deleted")])
def test_a_schedule_is_named_by_its_number(daemon: FakeDaemon, run: Run, verb: str, said: str) -> None:
    daemon.results[f"schedule.{verb}"] = {**SCHEDULE, "task_created": False}
    assert run("schedule", verb, "2").out.startswith(f"Schedule 2 {said}: start Write")
    assert sent(daemon, f"schedule.{verb}") == {"schedule_id": 2}
