"""One client: lines in, answers out in order, within limits of size, time and backlog."""

import asyncio
import logging
import socket
import struct
from collections import deque
from collections.abc import Awaitable

from pomo_daemon.application.timer import Identity
from pomo_daemon.protocol.errors import PomoError
from pomo_daemon.server import dispatcher
from pomo_daemon.server.hub import Listener
from pomo_daemon.server.identity import os_user
from pomo_daemon.server.services import Host, Limits, Services

log = logging.getLogger(__name__)

#: Seconds that a dropped client has to read why.
LINGER = 5.0


class Connection(asyncio.Protocol):
    """A Unix stream connection. Its peer is checked when it is accepted; who that is here, its first call tells."""

    def __init__(self, host: Host, limits: Limits, everyone: "set[Connection]") -> None:
        self.host = host
        self.peer = host.owner
        self.token: str | None = None
        self.hook_depth = 0
        self.who: Identity | None = None
        self._services: Services | None = None
        self._limits = limits
        self._everyone = everyone
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport
        self._buffer = b""
        self._lines: deque[bytes] = deque()
        self._working: asyncio.Task[None] | None = None
        self._subscription: Listener | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._patient = False
        self._dropped = False
        self._ended = False
        self._heard = 0.0

    # Called by the loop.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let in whom the kernel says may come."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101
        self._transport = transport
        uid = peer_uid(transport.get_extra_info("socket"))
        if self.host.shared:
            self.peer = os_user(uid)
        elif uid not in (self.peer.uid, 0):  # Whoever is root may do as the owner; it is the owner's account then.
            log.warning("refused a connection of user %d", uid)
            self._drop(PomoError("auth.forbidden"))
            return
        if len(self._everyone) >= self._limits.max_connections or self._is_greedy(uid):
            self._drop(PomoError("protocol.busy"))
            return
        self._everyone.add(self)
        self._wait(self._limits.line, patient=False)

    def data_received(self, data: bytes) -> None:
        """Take whole lines out of what has come, and answer them in order."""
        self._heard = self._loop.time()
        if not self._buffer and data.find(b"\n") == len(data) - 1 and len(data) < self._limits.line_bytes:
            # One whole line, as nearly always: bars and prompts ask this often.
            self._take(data[:-1])
            if not self._patient:
                self._wait(self._limits.idle, patient=True)
            return
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        if len(self._buffer) >= self._limits.line_bytes or any(len(it) >= self._limits.line_bytes for it in lines):
            self._drop(PomoError("protocol.too_large"))
            return
        for line in lines:
            self._take(line)
        if self._buffer:
            # A line that was begun must be finished in time, however slowly its bytes drip in.
            if self._patient or self._timer is None:
                self._wait(self._limits.line, patient=False)
        elif not self._patient:
            self._wait(self._limits.idle, patient=True)

    def eof_received(self) -> bool:
        """Tell whether to stay: a client that sends no more (`nc -N`) still reads the answers to what it has sent."""
        self._ended = True
        return self._working is not None

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002
        """Forget the client. Work for it that has begun goes on: it may be half done."""
        self._everyone.discard(self)
        if self._timer is not None:
            self._timer.cancel()
        if self._subscription is not None and self._services is not None:
            self._services.hub.remove(self._subscription)

    # Called by routes and hub.

    @property
    def services(self) -> Services:
        """Answer the use cases of the profile that the client named. Raises PomoError before it did."""
        if self._services is None:
            raise PomoError("protocol.error", "The first call must be 'hello'.")
        return self._services

    def enter(self, services: Services, token: str | None, hook_depth: int = 0) -> None:
        """Serve the client from now on by a profile, as whom the token names, if there is one."""
        if self._subscription is not None and services is not self._services:
            raise PomoError("protocol.error", "This connection follows the events of another profile.")
        self._services, self.token, self.hook_depth = services, token, hook_depth

    def send(self, line: bytes) -> None:
        """Write a line, unless the client has let too much pile up: then it is dropped, and told why."""
        if not line or self._transport.is_closing():
            return
        if self._transport.get_write_buffer_size() > self._limits.backlog:
            log.warning("dropped a client that does not read")
            self._drop(PomoError("protocol.busy", "The connection was dropped: it was not read.", "Read faster."))
            return
        self._transport.write(line)

    def subscribe(self, subscription: Listener) -> None:
        """Keep a subscription for as long as the connection lasts."""
        if self._subscription is not None:
            raise PomoError("protocol.error", "This connection follows events already.")
        self._subscription = subscription
        self.services.hub.add(subscription)

    def close(self) -> None:
        """Let the client go once everything is written."""
        self._transport.close()

    @property
    def busy(self) -> "asyncio.Task[None] | None":
        """Answer the work that is under way."""
        return self._working

    def _take(self, line: bytes) -> None:
        if not line or line.isspace() or self._dropped:
            return
        if self._working is not None:
            self._lines.append(line)
            # Whoever sends without waiting for answers is slowed down here.
            self._transport.pause_reading()
            return
        found = dispatcher.answer(self, line)
        if isinstance(found, bytes):
            self.send(found)
        else:
            self._work(self._answer(found))

    def _is_greedy(self, uid: int) -> bool:
        """Tell whether one user of a shared daemon has so many connections that others would be left with none."""
        return (
            self.host.shared and sum(it.peer.uid == uid for it in self._everyone) >= self._limits.max_connections // 4
        )

    def _work(self, awaited: Awaitable[None]) -> None:
        self._working = asyncio.ensure_future(awaited)
        self._working.add_done_callback(self._worked)

    async def _answer(self, awaited: Awaitable[bytes]) -> None:
        self.send(await awaited)

    def _worked(self, task: asyncio.Task[None]) -> None:
        self._working = None
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a connection failed", exc_info=error)
        while self._lines and self._working is None:
            self._take(self._lines.popleft())
        if self._lines or self._transport.is_closing():
            return
        if self._ended:
            self._transport.close()
        else:
            self._transport.resume_reading()

    def _wait(self, seconds: float, *, patient: bool) -> None:
        """Set the one timer: impatient for a line that is due, patient between lines."""
        if self._timer is not None:
            self._timer.cancel()
        self._patient = patient
        self._timer = self._loop.call_later(seconds, self._expired)

    def _expired(self) -> None:
        self._timer = None
        if not self._patient:
            self._drop(PomoError("protocol.timeout"))
            return
        if self._subscription is not None:
            return
        rest = self._heard + self._limits.idle - self._loop.time()
        if rest > 0 or self._working is not None:
            self._wait(max(rest, 1.0), patient=True)
        else:
            self._transport.close()

    def _drop(self, error: PomoError) -> None:
        """Say why, and close, whether or not it is read."""
        self._dropped = True
        self._transport.write(dispatcher.failure(None, error))
        self._transport.close()
        self._loop.call_later(LINGER, self._transport.abort)


def peer_uid(connection: socket.socket) -> int:
    """Ask the kernel which OS user opened a connection (SO_PEERCRED, unix(7))."""
    _pid, uid, _gid = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    return int(uid)
