"""Lines that are nearly right: requests of every method, with bytes put in, taken out, repeated and exchanged."""

import json
import random
from collections.abc import Callable
from typing import Any, Final

import msgspec

from pomo_daemon.protocol.methods import VERBS
from pomo_daemon.server.routes import ROUTES

#: `daemon.stop` ends what is tested; after the other two answers have no order.
LEFT_OUT: Final = {"daemon.stop", "events.subscribe", "timer.follow"}
#: Pieces that programs have stumbled over.
PIECES: Final = (
    *(b"\x00", b"\x1b[31m", b"\xff\xfe", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\xe2\x80\xae", b"\\ud800", b"\\u0000"),
    *(b"{", b"}", b"[", b"]", b'"', b":", b",", b"\\", b" ", b"\r", b"\t", b"-", b"#", b"%s", b"$(x)"),
    *(b"null", b"true", b"NaN", b"-0", b"1e999", b"9" * 40, b"[" * 200, b'{"a":' * 100, b"0.1", b"-1"),
    *(b"9999-12-31T23:59:59Z", b"0001-01-01T00:00:00+23:59", b"2026-01-12T12:00:00", b"x" * 300),
)
VALUES: Final[tuple[Any, ...]] = (
    0,
    1,
    -1,
    60,
    2**31,
    2**63,
    -(2**63),
    10**30,
    1.5,
    True,
    None,
    "",
    "1",
    "#1",
    "x" * 201,
    "a\x1bb",
    [],
    {},
)


def seeds() -> list[bytes]:
    """Answer lines that are right, or right but for a value."""
    lines = []
    for method, route in ROUTES.items():
        if method in LEFT_OUT:
            continue
        names = [it.encode_name for it in msgspec.structs.fields(route.params)]
        for value in VALUES:
            params = dict.fromkeys(names, value)
            lines.append(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode())
        lines.append(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": {}}).encode())
    lines += [f"do default - 0123456789abcdef {verb} Write".encode() for verb in VERBS]
    lines += [f"status default - {output} focus".encode() for output in ("plain", "json", "template", "check", "tmux")]
    return lines


def mutator(chance: random.Random) -> Callable[[], bytes]:
    """Answer what makes up line after line, without a line's end in it."""
    known = seeds()

    def mutate() -> bytes:
        line = chance.choice(known)
        for _ in range(chance.choice((0, 1, 1, 2, 3, 8))):
            at, end = sorted((chance.randrange(len(line) + 1), chance.randrange(len(line) + 1)))
            end = min(end, at + 40)
            match chance.randrange(6):
                case 0:
                    line = line[:at] + chance.choice(PIECES) + line[at:]
                case 1:
                    line = line[:at] + chance.choice(PIECES) + line[end:]
                case 2:
                    line = line[:at] + line[end:]
                case 3:
                    line = line[:end] + line[at:]
                case 4:
                    line = line[:at] + bytes([chance.randrange(256)]) + line[at + 1 :]
                case _:
                    other = chance.choice(known)
                    line = line[:at] + other[chance.randrange(len(other)) :]
        return line.replace(b"\n", b"")

    return mutate
