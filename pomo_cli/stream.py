"""What the daemon tells of by itself: one connection, and another when the daemon comes back. Nothing is polled."""

import contextlib
import os
import select
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, Final, Self

from pomo_cli import clock, output, reach
from pomo_cli.client import Client
from pomo_cli.commands.shared import Invocation
from pomo_daemon.protocol import paths
from pomo_daemon.protocol.errors import DAEMON, PomoError

#: Seconds without a daemon after which what was shown last is no longer true: a restart takes less.
LOST: Final = 2.0
#: Seconds between tries to find a daemon again: the first, and the longest.
SOON: Final = 0.05
LATE: Final = 5.0
_BROKEN: Final = select.POLLERR | select.POLLHUP | select.POLLNVAL


class Stream(ABC):
    """Texts, as they come. Raises PomoError.

    A daemon that was killed is started again, unless the command is not to start any; one that was stopped, somebody
    else will start. Meanwhile `lost` tells that nothing is known.
    """

    def __init__(self, call: Invocation) -> None:
        self._call = call
        self._client: Client | None = None
        self._texts: list[str] = []
        self._pause = SOON
        self._gone_at = 0.0
        self.lost = False
        self._connect(start=call.start)

    @abstractmethod
    def _begin(self, client: Client) -> list[str]:
        """Ask a daemon to tell, and answer what there is to show at once. Raises PomoError."""

    @abstractmethod
    def _shown(self, message: Mapping[str, Any]) -> str | None:
        """Answer what to show for something that the daemon has sent by itself; None for nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._hang_up()

    def wait(self, seconds: float | None, *others: tuple[int, int]) -> list[str]:
        """Answer what is new, the latest last; nothing after so many seconds, or as soon as one of the others is ready.

        Others are descriptors and what of select.poll to wait for. Nothing comes also once the stream is `lost`.
        Raises Gone when the other end of one of the others is.
        """
        give_up = None if seconds is None else clock.monotonic() + seconds
        was_lost = self.lost
        while not self._texts:
            left = None if give_up is None else give_up - clock.monotonic()
            if left is not None and left <= 0:
                break
            if self._poll(left, others):
                break
            if self.lost and not was_lost:
                break
        found, self._texts = self._texts, []
        return found

    def _poll(self, left: float | None, others: tuple[tuple[int, int], ...]) -> bool:
        """Wait for news, or for a moment to look for a daemon. Tells whether one of the others is ready."""
        poll = select.poll()
        for fd, events in others:
            poll.register(fd, events)
        if self._client is None:
            left = self._pause if left is None else min(left, self._pause)
            mine = -1
        else:
            mine = self._client.fileno()
            poll.register(mine, select.POLLIN)
        ready = dict(poll.poll(None if left is None else left * 1000))
        told = ready.pop(mine, 0)
        if any(events & _BROKEN for events in ready.values()):
            raise output.Gone
        if told:
            self._read(read=True)
        elif self._client is None and not ready:
            self._search()
        return bool(ready)

    def _read(self, *, read: bool) -> None:
        client = self._client
        assert client is not None  # noqa: S101
        try:
            messages = client.arrived(read=read)
        except ConnectionError:
            self._hang_up()
            self._gone_at = clock.monotonic()
            self._search()
            return
        self._texts += [text for it in messages if (text := self._shown(it)) is not None]

    def _search(self) -> None:
        """Look for a daemon; not finding one is no failure."""
        with contextlib.suppress(ChildProcessError):
            # The one before may have been started from here: it is not to stay as a zombie.
            os.waitpid(-1, os.WNOHANG)
        crashed = paths.read_holder(paths.lock_file()) is not None and not reach.is_held()
        try:
            self._connect(start=self._call.start and crashed)
        except PomoError as error:
            if error.exit != DAEMON:
                raise
            self._pause = min(self._pause * 2, LATE)
            self.lost = clock.monotonic() - self._gone_at > LOST

    def _connect(self, *, start: bool) -> None:
        client = Client(profile=self._call.profile, start=start)
        try:
            texts = self._begin(client)
        except BaseException:
            client.close()
            raise
        self._client, self.lost, self._pause = client, False, SOON
        self._texts += texts
        self._read(read=False)

    def _hang_up(self) -> None:
        if self._client is not None:
            with contextlib.suppress(OSError):
                self._client.close()
            self._client = None


class StatusStream(Stream):
    """What `status` would print with an output, now and each time that it looks different."""

    def __init__(self, call: Invocation, shape: str, template: str = "") -> None:
        self._params = {"output": shape, "template": template}
        super().__init__(call)

    def _begin(self, client: Client) -> list[str]:
        return [str(client.call("timer.follow", self._params)["text"])]

    def _shown(self, message: Mapping[str, Any]) -> str | None:
        return str(message["params"]["text"]) if message.get("method") == "status" else None


class EventStream(Stream):
    """Events as lines of JSON: those after the number `since`, then each as it comes, whatever daemons come and go."""

    def __init__(self, call: Invocation, since: int) -> None:
        self._seq = since
        super().__init__(call)

    def _begin(self, client: Client) -> list[str]:
        client.call("events.subscribe", {"since": self._seq})
        return []

    def _shown(self, message: Mapping[str, Any]) -> str | None:
        if message.get("method") != "event":
            return None
        event = message["params"]
        self._seq = event["seq"]
        return output.dumps(event, pretty=False)
