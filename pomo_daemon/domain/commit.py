"""Commits: what was written into a repository during an interval."""

from dataclasses import dataclass
from datetime import datetime

from pomo_daemon.domain.errors import Invalid

SUBJECT_LENGTH = 200
_SHORTEST = 7
_LONGEST = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """A commit by its full name, the first line of its message, and the folder of its repository."""

    interval_id: int
    sha: str
    subject: str
    repository: str
    at: datetime


def check_sha(sha: str) -> str:
    """Answer the name of a commit as git writes it. Raises Invalid."""
    if not _SHORTEST <= len(sha) <= _LONGEST or set(sha) - set("0123456789abcdef"):
        raise Invalid(f"sha: {sha[:80]!r} names no commit.")
    return sha
