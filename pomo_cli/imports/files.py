"""The files of an import, read piece by piece."""

import os
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from itertools import islice
from typing import BinaryIO, Final, NamedTuple

from pomo_cli.imports.lines import Ending
from pomo_cli.imports.rows import Bad, Context, Found, Reader
from pomo_daemon.protocol.errors import PomoError

#: Rows in a piece.
_ROWS: Final = 500


class Piece(NamedTuple):
    """Some rows of a file; `at` of its `size` bytes are read, of a pipe nobody knows either: 0."""

    name: str
    rows: Sequence[Found]
    at: int
    size: int


def pieces(file: str, read: Reader, context: Context) -> Iterator[Piece]:
    """Read a file, stdin (`-`), or the data files of a folder. Raises PomoError for what cannot be read."""
    for name in _data_files(file) if os.path.isdir(file) else [file]:
        try:
            # Whoever wants no more leaves the reader within the file: it is closed first.
            with _opened(name) as stream, closing(_with_its_end(read(stream, context))) as found:
                size = os.fstat(stream.fileno()).st_size
                while rows := list(islice(found, _ROWS)):
                    yield Piece(name, rows, min(stream.tell(), size) if size else 0, size)
        except OSError as error:
            hint = "Name a file that can be read."
            raise PomoError("validation", f"{name} cannot be read: {error.strerror}.", hint) from error


def _with_its_end(rows: Iterator[Found]) -> Generator[Found, None, None]:
    """Give the rows, and a bad line where nothing behind it can be read."""
    try:
        yield from rows
    except Ending as error:
        yield Bad(error.line, str(error))


def _opened(name: str) -> BinaryIO:
    return open(0, "rb", closefd=False) if name == "-" else open(name, "rb")


def _data_files(folder: str) -> list[str]:
    """Answer Timewarrior's data files, oldest first: `2026-11.data`."""
    try:
        names = sorted(os.listdir(folder))
    except OSError as error:
        raise PomoError("validation", f"{folder} cannot be read: {error.strerror}.", "Name another.") from error
    found = [f"{folder}/{it}" for it in names if it.endswith(".data") and it[:4].isdigit()]
    if not found:
        raise PomoError("validation", f"{folder} has no data files of Timewarrior.", "Name a file, or another folder.")
    return found
