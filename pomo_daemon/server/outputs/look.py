"""What bars have in common: an icon, a colour, and the timer in few words."""

from typing import Final

from pomo_daemon.application.views import StatusView
from pomo_daemon.protocol.text import clean
from pomo_daemon.protocol.text import clock as written

_ICONS: Final = {"idle": "○", "due": "◔", "focus": "●", "break": "◌", "long-break": "◌"}
_GREY: Final = "#888888"
_COLORS: Final = {"focus": "#e06c75", "break": "#98c379", "long-break": "#98c379", "due": "#e5c07b"}
#: Pango reads markup as XML does: no character may stand there that XML has not.
_PANGO: Final = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;", "\ufffe": "\ufffd", "\uffff": "\ufffd"}
)


def icon(status: StatusView) -> str:
    """Answer one character for the state."""
    return "‖" if status.status == "paused" else _ICONS[status.state]


def color(status: StatusView) -> str:
    """Answer a colour for the state, as `#rrggbb`."""
    return _COLORS.get(status.state, _GREY)


def clock(status: StatusView) -> str:
    """Answer the clock that the state shows: the time that is left, or went by, or is over; nothing while idle."""
    if status.phase is None:
        return ""
    if status.state == "due":
        return f"+{written(status.overtime_s or 0)}"
    return written(status.elapsed_s or 0 if status.remaining_s is None else status.remaining_s)


def short(status: StatusView) -> str:
    """Answer icon and clock: `● 12:34`."""
    return f"{icon(status)} {clock(status)}".rstrip()


def topic(status: StatusView) -> str:
    """Answer what it is about: the task, or the phase; nothing while idle; and that the database is away."""
    offline = "(offline)" if status.offline else ""
    if status.phase is None:
        return offline
    phase = status.phase.replace("_", " ")
    if status.state == "due":
        return f"{phase} due {offline}".rstrip()
    return f"{clean(status.task) if status.task else phase} {offline}".rstrip()


def pango(text: str) -> str:
    """Escape text for Pango markup."""
    return text.translate(_PANGO)


def joined(status: StatusView) -> str:
    """Answer icon, clock and topic, escaped for Pango."""
    return pango(f"{short(status)} {topic(status)}".rstrip())
