"""A daemon for the command's tests: on a real socket, answers what the test says, and keeps what it heard."""

import contextlib
import fcntl
import json
import os
import socket
import threading
from collections.abc import Callable
from typing import Any, Self

from pomo_daemon.protocol import paths
from pomo_daemon.protocol.errors import ERRORS, PomoError
from pomo_daemon.protocol.version import PROTOCOL, VERSION

#: What to do with a line besides answering bytes.
HANG_UP = b"<hang up>"
SILENCE = b"<silence>"

STATUS: dict[str, Any] = {"state": "focus", "phase": "focus", "status": "running", "task": "Write report"}
TIMER_RESULT: dict[str, Any] = {
    "message": "Focus started: Write report, 25m (1/4).",
    "changed": True,
    "task_created": False,
    "interval": None,
    "status": STATUS,
}


def text(exit_code: int, body: str) -> bytes:
    """Frame the answer to a text line."""
    raw = body.encode()
    return (b"error %d %d\n" % (exit_code, len(raw)) if exit_code else b"ok %d\n" % len(raw)) + raw


class FakeDaemon:
    """Holds the lock and listens, as a daemon does.

    `results` has the result or the error of a method, or what makes it of the params; `texts` the answers to text
    lines; `script` has, for the next lines whatever they are, bytes to send, HANG_UP (also behind bytes) or SILENCE.
    """

    def __init__(self, *, version: str = VERSION, protocol: int = PROTOCOL) -> None:
        self.version = version
        self.protocol = protocol
        self.lines: list[bytes] = []
        self.heard = threading.Semaphore(0)
        self.script: list[bytes] = []
        self.results: dict[str, Any] = {"history.list": {"intervals": []}, "daemon.info": {"pid": 7, "uptime_s": 60}}
        self.texts: Callable[[bytes], bytes] = lambda _line: text(0, "focus 12:34 Write report (2/4)")
        self.events: list[dict[str, Any]] = []
        self.socket_path = f"{paths.runtime_dir()}/{paths.SOCKET_NAME}"
        self.database = ""
        self._lock = -1
        self._listener: socket.socket | None = None
        self._connections: list[socket.socket] = []

    def __enter__(self) -> Self:
        self.hold()
        self.listen()
        self.publish()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def hold(self) -> None:
        """Take the lock; its text is empty, as of a daemon that is starting."""
        os.makedirs(paths.data_dir(), mode=0o700, exist_ok=True)
        self._lock = os.open(paths.lock_file(), os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def publish(self) -> None:
        """Write into the lock who holds it."""
        text = f"{os.getpid()}\n{self.version}\n{self.socket_path}\ndefault\n{self.database}\n"
        os.pwrite(self._lock, text.encode(), 0)

    def listen(self) -> None:
        """Accept clients from now on."""
        os.makedirs(os.path.dirname(self.socket_path), mode=0o700, exist_ok=True)
        self._stop_listening()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.socket_path)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(self.socket_path)
        self._listener.listen()
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def stop(self) -> None:
        """Go as a daemon goes: socket, then lock."""
        self._stop_listening()
        for connection in self._connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def _stop_listening(self) -> None:
        listener = self._listener
        if listener is not None:
            # The thread that accepts lets go of it as soon as it is shut down.
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
            self._listener = None

    def requests(self, method: str) -> list[dict[str, Any]]:
        """Answer the params of all requests of a method so far."""
        found = [json.loads(line) for line in self.lines if line.startswith(b"{")]
        return [it["params"] for it in found if it["method"] == method]

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            self._connections.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as lines, contextlib.suppress(OSError):
            for line in lines:
                self.lines.append(line)
                self.heard.release()
                answer = self.script.pop(0) if self.script else self._answer(line)
                if answer != SILENCE:
                    connection.sendall(answer.removesuffix(HANG_UP))
                if b'"daemon.stop"' in line:
                    self.stop()
                if answer.endswith(HANG_UP):
                    connection.shutdown(socket.SHUT_RDWR)
                    return

    def _answer(self, line: bytes) -> bytes:
        if not line.startswith(b"{"):
            return self.texts(line)
        request = json.loads(line)
        result = self._result(request["method"], request.get("params", {}))
        if callable(result):
            result = result(request["params"])
        if isinstance(result, PomoError):
            data = {"code": result.code, "message": result.message, "hint": result.hint}
            outcome: dict[str, Any] = {"error": {"code": ERRORS[result.code].rpc, "message": "", "data": data}}
        else:
            outcome = {"result": result}
        answer = json.dumps({"jsonrpc": "2.0", "id": request["id"], **outcome}).encode() + b"\n"
        if request["method"] == "events.subscribe":
            for event in self.events:
                answer += json.dumps({"jsonrpc": "2.0", "method": "event", "params": event}).encode() + b"\n"
        return answer

    def _result(self, method: str, _params: dict[str, Any]) -> Any:
        if method == "hello":
            if self.protocol != PROTOCOL:
                return PomoError("protocol.version")
            return {"protocol": self.protocol, "version": self.version, "server": "fake", "profile": "", "user": ""}
        if method == "daemon.stop":
            return {"pid": os.getpid()}
        return self.results.get(method, TIMER_RESULT)
