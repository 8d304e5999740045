"""Interruptions: what broke into an interval. They do not stop the clock."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class InterruptionKind(StrEnum):
    """Where it came from: one's own urge, or somebody else."""

    INTERNAL = "internal"
    EXTERNAL = "external"


@dataclass(frozen=True, slots=True, kw_only=True)
class Interruption:
    """One interruption of an interval; `interruption_id` 0 is not stored yet."""

    interruption_id: int = 0
    interval_id: int
    kind: InterruptionKind
    at: datetime
    note: str = ""
