"""`focus 12:34 Write report (2/4)`: one line for people, prompts and bars without markup.

Interruptions of the interval stand last, where there are any: `focus 12:34 Write report (2/4) 2!`. While the shared
database is away, `offline` stands behind all.
"""

from pomo_daemon.application.views import StatusView
from pomo_daemon.protocol.text import clean
from pomo_daemon.server.outputs.look import clock


def render(status: StatusView) -> str:
    """Render a status."""
    if status.phase is None:
        return "idle offline" if status.offline else "idle"
    words = [status.phase.replace("_", " ")]
    if status.state == "due":
        words.append("due")
    words.append(clock(status))
    if status.status == "paused":
        words.append("paused")
    if status.task:
        words.append(clean(status.task))
    words.append(f"({status.cycle}/{status.cycle_length})")
    if status.interruptions:
        words.append(f"{status.interruptions}!")
    if status.offline:
        words.append("offline")
    return " ".join(words)
