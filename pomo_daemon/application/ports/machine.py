"""What a use case needs of the machine: its clocks, alarms, and files of its own."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from pomo_daemon.domain.timeline import Reading


class Clock(Protocol):
    """Time."""

    def read(self) -> Reading:
        """Read all clocks at once."""
        ...


class SharedClock(Clock, Protocol):
    """Time as all daemons on one database have it: so far `ahead` of this machine's."""

    ahead: timedelta

    def shift(self, by: timedelta) -> None:
        """Set the wall clock forward, or back."""
        ...


class Alarm(Protocol):
    """One alarm per user, which calls `ring(user_id)` on the event loop, never early, and perhaps for nothing."""

    def set(self, user_id: int, delay: timedelta | None) -> None:
        """Ring once after `delay` instead of whatever was set; None takes the alarm back."""
        ...


class Random(Protocol):
    """Chance."""

    def token(self) -> bytes:
        """Answer 32 bytes that nobody can foresee."""
        ...


class Cron(Protocol):
    """When expressions of cron are due, on the clock of a zone."""

    def check(self, expression: str, zone: str, now: datetime) -> str:
        """Answer an expression in plain form. Raises Invalid for one that is none, or that is never due."""
        ...

    def after(self, expression: str, zone: str, after: datetime) -> datetime | None:
        """Answer the first instant after another at which a plain expression is due, if there is one."""
        ...


class Journal(Protocol):
    """What is kept on this machine of timers on a shared database. All but `exist` raise StoreError."""

    def exist(self) -> bool:
        """Tell whether anything is kept of anybody."""
        ...

    async def users(self) -> Sequence[int]:
        """Answer whose timer is kept."""
        ...

    async def timer(self, user_id: int) -> bytes | None:
        """Answer the timer that was kept last, None if there is none."""
        ...

    async def keep_timer(self, user_id: int, data: bytes, *, durable: bool) -> None:
        """Keep a timer in place of the one before, whole at any moment; `durable` also when the power goes."""
        ...

    async def append(self, user_id: int, generation: int, line: bytes) -> None:
        """Put a command behind the others, on the disk for good; where that fails it is not there."""
        ...

    async def lines(self, user_id: int, generation: int) -> Sequence[bytes]:
        """Answer the commands, in their order."""
        ...

    async def clear(self, user_id: int, generation: int) -> None:
        """Forget the commands."""
        ...
