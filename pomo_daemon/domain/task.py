"""Tasks and categories: what one works on, and the limits of their fields."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pomo_daemon.domain.errors import Invalid

MAX_NAME: Final = 200
MAX_TEXT: Final = 2000
MAX_COUNT: Final = 10_000

# What breaks lines, or reorders what stands around it (bidirectional controls, UAX #9): protocol/text.py cleans these.
_OBEYED: Final = frozenset("\u061c\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One task of a user. `pomodoro_count` is the estimate; `task_id` 0 is not stored yet."""

    task_id: int = 0
    name: str
    created_at: datetime
    updated_at: datetime
    description: str = ""
    pomodoro_count: int = 0
    category_id: int | None = None
    due: datetime | None = None
    completed_at: datetime | None = None
    deleted_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """One category of a user; its name is unique among them, whatever the case. `category_id` 0 is not stored yet."""

    category_id: int = 0
    name: str
    created_at: datetime
    updated_at: datetime


def check_name(name: str) -> str:
    """Answer a name without the white space around it. Raises Invalid with the limit it breaks."""
    name = name.strip()
    if not name:
        raise Invalid("name: must not be empty.")
    if len(name) > MAX_NAME:
        raise Invalid(f"name: has {len(name)} characters, at most {MAX_NAME} are allowed.")
    return printable("name", name)


def check_text(field: str, text: str) -> str:
    """Answer a description or a note; line breaks are allowed. Raises Invalid with the limit it breaks."""
    text = text.strip()
    if len(text) > MAX_TEXT:
        raise Invalid(f"{field}: has {len(text)} characters, at most {MAX_TEXT} are allowed.")
    printable(field, text.replace("\n", ""))
    return text


def check_count(count: int) -> int:
    """Answer an estimate. Raises Invalid with the limit it breaks."""
    if not 0 <= count <= MAX_COUNT:
        raise Invalid(f"estimate: is {count}, from 0 to {MAX_COUNT} are allowed.")
    return count


def printable(field: str, text: str) -> str:
    """Answer a text that a terminal can show as it is. Raises Invalid with the character that it would obey."""
    if text.isprintable():
        return text
    for character in text:
        # By number, since Python does not know the youngest emoji, and takes some spaces for unprintable.
        control = character < " " or "\x7f" <= character < "\xa0" or "\ud800" <= character <= "\udfff"
        if control or character in _OBEYED:
            raise Invalid(f"{field}: the control character U+{ord(character):04X} is not allowed.")
    return text
