"""Bugs of pomo that the campaigns found, each with the test that keeps it from coming back."""

from typing import Final, NamedTuple


class Bug(NamedTuple):
    """What was wrong, and the test of it: its file below tests/ and its name."""

    words: str
    test: str


FOUND: Final[tuple[Bug, ...]] = ()
