"""A client that sends bytes as it is told, and reads what comes back: for whatever a real client never does."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

#: Seconds after which a test gives up on an answer: far more than any takes.
PATIENCE_S = 15.0


class Wire:
    """One connection to the daemon at `path`. What it sends and gets is JSON, and so of any type."""

    def __init__(self, path: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(PATIENCE_S)
        self._rest = b""
        self._ids = 0
        try:
            self._socket.connect(path)
        except BaseException:
            self._socket.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._socket.close()

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def end(self) -> None:
        """Say that nothing more will come, as a half-open client does."""
        self._socket.shutdown(socket.SHUT_WR)

    def line(self) -> bytes:
        """Answer the next line without its newline; empty where the daemon has hung up."""
        while b"\n" not in self._rest:
            piece = self._more()
            if not piece:
                return b""
            self._rest += piece
        line, _, self._rest = self._rest.partition(b"\n")
        return line

    def rest(self) -> bytes:
        """Answer all that comes until the daemon hangs up."""
        while piece := self._more():
            self._rest += piece
        rest, self._rest = self._rest, b""
        return rest

    def message(self) -> dict[str, Any]:
        """Answer the next line as JSON. Raises ConnectionResetError where the daemon has hung up."""
        line = self.line()
        if not line:
            raise ConnectionResetError
        found: dict[str, Any] = json.loads(line)
        return found

    def request(self, method: str, **params: Any) -> int:
        """Send a request, and answer its id."""
        self._ids += 1
        request = {"jsonrpc": "2.0", "id": self._ids, "method": method, "params": params}
        self.send(json.dumps(request).encode() + b"\n")
        return self._ids

    def call(self, method: str, **params: Any) -> Any:
        """Answer the result of a method. Raises AssertionError for an error."""
        asked = self.request(method, **params)
        message = self.message()
        assert message.get("id") == asked, message
        assert "result" in message, message
        return message["result"]

    def error(self, method: str, **params: Any) -> dict[str, Any]:
        """Answer the error of a method: code, message, hint. Raises AssertionError for a result."""
        self.request(method, **params)
        return error_of(self.message())

    def hello(self) -> Self:
        """Be greeted."""
        self.call("hello", protocol=1, client="test", version="1")
        return self

    def text(self, line: str) -> tuple[int, str]:
        """Send a text line, and answer the exit code and the text."""
        self.send(line.encode("utf-8", "surrogatepass") + b"\n")
        head = self.line().split(b" ")
        code, length = (0, int(head[1])) if head[0] == b"ok" else (int(head[1]), int(head[2]))
        while len(self._rest) < length:
            piece = self._more()
            assert piece, "the daemon hung up in the middle of an answer"
            self._rest += piece
        text, self._rest = self._rest[:length], self._rest[length:]
        return code, text.decode()

    def _more(self) -> bytes:
        try:
            return self._socket.recv(1 << 16)
        except ConnectionResetError:
            return b""


def error_of(message: dict[str, Any]) -> dict[str, Any]:
    """Answer the `data` of an error, having looked at its form."""
    assert message["jsonrpc"] == "2.0", message
    assert set(message) == {"jsonrpc", "id", "error"}, message
    assert set(message["error"]) == {"code", "message", "data"}, message
    data: dict[str, Any] = message["error"]["data"]
    assert set(data) == {"code", "message", "hint"}, message
    assert message["error"]["message"] == data["message"], message
    return data


@contextmanager
def greeted(path: str) -> Iterator[Wire]:
    """Connect, say hello, hang up in the end."""
    with Wire(path) as wire:
        yield wire.hello()
