"""The line that shells read for their prompts (`pomo shell-init`): `KIND AT UNTIL ICON WORDS`.

A shell makes the clock by itself: KIND `down` counts to the moment AT and beyond it, `up` counts from it, `held` shows
AT, a number of seconds, as it is. Moments are whole seconds since 1970. After UNTIL a shell shows nothing: by then a
daemon that lives has told something else, or nobody is there.
"""

from datetime import datetime, timedelta
from typing import Final

from pomo_daemon.application.views import StatusView
from pomo_daemon.server.outputs.look import icon, topic

_EVER: Final = 253402300799  # the end of the year 9999


def render(status: StatusView, now: datetime, overtime: timedelta) -> str:
    """Render a status as of the moment `now`; `overtime` is how long a phase that is over is worth showing."""
    if status.phase is None:
        return ""
    second, most = int(now.timestamp()), int(overtime.total_seconds())
    if status.state == "due":
        at = second - (status.overtime_s or 0)
        kind, until = "down", at + most
    elif status.status == "paused":
        at = status.elapsed_s or 0 if status.remaining_s is None else status.remaining_s
        kind, until = "held", _EVER
    elif status.remaining_s is None:
        kind, at, until = "up", second - (status.elapsed_s or 0), _EVER
    else:
        at = second + status.remaining_s
        kind, until = "down", at + most
    return f"{kind} {at} {until} {icon(status)} {topic(status)}\n"
