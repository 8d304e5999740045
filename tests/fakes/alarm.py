"""An alarm on the timers of the running loop, virtual or not."""

import asyncio
from collections.abc import Callable
from datetime import timedelta


class FakeAlarm:
    """The Alarm port. `pending` holds, for each user whose alarm is set, the loop's time at which it will ring."""

    def __init__(self, ring: Callable[[int], None]) -> None:
        self._ring = ring
        self._timers: dict[int, asyncio.TimerHandle] = {}

    @property
    def pending(self) -> dict[int, float]:
        """Answer when each alarm rings."""
        return {user_id: timer.when() for user_id, timer in self._timers.items()}

    def set(self, user_id: int, delay: timedelta | None) -> None:
        """Ring once after `delay` instead of whatever was set; None takes the alarm back."""
        if (timer := self._timers.pop(user_id, None)) is not None:
            timer.cancel()
        if delay is not None:
            loop = asyncio.get_running_loop()
            self._timers[user_id] = loop.call_later(max(delay.total_seconds(), 0.0), self._rung, user_id)

    def stop(self) -> None:
        """Take every alarm back, as the end of a daemon does."""
        for user_id in tuple(self._timers):
            self.set(user_id, None)

    def _rung(self, user_id: int) -> None:
        del self._timers[user_id]
        self._ring(user_id)
