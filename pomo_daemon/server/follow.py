"""What `status` would print, told again each time it looks different; between two times nothing is done."""

import asyncio
from datetime import timedelta

import msgspec

from pomo_daemon.application.ports import Announcement
from pomo_daemon.application.timer import Identity, TimerService
from pomo_daemon.application.views import Clocks
from pomo_daemon.server.hub import Subscriber
from pomo_daemon.server.outputs import i3blocks, template
from pomo_daemon.server.text import renderer

#: A tick comes so much behind the end of its second, lest it find the old one.
_BEHIND = timedelta(milliseconds=2)


class Follow:
    """One client that shows the timer. Raises PomoError for an output or a template that does not exist."""

    def __init__(self, client: Subscriber, who: Identity, timers: TimerService, output: str, argument: str) -> None:
        self.user_id = who.user_id
        self.login_id = who.login_id
        self._client = client
        self._who = who
        self._timers = timers
        self._render = i3blocks.follow if output == "i3blocks" else renderer(output, argument)
        self._clocks = template.clocks(argument) if output == "template" else Clocks()
        self._shown = ""
        self._tick: asyncio.TimerHandle | None = None

    def begin(self) -> str:
        """Answer how the timer looks now; from then on each change is told."""
        self._shown = self._now()
        self._wait()
        return self._shown

    def offer(self, _announcement: Announcement, _line: bytes) -> None:
        """Something happened: look."""
        self.look()

    def look(self) -> None:
        """Tell how the timer looks, if that is news."""
        text = self._now()
        if text != self._shown:
            self._shown = text
            message = {"jsonrpc": "2.0", "method": "status", "params": {"text": text}}
            self._client.send(msgspec.json.encode(message) + b"\n")
        self._wait()

    def end(self) -> None:
        """Let the client go."""
        self._client.close()

    def stop(self) -> None:
        """Let no tick come any more."""
        if self._tick is not None:
            self._tick.cancel()
            self._tick = None

    def _now(self) -> str:
        status = self._timers.peek(self._who)
        return self._shown if status is None else self._render(status)

    def _wait(self) -> None:
        """Come back when time alone has changed the look; while it cannot, not at all."""
        self.stop()
        delay = self._timers.until_other(self.user_id, self._clocks)
        if delay is not None:
            loop = asyncio.get_running_loop()
            self._tick = loop.call_later((delay + _BEHIND).total_seconds(), self.look)
