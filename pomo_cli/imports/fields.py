"""Fields of things in a file: each is what it should be, or Wrong is raised with its name."""

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any, Final

from pomo_cli.imports.rows import Wrong

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND: Final = 1_000_000
_DAY_S: Final = 86_400
#: Further away nothing is recorded, and a date would not be one.
_FAR_S: Final = 200 * 365 * _DAY_S
_MANY: Final = 10**12
#: Characters that the daemon takes, of a name and of a longer text; a word is one of few.
NAME: Final = 200
TEXT: Final = 2000
WORD: Final = 64


def text(thing: Mapping[str, Any], name: str, default: str = "", most: int = TEXT) -> str:
    """Answer a text; one that is missing, or null, is the default."""
    value = thing.get(name)
    if value is None:
        return default
    if not isinstance(value, str):
        raise Wrong(f"{name}: is not text.")
    # As nearly all are: there may be a million.
    return value if value.isascii() and len(value) <= most else short(name, unicode(name, value), most)


def short(name: str, value: str, most: int) -> str:
    """Answer a text that is not too long."""
    if len(value) > most:
        raise Wrong(f"{name}: has {len(value)} characters, at most {most} are allowed.")
    return value


def named(name: str, value: str) -> str:
    """Answer a name, in one line."""
    return value and short(name, one_line(value), NAME)


def unicode(name: str, value: str) -> str:
    """Answer a text that is one: bytes that are not UTF-8 come as lone surrogates."""
    if not value.isascii() and any("\ud800" <= it <= "\udfff" for it in value):
        raise Wrong(f"{name}: is not UTF-8.")
    return value


def number(thing: Mapping[str, Any], name: str, default: int | None = None) -> int | None:
    """Answer a whole number; one that is missing, or null, is the default."""
    value = thing.get(name)
    if value is None:
        return default
    if isinstance(value, float) and value == value // 1 and abs(value) < _MANY:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > _MANY:
        raise Wrong(f"{name}: is not a whole number.")
    return value


def instant(thing: Mapping[str, Any], name: str, zone: tzinfo | None = None) -> int | None:
    """Answer an instant as microseconds since 1970; one that is missing, or null, is None."""
    value = thing.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise Wrong(f"{name}: is not a date and time.")
    return micros(name, value, zone)


def micros(name: str, value: str, zone: tzinfo | None = None) -> int:
    """Read an instant in ISO 8601; without an offset it is meant in `zone`, if there is one."""
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        raise Wrong(f"{name}: {value[:40]!r} is not a date and time.") from None
    if found.tzinfo is None:
        if zone is None:
            raise Wrong(f"{name}: {value[:40]!r} has no offset, such as Z or +01:00.")
        found = found.replace(tzinfo=zone)
    span = found - _EPOCH
    return (span.days * _DAY_S + span.seconds) * _SECOND + span.microseconds


def needed(name: str, value: int | None) -> int:
    """Answer a value that must be there."""
    if value is None:
        raise Wrong(f"{name}: is missing.")
    return value


def seconds(name: str, value: object) -> int:
    """Read seconds since 1970 as microseconds."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < _FAR_S:
        raise Wrong(f"{name}: is not a number of seconds since 1970.")
    return int(value) * _SECOND


def one_line(value: str) -> str:
    """Answer a name without line breaks and tabs."""
    return value if value.isprintable() and "  " not in value else " ".join(value.split())
