"""Events as a follower gets them: each once, in order, none missing, across whatever happens in between."""

import signal
import threading
from typing import Any

from tests.e2e.user import User
from tests.integration.server.hosting import HostedServer
from tests.integration.server.wire import Wire, greeted


def read(wire: Wire, count: int) -> list[dict[str, Any]]:
    """Answer the next events."""
    messages = [wire.message() for _ in range(count)]
    assert {it["method"] for it in messages} <= {"event"}
    assert all("id" not in it for it in messages)
    return [it["params"] for it in messages]


def numbers(events: list[dict[str, Any]]) -> list[int]:
    return [it["seq"] for it in events]


def test_a_follower_is_told_what_happens_from_now_on(server: HostedServer, wire: Wire) -> None:
    wire.call("timer.start", task="before")
    with greeted(server.path) as follower:
        assert follower.call("events.subscribe") == {"seq": 2}
        wire.call("timer.pause")
        wire.call("timer.stop")
        events = read(follower, 2)
    assert [(it["seq"], it["type"]) for it in events] == [(3, "interval.paused"), (4, "interval.stopped")]
    assert all(it["data"]["interval"]["task"] == "before" for it in events)
    assert all(it["at"].endswith("Z") for it in events)


def test_a_follower_is_told_first_what_it_missed(server: HostedServer, wire: Wire) -> None:
    for _ in range(5):
        wire.call("timer.start")
        wire.call("timer.stop")
    with greeted(server.path) as follower:
        assert follower.call("events.subscribe", since=4) == {"seq": 10}
        wire.call("timer.start")
        assert numbers(read(follower, 7)) == [5, 6, 7, 8, 9, 10, 11]


def test_a_command_that_changes_nothing_tells_nothing(server: HostedServer, wire: Wire) -> None:
    wire.call("timer.start")
    with greeted(server.path) as follower:
        follower.call("events.subscribe")
        wire.call("timer.resume")
        wire.error("timer.start")
        wire.call("timer.pause")
        assert [it["type"] for it in read(follower, 1)] == ["interval.paused"]


def test_a_number_of_another_history_does_not_leave_one_waiting(server: HostedServer, wire: Wire) -> None:
    wire.call("timer.start")
    with greeted(server.path) as follower:
        assert follower.call("events.subscribe", since=2**62) == {"seq": 1}
        wire.call("timer.stop")
        assert numbers(read(follower, 1)) == [2]


def test_a_connection_follows_once(wire: Wire) -> None:
    wire.call("events.subscribe")
    assert wire.error("events.subscribe")["code"] == "protocol.error"


def test_a_follower_may_ask_as_well(wire: Wire) -> None:
    wire.call("events.subscribe")
    asked = wire.request("timer.start")
    messages = [wire.message(), wire.message()]
    assert sorted("id" in it for it in messages) == [False, True]
    assert next(it["id"] for it in messages if "id" in it) == asked


def test_whoever_joins_in_the_middle_of_things_misses_and_repeats_nothing(server: HostedServer, wire: Wire) -> None:
    """Followers come while events do: what each gets joins what was before to what came after."""
    ended = threading.Event()

    def act() -> None:
        for _ in range(98):
            wire.call("timer.start", replace=True)
        ended.set()

    for _ in range(2):
        wire.call("timer.start", replace=True)

    acting = threading.Thread(target=act)
    acting.start()
    joined: list[Wire] = []
    try:
        # A fast machine would fill the daemon with followers before the events are out.
        while not ended.wait(0.01) and len(joined) < 200:
            follower = Wire(server.path).hello()
            follower.call("events.subscribe", since=3)
            joined.append(follower)
    finally:
        acting.join()
    assert joined
    for follower in joined:
        with follower:
            assert numbers(read(follower, 196)) == list(range(4, 200))


def test_a_long_history_is_replayed_whole(server: HostedServer, wire: Wire) -> None:
    for _ in range(600):
        wire.call("timer.start", replace=True)
    with greeted(server.path) as follower:
        assert follower.call("events.subscribe", since=0) == {"seq": 1199}
        assert numbers(read(follower, 1199)) == list(range(1, 1200))


def test_across_a_death_of_the_daemon_nothing_is_missed_or_repeated(daemon: User) -> None:
    seen: list[int] = []

    def follow_and_act(*verbs: str) -> None:
        """Follow from where one was, do something, read what comes; then the daemon is killed."""
        with greeted(daemon.socket) as follower, greeted(daemon.socket) as acting:
            follower.call("events.subscribe", since=len(seen))
            for verb in verbs:
                acting.call(f"timer.{verb}")
            last = acting.call("events.subscribe")["seq"]
            seen.extend(numbers(read(follower, last - len(seen))))
        daemon.kill(signal.SIGKILL)
        assert daemon.start_daemon() == 0

    follow_and_act("start", "pause")
    with greeted(daemon.socket) as unseen:
        unseen.call("timer.resume")
        unseen.call("timer.stop")
    follow_and_act("start", "finish")
    follow_and_act()
    follow_and_act("break")
    assert seen == list(range(1, 8))


def test_a_follower_is_hung_up_on_when_the_daemon_stops(daemon: User) -> None:
    with greeted(daemon.socket) as follower:
        follower.call("events.subscribe")
        daemon.kill(signal.SIGTERM)
        assert follower.line() == b""
