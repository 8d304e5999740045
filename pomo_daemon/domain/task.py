"""A task: what one works on."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pomo_daemon.domain.errors import Invalid

MAX_NAME: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One task of a user. `pomodoro_count` is the estimate."""

    task_id: int
    name: str
    created_at: datetime
    updated_at: datetime
    description: str = ""
    pomodoro_count: int = 0
    category_id: int | None = None
    due: datetime | None = None
    completed_at: datetime | None = None
    deleted_at: datetime | None = None


def check_name(name: str) -> str:
    """Answer a task's name without the white space around it. Raises Invalid with the limit it breaks."""
    name = name.strip()
    if not name:
        raise Invalid("name: must not be empty.")
    if len(name) > MAX_NAME:
        raise Invalid(f"name: has {len(name)} characters, at most {MAX_NAME} are allowed.")
    for character in name:
        if not character.isprintable() and character not in "\u200d\u200c":
            raise Invalid(f"name: the control character U+{ord(character):04X} is not allowed.")
    return name
