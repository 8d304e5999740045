"""Files as lines, and as JSON that is read a value at a time: none of them is ever in memory as a whole."""

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, Final, NamedTuple

from pomo_cli.imports.rows import Wrong

_BLOCK: Final = 256 * 1024
#: Characters of one value, or one line: more than anything that pomo, or another program, writes.
_LONGEST: Final = 4 * 1024 * 1024
_SPACE: Final = " \t\r\n"


@contextmanager
def opened(stream: BinaryIO, *, newline: str | None = None) -> Iterator[io.TextIOWrapper]:
    """Read a file as text; bytes that are not UTF-8 become lone surrogates, which the fields refuse."""
    reader = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline=newline)
    try:
        yield reader
    finally:
        # Whoever opened the file closes it.
        reader.detach()


def lines(stream: BinaryIO) -> Iterator[tuple[int, str]]:
    """Give the lines that are not empty, with their numbers. Raises Ending for one that does not end."""
    with opened(stream) as reader:
        number = 0
        while line := reader.readline(_LONGEST):
            number += 1
            if len(line) >= _LONGEST:
                raise Ending(number, "the line is too long.")
            if not line.isspace():
                yield number, line.rstrip("\r\n")


class Ending(Wrong):
    """What is wrong with a file, so that nothing behind it can be read."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


class Value(NamedTuple):
    """A value of a JSON file: the name of the array that it stands in, or of itself in the outermost object."""

    line: int
    name: str
    value: Any


class JsonFile:
    """Reads an array of values, or an object with such arrays. Raises Ending where it is no JSON."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._reader: io.TextIOWrapper
        self._decode = json.JSONDecoder().raw_decode
        self._text = ""
        self._at = 0
        self._line = 1
        self._counted = 0
        self._ended = False

    def plain(self) -> Iterator[tuple[int, Any]]:
        """Give them in order, with their lines."""
        return ((it.line, it.value) for it in self.values())

    def values(self) -> Iterator[Value]:
        """Give them in order."""
        with opened(self._stream) as self._reader:
            first = self._peek()
            if first == "[":
                yield from self._array("")
            elif first == "{":
                yield from self._object()
            elif first:
                raise self._wrong("an array or an object must be here.")
            if self._peek():
                raise self._wrong("the file should end here.")

    def _object(self) -> Iterator[Value]:
        self._at += 1
        for name in self._members("}"):
            if self._peek() == "[":
                yield from self._array(name)
            else:
                yield self._value(name)

    def _members(self, end: str) -> Iterator[str]:
        if self._peek() == end:
            self._at += 1
            return
        while True:
            if self._peek() != '"':
                raise self._wrong("a name must be here.")
            name = self._value("").value
            self._expect(":")
            yield name
            if self._expect(",", end) == end:
                return

    def _array(self, name: str) -> Iterator[Value]:
        self._at += 1
        if self._peek() == "]":
            self._at += 1
            return
        while True:
            self._peek()
            yield self._value(name)
            if self._expect(",", "]") == "]":
                return

    def _value(self, name: str) -> Value:
        """Read one value; what is not whole yet is read again with more behind it."""
        while True:
            try:
                value, end = self._decode(self._text, self._at)
            except (ValueError, RecursionError) as error:
                if self._more():
                    continue
                raise self._wrong("is not JSON, or is nested too deeply.") from error
            # A number that ends with what was read may go on behind it.
            if end < len(self._text) or not self._more():
                break
        line = self._here()
        self._at = end
        return Value(line, name, value)

    def _expect(self, *signs: str) -> str:
        found = self._peek()
        if found not in signs or not found:
            raise self._wrong(f"{' or '.join(signs)} must be here.")
        self._at += 1
        return found

    def _peek(self) -> str:
        """Answer the next character that is no white space; none at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in _SPACE:
                self._at += 1
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def _more(self) -> bool:
        """Read more behind what was not used yet; tell whether there was any. Raises Ending for an endless value."""
        if self._ended:
            return False
        self._here()
        self._text, self._at, self._counted = self._text[self._at :], 0, 0
        if len(self._text) > _LONGEST:
            raise self._wrong("is not JSON, or too long.")
        # Twice as much each time: what is tried again costs no more than reading it.
        block = self._reader.read(max(_BLOCK, len(self._text)))
        self._text += block
        self._ended = not block
        return bool(block)

    def _here(self) -> int:
        """Answer the line."""
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line

    def _wrong(self, message: str) -> Ending:
        return Ending(self._here(), message)
