"""The clocks of the machine: the only place of the daemon that asks for the time."""

import logging
import time
import warnings
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from pomo_daemon.application.ports import Clock
from pomo_daemon.domain.timeline import Reading

log = logging.getLogger(__name__)


class SystemClock:
    """The Clock port on Linux: CLOCK_BOOTTIME knows no steps and counts suspends, CLOCK_MONOTONIC neither."""

    def __init__(self) -> None:
        self._boot_id = _boot_id()

    def read(self) -> Reading:
        """Read all clocks at once."""
        boottime = time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000
        slept = boottime - time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        return Reading(
            datetime.now(UTC),
            timedelta(microseconds=boottime),
            self._boot_id,
            timedelta(microseconds=slept),
        )


class DatabaseClock:
    """The SharedClock port: it goes by the boot clock of a machine and is set by the database, by nobody else.

    Who sets the machine's wall clock moves nothing here, not even until the next look at the database.
    """

    def __init__(self, machine: Clock) -> None:
        self._machine = machine
        self._first = machine.read()
        self.ahead = timedelta(0)

    def read(self) -> Reading:
        """Read all clocks at once."""
        now = self._machine.read()
        wall = self._first.wall + (now.boottime - self._first.boottime) + self.ahead
        return Reading(wall, now.boottime, now.boot_id, now.slept)

    def shift(self, by: timedelta) -> None:
        """Set the wall clock forward, or back."""
        self.ahead += by


def _boot_id() -> str:
    """Answer what names this boot; empty where nothing does, and then only the wall clock is left."""
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as opened:
            return opened.read().strip()
    except OSError:
        return ""


def system_zone() -> tzinfo:
    """Answer the time zone of the machine as one with a name; UTC, and a warning, where it has none that is known."""
    import tzlocal

    # Neither the C library nor tzlocal may answer what they read before the zone was changed.
    time.tzset()
    try:
        with warnings.catch_warnings(action="ignore"):
            tzlocal.reload_localzone()
        return ZoneInfo(tzlocal.get_localzone_name())
    except Exception as error:  # noqa: BLE001  # whatever TZ holds, or a machine without zone data, the timer goes on
        log.warning("the time zone of this machine is not known, so days are UTC days: %s", error)
        return ZoneInfo("UTC")
