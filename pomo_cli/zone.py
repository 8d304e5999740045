"""Days and clock times as the user means them: by the zone and the start of the day of the settings."""

from datetime import datetime, time, timedelta, tzinfo
from typing import NamedTuple

from pomo_cli import clock
from pomo_daemon.protocol import paths, settings
from pomo_daemon.protocol.times import parse_instant


class Days(NamedTuple):
    """Where days are counted, and when one begins."""

    zone: tzinfo
    start: time

    def day_of(self, moment: datetime) -> datetime:
        """Answer the midnight that names the day of `moment`: a night before the start counts to the day before."""
        local = moment.astimezone(self.zone)
        date = local.date() if local.time() >= self.start else local.date() - timedelta(days=1)
        return datetime.combine(date, time(0), self.zone)

    def begin(self, moment: datetime) -> datetime:
        """Answer when the day of `moment` begins."""
        return datetime.combine(self.day_of(moment).date(), self.start, self.zone)

    def end(self, moment: datetime) -> datetime:
        """Answer when the day of `moment` ends, and the next one begins."""
        return datetime.combine(self.day_of(moment).date() + timedelta(days=1), self.start, self.zone)


def days(profile: str) -> Days:
    """Answer the days of a profile's settings; where the file is not valid, what can be read of it counts."""
    try:
        with open(paths.config_file(), encoding="utf-8") as opened:
            text = opened.read()
    except (OSError, UnicodeDecodeError):
        text = ""
    values, _problems = settings.read(text, profile)
    zone, start = values["timer.zone"], values["timer.day_start"]
    assert isinstance(zone, str) and isinstance(start, time)  # noqa: S101, PT018
    return Days(clock.local_zone(zone), start)


def parse(text: str, where: Days, *, past: bool = False) -> datetime:
    """Read an instant; with `past` a bare clock time is the latest one. Raises ValueError with the accepted forms."""
    return parse_instant(text, now=clock.now(), zone=where.zone, day_start=where.start, past=past)
