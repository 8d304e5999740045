"""Asks whether somebody is still there, when a focus runs and nobody has touched anything for long. It only asks."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

from pomo_daemon.application.notifications import NotificationDesk
from pomo_daemon.application.ports import Announcement, Button, Clock, Idle, Notification
from pomo_daemon.application.timer import Identity, TimerService
from pomo_daemon.domain.events import EventType
from pomo_daemon.domain.timer import Pause, Stop

_SECOND: Final = timedelta(seconds=1)
_BUTTONS: Final = (Button("continue", "Continue"), Button("pause", "Pause as of then"), Button("stop", "Stop there"))


class Attention:
    """Looks when it could be time to ask, and not before; while no focus runs, or `after` is nothing, never."""

    def __init__(
        self,
        who: Identity,
        timers: TimerService,
        desk: NotificationDesk,
        idle: Idle,
        clock: Clock,
        after: Callable[[], timedelta],
        is_here: Callable[[], bool] = lambda: True,
    ) -> None:
        """`is_here` tells whether the user was at this machine last: at another nothing is touched, nor looked at."""
        self._who = who
        self._timers = timers
        self._desk = desk
        self._idle = idle
        self._clock = clock
        self._after = after
        self._is_here = is_here
        #: When, by the boot clock, the focus began or went on; and since when nobody was there at the last question.
        self._begun = timedelta(0)
        self._asked: timedelta | None = None
        self._alarm: asyncio.TimerHandle | None = None
        self._looking: asyncio.Task[None] | None = None

    def listen(self, announcements: Sequence[Announcement]) -> None:
        """Take committed events: whoever does something with an interval is there."""
        if any(it.user_id == self._who.user_id and _is_done_by_somebody(it.type) for it in announcements):
            self.begin()

    def begin(self) -> None:
        """Count from now, if a focus runs."""
        self.stop()
        self._begun, self._asked = self._clock.read().boottime, None
        self._wait(self._after())

    def stop(self) -> None:
        """Look no more."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    async def close(self) -> None:
        """Look no more, and wait for a look that is under way."""
        self.stop()
        if self._looking is not None:
            await asyncio.wait({self._looking})
        self.stop()

    def waits(self) -> bool:
        """Tell whether a look is to come."""
        return self._alarm is not None

    def _wait(self, span: timedelta) -> None:
        status = self._timers.peek(self._who)
        if self._after() and status is not None and status.state == "focus" and self._is_here():
            loop = asyncio.get_running_loop()
            self._alarm = loop.call_later(max(span, _SECOND).total_seconds(), self._rung)

    def _rung(self) -> None:
        self._alarm = None
        self._looking = asyncio.ensure_future(self._look())

    async def _look(self) -> None:
        """Ask once for each time that nobody was there; come back when the next could be long enough."""
        idle, now, begun, after = await self._idle.idle(), self._clock.read().boottime, self._begun, self._after()
        if self.waits():
            # Something was done meanwhile, which counts from then.
            return
        span = timedelta(0) if idle is None else min(idle, now - begun)
        since = now - span
        is_news = self._asked is None or since - self._asked > _SECOND
        self._wait(after - span if span < after else after)
        if span >= after and is_news and self.waits():
            self._asked = since
            at = self._timers.instant(self._who.user_id, ago=span)
            minutes = max(span // timedelta(minutes=1), 1)
            question = Notification(
                "Still there?", f"A focus runs, and nobody has touched anything for {minutes} min.", buttons=_BUTTONS
            )
            actions = {"continue": None, "pause": Pause(at), "stop": Stop(at)}
            await self._desk.ask(self._who.user_id, question, actions)


def _is_done_by_somebody(kind: str) -> bool:
    return kind.startswith(("interval.", "timer.", "change.")) and kind != EventType.ENDING
