"""The record as text: for a pipe aligned columns, for a terminal a table. Pure; only the table needs rich."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from pomo_cli.zone import Days
from pomo_daemon.protocol.text import clean, length

if TYPE_CHECKING:
    from rich.console import RenderableType

Interval = Mapping[str, Any]
RUNNING = ("running", "paused")
SHORT_SHA = 7
#: Why time did not count, in a word.
_REASONS = {"pause": "paused", "suspend": "suspended"}
#: Fewer columns than these are not worth a table.
_NAME_COLUMNS = 16
#: Columns before the task.
_FIXED = 7


class Row(NamedTuple):
    """One interval, ready to show; `style` is for terminals."""

    number: str
    span: str
    phase: str
    status: str
    spent: str
    gaps: str
    interruptions: str
    task: str
    note: str
    style: str


class Day(NamedTuple):
    """The intervals that began on one day."""

    title: str
    rows: list[Row]
    total: str


def by_day(
    intervals: Sequence[Interval], where: Days, now: datetime, *, ids: bool = False, dash: str = "\N{EN DASH}"
) -> list[Day]:
    """Part intervals, oldest first, into days; `ids`: with the numbers by which `log edit` knows them."""

    def day_of(interval: Interval) -> datetime:
        return where.day_of(_instant(interval["started_at"]))

    return [
        Day(f"{day:%a %Y-%m-%d}", [_row(it, where, now, ids=ids, dash=dash) for it in members], total(members))
        for day, group in groupby(intervals, day_of)
        for members in [list(group)]
    ]


class Total:
    """A sum that grows. Of focus all time counts, but only what was completed is a pomodoro."""

    def __init__(self) -> None:
        self._done = 0
        self._spent = 0

    def add(self, intervals: Sequence[Interval]) -> None:
        """Add some."""
        focus = [it for it in intervals if it["phase"] == "focus" and not it.get("conflict")]
        self._done += sum(it["status"] == "completed" for it in focus)
        self._spent += sum(it["elapsed_s"] for it in focus)

    def __str__(self) -> str:
        return f"{self._done} pomodoro{'' if self._done == 1 else 's'}, {length(self._spent)} focus"


def total(intervals: Sequence[Interval]) -> str:
    """Sum up: `3 pomodoros, 1h15m focus`."""
    found = Total()
    found.add(intervals)
    return str(found)


def whole_days(pages: Iterable[Sequence[Interval]], where: Days) -> Iterator[list[Interval]]:
    """Give the intervals of pages again so that no day is parted, however the pages part it."""
    held: list[Interval] = []
    for page in pages:
        if held:
            last = where.day_of(_instant(held[-1]["started_at"]))
            cut = next(at for at, it in enumerate(held) if where.day_of(_instant(it["started_at"])) == last)
            if cut:
                yield held[:cut]
            held = held[cut:]
        held += page
    if held:
        yield held


def _row(interval: Interval, where: Days, now: datetime, *, ids: bool, dash: str) -> Row:
    begin = _instant(interval["started_at"]).astimezone(where.zone)
    end = "now"
    if interval["ended_at"] is not None:
        end = f"{_instant(interval['ended_at']).astimezone(where.zone):%H:%M}"
    status = "conflict" if interval.get("conflict") else str(interval["status"])
    focus = interval["phase"] == "focus"
    style = "bold" if status in RUNNING else "" if focus and status == "completed" else "dim"
    broken = len(interval.get("interruptions", ()))
    name = clean(str(interval["task"] or ""))
    note = clean(str(interval.get("note") or "").replace("\n", " "))
    return Row(
        f"#{interval['interval_id']}" if ids else "",
        f"{begin:%H:%M}{dash}{end}",
        clean(str(interval["phase"])).replace("_", " "),
        clean(status),
        length(interval["elapsed_s"]),
        _gaps(interval["gaps"], now),
        f"{broken}!" if broken else "",
        name,
        " ".join(it for it in (f"({note})" if note else "", _commits(interval)) if it),
        style,
    )


def _commits(interval: Interval) -> str:
    """Name the commits as git does in short: `[a1b2c3d e4f5a6b]`."""
    found = [clean(str(it["sha"]))[:SHORT_SHA] for it in interval.get("commits", ())]
    return f"[{' '.join(found)}]" if found else ""


def _gaps(gaps: Sequence[Mapping[str, Any]], now: datetime) -> str:
    """Say how long the time did not count, and why where that is one thing: a gap that is open lasts until now."""
    if not gaps:
        return ""
    spans = [(_instant(it["ended_at"]) if it["ended_at"] else now) - _instant(it["started_at"]) for it in gaps]
    seconds = max(int(sum(it.total_seconds() for it in spans)), 0)
    reasons = {str(it["reason"]) for it in gaps}
    word = _REASONS.get(reasons.pop(), "gap") if len(reasons) == 1 else "gap"
    return f"{word} {length(seconds)}"


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def plain(days: Sequence[Day], overall: str, *, titles: bool = False, several: bool = False) -> str:
    """Write days as aligned columns; a title for each if there are several, or `titles` wants it.

    `several`: these are not all; the sum of all of them stands below the last, where it is not empty.
    """
    text = "\n".join(_lines(days, overall, titles=titles, several=several or len(days) > 1))
    return text if overall else text + "\n"


def _lines(days: Sequence[Day], overall: str, *, titles: bool, several: bool) -> Iterator[str]:
    widths = _widths(days)
    for day in days:
        if several or titles:
            yield day.title
        for row in day.rows:
            cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False) if width]
            if widths[0]:
                cells[0] = row.number.rjust(widths[0])
            yield "  ".join([*cells, f"{row.task} {row.note}".strip()]).rstrip()
        yield day.total
        if several:
            yield ""
    if several and overall:
        yield f"All: {overall}"


def fits(days: Sequence[Day], columns: int) -> bool:
    """Tell whether a table leaves room for names; where it does not, plain lines do better, which a terminal wraps."""
    fixed = sum(width + 2 for width in _widths(days) if width)
    return columns >= fixed + _NAME_COLUMNS


def _widths(days: Sequence[Day]) -> list[int]:
    # The task stands last: it is of any width, and nothing is lined up behind it.
    return [max(len(row[column]) for day in days for row in day.rows) for column in range(_FIXED)]


def table(days: Sequence[Day], overall: str, *, titles: bool = False, several: bool = False) -> "RenderableType":
    """Make days into a table for a terminal, as `plain`. Nothing that a user wrote is read as markup."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    parts: list[RenderableType] = []
    widths = _widths(days)
    several = several or len(days) > 1
    for day in days:
        if titles or several:
            parts.append(Text(day.title, style="bold"))
        grid = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
        for place, width in enumerate(widths):
            if width:
                grid.add_column(no_wrap=True, min_width=width, justify="left" if place else "right")
        grid.add_column(overflow="fold")
        for row in day.rows:
            shown = [
                Text(cell, style=row.style if place else "dim")
                for place, (cell, width) in enumerate(zip(row, widths, strict=False))
                if width
            ]
            space = " " if row.task and row.note else ""
            grid.add_row(*shown, Text.assemble((row.task, row.style), space, (row.note, "dim")))
        parts += [grid, Text(day.total + ("\n" if several else ""), style="bold")]
    if several and overall:
        parts.append(Text(f"All: {overall}", style="bold"))
    return Group(*parts)
