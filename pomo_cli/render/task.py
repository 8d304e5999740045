"""Tasks as text: for a pipe aligned columns, for a terminal a table. Pure; only the table needs rich."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pomo_cli.render import glyphs
from pomo_cli.render.log import SHORT_SHA
from pomo_cli.zone import Days
from pomo_daemon.protocol.text import clean, length

if TYPE_CHECKING:
    from rich.console import RenderableType

Task = Mapping[str, Any]
#: A bar of more circles than these says less than its numbers.
_BAR: Final = 10
#: In a pipe a longer name pushes what follows it to the right, instead of all others.
_NAME_COLUMNS: Final = 40
#: Fewer columns than these are not worth a table.
_LEAST_NAME: Final = 16
#: A table of more rows than these takes its time to draw; plain lines do not.
MOST_ROWS: Final = 500
#: A day as a due date means its end, which is one second before the next one begins.
_LAST_SECOND: Final = timedelta(seconds=1)


class Row(NamedTuple):
    """A task, ready to show; `style` is for terminals."""

    number: str
    name: str
    progress: str
    category: str
    due: str
    state: str
    style: str


def rows(tasks: Sequence[Task], where: Days, now: datetime, *, drawn: bool, states: bool = False) -> list[Row]:
    """Make tasks ready to show; `drawn`: with circles instead of ASCII; `states`: say what is done and deleted."""
    pairs = [(task["done"], task["pomodoro_count"]) for task in tasks]
    # Lists are long; of different progress, and of categories, there is little.
    shown = {pair: progress(*pair, drawn=drawn) for pair in set(pairs)}
    widest = max((len(bar) for bar, _ in shown.values()), default=0)
    filled = {
        pair: f"{bar.ljust(widest)} {count}".rstrip() if widest else count for pair, (bar, count) in shown.items()
    }
    groups = {name: clean(str(name)) if name else "" for name in {task["category"] for task in tasks}}
    return [
        Row(
            f"#{task['task_id']}",
            _clean(str(task["name"])),
            filled[pair],
            groups[task["category"]],
            due(task, where, now) if task["due"] else "",
            state(task) if states else "",
            "dim" if task["deleted_at"] or task["completed_at"] else "",
        )
        for task, pair in zip(tasks, pairs, strict=True)
    ]


def _clean(text: str) -> str:
    """Clean a text; what is plain by two quick looks is not looked through, as lists are long."""
    return text if text.isascii() and text.isprintable() else clean(text)


def progress(done: int, estimate: int, *, drawn: bool) -> tuple[str, str]:
    """Write what is done against the estimate: as circles, where they are few, and as numbers: `2/4`, or `2`."""
    full, empty = "\N{BLACK CIRCLE}\N{WHITE CIRCLE}" if drawn else "#."
    bar = full * done + empty * (estimate - done) if max(done, estimate) <= _BAR else ""
    return bar, count(done, estimate)


def count(done: int, estimate: int) -> str:
    """Write `2/4`, or what is done where there is no estimate, or nothing."""
    if estimate:
        return f"{done}/{estimate}"
    return str(done) if done else ""


def state(task: Task) -> str:
    """Answer what has become of a task."""
    return "deleted" if task["deleted_at"] else "done" if task["completed_at"] else "open"


def due(task: Task, where: Days, now: datetime) -> str:
    """Write when a task is due: a day, or a time of it, and whether that has passed."""
    if not task["due"]:
        return ""
    moment = datetime.fromisoformat(task["due"])
    late = " overdue" if moment < now and state(task) == "open" else ""
    return moment_text(moment, where) + late


def moment_text(moment: datetime, where: Days) -> str:
    """Write a moment; the end of a day is the day."""
    local = moment.astimezone(where.zone)
    if where.end(moment) - moment == _LAST_SECOND:
        return f"{where.day_of(moment):%a %Y-%m-%d}"
    return f"{local:%a %Y-%m-%d %H:%M}"


def plain(found: Sequence[Row], total: str) -> str:
    """Write tasks as aligned columns, and how many there are."""
    widths = _widths(found)
    widths[1] = min(widths[1], _NAME_COLUMNS)
    columns = list(zip(*found, strict=True))[:6]
    columns[0] = tuple(it.rjust(widths[0]) for it in columns[0])
    filled = [glyphs.column(texts, width) for texts, width in zip(columns, widths, strict=True) if width]
    return "\n".join([*("  ".join(cells).rstrip() for cells in zip(*filled, strict=True)), total])


def _widths(found: Sequence[Row]) -> list[int]:
    return [glyphs.widest(texts) for texts in list(zip(*found, strict=True))[:6]]


def fits(found: Sequence[Row], columns: int) -> bool:
    """Tell whether a table leaves room for names, and is drawn in no time."""
    if len(found) > MOST_ROWS:
        return False
    number, _name, *others = _widths(found)
    return columns >= number + 2 + _LEAST_NAME + sum(width + 2 for width in others if width)


def table(found: Sequence[Row], total: str) -> "RenderableType":
    """Make tasks into a table for a terminal. Nothing that a user wrote is read as markup."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    widths = _widths(found)
    grid = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for place, width in enumerate(widths):
        if place == 1:
            grid.add_column(overflow="fold")
        elif width:
            grid.add_column(no_wrap=True, min_width=width, justify="left" if place else "right")
    for row in found:
        style = "red" if row.due.endswith("overdue") else row.style
        styles = ("dim", row.style, row.style, row.style, style, row.style)
        grid.add_row(
            *(Text(cell, style=style) for cell, style, width in zip(row[:6], styles, widths, strict=True) if width)
        )
    return Group(grid, Text(total, style="bold"))


def total(tasks: Sequence[Task], status: str, more: int = 0) -> str:
    """Say how many tasks there are, and how far: `10 open tasks, 12 of 34 pomodoros; 90 more are not shown`."""
    kind = "" if status == "all" else f"{status} "
    done = sum(int(it["done"]) for it in tasks)
    estimate = sum(int(it["pomodoro_count"]) for it in tasks)
    of = f" of {estimate}" if estimate else ""
    plural = "" if len(tasks) == 1 else "s"
    left_out = f"; {more} more {'is' if more == 1 else 'are'} not shown" if more else ""
    return f"{len(tasks)} {kind}task{plural}, {done}{of} pomodoro{'' if (estimate or done) == 1 else 's'}{left_out}"


def sentence(task: Task, verb: str) -> str:
    """Say what was done to a task: `Task #3 added: Write report (0/4).`."""
    shown = count(task["done"], task["pomodoro_count"])
    return f"Task #{task['task_id']} {verb}: {clean(str(task['name']))}{f' ({shown})' if shown else ''}."


def facts(detail: Mapping[str, Any], where: Days, now: datetime, *, drawn: bool) -> list[tuple[str, str]]:
    """Answer every field of a task that says something, and what happened on it, as name and value."""
    task = detail["task"]
    bar, shown = progress(task["done"], task["pomodoro_count"], drawn=drawn)
    left = int(task["pomodoro_count"]) - int(task["done"])
    against = "" if not task["pomodoro_count"] else f", {left} to go" if left > 0 else f", {-left} over" if left else ""
    interruptions = f"{detail['internal']} internal, {detail['external']} external"
    found = [
        ("state", state(task)),
        ("progress", f"{bar} {shown}".strip() + against if shown else "no estimate, nothing done"),
        ("focus", length(int(detail["focus_s"]))),
        ("interruptions", interruptions if detail["internal"] or detail["external"] else "none"),
        ("category", clean(str(task["category"] or "none"))),
        ("due", due(task, where, now) or "no date"),
    ]
    found += [
        (name, f"{datetime.fromisoformat(task[field]).astimezone(where.zone):%a %Y-%m-%d %H:%M}")
        for name, field in (
            ("created", "created_at"),
            ("changed", "updated_at"),
            ("done", "completed_at"),
            ("deleted", "deleted_at"),
        )
        if task[field]
    ]
    commits = [it for interval in detail.get("intervals", ()) for it in interval.get("commits", ())]
    found += [
        ("" if at else "commits", f"{clean(str(it['sha']))[:SHORT_SHA]} {clean(str(it['subject']))}")
        for at, it in enumerate(commits)
    ]
    lines = str(task["description"]).split("\n") if task["description"] else []
    return found + [("description" if not at else "", clean(line)) for at, line in enumerate(lines)]


def card(title: str, found: Sequence[tuple[str, str]]) -> str:
    """Write the fields of a task, one a line."""
    width = max(len(name) for name, _ in found)
    return "\n".join([title, *(f"  {name.ljust(width)}  {value}".rstrip() for name, value in found)])


def drawn_card(title: str, found: Sequence[tuple[str, str]]) -> "RenderableType":
    """Make the fields of a task into a table for a terminal, which folds long ones."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    grid = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in found:
        grid.add_row(Text(name, style="dim"), Text(value))
    return Group(Text(title, style="bold", overflow="fold"), grid)
