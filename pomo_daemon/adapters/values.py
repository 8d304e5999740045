"""Many rows in one statement: for each statement the driver lets go of the interpreter, and takes it again, once."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, Final

#: Values that every SQLite takes in one statement, and rows of which nobody has to wait for long.
_VALUES: Final = 32_766
_ROWS: Final = 1000

Rows = Sequence[Sequence[Any]]


def insertions(into: str, rows: Rows) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Give statements that insert rows into a table, and the values of each."""
    if not rows:
        return
    row = f"({', '.join('?' * len(rows[0]))})"
    most = min(_ROWS, _VALUES // len(rows[0]))
    for first in range(0, len(rows), most):
        some = rows[first : first + most]
        yield f"INSERT INTO {into} VALUES {', '.join([row] * len(some))}", tuple(chain.from_iterable(some))  # noqa: S608
