"""The Cron port on APScheduler's trigger, with what cron(8) does and the trigger does not.

The trigger counts weekdays from Monday, wants a day of the month and a weekday to be right at once, and loses its way
where the clocks change. So weekdays come as names, either day will do where both are given, and the trigger is asked
on a clock that never changes. What that clock shows becomes an instant here: a time that is left out in spring comes
when the clock has moved on, one that comes twice in autumn counts once, but whoever asks for every hour gets each.
"""

import logging
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pomo_daemon.domain.errors import Invalid

if TYPE_CHECKING:
    from apscheduler.triggers.cron import CronTrigger

log = logging.getLogger(__name__)

_HINT: Final = "Such as '0 9 * * mon-fri': minute, hour, day, month, weekday. '@daily' and the like will do, too."
_NAMES: Final = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_FIELDS: Final = ("minute", "hour", "day", "month", "weekday")
_MONTHS: Final = ("", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS: Final = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_ITEM: Final = re.compile(r"(\*|(\d{1,2})(?:-(\d{1,2}))?)(?:/(\d{1,2}))?", re.ASCII)
#: The longest that a day of cron lets wait: from one leap day over 2100 to the next.
_LONGEST: Final = timedelta(days=9 * 366)
#: More than any clock is put forward or back, but where a day was left out.
_CHANGE: Final = timedelta(hours=3)
_TICK: Final = timedelta(microseconds=1)


class CronTab:
    """Reads expressions and answers when they are due."""

    def check(self, expression: str, zone: str, now: datetime) -> str:
        """Answer an expression in plain form. Raises Invalid for one that is none, or that is never due."""
        words = expression.lower().split()
        plain = _NAMES.get(words[0], "") if len(words) == 1 else " ".join(words)
        if len(plain.split()) != len(_FIELDS):
            shown = expression.strip()[:100]
            raise Invalid(f"cron: {shown!r} has not the five fields of cron.", _HINT)
        if self.after(plain, zone, now) is None:
            raise Invalid(f"cron: {plain!r} is never due.", _HINT)
        return plain

    def after(self, expression: str, zone: str, after: datetime) -> datetime | None:
        """Answer the first instant after another, if there ever is one. Raises Invalid."""
        place = _place(zone)
        hours = expression.split()[1]
        local = after.astimezone(place).replace(tzinfo=None)
        changes = (after - _CHANGE).astimezone(place).utcoffset() != (after + _CHANGE).astimezone(place).utcoffset()
        margin = _CHANGE if changes else timedelta(0)
        best: datetime | None = None
        for shown in _shown(expression, local - margin):
            found = [it for it in _instants(shown, place, each=hours.startswith("*")) if it > after]
            best = min([*found, *([best] if best else [])], default=None)
            if best is not None and shown >= local + margin:
                break
        return best


def _place(zone: str) -> tzinfo:
    """Answer a zone; UTC where this machine does not know it, which another did on the same database."""
    try:
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        log.warning("the zone %s is not known here, so what is scheduled in it goes by UTC", zone)
        return UTC


def _instants(shown: datetime, place: tzinfo, *, each: bool) -> tuple[datetime, ...]:
    """Answer when a clock shows a time: not at all, once or twice a year. `each` wants to have it as it is."""
    first, second = (shown.replace(tzinfo=place, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first.astimezone(place).replace(tzinfo=None) != shown:
        return () if each else (first,)
    return (first, second) if each and first != second else (first,)


def _shown(expression: str, after: datetime) -> Iterator[datetime]:
    """Answer the times after another, in order, on a clock that never changes."""
    end = after + _LONGEST
    triggers = _triggers(expression, end.replace(tzinfo=UTC))
    while True:
        found = [it.get_next_fire_time(None, (after + _TICK).replace(tzinfo=UTC)) for it in triggers]
        times = [it.replace(tzinfo=None) for it in found if it is not None]
        if not times:
            return
        after = min(times)
        yield after


def _triggers(expression: str, end: datetime) -> list["CronTrigger"]:
    """Answer triggers of which one at least must fire."""
    # Imported only now: few have schedules.
    from apscheduler.triggers.cron import CronTrigger

    minute, hour, day, month, weekday = expression.split()
    fields = {
        "minute": _field("minute", minute),
        "hour": _field("hour", hour),
        "month": _field("month", month, _MONTHS),
    }
    days = {"day": _field("day", day), "day_of_week": _weekdays(weekday)}
    either = not day.startswith("*") and not weekday.startswith("*")
    wanted: list[dict[str, Any]] = [{name: it} for name, it in days.items()] if either else [days]
    try:
        return [CronTrigger(**fields, **it, timezone=UTC, end_date=end) for it in wanted]
    except ValueError as error:
        raise Invalid(
            f"cron: {expression!r}: {str(error).removeprefix('Error validating expression ')}.", _HINT
        ) from None


def _field(name: str, written: str, names: tuple[str, ...] = ()) -> str:
    """Answer a field with numbers for names. Raises Invalid for what cron would not take."""
    for number, word in enumerate(names):
        if word:
            written = re.sub(rf"\b{word}\b", str(number), written)
    if not all(_ITEM.fullmatch(it) for it in written.split(",")):
        raise Invalid(f"cron: {written[:100]!r} is no {name}.", _HINT)
    return written


def _weekdays(written: str) -> str:
    """Answer the weekdays by name: cron counts from Sunday, which is 0 and 7."""
    found: set[int] = set()
    for it in _field("weekday", written, _WEEKDAYS).split(","):
        match = _ITEM.fullmatch(it)
        assert match is not None  # noqa: S101  # _field saw to that
        every, first, last, step = match.groups()
        begin, end = (0, 6) if every == "*" else (int(first), int(last or (6 if step else first)))
        if not begin <= end <= len(_WEEKDAYS) or step == "0":
            raise Invalid(f"cron: {written[:100]!r} is no weekday.", _HINT)
        found.update(number % 7 for number in range(begin, end + 1, int(step or 1)))
    return ",".join(_WEEKDAYS[it] for it in sorted(found))
