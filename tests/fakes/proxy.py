"""A line to PostgreSQL that can be cut wherever it hurts: it understands where a message begins, and what commits.

Its client side is TCP on the loopback, its other side the server's Unix socket. What it does to a message is asked of
`fault` when the message comes; `silent` swallows everything both ways, and leaves every connection open (half open).
"""

import asyncio
import contextlib
import struct
import threading
from collections.abc import Callable
from enum import Enum, auto
from typing import Final, Self
from urllib.parse import parse_qs, urlsplit

_SSL, _GSS = 80877103, 80877104


class Cut(Enum):
    """What happens to a message of the client, and what the server says to it."""

    NONE = auto()
    #: It does not arrive; the connection breaks.
    REQUEST = auto()
    #: The server does it; the connection breaks before anything of its answer is passed on.
    REPLY = auto()
    #: From this message on nothing is passed on any more, nor does anything break.
    SILENCE = auto()


def no_cut(_commits: bool) -> Cut:  # noqa: FBT001
    return Cut.NONE


class Proxy:
    """Stands before the server of a URL; `url` is that of the way through it."""

    def __init__(self, url: str) -> None:
        parsed = urlsplit(url)
        query = parse_qs(parsed.query)
        self._server: Final = f"{query['host'][0]}/.s.PGSQL.{query['port'][0]}"
        self._database = parsed.path
        #: Asked at each message, and told whether that commits.
        self.fault: Callable[[bool], Cut] = no_cut
        #: New connections are refused.
        self.refusing = False
        self.silent = False
        self._listener: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._lines: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        assert self._listener is not None
        port = self._listener.sockets[0].getsockname()[1]
        return f"postgresql+psycopg://postgres@127.0.0.1:{port}{self._database}?sslmode=disable&gssencmode=disable"

    async def __aenter__(self) -> Self:
        self._listener = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_exception: object) -> None:
        assert self._listener is not None
        self._listener.close()
        # What the listener took last is made known in the next turns.
        for _ in range(3):
            await asyncio.sleep(0)
        # One that is just being made has nothing yet that could be cut; one that was not begun never cuts anything.
        for it in self._lines:
            it.cancel()
        while self._lines:
            await asyncio.wait(self._lines)
        self.cut()
        # Transports that were broken close their sockets in the next turn.
        await asyncio.sleep(0)

    def is_open(self) -> bool:
        """Tell whether any connection is."""
        return any(not it.is_closing() for it in self._writers)

    def cut(self) -> None:
        """Break every connection."""
        for it in tuple(self._writers):
            it.transport.abort()

    def refuse(self) -> None:
        """Break every connection, and take none."""
        self.refusing = True
        self.cut()

    def mend(self) -> None:
        """Let everything through from now on; what was swallowed is lost, and its connections break."""
        self.fault, self.refusing = no_cut, False
        if self.silent:
            self.silent = False
            self.cut()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        line = asyncio.create_task(self._serve(reader, writer))
        self._lines.add(line)
        line.add_done_callback(self._lines.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server: asyncio.StreamWriter | None = None
        try:
            if self.refusing:
                return
            answers, server = await asyncio.open_unix_connection(self._server)
            self._writers.add(server)
            link = _Link(self)
            back = asyncio.create_task(link.back(answers, writer))
            try:
                await link.forth(reader, server)
            finally:
                back.cancel()
                await asyncio.wait([back])
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            for it in (writer, server):
                if it is not None:
                    self._writers.discard(it)
                    it.transport.abort()


class _Link:
    """One connection through the proxy."""

    def __init__(self, proxy: Proxy) -> None:
        self._proxy = proxy
        self._broken = False

    async def forth(self, reader: asyncio.StreamReader, server: asyncio.StreamWriter) -> None:
        """Pass on what the client says, a message at a time."""
        started = False
        while True:
            kind = b"" if not started else await reader.readexactly(1)
            head = await reader.readexactly(4)
            body = await reader.readexactly(struct.unpack("!I", head)[0] - 4)
            started = started or struct.unpack("!I", body[:4])[0] not in (_SSL, _GSS)
            if self._proxy.silent:
                continue
            # Where a statement comes in several messages, its first one tells of it.
            cut = self._proxy.fault(b"COMMIT" in body) if kind in (b"Q", b"P", b"B") else Cut.NONE
            if cut is Cut.REQUEST:
                return
            if cut is Cut.SILENCE:
                self._proxy.silent = True
                continue
            self._broken = self._broken or cut is Cut.REPLY
            server.write(kind + head + body)
            await server.drain()

    async def back(self, answers: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        """Pass on what the server says."""
        while data := await answers.read(65536):
            if self._proxy.silent:
                continue
            if self._broken:
                break
            client.write(data)
            with contextlib.suppress(ConnectionError):
                await client.drain()
        client.transport.abort()


class ProxyThread:
    """A proxy that works beside a test that waits, within `with`."""

    def __init__(self, url: str) -> None:
        self.proxy = Proxy(url)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    @property
    def url(self) -> str:
        return self.proxy.url

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self.proxy.__aenter__(), self._loop).result(10)
        return self

    def __exit__(self, *_exception: object) -> None:
        asyncio.run_coroutine_threadsafe(self.proxy.__aexit__(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def refuse(self) -> None:
        """Break every connection, and take none, until it is mended."""
        self._loop.call_soon_threadsafe(self.proxy.refuse)

    def mend(self) -> None:
        """Let everything through."""
        self._loop.call_soon_threadsafe(self.proxy.mend)
