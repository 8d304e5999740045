"""`--check STATE`: is the timer in that state? Nothing to print, the exit code answers."""

from collections.abc import Callable
from typing import Final

from pomo_daemon.application.views import StatusView
from pomo_daemon.protocol.errors import PomoError

STATES: Final[dict[str, Callable[[StatusView], bool]]] = {
    "running": lambda status: status.status == "running",
    "paused": lambda status: status.status == "paused",
    "focus": lambda status: status.status is not None and status.phase == "focus",
    "break": lambda status: status.status is not None and status.phase != "focus",
    "idle": lambda status: status.status is None,
}


def holds(status: StatusView, state: str) -> bool:
    """Tell whether the timer is in `state`. Raises PomoError for one that does not exist."""
    test = STATES.get(state)
    if test is None:
        raise PomoError("validation", f"check: there is no state {state!r}.", f"States: {', '.join(STATES)}.")
    return test(status)
