"""Rows on their way to the daemon, in chunks that fit into a line of the wire."""

from collections.abc import Callable
from typing import Any, Final

from pomo_cli.client import Client
from pomo_cli.imports.rows import Row
from pomo_daemon.protocol.framing import MAX_LINE

#: Characters of rows as Python writes them. JSON takes at most twice as many: for a quote two, where Python needs one.
_CHUNK: Final = MAX_LINE // 2 - 1024
#: Seconds for the answer to a chunk.
_PATIENCE: Final = 60.0


class Sender:
    """Hands rows in; `refused` is told of each that the daemon does not take: its line, and why.

    While the daemon looks at a chunk the next one is read: what is wrong with it is told one chunk later.
    """

    def __init__(self, client: Client, import_id: int, refused: Callable[[int, str], None]) -> None:
        self._client = client
        self._import_id = import_id
        self._refused = refused
        self._seq = 0
        self._rows: list[Row] = []
        self._size = 0
        self._answer: Callable[[], Any] | None = None

    def send(self, row: Row) -> None:
        """Hand a row in, sooner or later. Raises PomoError."""
        size = len(ascii(row)) + 2
        if self._size + size > _CHUNK and self._rows:
            self._hand_in()
        self._rows.append(row)
        self._size += size

    def flush(self, *, done: bool = False) -> None:
        """Hand in what was kept back, and hear what is wrong with it; `done`: nothing follows. Raises PomoError."""
        if self._rows or done:
            self._hand_in(done=done)
        self._hear()

    def _hand_in(self, *, done: bool = False) -> None:
        self._hear()
        rows, self._rows, self._size = self._rows, [], 0
        params = {"import_id": self._import_id, "seq": self._seq, "rows": rows, "done": done}
        self._seq += 1
        self._answer = self._client.begin("import.append", params, patience=_PATIENCE)

    def _hear(self) -> None:
        answer, self._answer = self._answer, None
        for it in answer()["problems"] if answer is not None else ():
            self._refused(it["line"], it["message"])
