"""What the record's methods answer besides the interval."""

import pytest

from tests.integration.server.wire import Wire

TIMES = {"start": "2026-01-12T08:00:00Z", "end": "2026-01-12T08:25:00Z"}


def test_the_answer_says_whether_a_task_was_made(wire: Wire) -> None:
    made = wire.call("history.add", **TIMES, task="Write", request_id="once-only")
    assert (made["task"], made["task_created"]) == ("Write", True)
    # The same request again is answered alike, and nothing is made.
    assert wire.call("history.add", **TIMES, task="Write", request_id="once-only") == made
    number = made["interval_id"]
    assert wire.call("history.edit", interval_id=number, task="write")["task_created"] is False
    assert wire.call("history.edit", interval_id=number, task="Read")["task_created"] is True
    assert wire.call("history.edit", interval_id=number, note="good")["task_created"] is False
    assert [it["name"] for it in wire.call("task.list")["tasks"]] == ["Write", "Read"]


def test_a_start_that_is_sent_again_later_still_names_the_task_that_it_made(wire: Wire) -> None:
    started = wire.call("timer.start", task="Write", request_id="once-only")
    assert started["message"].endswith("\nNew task #1.")
    wire.call("timer.cancel")
    wire.call("timer.start", task="Read")
    again = wire.call("timer.start", task="Write", request_id="once-only")
    assert again["message"].endswith("\nNew task #1.")


@pytest.mark.parametrize(("limit", "shown", "more"), [(None, 3, 0), (3, 3, 0), (2, 2, 1), (1, 1, 2)])
def test_a_list_of_tasks_says_how_many_more_there_are(wire: Wire, limit: int | None, shown: int, more: int) -> None:
    for name in ("Write", "Read", "Plan"):
        wire.call("task.add", name=name)
    found = wire.call("task.list", limit=limit)
    assert (len(found["tasks"]), found["more"]) == (shown, more)
    assert [it["name"] for it in wire.call("task.list", prefix="rE", limit=limit)["tasks"]] == ["Read"]
