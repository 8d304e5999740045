"""A blocking client: hello, calls, events. Each answer has a deadline, and a lost one is asked for again."""

import json
import os
import socket
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Self

from pomo_cli import clock, reach
from pomo_cli.login import Login, login_of
from pomo_daemon.protocol import paths
from pomo_daemon.protocol.errors import AUTH, DAEMON, PomoError
from pomo_daemon.protocol.framing import ANSWER_SECONDS, DO_WORD, REPORT_SECONDS, REPORT_WORD
from pomo_daemon.protocol.methods import METHODS
from pomo_daemon.protocol.paths import Holder
from pomo_daemon.protocol.version import PROTOCOL, VERSION

#: Seconds for an old daemon to finish what it does and let go of its lock.
STOP_SECONDS = 10.0
_PIECE = 256 * 1024
#: Methods that tell the daemon to do something, and take a request id.
_TELLING = frozenset(name for name, method in METHODS.items() if method.mutates)


class Client:
    """One caller of the daemon. Connects when first needed; `start`: starts a daemon where there is none.

    `any_database`: also to a daemon that serves another database than the environment names. `login`: by the login of
    the profile, if the user is logged in there.
    """

    def __init__(
        self, *, profile: str = "", start: bool = True, any_database: bool = False, login: bool = True
    ) -> None:
        self._profile = profile
        self._start = start
        self._any_database = any_database
        self._by_login = login
        self._login: Login | None = None
        self._token: str | None = None
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

    def call(self, method: str, params: Mapping[str, Any] | None = None, *, patience: float = ANSWER_SECONDS) -> Any:  # noqa: ANN401  # it is JSON
        """Answer the result of a method. Raises PomoError: what the daemon says, or `daemon.unavailable`.

        What changes something carries a request id: if the connection is lost before the answer, the same request is
        sent once more, and the daemon does it once. `patience`: seconds for the answer.
        """
        params = dict(params or {})
        if method in _TELLING:
            params.setdefault("request_id", os.urandom(8).hex())
        try:
            return self._call(method, params, patience)
        except PomoError as error:
            if error.code != "auth.invalid_token" or not self._renew():
                raise
        return self._call(method, params, patience)

    def begin(self, method: str, params: Mapping[str, Any], *, patience: float = ANSWER_SECONDS) -> Callable[[], Any]:
        """Send a call, and answer what waits for its result, unless another call is made before. Raises PomoError.

        For what the daemon does once however often it comes: it is sent again if the connection is lost.
        """
        wire = self._ready()
        number = self._send(wire, method, params)

        def result() -> Any:  # noqa: ANN401
            try:
                return self._answer(wire, number, patience)
            except ConnectionError:
                self.close()
            except PomoError as error:
                if error.code != "auth.invalid_token":
                    raise
            return self.call(method, params, patience=patience)

        return result

    def text(self, line: bytes) -> tuple[int, bytes]:
        """Send a text line (protocol/framing.py), and answer the exit code and the text. Raises PomoError.

        The line is sent again if its answer gets lost, or with another token: it only asks, or holds a request id.
        """
        self._find_login()
        code, text = self._ask(line)
        if code == DAEMON:
            # The profile is being opened: whoever says hello waits for it.
            self._ready()
            code, text = self._ask(line)
        return self._ask(line) if code == AUTH and self._renew() else (code, text)

    def _call(self, method: str, params: Mapping[str, Any], patience: float) -> Any:  # noqa: ANN401
        try:
            return self._exchange(self._ready(), method, params, patience)
        except ConnectionError:
            self.close()
            if method == "daemon.stop":
                raise reach.not_running() from None
        try:
            return self._exchange(self._ready(), method, params, patience)
        except ConnectionError as error:
            self.close()
            raise _lost() from error

    def _ask(self, line: bytes) -> tuple[int, bytes]:
        if self._login is not None and self._token is not None:
            verb, _profile, _token, rest = line.split(b" ", 3)
            line = b" ".join((verb, self._login.profile.encode(), self._token.encode(), rest))
        for _ in range(2):
            wire = self._connect()
            try:
                return wire.ask(line)
            except ConnectionError:
                continue
            finally:
                wire.close()
        raise _lost()

    def _find_login(self) -> None:
        """Take the access token of the login, if there is one. Raises PomoError."""
        if self._by_login:
            self._login = self._login or login_of(self._profile, self.refresh)
            self._token = self._login.token() if self._login is not None else None

    def _renew(self) -> bool:
        """Take another access token for the one that did not do; False if there was none. Raises PomoError."""
        self.close()
        if self._login is None or self._token is None:
            return False
        self._token = self._login.renewed(self._token)
        return True

    def refresh(self, profile: str, refresh_token: str) -> Mapping[str, Any]:
        """Exchange a refresh token for new tokens, on a connection of its own. Raises PomoError."""
        with Client(profile=profile, start=self._start, login=False) as client:
            found: Mapping[str, Any] = client.call("auth.refresh", {"refresh_token": refresh_token})
            return found

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

    def fileno(self) -> int:
        """Answer the descriptor that can be read from when there is news. For select.poll."""
        return self._ready().fileno()

    def arrived(self, *, read: bool) -> list[Mapping[str, Any]]:
        """Answer what the daemon has sent by itself; `read` what is there to be read. Raises ConnectionError."""
        return [_decode(line) for line in self._ready().lines(read=read)]

    def _ready(self) -> "_Wire":
        """Answer a connection on which hello was said."""
        while self._wire is None:
            self._find_login()
            self._wire = wire = self._connect()
            answer = self._greet(wire)
            if self._start and not self._replaced and wire.is_own and is_older(str(answer.get("version", "")), VERSION):
                self._replaced = True
                self._replace(wire)
        return self._wire

    def _connect(self) -> "_Wire":
        return _Wire(*reach.connect(start=self._start, any_database=self._any_database))

    def _greet(self, wire: "_Wire") -> Any:  # noqa: ANN401  # it is JSON
        """Say hello; again while the database of the profile is being made or mended. Raises PomoError."""
        give_up = clock.monotonic() + reach.START_SECONDS
        while True:
            try:
                return self._exchange(wire, "hello", self._hello())
            except PomoError as error:
                if error.code != "profile.opening" or clock.monotonic() > give_up:
                    raise
            clock.sleep(reach.POLL_SECONDS)

    def _hello(self) -> dict[str, Any]:
        said: dict[str, Any] = {
            "protocol": PROTOCOL,
            "client": "pomo",
            "version": VERSION,
            "profile": self._profile or None,
        }
        if (depth := os.environ.get("POMO_HOOK_DEPTH", "")).isdecimal():
            said["hook_depth"] = min(int(depth[:3]), 100)
        if self._login is not None and self._token is not None:
            said |= {"profile": self._login.profile, "token": self._token}
        return said

    def _replace(self, wire: "_Wire") -> None:
        """Stop a daemon that is older than this command; the next connection starts its successor."""
        try:
            self._exchange(wire, "daemon.stop", {})
        except PomoError as error:
            if error.exit == AUTH:  # nobody is logged in yet: to do that, the old one will do
                return
            raise
        self.close()
        wait_until_gone()

    def _exchange(self, wire: "_Wire", method: str, params: Mapping[str, Any], patience: float = ANSWER_SECONDS) -> Any:  # noqa: ANN401
        return self._answer(wire, self._send(wire, method, params), patience)

    def _send(self, wire: "_Wire", method: str, params: Mapping[str, Any]) -> int:
        self._ids += 1
        request = {"jsonrpc": "2.0", "id": self._ids, "method": method, "params": params}
        wire.send(json.dumps(request).encode() + b"\n", told=method in _TELLING)
        return self._ids

    def _answer(self, wire: "_Wire", number: int, patience: float) -> Any:  # noqa: ANN401
        """Wait for the answer to a request; those to others, which nobody waits for any more, are passed over."""
        give_up = wire.deadline(patience)
        while True:
            message = _decode(wire.line(give_up))
            if "error" in message and message.get("id") in (number, None):
                raise _error(message["error"])
            if message.get("id") == number and "result" in message:
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

    def deadline(self, patience: float) -> float:
        """Answer until when to wait for an answer: from the machine's daemon longer, for systemd may be starting it."""
        return clock.monotonic() + (patience if self.is_own else max(patience, reach.START_SECONDS))

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

    def fileno(self) -> int:
        return self._socket.fileno()

    def lines(self, *, read: bool) -> list[bytes]:
        """Answer the whole lines that have come, without waiting for more. Raises ConnectionError at the end."""
        if read:
            self._rest += self._more(None)
        *lines, self._rest = self._rest.split(b"\n")
        return lines

    def ask(self, line: bytes) -> tuple[int, bytes]:
        """Send a text line, and read the exit code and the text."""
        self.send(line, told=line.startswith(DO_WORD))
        give_up = self.deadline(REPORT_SECONDS if line.startswith(REPORT_WORD) else ANSWER_SECONDS)
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
        return reach.silent(self._holder.pid if self.is_own else None, told=self._told)


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
