"""A blocking client: hello, calls, events. Each answer has a deadline, and a lost one is asked for again."""

import json
import os
import socket
from collections.abc import Iterator, Mapping
from typing import Any, Self

from pomo_cli import clock, reach
from pomo_daemon.protocol import paths
from pomo_daemon.protocol.errors import PomoError
from pomo_daemon.protocol.framing import ANSWER_SECONDS, DO_WORD
from pomo_daemon.protocol.methods import METHODS
from pomo_daemon.protocol.paths import Holder
from pomo_daemon.protocol.version import PROTOCOL, VERSION

#: Seconds for an old daemon to finish what it does and let go of its lock.
STOP_SECONDS = 10.0
_PIECE = 256 * 1024


class Client:
    """One caller of the daemon. Connects when first needed; `start`: starts a daemon where there is none.

    `any_database`: also to a daemon that serves another database than the environment names.
    """

    def __init__(self, *, profile: str = "", start: bool = True, any_database: bool = False) -> None:
        self._profile = profile
        self._start = start
        self._any_database = any_database
        self._wire: _Wire | None = None
        self._ids = 0
        self._replaced = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Hang up."""
        if self._wire is not None:
            self._wire.close()
            self._wire = None

    def call(self, method: str, params: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401  # it is JSON
        """Answer the result of a method. Raises PomoError: what the daemon says, or `daemon.unavailable`.

        What changes something carries a request id: if the connection is lost before the answer, the same request is
        sent once more, and the daemon does it once.
        """
        params = dict(params or {})
        if METHODS[method].mutates:
            params.setdefault("request_id", os.urandom(8).hex())
        try:
            return self._exchange(self._ready(), method, params)
        except ConnectionError:
            self.close()
            if method == "daemon.stop":
                raise reach.not_running() from None
        try:
            return self._exchange(self._ready(), method, params)
        except ConnectionError as error:
            self.close()
            raise _lost() from error

    def text(self, line: bytes) -> tuple[int, bytes]:
        """Send a text line (protocol/framing.py), and answer the exit code and the text. Raises PomoError.

        The line is sent again if its answer gets lost: it only asks, or holds a request id.
        """
        for _ in range(2):
            wire = self._connect()
            try:
                return wire.ask(line)
            except ConnectionError:
                continue
            finally:
                wire.close()
        raise _lost()

    def subscribe(self, since: int | None = None) -> Iterator[Mapping[str, Any]]:
        """Follow the events after `since`, or from now on; ends when the daemon goes. Raises PomoError."""
        self.call("events.subscribe", {} if since is None else {"since": since})
        wire = self._ready()
        try:
            while True:
                message = _decode(wire.line(None))
                if message.get("method") == "event":
                    yield message["params"]
        except ConnectionError:
            self.close()

    def _ready(self) -> "_Wire":
        """Answer a connection on which hello was said."""
        while self._wire is None:
            self._wire = wire = self._connect()
            hello = {"protocol": PROTOCOL, "client": "pomo", "version": VERSION, "profile": self._profile or None}
            answer = self._exchange(wire, "hello", hello)
            if self._start and not self._replaced and wire.is_own and is_older(str(answer.get("version", "")), VERSION):
                self._replaced = True
                self._replace(wire)
        return self._wire

    def _connect(self) -> "_Wire":
        return _Wire(*reach.connect(start=self._start, any_database=self._any_database))

    def _replace(self, wire: "_Wire") -> None:
        """Stop a daemon that is older than this command; the next connection starts its successor."""
        self._exchange(wire, "daemon.stop", {})
        self.close()
        wait_until_gone()

    def _exchange(self, wire: "_Wire", method: str, params: Mapping[str, Any]) -> Any:  # noqa: ANN401
        self._ids += 1
        request = {"jsonrpc": "2.0", "id": self._ids, "method": method, "params": params}
        wire.send(json.dumps(request).encode() + b"\n", told=METHODS[method].mutates)
        give_up = clock.monotonic() + ANSWER_SECONDS
        while True:
            message = _decode(wire.line(give_up))
            if "error" in message:
                raise _error(message["error"])
            if message.get("id") == self._ids and "result" in message:
                return message["result"]


class _Wire:
    """A connection, and what was read of it beyond the last line."""

    def __init__(self, connection: socket.socket, holder: Holder) -> None:
        self._socket = connection
        self._holder = holder
        self._rest = b""
        self._told = False

    def close(self) -> None:
        self._socket.close()

    @property
    def is_own(self) -> bool:
        """Tell whether the daemon is the user's, who may restart it, and not the machine's."""
        return self._holder.socket != paths.system_socket()

    def send(self, data: bytes, *, told: bool) -> None:
        """Send a line; `told`: it tells the daemon to do something, rather than asks."""
        self._told = told
        try:
            self._socket.settimeout(ANSWER_SECONDS)
            self._socket.sendall(data)
        except TimeoutError:
            raise self._silent() from None
        except ConnectionError:
            # It hung up without listening; what it said before, if anything, is read now and tells why.
            pass

    def line(self, give_up: float | None) -> bytes:
        """Read a line until the moment `give_up`. Raises ConnectionError at the end, PomoError past the moment."""
        pieces = [self._rest]
        while b"\n" not in pieces[-1]:
            pieces.append(self._more(give_up))
        line, _, self._rest = b"".join(pieces).partition(b"\n")
        return line

    def ask(self, line: bytes) -> tuple[int, bytes]:
        """Send a text line, and read the exit code and the text."""
        self.send(line, told=line.startswith(DO_WORD))
        give_up = clock.monotonic() + ANSWER_SECONDS
        head = self.line(give_up)
        if head.startswith(b"{"):
            raise _error(_decode(head).get("error"))
        kind, *numbers = head.split(b" ")
        try:
            code, length = (0, *map(int, numbers)) if kind == b"ok" else map(int, numbers)
        except ValueError:
            raise _garbled() from None
        while len(self._rest) < length:
            self._rest += self._more(give_up)
        return code, self._rest[:length]

    def _more(self, give_up: float | None) -> bytes:
        try:
            # Zero would mean: do not block.
            self._socket.settimeout(None if give_up is None else max(give_up - clock.monotonic(), 0.001))
            piece = self._socket.recv(_PIECE)
        except TimeoutError:
            raise self._silent() from None
        if not piece:
            raise ConnectionResetError
        return piece

    def _silent(self) -> PomoError:
        return reach.silent(self._holder.pid, told=self._told)


def wait_until_gone() -> None:
    """Wait until the daemon that was told to stop has ended. Raises PomoError if it does not."""
    give_up = clock.monotonic() + STOP_SECONDS
    while reach.is_held():
        if clock.monotonic() > give_up:
            raise PomoError("daemon.unavailable", f"The daemon does not end within {STOP_SECONDS:g} s.")
        clock.sleep(reach.POLL_SECONDS)


def is_older(version: str, than: str) -> bool:
    """Compare two versions by their leading numbers; what cannot be read is not older."""
    numbers = _numbers(version)
    return bool(numbers) and numbers < _numbers(than)


def _numbers(version: str) -> tuple[int, ...]:
    found = []
    for part in version.split("."):
        if not (part.isascii() and part.isdigit()):
            break
        found.append(int(part))
    return tuple(found)


def _decode(line: bytes) -> dict[str, Any]:
    try:
        message = json.loads(line)
    except (ValueError, RecursionError):
        raise _garbled() from None
    if not isinstance(message, dict):
        raise _garbled()
    return message


def _error(error: Any) -> PomoError:  # noqa: ANN401
    data = error.get("data") if isinstance(error, dict) else None
    if not isinstance(data, dict) or not isinstance(data.get("code"), str):
        return _garbled()
    return PomoError(data["code"], str(data.get("message", "")), str(data.get("hint", "")))


def _garbled() -> PomoError:
    return PomoError("protocol.error", "The daemon's answer is not understood.", "Run 'pomo daemon restart'.")


def _lost() -> PomoError:
    return PomoError(
        "daemon.unavailable",
        "The connection was lost before the answer; whether it was done is not known.",
        "See 'pomo status'; doing it again is safe.",
    )
