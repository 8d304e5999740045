"""What one client may use up: time, connections, memory. Whoever asks for more is told so, and nobody else waits."""

import time
from contextlib import ExitStack, suppress

import pytest

from pomo_daemon.server.services import Limits
from tests.integration.server.hosting import HostedServer
from tests.integration.server.wire import PATIENCE_S, Wire, error_of, greeted

#: Long enough for a busy machine to say hello in, short enough to wait for.
SHORT_S = 0.5
HASTY = Limits(line=SHORT_S)


def assert_dropped(wire: Wire, code: str, since: float) -> None:
    """Check that the daemon says why and hangs up, after the time limit and not long after it."""
    assert error_of(wire.message())["code"] == code
    assert wire.line() == b""
    assert SHORT_S * 0.9 < time.monotonic() - since < PATIENCE_S


@pytest.mark.parametrize(
    "beginning", [b"", b"{", b'{"jsonrpc":"2.0","id":1,"method":"timer.status"}', b"status default"]
)
def test_a_client_that_does_not_finish_its_first_line_is_dropped(folder: str, beginning: bytes) -> None:
    with HostedServer(folder, HASTY) as server:
        began = time.monotonic()
        with Wire(server.path) as wire:
            wire.send(beginning)
            assert_dropped(wire, "protocol.timeout", began)


def test_bytes_that_drip_in_do_not_buy_time(folder: str) -> None:
    with HostedServer(folder, HASTY) as server:
        began = time.monotonic()
        with Wire(server.path) as wire, suppress(ConnectionError):
            while time.monotonic() - began < PATIENCE_S:
                wire.send(b"x")
                time.sleep(SHORT_S / 10)
        assert SHORT_S * 0.9 < time.monotonic() - began < PATIENCE_S


def test_a_later_line_has_the_same_time_and_the_pause_before_it_does_not_count(folder: str) -> None:
    with HostedServer(folder, HASTY) as server, greeted(server.path) as wire:
        time.sleep(SHORT_S * 1.5)
        assert wire.call("timer.status")["state"] == "idle"
        time.sleep(SHORT_S * 1.5)
        began = time.monotonic()
        wire.send(b'{"jsonrpc":')
        assert_dropped(wire, "protocol.timeout", began)


def test_a_client_that_asks_nothing_is_closed_without_a_word(folder: str) -> None:
    with HostedServer(folder, Limits(idle=SHORT_S)) as server:
        began = time.monotonic()
        with greeted(server.path) as wire:
            assert wire.line() == b""
        assert SHORT_S * 0.9 < time.monotonic() - began < PATIENCE_S


def test_a_client_that_asks_now_and_then_stays(folder: str) -> None:
    idle = 2 * SHORT_S
    with HostedServer(folder, Limits(idle=idle)) as server, greeted(server.path) as wire:
        began = time.monotonic()
        while time.monotonic() - began < 2 * idle:
            assert wire.call("timer.status")["state"] == "idle"
            time.sleep(idle / 20)


def test_a_follower_stays_though_it_asks_nothing(folder: str) -> None:
    with HostedServer(folder, Limits(idle=SHORT_S)) as server, greeted(server.path) as follower:
        follower.call("events.subscribe")
        time.sleep(SHORT_S * 2)
        with greeted(server.path) as other:
            other.call("timer.start")
        assert follower.message()["params"]["type"] == "interval.started"


def test_more_connections_than_allowed_are_told_so_and_served_when_others_leave(folder: str) -> None:
    with HostedServer(folder, Limits(max_connections=8)) as server, ExitStack() as stack:
        first = [stack.enter_context(greeted(server.path)) for _ in range(8)]
        for _ in range(20):
            with Wire(server.path) as refused:
                assert error_of(refused.message())["code"] == "protocol.busy"
                assert refused.line() == b""
        assert [wire.call("timer.status")["state"] for wire in first] == ["idle"] * 8
        first[0].close()
        give_up = time.monotonic() + PATIENCE_S
        while True:
            with suppress(ConnectionError, AssertionError), greeted(server.path) as wire:
                assert wire.call("timer.status")["state"] == "idle"
                break
            assert time.monotonic() < give_up


def test_a_client_that_is_refused_may_be_slow_to_read_why(folder: str) -> None:
    with HostedServer(folder, Limits(max_connections=1)) as server, greeted(server.path), ExitStack() as stack:
        refused = [stack.enter_context(Wire(server.path)) for _ in range(50)]
        assert {error_of(wire.message())["code"] for wire in refused} == {"protocol.busy"}


def test_a_follower_that_does_not_read_is_dropped_with_a_reason_and_holds_up_nobody(
    folder: str, caplog: pytest.LogCaptureFixture
) -> None:
    with HostedServer(folder, Limits(backlog=64 * 1024)) as server, ExitStack() as stack:
        deaf, reading, acting = (stack.enter_context(greeted(server.path)) for _ in range(3))
        deaf.call("events.subscribe")
        reading.call("events.subscribe")
        waits = []
        # A socket's own buffer takes some hundred KiB before anything piles up in the daemon.
        for count in range(1, 1500):
            asked = time.perf_counter()
            acting.call("timer.start", task="x" * 200, replace=True)
            waits.append(time.perf_counter() - asked)
            while reading.message()["params"]["seq"] < events_of(count):
                pass
            if "does not read" in caplog.text:
                break
        assert sorted(waits)[len(waits) * 99 // 100] < 1.0
        told = deaf.rest().splitlines()
        assert b'"protocol.busy"' in told[-1]
        assert b"it was not read" in told[-1]
        assert all(b'"method":"event"' in line for line in told[:-1])
        assert reading.call("timer.status")["state"] == "focus"


def events_of(starts: int) -> int:
    """Answer the number of the last event after so many starts: the first makes a task, the others stop one."""
    return 2 * starts
