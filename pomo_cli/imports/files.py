"""The files of an import, read piece by piece, and ahead of what becomes of them."""

import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from queue import Queue
from typing import BinaryIO, Final, NamedTuple, TypeVar

from pomo_cli.imports.lines import Ending
from pomo_cli.imports.rows import Bad, Context, Found, Reader
from pomo_daemon.protocol.errors import PomoError

_T = TypeVar("_T")

#: Rows in a piece, and pieces that are read ahead.
_ROWS: Final = 500
_AHEAD: Final = 4


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
            with _opened(name) as stream:
                size = os.fstat(stream.fileno()).st_size
                found = _with_its_end(read(stream, context))
                while rows := list(islice(found, _ROWS)):
                    yield Piece(name, rows, min(stream.tell(), size) if size else 0, size)
        except OSError as error:
            hint = "Name a file that can be read."
            raise PomoError("validation", f"{name} cannot be read: {error.strerror}.", hint) from error


def _with_its_end(rows: Iterator[Found]) -> Iterator[Found]:
    """Give the rows, and a bad line where nothing behind it can be read."""
    try:
        yield from rows
    except Ending as error:
        yield Bad(error.line, str(error))


def ahead(things: Iterable[_T]) -> Iterator[_T]:
    """Give things while the next ones are made: the daemon works meanwhile. Raises what making them raises."""
    made: Queue[_T | BaseException | None] = Queue(_AHEAD)
    unwanted = threading.Event()

    def make() -> None:
        try:
            for it in things:
                made.put(it)
                if unwanted.is_set():
                    return
        except BaseException as error:  # noqa: BLE001  # it is raised where the things are wanted
            made.put(error)
        made.put(None)

    threading.Thread(target=make, daemon=True).start()
    try:
        while (it := made.get()) is not None:
            if isinstance(it, BaseException):
                raise it
            yield it
    finally:
        # Whatever waits for room finds some, and sees that no more is wanted.
        unwanted.set()
        while not made.empty():
            made.get_nowait()


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
