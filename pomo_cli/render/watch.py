"""What `pomo watch` draws: lines of a screen, out of a status. Pure: the size is given, the time is in the status."""

from collections.abc import Mapping
from typing import Any, Final

from pomo_cli.render.glyphs import can_draw, cells, cut
from pomo_daemon.protocol.text import clean, clock

MARGIN: Final = 2
_WIDEST: Final = 72
#: Columns in which large digits, and any bar, have room.
_NARROW: Final = 30
#: Rows from which on there is room for large digits.
_ROOMY: Final = 14
_DIGITS: Final = {
    "0": ("█▀█", "█ █", "▀▀▀"),
    "1": ("▀█ ", " █ ", "▀▀▀"),
    "2": ("▀▀█", "█▀▀", "▀▀▀"),
    "3": ("▀▀█", " ▀█", "▀▀▀"),
    "4": ("█ █", "▀▀█", "  ▀"),
    "5": ("█▀▀", "▀▀█", "▀▀▀"),
    "6": ("█▀▀", "█▀█", "▀▀▀"),
    "7": ("▀▀█", "  █", "  ▀"),
    "8": ("█▀█", "█▀█", "▀▀▀"),
    "9": ("█▀█", "▀▀█", "▀▀▀"),
    ":": (" ", "▀", "▀"),
    "+": ("   ", "▀█▀", "   "),
}
_ASCII: Final = str.maketrans("█░●○·…", "#-*o..")
_COLORS: Final = {"focus": "31", "break": "32", "long-break": "32", "due": "33"}
KEYS: Final = (
    ("space", "pause, go on"),
    ("s", "start, stop"),
    ("f", "finish: it counts"),
    ("b", "break"),
    ("i", "interruption"),
    ("e", "5 more minutes"),
    ("+ -", "a minute more, less"),
    ("u", "undo"),
    ("?", "these words"),
    ("q", "quit"),
)


def lines(
    status: Mapping[str, Any] | None,
    size: tuple[int, int],
    message: str = "",
    *,
    keys: bool = False,
    color: bool = True,
) -> list[str]:
    """Draw a status, None where there is no daemon, onto a screen of columns and rows."""
    columns, rows = size
    margin = MARGIN if columns > _WIDEST // 2 else 0
    width = min(columns - 2 * margin, _WIDEST)
    roomy = columns > _NARROW
    found = ["", *_timer(status, width, large=roomy and rows >= _ROOMY and can_draw(), color=roomy and color), ""]
    if keys:
        found += [f"{name:<7}{meaning}" for name, meaning in KEYS]
    else:
        found += [message, "", _hint(width)]
    drawn = [_fit(line, width) for line in found]
    if not can_draw():
        drawn = [line.translate(_ASCII) for line in drawn]
    return [" " * margin + line if line else "" for line in drawn][:rows]


def _timer(status: Mapping[str, Any] | None, width: int, *, large: bool, color: bool) -> list[str]:
    if status is None:
        return ["The daemon is not running.", "", "Whatever was confirmed goes on; any command starts it."]
    state = str(status["state"])
    paint = f"\x1b[{_COLORS.get(state, '2')}m" if color else ""
    found = [_head(status)]
    if status["phase"] is not None:
        found += ["", *(_painted(it, paint) for it in _clock(status, large=large))]
        if status["percent"] is not None:
            filled = _painted(_bar(int(status["percent"]), width - len(" 100 %")), paint)
            found += ["", f"{filled} {status['percent']:>3} %"]
    return [*found, "", _counts(status)]


def _head(status: Mapping[str, Any]) -> str:
    if status["phase"] is None:
        return "idle"
    words = [str(status["phase"]).replace("_", " ").capitalize()]
    if status["state"] == "due":
        words.append("due")
    if status["status"] == "paused":
        words.append("paused")
    return " ".join(words) + (f" · {clean(status['task'])}" if status["task"] else "")


def _clock(status: Mapping[str, Any], *, large: bool) -> list[str]:
    seconds = status["remaining_s"] if status["remaining_s"] is not None else status["elapsed_s"]
    text = f"+{clock(status['overtime_s'] or 0)}" if status["state"] == "due" else clock(seconds or 0)
    return [" ".join(_DIGITS[it][row] for it in text).rstrip() for row in range(3)] if large else [text]


def _bar(percent: int, width: int) -> str:
    filled = max(percent * width // 100, 0)
    return "█" * filled + "░" * (width - filled)


def _counts(status: Mapping[str, Any]) -> str:
    """Tell the place in the cycle, the day's pomodoros against the goal, and interruptions."""
    cycle = f"{_dots(status['cycle'], status['cycle_length'])} {status['cycle']}/{status['cycle_length']}"
    today, goal = status["today"], status["goal"]
    day = f"today {today}" + (f" of {goal} {_dots(today, goal)}" if goal else "")
    broken = f" · {status['interruptions']} interrupted" if status["interruptions"] else ""
    return f"{cycle} · {day}{broken}"


def _dots(done: int, total: int) -> str:
    return "●" * min(done, total) + "○" * max(total - done, 0)


def _hint(width: int) -> str:
    short = "space pause · s stop · f finish · b break · u undo · ? help · q quit"
    return short if cells(short) <= width else "? help · q quit"


def _painted(text: str, paint: str) -> str:
    return f"{paint}{text}\x1b[0m" if paint and text else text


def _fit(line: str, width: int) -> str:
    """Cut a line that is too wide; painted ones are made to fit where there is any room."""
    if cells(line) <= width or ("\x1b" in line and width >= _NARROW):
        return line
    return f"{cut(line, width)}…"


def message_of(text: str) -> str:
    """Answer what the daemon says as one line, fit for a screen."""
    return clean(" ".join(text.split("\n")))
