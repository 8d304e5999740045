"""iCalendar (RFC 5545): an event for each focus."""

from collections.abc import Iterator
from typing import Final

from pomo_cli.exports.record import Record, instant
from pomo_daemon.protocol.text import clean, length
from pomo_daemon.protocol.version import VERSION

_OCTETS: Final = 75
_ESCAPES: Final = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": ""})


def to_ics(record: Record) -> Iterator[str]:
    """Write a calendar. An event keeps its UID at each export, whatever was corrected meanwhile."""
    yield "".join(map(fold, ("BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:-//pomo//pomo {VERSION}//EN")))
    for it in record.focus():
        begin, end = (f"{instant(it[name]):%Y%m%dT%H%M%SZ}" for name in ("started_at", "ended_at"))
        lines = [
            "BEGIN:VEVENT",
            f"UID:{record.number('interval', it['interval_id'])}",
            f"DTSTAMP:{end}",
            f"DTSTART:{begin}",
            f"DTEND:{end}",
            f"SUMMARY:{_text(it['task'] or 'Focus')}",
            "TRANSP:TRANSPARENT",
            f"DESCRIPTION:{_text(_description(it['status'], it['elapsed_s'], it['note']))}",
        ]
        if it["category"]:
            lines.append(f"CATEGORIES:{_text(it['category'])}")
        yield "".join(map(fold, (*lines, "END:VEVENT")))
    yield fold("END:VCALENDAR")


def _description(status: str, elapsed_s: int, note: str) -> str:
    return f"{status}, {length(elapsed_s)}" + (f"\n{note}" if note else "")


def _text(value: str) -> str:
    return clean(value.translate(_ESCAPES))


def fold(line: str) -> str:
    """End a line, and break it where it is longer than 75 octets, between characters."""
    found, octets = [], 0
    for character in line:
        size = len(character.encode())
        if octets + size > _OCTETS:
            found.append("\r\n ")
            octets = 1
        found.append(character)
        octets += size
    return "".join(found) + "\r\n"
