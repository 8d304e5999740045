"""How long to wait after passwords that were wrong: a person who mistypes does not notice, a program gets nowhere."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

#: So many failures cost nothing; each one more doubles the delay, from a second on.
FREE: Final = 3
FIRST: Final = timedelta(seconds=1)
ACCOUNT_CAP: Final = timedelta(seconds=60)
PEER_CAP: Final = timedelta(minutes=15)
#: Failures this old are forgotten.
FORGOTTEN: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Attempts:
    """Failures in a row, and when the last one was."""

    failures: int
    last_at: datetime


def delay(failures: int, cap: timedelta) -> timedelta:
    """Answer for how long after so many failures no further attempt is looked at."""
    if failures < FREE:
        return timedelta(0)
    return min(FIRST * (1 << min(failures - FREE, 32)), cap)


def left(attempts: Attempts | None, cap: timedelta, now: datetime) -> timedelta:
    """Answer how much of the delay is left."""
    if attempts is None:
        return timedelta(0)
    rest = attempts.last_at + delay(attempts.failures, cap) - now
    # A clock that was set back must lock out nobody.
    return max(rest, timedelta(0)) if rest <= 2 * cap else timedelta(0)
