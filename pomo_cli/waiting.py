"""To wait for the timer: until the interval has ended, or until it is in a state. Nothing is asked meanwhile."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

from pomo_cli import clock, output
from pomo_cli.commands.shared import Invocation
from pomo_cli.stream import StatusStream
from pomo_daemon.protocol.errors import PomoError
from pomo_daemon.protocol.text import clean

#: Intervals that may just have ended began within this time, by far.
_LATELY: Final = timedelta(days=7)
#: Without a clock, the daemon tells of changes alone.
_SILENT: Final = "{interval_id} {state} "
_SHOWN: Final = _SILENT + "{icon} {clock} {bar} {task}"

Reached = Callable[[str, str], bool]
#: By the number of the interval, empty without one, and the state.
STATES: Final[dict[str, Reached]] = {
    "idle": lambda number, _state: not number,
    "focus": lambda _number, state: state.startswith("focus"),
    "break": lambda _number, state: "break" in state,
}


def for_state(call: Invocation, state: str, seconds: float | None) -> None:
    """Wait for a state. Raises PomoError, `wait.timeout` after so many seconds."""
    _wait(call, STATES[state], seconds)


def for_end(call: Invocation, seconds: float | None, interval_id: int | None = None) -> Mapping[str, Any] | None:
    """Wait until an interval has ended, that of now if none is named, and answer it; None where nothing runs.

    Raises PomoError: `wait.timeout`, or `wait.stopped` for one that did not come to its end.
    """
    awaited = "" if interval_id is None else str(interval_id)

    def reached(number: str, _state: str) -> bool:
        nonlocal awaited
        awaited = awaited or number
        return number != awaited or not awaited

    _wait(call, reached, seconds)
    if not awaited:
        return None
    with call.client() as client:
        listed = client.call("history.list", {"from": (clock.now() - _LATELY).isoformat()})["intervals"]
    for found in listed:
        if str(found["interval_id"]) == awaited and found["status"] in ("completed", "skipped"):
            return dict(found)
    raise PomoError("wait.stopped")


def _wait(call: Invocation, reached: Reached, seconds: float | None) -> None:
    """Wait; on a terminal with the timer in a line that is gone in the end."""
    shown = output.is_fancy(color=True) and not (call.quiet or call.json)
    give_up = None if seconds is None else clock.monotonic() + seconds
    with StatusStream(call, "template", _SHOWN if shown else _SILENT) as stream:
        try:
            while True:
                left = None if give_up is None else give_up - clock.monotonic()
                if left is not None and left <= 0:
                    raise PomoError("wait.timeout")
                for text in stream.wait(left):
                    number, state, line = text.split(" ", 2)
                    if reached(number, state):
                        return
                    if shown:
                        output.copy(f"\r\x1b[K{_fit(line)}".encode(), output.STDOUT)
        finally:
            if shown:
                output.copy(b"\r\x1b[K", output.STDOUT)


def _fit(line: str) -> str:
    """Cut a line to the width of the terminal: one that wraps could not be written over."""
    from pomo_cli.render.glyphs import cut

    return cut(clean(line).rstrip(), output.columns())
