"""`-f '{phase} {remaining}'`: fields in braces, `{{` and `}}` for braces themselves; no format specifiers."""

import re
from collections.abc import Callable
from typing import Final

from pomo_daemon.application.views import Clocks, StatusView
from pomo_daemon.protocol.errors import PomoError
from pomo_daemon.protocol.text import clean, clock
from pomo_daemon.server.outputs import look

_BAR: Final = 10
_PIECE: Final = re.compile(r"\{\{|\}\}|\{([a-z_]*)\}|[{}]")
#: Fields that change by themselves while time runs.
_CLOCKS: Final = frozenset({"clock", "remaining", "elapsed", "percent", "bar"})
#: And while a phase is due.
_OVERTIME: Final = frozenset({"clock", "overtime"})


def _bar(status: StatusView) -> str:
    filled = (status.percent or 0) * _BAR // 100
    return "█" * filled + "░" * (_BAR - filled)


def _clock(seconds: int | None) -> str:
    return "" if seconds is None else clock(seconds)


FIELDS: Final[dict[str, Callable[[StatusView], str]]] = {
    "icon": look.icon,
    "clock": look.clock,
    "state": lambda status: status.state,
    "phase": lambda status: (status.phase or "").replace("_", " "),
    "status": lambda status: status.status or "",
    "remaining": lambda status: _clock(status.remaining_s),
    "elapsed": lambda status: _clock(status.elapsed_s),
    "planned": lambda status: _clock(status.planned_s),
    "percent": lambda status: "" if status.percent is None else str(status.percent),
    "bar": _bar,
    "interval_id": lambda status: "" if status.interval_id is None else str(status.interval_id),
    "task": lambda status: clean(status.task or ""),
    "task_id": lambda status: "" if status.task_id is None else str(status.task_id),
    "cycle": lambda status: str(status.cycle),
    "cycle_length": lambda status: str(status.cycle_length),
    "today": lambda status: str(status.today),
    "goal": lambda status: str(status.goal) if status.goal else "",
    "overtime": lambda status: _clock(status.overtime_s),
    "profile": lambda status: clean(status.profile),
    "offline": lambda status: "offline" if status.offline else "",
}


def render(status: StatusView, template: str) -> str:
    """Fill a template in. Raises PomoError for a field that does not exist and for a lone brace."""

    def fill(found: re.Match[str]) -> str:
        piece = found[0]
        if piece in ("{{", "}}"):
            return piece[0]
        if piece in ("{", "}"):
            raise PomoError("validation", "format: a single brace.", "Write {{ or }} for a brace itself.")
        field = FIELDS.get(found[1])
        if field is None:
            raise PomoError(
                "validation", f"format: there is no field {{{found[1]}}}.", f"Fields: {', '.join(sorted(FIELDS))}."
            )
        return field(status)

    return clean(_PIECE.sub(fill, template))


def clocks(template: str) -> Clocks:
    """Tell what a template shows that time changes by itself."""
    found = {it[1] for it in _PIECE.finditer(template)}
    return Clocks(running=not found.isdisjoint(_CLOCKS), due=not found.isdisjoint(_OVERTIME))
