"""JSON-RPC as a client meets it: versions, order, retries, errors with names."""

from concurrent.futures import ThreadPoolExecutor
from typing import Final

import pytest

from pomo_daemon.protocol.methods import METHODS
from pomo_daemon.protocol.version import PROTOCOL, VERSION
from tests.integration.server.hosting import HostedServer
from tests.integration.server.wire import Wire, error_of, greeted

PING = b'{"jsonrpc":"2.0","id":"ping","method":"timer.status"}\n'


def test_hello_tells_the_versions_and_who_one_is(server: HostedServer) -> None:
    with Wire(server.path) as wire:
        assert wire.call("hello", protocol=PROTOCOL) == {
            "protocol": PROTOCOL,
            "version": VERSION,
            "server": "pomo-daemon",
            "profile": "default",
            "user": "tester",
            "login_id": None,
        }


@pytest.mark.parametrize("protocol", [0, PROTOCOL + 1, -1, 2**62])
def test_another_protocol_is_refused_with_both_numbers(server: HostedServer, protocol: int) -> None:
    with Wire(server.path) as wire:
        error = wire.error("hello", protocol=protocol)
        assert error["code"] == "protocol.version"
        assert f"speaks protocol {PROTOCOL}, the client {protocol}" in error["message"]
        # Refused is not greeted; and who does know the protocol may say so yet.
        assert wire.error("timer.status")["code"] == "protocol.error"
        assert wire.call("hello", protocol=PROTOCOL)["protocol"] == PROTOCOL


def test_a_profile_that_does_not_exist_is_refused(server: HostedServer) -> None:
    with Wire(server.path) as wire:
        assert wire.error("hello", protocol=PROTOCOL, profile="elsewhere")["code"] == "profile.not_found"


@pytest.mark.parametrize("method", [it.name for it in METHODS.values() if it.needs != "none"])
def test_before_hello_a_method_says_what_comes_first(server: HostedServer, method: str) -> None:
    with Wire(server.path) as wire:
        error = wire.error(method)
        assert (error["code"], "'hello'" in error["message"]) == ("protocol.error", True)


def test_before_hello_one_may_ask_what_there_is(server: HostedServer) -> None:
    with Wire(server.path) as wire:
        assert wire.call("rpc.discover")["openrpc"] == "1.3.2"


def test_a_method_that_does_not_exist_has_an_error_of_its_own(wire: Wire) -> None:
    assert wire.error("timer.explode")["code"] == "protocol.method"


def test_fields_that_are_not_known_are_passed_over(wire: Wire) -> None:
    wire.send(b'{"jsonrpc":"2.0","id":7,"method":"timer.status","params":{"new":[1,{}]},"trace":"x"}\n')
    assert wire.message()["result"]["state"] == "idle"


@pytest.mark.parametrize(
    ("method", "params", "named"),
    [
        ("timer.extend", {}, "by_s"),
        ("timer.extend", {"by_s": "5m"}, "by_s"),
        ("timer.extend", {"by_s": 10**12}, "by_s"),
        ("timer.start", {"duration_s": 1.5}, "duration_s"),
        ("timer.start", {"duration_s": 0}, "duration"),
        ("timer.start", {"duration_s": -60}, "duration"),
        ("timer.start", {"duration_s": 24 * 3600 + 1}, "duration"),
        ("timer.start", {"task": 12}, "task"),
        ("timer.start", {"task": ""}, "name"),
        ("timer.start", {"task": "x" * 201}, "name"),
        ("timer.start", {"task": "x" * 2001}, "task"),
        ("timer.start", {"at": "yesterday"}, "at"),
        ("timer.start", {"at": "2026-11-24T09:00:00"}, "at"),
        ("timer.start", {"at": "2999-01-01T00:00:00Z"}, "at"),
        ("timer.start", {"at": "0001-01-01T00:00:00+23:00"}, "at"),
        ("timer.break", {"at": "0001-01-01T00:00:00"}, "at"),
        ("timer.start", {"request_id": "short"}, "request_id"),
        ("timer.start", {"request_id": "x" * 65}, "request_id"),
        ("history.list", {"from": "2026-11-24T09:00:00"}, "from"),
        ("history.list", {"to": 0}, "to"),
        ("history.add", {"start": "2026-11-24T09:00:00", "end": "2026-11-24T09:25:00Z"}, "start"),
        ("task.list", {"limit": 0}, "limit"),
        ("task.add", {"name": "x", "due": "2026-11-24T09:00:00"}, "due"),
        ("events.subscribe", {"since": -1}, "since"),
    ],
)
def test_a_value_that_is_not_valid_is_named(wire: Wire, method: str, params: dict[str, object], named: str) -> None:
    error = wire.error(method, **params)
    assert error["code"] == "validation"
    assert named in error["message"]
    assert wire.call("timer.status")["state"] == "idle"


@pytest.mark.parametrize("bounds", [{"from": "0001-01-01T00:00:00+23:59"}, {"to": "9999-12-31T23:59:59-23:59"}])
def test_a_range_to_the_ends_of_the_calendar_holds_everything(wire: Wire, bounds: dict[str, str]) -> None:
    wire.call("timer.start")
    assert len(wire.call("history.list", **bounds)["intervals"]) == 1


def test_params_by_position_are_refused(wire: Wire) -> None:
    wire.send(b'{"jsonrpc":"2.0","id":1,"method":"timer.extend","params":[300]}\n')
    assert error_of(wire.message())["code"] == "validation"


def test_a_notification_is_obeyed_and_not_answered(wire: Wire) -> None:
    wire.send(b'{"jsonrpc":"2.0","method":"timer.start"}\n')
    wire.send(b'{"jsonrpc":"2.0","method":"timer.nonsense"}\n')
    wire.send(b'{"jsonrpc":"2.0","method":"timer.extend","params":{}}\n')
    assert wire.call("timer.status")["state"] == "focus"


@pytest.mark.parametrize("request_id", [b"null", b"0", b"-1", b'""', b'"text"', b"9007199254740993", b"1" + b"0" * 60])
def test_an_answer_has_the_id_of_its_request(wire: Wire, request_id: bytes) -> None:
    wire.send(b'{"jsonrpc":"2.0","id":' + request_id + b',"method":"timer.status"}\n')
    assert b'"id":' + request_id + b"," in wire.line()


def test_requests_sent_without_waiting_are_answered_in_order(wire: Wire) -> None:
    asked = []
    for _ in range(20):
        asked += [
            wire.request("timer.start", replace=True),
            wire.request("timer.status"),
            wire.request("timer.nothing"),
        ]
    answered = [wire.message() for _ in asked]
    assert [it["id"] for it in answered] == asked
    # Each status tells of the start before it.
    assert {it["result"]["state"] for it in answered[1::3]} == {"focus"}


def test_many_requests_in_one_piece_are_all_answered(wire: Wire) -> None:
    wire.send(PING * 2000)
    assert [wire.message()["id"] for _ in range(2000)] == ["ping"] * 2000


def test_a_request_in_pieces_is_one_request(wire: Wire) -> None:
    for byte in PING[:-1]:
        wire.send(bytes([byte]))
    wire.send(b"\n" + PING + PING[:10])
    assert [wire.message()["id"] for _ in range(2)] == ["ping"] * 2
    wire.send(PING[10:])
    assert wire.message()["id"] == "ping"


def test_empty_lines_and_carriage_returns_are_passed_over(wire: Wire) -> None:
    wire.send(b"\n \n\r\n\t\n" + PING[:-1] + b"\r\n")
    assert wire.message()["id"] == "ping"


def test_whoever_sends_no_more_still_gets_the_answers(server: HostedServer) -> None:
    """As `nc -N` and `socat` do when their input ends."""
    with greeted(server.path) as wire:
        wire.request("timer.start", task="Write report")
        wire.request("timer.pause")
        wire.send(PING)
        wire.end()
        lines = wire.rest().splitlines()
    assert len(lines) == 3
    assert b"focus-paused" in lines[-1]
    with Wire(server.path) as wire:
        wire.send(b"do default - 0123456789abcdef stop\n")
        wire.end()
        assert wire.rest().startswith(b"ok ")


def test_a_request_sent_again_is_done_once_and_answered_alike_on_any_connection(server: HostedServer) -> None:
    request = {"task": "Write report", "request_id": "0123456789abcdef"}
    with greeted(server.path) as one:
        first = one.call("timer.start", **request)
    with greeted(server.path) as other:
        again = other.call("timer.start", **request)
        assert again["message"] == first["message"]
        assert again["interval"] == first["interval"]
        assert again["task_created"] is first["task_created"] is True
        assert other.call("events.subscribe", since=0)["seq"] == 2


def test_a_request_sent_by_many_at_once_is_done_once(server: HostedServer) -> None:
    def start(_: int) -> str:
        with greeted(server.path) as wire:
            return str(wire.call("timer.start", task="Write report", request_id="0123456789abcdef")["interval"])

    with ThreadPoolExecutor(8) as clients:
        assert len(set(clients.map(start, range(8)))) == 1
    with greeted(server.path) as wire:
        assert wire.call("events.subscribe", since=0)["seq"] == 2


def test_a_request_that_was_refused_may_succeed_under_the_same_id(wire: Wire) -> None:
    assert wire.error("timer.pause", request_id="0123456789abcdef")["code"] == "timer.idle"
    wire.call("timer.start")
    assert wire.call("timer.pause", request_id="0123456789abcdef")["changed"] is True


#: Every method that changes something, with params that it takes.
CHANGES: Final[dict[str, dict[str, object]]] = {
    **{method.name: {} for method in METHODS.values() if method.mutates},
    "timer.extend": {"by_s": 60},
    "import.commit": {"import_id": 1},
    "history.add": {"start": "2026-11-24T09:00:00Z", "end": "2026-11-24T09:25:00Z"},
    **{f"history.{verb}": {"interval_id": 1} for verb in ("edit", "delete")},
    "task.add": {"name": "Write report"},
    **{f"task.{verb}": {"task": "1"} for verb in ("edit", "done", "reopen", "delete", "restore")},
    "category.add": {"name": "Home"},
    "schedule.add": {"cron": "@daily", "text": "Stand up"},
    **{f"schedule.{verb}": {"schedule_id": 1} for verb in ("pause", "resume", "delete")},
    "git.note": {"sha": "0123456789abcdef"},
    "category.rename": {"category": "Work", "name": "Home"},
    "category.delete": {"category": "Work"},
}


def test_the_id_of_a_request_is_refused_for_any_other_method(server: HostedServer) -> None:
    with greeted(server.path) as wire:
        used = {"task.add": "0123456789abcdef", "category.add": "fedcba9876543210"}
        wire.call("task.add", name="Write", request_id=used["task.add"])
        wire.call("category.add", name="Work", request_id=used["category.add"])
        for method, params in CHANGES.items():
            for other, request_id in used.items():
                if method != other:
                    error = wire.error(method, **params, request_id=request_id)
                    assert error["code"] == "validation", method
                    assert error["message"] == f"request_id: was used for {other} before."
        assert wire.call("events.subscribe", since=0)["seq"] == len(used)
    with greeted(server.path) as wire:
        code, text = wire.text(f"do default - {used['task.add']} start")
        assert (code, "request_id" in text) == (2, True)


def test_what_the_client_hung_up_on_is_done_all_the_same(server: HostedServer) -> None:
    with greeted(server.path) as wire:
        wire.request("timer.start", request_id="0123456789abcdef")
    with greeted(server.path) as wire:
        # The same request again waits for the first one, wherever that is.
        wire.call("timer.start", request_id="0123456789abcdef")
        assert len(wire.call("history.list")["intervals"]) == 1
