"""Whatever bytes come: a typed error or a closed connection, and nobody else waits for it."""

import json
import time
from contextlib import suppress

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pomo_daemon.protocol.errors import ERRORS
from pomo_daemon.protocol.framing import MAX_LINE, TEXT_WORDS
from pomo_daemon.server.routes import ROUTES
from tests.e2e.user import User
from tests.integration.server.conftest import hosted
from tests.integration.server.hosting import HostedServer
from tests.integration.server.wire import Wire, error_of, greeted

GOOD = b'{"jsonrpc":"2.0","id":1,"method":"timer.status"}'
START = b'{"jsonrpc":"2.0","id":1,"method":"timer.start","params":{"task":%b}}'

PARSE, FORM, VALUE = "protocol.parse", "protocol.error", "validation"
#: What comes, and the code that answers it.
MALFORMED = {
    "words": (b"hello there", PARSE),
    "cut off": (GOOD[:-1], PARSE),
    "single quotes": (GOOD.replace(b'"', b"'"), PARSE),
    "trailing comma": (GOOD[:-1] + b",}", PARSE),
    "comment": (GOOD + b" // please", PARSE),
    "two on a line": (GOOD + GOOD, PARSE),
    "deep arrays": (START % (b"[" * 50_000 + b"]" * 10_000), FORM),
    "deep objects": (b'{"a":' * 12_000, FORM),
    "deep beside": (GOOD[:-1] + b',"x":' + b"[" * 30_000 + b"]" * 30_000 + b"}", FORM),
    "deep root": (b"[" * 60_000, FORM),
    "not a number": (GOOD.replace(b"1,", b"NaN,"), PARSE),
    "infinity": (b'{"jsonrpc":"2.0","id":1,"method":"timer.extend","params":{"by_s":-Infinity}}', PARSE),
    "4,000 digits": (b'{"jsonrpc":"2.0","id":1,"method":"timer.extend","params":{"by_s":%b}}' % (b"9" * 4000), VALUE),
    "50,000 digits": (
        b'{"jsonrpc":"2.0","id":1,"method":"timer.extend","params":{"by_s":%b}}' % (b"9" * 50_000),
        VALUE,
    ),
    "50,000 digits as id": (GOOD.replace(b"1,", b"9" * 50_000 + b","), FORM),
    "exponent": (GOOD.replace(b"1,", b"1e400,"), FORM),
    "fraction": (GOOD.replace(b"1,", b"1.5,"), FORM),
    "lone surrogate": (START % rb'"\ud800"', PARSE),
    "lone surrogate behind": (START % rb'"\udc00 \ud800"', PARSE),
    "encoded surrogate": (START % b'"\xed\xa0\x80"', PARSE),
    "escaped NUL": (START % rb'"a\u0000b"', VALUE),
    "NUL": (START % b'"a\0b"', PARSE),
    "only NUL": (b"\0" * 100, PARSE),
    "control character": (START % b'"a\x1bb"', PARSE),
    "UTF-16": (GOOD.decode().encode("utf-16"), PARSE),
    "UTF-16 without mark": (GOOD.decode().encode("utf-16-le"), PARSE),
    "UTF-32": (GOOD.decode().encode("utf-32"), PARSE),
    "byte order mark": (b"\xef\xbb\xbf" + GOOD, PARSE),
    "latin-1": (START % '"caf\xe9"'.encode("latin-1"), PARSE),
    "overlong": (START % b'"\xc0\xaf"', PARSE),
    "beyond Unicode": (START % b'"\xf4\x90\x80\x80"', PARSE),
    "batch": (b"[" + GOOD + b"," + GOOD + b"]", FORM),
    "empty batch": (b"[]", FORM),
    "empty object": (b"{}", FORM),
    "null": (b"null", FORM),
    "number": (b"1", FORM),
    "string": (b'"timer.status"', FORM),
    "no version": (b'{"id":1,"method":"timer.status"}', FORM),
    "version 1": (GOOD.replace(b"2.0", b"1.0"), FORM),
    "no method": (b'{"jsonrpc":"2.0","id":1}', FORM),
    "method of number": (GOOD.replace(b'"timer.status"', b"1"), FORM),
    "long method": (GOOD.replace(b"timer.status", b"x" * 60_000), FORM),
    "an answer": (b'{"jsonrpc":"2.0","id":1,"result":{}}', FORM),
    "id of object": (GOOD.replace(b"1,", b"{},"), FORM),
    "long id": (GOOD.replace(b"1,", b'"%b",' % (b"x" * 60_000)), FORM),
    "id twice": (GOOD[:-1] + b',"id":2}', FORM),
    "method twice": (GOOD[:-1] + b',"method":"timer.start"}', FORM),
    "params twice": (GOOD[:-1] + b',"params":{},"params":{}}', FORM),
    "task twice": (START.replace(b"%b", b'"a","task":"b"'), FORM),
    "task twice, once in escapes": (START.replace(b"%b", rb'"a","t\u0061sk":"b"'), FORM),
    "twice within": (START.replace(b"%b", b'"a","new":[{"x":1,"x":1}]'), FORM),
    "a long name twice": (START.replace(b"%b", b'"a","%b":1,"%b":1' % (b"x" * 9000, b"x" * 9000)), FORM),
    "params of text": (GOOD[:-1] + b',"params":"x"}', VALUE),
    "params of null": (GOOD[:-1] + b',"params":null}', VALUE),
    "a web page, please": (b"GET / HTTP/1.1", PARSE),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", PARSE),
}


served = pytest.fixture(scope="module")(hosted)


@pytest.mark.parametrize(("line", "code"), MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_line_gets_a_typed_error_and_the_connection_lives(
    served: HostedServer, line: bytes, code: str
) -> None:
    with greeted(served.path) as wire:
        wire.send(line + b"\n")
        answer = wire.message()
        assert error_of(answer)["code"] == code
        assert answer["error"]["code"] == ERRORS[code].rpc
        assert len(json.dumps(answer)) < 1000  # what came is not sent back
        assert wire.call("timer.status")["state"] == "idle"


@pytest.mark.parametrize("task", ['":"', "task", '{"task":1,"task":2}', "a:b:c", "9" * 200])
def test_what_only_looks_like_a_field_is_none(served: HostedServer, task: str) -> None:
    with greeted(served.path) as wire:
        assert wire.error("task.show", task=task)["code"] == "task.not_found"
        wire.send(b'{"jsonrpc":"2.0","id":"a:b:c","method":"timer.status","new":%b}\n' % (b"9" * 5000))
        assert wire.message()["result"]["state"] == "idle"


def test_a_line_of_64_kib_is_taken_and_a_longer_one_ends_the_connection(served: HostedServer) -> None:
    longest = GOOD[:-1] + b" " * (MAX_LINE - 1 - len(GOOD)) + b"}\n"
    assert len(longest) == MAX_LINE
    with greeted(served.path) as wire:
        wire.send(longest)
        assert wire.message()["id"] == 1
        wire.send(longest[:-2] + b" }\n")
        assert error_of(wire.message())["code"] == "protocol.too_large"
        assert wire.line() == b""


def test_a_line_without_an_end_ends_the_connection(served: HostedServer) -> None:
    with greeted(served.path) as wire:
        with suppress(ConnectionError):  # it may close before all is sent
            for _ in range(100):
                wire.send(b"x" * 10_000)
        # Where the daemon closed with bytes unread, the kernel may take its last words away.
        assert wire.line() in (b"", wire_error("protocol.too_large"))


def wire_error(code: str) -> bytes:
    row = ERRORS[code]
    data = {"code": code, "message": row.message, "hint": row.hint}
    error = {"code": row.rpc, "message": row.message, "data": data}
    return json.dumps({"jsonrpc": "2.0", "id": None, "error": error}, separators=(",", ":")).encode()


@given(line=st.binary(min_size=1, max_size=300))
def test_any_bytes_get_an_answer(served: HostedServer, line: bytes) -> None:
    line = line.replace(b"\n", b"")
    if line.startswith(TEXT_WORDS):
        return
    answers_and_lives(served, line)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)
#: Values that may well be meant, up to where they can just be written.
LIKELY = st.one_of(
    st.sampled_from([0, 1, -1, 60, 2**31, 2**63 - 1, 2**63, -(2**63), 2**64, 10**30, 1.0, 1e308]),
    st.sampled_from(["", "1", "#1", "#" + "9" * 30, "x" * 200, "\x00", "\u202e", "completed", "internal"]),
    st.datetimes().map(lambda it: it.isoformat() + "Z"),
    st.datetimes().map(lambda it: it.isoformat() + "+23:59"),
    st.sampled_from(["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2026-11-24T09:00:00", "2016-12-31"]),
)
#: `daemon.stop` ends what is tested here, and after `events.subscribe` answers have no order.
METHODS_ASKED = sorted(ROUTES.keys() - {"daemon.stop", "events.subscribe"})


@st.composite
def requests(draw: st.DrawFn) -> dict[str, object]:
    """Make up a request for a method that exists, with some of its parameters."""
    method = draw(st.sampled_from(METHODS_ASKED))
    # Without `request_id`: under one that is known, the answer to another request comes.
    fields = msgspec.structs.fields(ROUTES[method].params)
    names = [field.encode_name for field in fields if field.name != "request_id"]
    params = draw(st.dictionaries(st.sampled_from(names), LIKELY | JSON)) if names else draw(JSON)
    return {"jsonrpc": "2.0", "id": draw(JSON | st.integers(0, 9)), "method": method, "params": params}


@given(request=requests())
def test_any_request_of_the_right_form_gets_an_answer(served: HostedServer, request: dict[str, object]) -> None:
    answers_and_lives(served, json.dumps(request).encode())


@given(head=st.sampled_from(TEXT_WORDS), rest=st.text(st.characters(exclude_characters="\n"), max_size=100))
def test_any_text_line_gets_an_answer(served: HostedServer, head: bytes, rest: str) -> None:
    with Wire(served.path) as wire:
        wire.send(head + rest.encode("utf-8", "surrogatepass") + b"\n")
        wire.end()
        kind, _, _text = wire.rest().partition(b"\n")
        assert kind.startswith((b"ok ", b"error "))


def answers_and_lives(served: HostedServer, line: bytes) -> None:
    with greeted(served.path) as wire:
        wire.send(line + b"\n")
        wire.send(b'{"jsonrpc":"2.0","id":"the end","method":"timer.status"}\n')
        while (answer := wire.message())["id"] != "the end":
            assert answer["jsonrpc"] == "2.0"
            assert answer.get("error", {}).get("data", {}).get("code") != "internal", answer
        assert "result" in answer


def test_while_malformed_lines_come_in_others_are_answered_in_20_ms(daemon: User) -> None:
    """Ask behind a malformed line, and so wait for all that is done about it; in between with nothing in the way."""
    lines = [line + b"\n" for line, _code in MALFORMED.values()] + [b"x" * (MAX_LINE + 1)]
    behind: list[float] = []
    free: list[float] = []
    with greeted(daemon.socket) as other:

        def ask(waits: list[float]) -> None:
            asked = time.perf_counter()
            other.call("timer.status")
            waits.append(time.perf_counter() - asked)

        for _ in range(6):
            for line in lines:
                with Wire(daemon.socket) as wire:
                    ask(free)
                    wire.send(line)
                    ask(behind)
                    assert error_of(wire.message())["code"] in ERRORS
    assert len(behind) >= 200
    # What a busy machine adds, it adds to both.
    assert percentile(behind, 99) < 0.020 + max(free)
    assert percentile(behind, 50) < 0.020


def percentile(values: list[float], percent: int) -> float:
    return sorted(values)[len(values) * percent // 100]
