"""Which time it is for a timer: within one boot the boot clock decides, so no step of the wall clock moves a deadline.

A timer keeps the reading under which its stretch began (the anchor). As long as the machine has not been booted since,
its time is the anchor's wall time plus what the boot clock has counted, suspends included. After a boot only the wall
clock is left.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Reading:
    """All clocks at one moment: `wall` (aware, UTC), `boottime` since `boot_id` began, suspends included.

    `slept` is how much of that the machine was suspended; None where nobody knows.
    """

    wall: datetime
    boottime: timedelta
    boot_id: str
    slept: timedelta | None = None

    def same_boot(self, other: "Reading") -> bool:
        """Tell whether both were read between the same two boots."""
        return self.boot_id == other.boot_id and bool(self.boot_id)

    def slept_since(self, other: "Reading") -> timedelta:
        """Answer how long the machine was suspended after an earlier reading of the same boot, as far as is known."""
        if self.slept is None or other.slept is None:
            return timedelta(0)
        return self.slept - other.slept


def project(anchor: Reading | None, reading: Reading) -> datetime:
    """Answer what time it is on the line that `anchor` began; it never lies before the anchor."""
    if anchor is None:
        return reading.wall
    if anchor.same_boot(reading):
        return anchor.wall + max(reading.boottime - anchor.boottime, timedelta(0))
    return max(anchor.wall, reading.wall)


def begin(last_end: datetime | None, reading: Reading) -> Reading:
    """Answer the anchor for a stretch that begins now.

    It is the wall clock's, unless that was set back into time already recorded: then the line goes on behind it,
    since an interval may be late on the wall clock but never lie over another.
    """
    if last_end is None or last_end <= reading.wall:
        return reading
    return replace(reading, wall=last_end)
