"""Fields that stand in a message twice: JSON leaves open which of them counts (RFC 8259, 4), so neither does."""

import json
from collections.abc import Sequence
from typing import Any

from pomo_daemon.protocol.errors import PomoError


def _once(pairs: Sequence[tuple[str, Any]]) -> None:
    names = set()
    for name, _ in pairs:
        if name in names:
            raise PomoError("protocol.error", f"The field {name[:64]!r} stands there twice.", "Send each field once.")
        names.add(name)


# Read by the standard library, which can be told of each pair. Numbers stay text: some would be too long for it.
_decode = json.JSONDecoder(object_pairs_hook=_once, parse_int=str, parse_float=str, strict=False).decode


def refuse_repeated(line: bytes) -> None:
    """Raise PomoError where an object, however deep, has a field twice; `line` is valid JSON otherwise."""
    _decode(line.decode())
