"""`pomo events`: the facts of a user's record as lines of JSON, none missed and none twice."""

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.user import POMO, User, until


class Reader:
    """A `pomo events` that runs, and the lines it has printed."""

    def __init__(self, user: User, *options: str) -> None:
        self._file = open(f"{user.env['HOME']}/events", "wb+")  # noqa: SIM115  # closed below
        self._process = subprocess.Popen([*POMO, "events", *options], env=user.env, stdout=self._file)

    def lines(self) -> list[dict[str, Any]]:
        with open(self._file.name, encoding="utf-8") as opened:
            return [json.loads(it) for it in opened.read().splitlines()]

    def has(self, count: int) -> list[dict[str, Any]]:
        """Wait for so many events."""
        until(lambda: len(self.lines()) >= count)
        return self.lines()

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(10)
        self._file.close()


@pytest.fixture
def reader(user: User) -> Iterator[Reader]:
    user.pomo("start", "Write report")
    made = Reader(user, "--follow", "--since", "1")
    made.has(1)
    yield made
    made.close()


def types(events: list[dict[str, Any]]) -> list[str]:
    return [it["type"] for it in events]


def test_without_options_all_events_are_printed_oldest_first(user: User) -> None:
    assert user.pomo("events") == ""
    user.pomo("start", "Write report")
    user.pomo("stop")
    lines = [json.loads(it) for it in user.pomo("events").splitlines()]
    assert [it["seq"] for it in lines] == [1, 2, 3]
    assert types(lines) == ["task.created", "interval.started", "interval.stopped"]
    assert user.pomo("events", "--since", "2").count("\n") == 1
    assert user.pomo("events", "--since", "99") == ""


def test_a_follower_misses_none_and_gets_none_twice_though_daemons_die_and_stop(user: User, reader: Reader) -> None:
    user.pomo("pause")
    reader.has(2)
    user.kill()
    user.pomo("resume")
    reader.has(3)
    user.pomo("daemon", "stop")
    user.pomo("finish")
    found = reader.has(4)
    assert [it["seq"] for it in found] == [2, 3, 4, 5]
    assert types(found) == ["interval.started", "interval.paused", "interval.resumed", "interval.completed"]


def test_more_events_than_a_page_are_all_printed(user: User) -> None:
    user.shell("for i in $(seq 1 4); do pomo start; pomo stop; done")
    one_by_one = [json.loads(it) for it in user.pomo("events").splitlines()]
    assert [it["seq"] for it in one_by_one] == list(range(1, 9))


def test_a_reader_that_goes_away_ends_it_quietly(user: User) -> None:
    user.pomo("start")
    done = user.shell("pomo events --follow --since 0 | head -n 1")
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out)["seq"] == 1


def test_quiet_is_refused(user: User) -> None:
    assert "--quiet" in user.fails(2, "--quiet", "events")
