"""The clocks of the machine: the only place of the command that asks for the time, or lets it pass."""

import time
from datetime import UTC, datetime, tzinfo

from pomo_daemon.protocol.errors import PomoError

#: Seconds from any point; never steps. For deadlines.
monotonic = time.monotonic
#: Wait for some seconds.
sleep = time.sleep


def now() -> datetime:
    """Answer the wall clock, in UTC."""
    return datetime.now(UTC)


def local_zone(name: str) -> tzinfo:
    """Answer the time zone `name` of the settings; for none that of the machine, and UTC where that is not known.

    As the daemon does it: a day must begin at the same moment for both.
    """
    from zoneinfo import ZoneInfo

    if name:
        try:
            return ZoneInfo(name)
        except (OSError, ValueError) as error:  # a name that is checked before, but zone data can go
            raise PomoError("config.invalid", f"The time zone {name!r} is not known here.") from error
    import tzlocal

    try:
        return ZoneInfo(tzlocal.get_localzone_name())
    except Exception:  # noqa: BLE001  # whatever TZ holds
        return UTC
