"""Rows on their way to the daemon, in chunks that fit into a line of the wire."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from pomo_cli.client import Client
from pomo_cli.imports.rows import Row
from pomo_daemon.protocol.framing import MAX_LINE

#: Bytes in a chunk. Quotes and backslashes take two, which are counted as one: so even of nothing else it is a line.
_CHUNK: Final = MAX_LINE // 2 - 1024
#: What a row takes besides its texts, and what a character takes that is none of ASCII's.
_PLAIN: Final = 110
_ESCAPED: Final = 12


class Sender:
    """Hands rows in; `refused` is told of each that the daemon does not take: its line, and why."""

    def __init__(self, client: Client, import_id: int, refused: Callable[[int, str], None]) -> None:
        self._client = client
        self._import_id = import_id
        self._refused = refused
        self._seq = 0
        self._rows: list[Row] = []
        self._size = 0

    def send(self, row: Row) -> None:
        """Hand a row in, sooner or later. Raises PomoError."""
        size = _PLAIN
        for it in row:
            if type(it) is str:
                size += len(it) if it.isascii() and it.isprintable() else _ESCAPED * len(it)
        if self._size + size > _CHUNK and self._rows:
            self.flush()
        self._rows.append(row)
        self._size += size

    def flush(self, *, done: bool = False) -> None:
        """Hand in what was kept back; `done`: nothing follows. Raises PomoError."""
        if not self._rows and not done:
            return
        rows, self._rows, self._size = self._rows, [], 0
        params = {"import_id": self._import_id, "seq": self._seq, "rows": rows, "done": done}
        self._seq += 1
        problems: Sequence[dict[str, Any]] = self._client.call("import.append", params, patience=60.0)["problems"]
        for it in problems:
            self._refused(it["line"], it["message"])
