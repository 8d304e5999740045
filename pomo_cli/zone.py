"""Days and clock times as the user means them: by the zone and the start of the day of the settings."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final, NamedTuple

from pomo_cli import clock
from pomo_daemon.protocol import paths, settings
from pomo_daemon.protocol.times import parse_instant

_DAY: Final = timedelta(days=1)


class Days(NamedTuple):
    """Where days are counted, and when one begins."""

    zone: tzinfo
    start: time

    def day_of(self, moment: datetime) -> datetime:
        """Answer the midnight that names the day of `moment`: a night before the start counts to the day before."""
        shift = timedelta(hours=self.start.hour, minutes=self.start.minute, seconds=self.start.second)
        day = (moment.astimezone(self.zone).replace(tzinfo=None) - shift).date()
        # Where the clocks changed between the day's start and the moment, the guess is off by one at most.
        if moment < self._start_of(day):
            day -= _DAY
        elif moment >= self._start_of(day + _DAY):
            day += _DAY
        return datetime.combine(day, time(0), self.zone)

    def begin(self, moment: datetime) -> datetime:
        """Answer when the day of `moment` begins."""
        return self._start_of(self.day_of(moment).date()).astimezone(self.zone)

    def end(self, moment: datetime) -> datetime:
        """Answer when the day of `moment` ends, and the next one begins."""
        return self._start_of(self.day_of(moment).date() + _DAY).astimezone(self.zone)

    def next(self, clock: time, moment: datetime) -> datetime:
        """Answer the first instant after `moment` at which the clock shows a time of day."""
        return min(it for it in self._shown(clock, moment, 1) if it > moment)

    def last(self, clock: time, moment: datetime) -> datetime:
        """Answer the last instant before `moment`, or just then, at which the clock shows a time of day."""
        return max(it for it in self._shown(clock, moment, -1) if it <= moment)

    def _shown(self, clock: time, moment: datetime, step: int) -> Iterator[datetime]:
        """Answer when the clock shows a time on the day of `moment` and two on; what it leaves out, behind the gap."""
        day = moment.astimezone(self.zone).date()
        for _ in range(3):
            first, second = (datetime.combine(day, clock.replace(fold=it), self.zone).astimezone(UTC) for it in (0, 1))
            yield from (first, second) if first < second else (first,)
            day += step * _DAY

    def _start_of(self, day: date) -> datetime:
        """Answer when a day begins, in UTC: within one zone Python compares clocks, and not instants."""
        return datetime.combine(day, self.start, self.zone).astimezone(UTC)


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
