"""Column types that mean the same on SQLite and PostgreSQL.

Instants and spans are whole microseconds in a 64-bit integer: SQLite would drop a zone, drivers convert zones by
settings of their own, and integers sort, compare and subtract alike everywhere.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import BigInteger, Dialect, Integer
from sqlalchemy.types import TypeDecorator

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TICK: Final = timedelta(microseconds=1)

#: The type of numbers that name rows. SQLite numbers rows by itself only for a column of type INTEGER.
Id: Final = BigInteger().with_variant(Integer(), "sqlite")


def to_microseconds(instant: datetime) -> int:
    """Answer an aware datetime as it is stored."""
    return (instant - _EPOCH) // _TICK


def from_microseconds(stored: int) -> datetime:
    """Answer what was stored, in UTC."""
    return _EPOCH + timedelta(0, 0, stored)


class Instant(TypeDecorator[datetime]):
    """An aware datetime as microseconds since 1970 in UTC. Raises TypeError for a naive one."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:  # noqa: ANN401, ARG002
        """Turn an aware datetime into microseconds."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError("a naive datetime names no instant")
        return to_microseconds(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ANN401, ARG002
        """Turn microseconds into a datetime in UTC."""
        return None if value is None else from_microseconds(value)


class Span(TypeDecorator[timedelta]):
    """A length of time as microseconds."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: timedelta | None, dialect: Dialect) -> Any:  # noqa: ANN401, ARG002
        """Turn a timedelta into microseconds."""
        return None if value is None else value // _TICK

    def process_result_value(self, value: Any, dialect: Dialect) -> timedelta | None:  # noqa: ANN401, ARG002
        """Turn microseconds into a timedelta."""
        return None if value is None else timedelta(microseconds=value)
