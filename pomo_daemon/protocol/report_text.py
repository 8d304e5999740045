"""A report in words, with bars that are as wide as there is room: as the text line tells it. Pure.

`drawn` says whether more than ASCII can be shown.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from pomo_daemon.protocol import cells
from pomo_daemon.protocol.text import clean, length

Report = Mapping[str, Any]
Row = Mapping[str, Any]

_EIGHTHS: Final = " ▏▎▍▌▋▊▉"
_BAR: Final = (8, 40)


def title(report: Report, *, drawn: bool = True) -> str:
    """Say which days: `Week Mon 2026-11-23 - Sun 2026-11-29`."""
    first, last = date.fromisoformat(report["from"]), date.fromisoformat(report["to"])
    return f"{first:%a %Y-%m-%d}" + ("" if first == last else f" {_dash(drawn=drawn)} {last:%a %Y-%m-%d}")


def lines(report: Report, columns: int, *, drawn: bool) -> list[str]:
    """Write the rows and what they add up to."""
    rows = report["rows"]
    names = [clean(str(row["label"])) or f"(no {report['by']})" for row in rows]
    names = [_cut(it, max(columns // 2, 8), drawn=drawn) for it in names]
    facts = [_facts(row, report) for row in rows]
    first = cells.widest(names)
    widths = [max((len(it[place]) for it in facts), default=0) for place in range(2)]
    tail = max((len(it[2]) for it in facts), default=0)
    room = min(max(columns - first - sum(widths) - tail - 10, _BAR[0]), _BAR[1])
    longest = max((row["focus_s"] for row in rows), default=0)
    found = [title(report, drawn=drawn)]
    for name, row, (focus, done, more) in zip(cells.column(names, first), rows, facts, strict=True):
        drawn_bar = bar(row["focus_s"], longest, room, drawn=drawn)
        parts = (name, cells.pad(drawn_bar, room), focus.rjust(widths[0]), done.rjust(widths[1]), more)
        found.append("  ".join(parts).rstrip())
    if not rows:
        found.append("Nothing is recorded for that time.")
    return [*found, "", *summary(report, drawn=drawn)]


def _cut(name: str, room: int, *, drawn: bool) -> str:
    """Shorten a name to so many columns, and show that it was."""
    if cells.cells(name) <= room:
        return name
    return cells.cut(name, room) + ("…" if drawn else "~")


def _facts(row: Row, report: Report) -> tuple[str, str, str]:
    """Answer the time, the pomodoros, and whatever else there is to tell of a row."""
    more = []
    if row["stopped"]:
        more.append(f"{row['stopped']} stopped")
    if broken := row["internal"] + row["external"]:
        more.append(f"{broken}!")
    if report["by"] == "day" and report["goal"] and row["pomodoros"] >= report["goal"]:
        more.append("goal")
    spent = length(row["focus_s"]) if row["focus_s"] else ""
    return spent, str(row["pomodoros"] or ""), ", ".join(more)


def bar(value: float, longest: float, room: int, *, drawn: bool) -> str:
    """Draw a bar; what is not nothing shows, however short."""
    if not value or not longest:
        return ""
    if not drawn:
        return "#" * max(round(room * value / longest), 1)
    eighths = max(round(room * 8 * value / longest), 1)
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()


def summary(report: Report, *, drawn: bool = True) -> list[str]:
    """Say what it comes to, how that stands to the goal, and to the time before."""
    total = report["total"]
    found = [f"Total: {said(total)}."]
    if report["goal"]:
        passed = _passed(report)
        found.append(f"Goal: {report['goal']} a day, reached on {report['reached']} of {passed} day{plural(passed)}.")
    before = report["previous"]
    first, last = date.fromisoformat(before["from"]), date.fromisoformat(before["to"])
    when = f"{first:%Y-%m-%d}" + ("" if first == last else f" {_dash(drawn=drawn)} {last:%Y-%m-%d}")
    return [*found, f"Before ({when}): {said(before['total'])}{_change(total, before['total'])}."]


def said(total: Mapping[str, int]) -> str:
    """Say a total in words; what is nothing is left out."""
    words = [f"{total['pomodoros']} pomodoro{plural(total['pomodoros'])}", f"{length(total['focus_s'])} focus"]
    if total["breaks"]:
        words.append(f"{total['breaks']} break{plural(total['breaks'])} of {length(total['break_s'])}")
    if total["stopped"]:
        words.append(f"{total['stopped']} stopped")
    kinds = [f"{total[it]} {it}" for it in ("internal", "external") if total[it]]
    if kinds:
        words.append(f"{' and '.join(kinds)} interruption{plural(total['internal'] + total['external'])}")
    return ", ".join(words)


def _change(now: Mapping[str, int], before: Mapping[str, int]) -> str:
    if not before["focus_s"]:
        return ""
    percent = round(100 * (now["focus_s"] / before["focus_s"] - 1))
    return f"; now {abs(percent)}% {'more' if percent > 0 else 'less'}" if percent else "; now the same"


def _passed(report: Report) -> int:
    """Answer how many of the days have begun."""
    first = date.fromisoformat(report["from"])
    last = min(date.fromisoformat(report["to"]), date.fromisoformat(report["today"]))
    return max((last - first).days + 1, 0)


def plural(count: int) -> str:
    """Answer what a word ends in that counts so many."""
    return "" if count == 1 else "s"


def _dash(*, drawn: bool) -> str:
    return "\N{EN DASH}" if drawn else "-"
