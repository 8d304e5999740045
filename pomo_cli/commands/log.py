"""`pomo log`: what was done, of today or of a range of time, and putting that right."""

import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final

import typer

from pomo_cli import clock, output
from pomo_cli.commands.shared import APP, Command, Invocation, invalid, invocation
from pomo_cli.commands.words import ask, chosen, instant, is_day, named, text
from pomo_cli.history import Interval, pages
from pomo_cli.render import glyphs
from pomo_cli.render import log as render
from pomo_cli.zone import Days, days, parse
from pomo_daemon.protocol.text import clean, length
from pomo_daemon.protocol.times import parse_clock, parse_duration

app = typer.Typer(**APP)
_FORMS = "yesterday, 2026-11-24, 'yesterday 14:00', 14:00, '2h ago'"
_OUTCOMES: Final = ("completed", "stopped")
_ANY_OUTCOME: Final = ("completed", "stopped", "skipped")

NumberArgument = Annotated[
    str, typer.Argument(metavar="ID", help="The number of an interval; 'pomo log --ids' shows it.")
]
StartOption = Annotated[str | None, typer.Option("--start", metavar="T", help=f"When it began: {_FORMS}.")]
EndOption = Annotated[str | None, typer.Option("--end", metavar="T", help="When it ended; a bare 14:25 follows on.")]
TaskOption = Annotated[
    str | None, typer.Option("--task", metavar="TASK", help="12, #12, or a name; a new one is made.")
]
NoteOption = Annotated[str | None, typer.Option("--note", metavar="TEXT", help="A note on it.")]
NoCreateOption = Annotated[bool, typer.Option("--no-create", help="Make no new task.")]


@app.callback(invoke_without_command=True)
def log(
    ctx: typer.Context,
    *,
    begin: Annotated[
        str | None, typer.Option("--from", metavar="T", help=f"What began at T or later: {_FORMS}.")
    ] = None,
    end: Annotated[
        str | None, typer.Option("--to", metavar="T", help="What began before T; a bare day counts whole.")
    ] = None,
    task: Annotated[str | None, typer.Option("--task", metavar="TASK", help="Only what was done on this task.")] = None,
    category: Annotated[
        str | None, typer.Option("-c", "--category", metavar="CATEGORY", help="Only tasks of this category.")
    ] = None,
    ids: Annotated[
        bool, typer.Option("--ids", help="Show the numbers of intervals; on a terminal they always are.")
    ] = False,
) -> None:
    """Show what was done: today, or a range of time."""
    if ctx.invoked_subcommand is not None:
        if ids or any(it is not None for it in (begin, end, task, category)):
            raise invalid(ctx, f"Options of the list do not go with '{ctx.invoked_subcommand}'.")
        return
    call = invocation(ctx)
    where = days(invocation(ctx).profile)
    try:
        params = _bounds(begin, end, where)
    except ValueError as error:
        raise invalid(ctx, str(error)) from None
    wanted = {"task": named(ctx, "--task", task), "category": named(ctx, "--category", category)}
    params |= {name: it for name, it in wanted.items() if it is not None}
    with call.client() as client:
        found = pages(client, params)
        if call.json and not call.quiet:
            output.show_json([it for page in found for it in page])
        elif not call.quiet:
            _show(call, found, where, numbered=ids, ranged=bool(params))


def _show(call: Invocation, found: Iterator[Sequence[Interval]], where: Days, *, numbered: bool, ranged: bool) -> None:
    """Show pages as they come: of a long record the first days are there at once, and none is kept."""
    terminal = os.isatty(output.STDOUT)
    overall, parts = render.Total(), render.whole_days(found, where)
    part = next(parts, None)
    several = False
    if part is None:
        output.write(_nothing(ranged=ranged))
    while part is not None:
        overall.add(part)
        following = next(parts, None)
        # In a pipe the columns stay as they are, for those who cut them.
        shown = render.by_day(part, where, clock.now(), ids=numbered or terminal, dash=glyphs.dash())
        several = several or len(shown) > 1 or following is not None
        total = "" if following else str(overall)
        if output.is_fancy(color=call.color) and render.fits(shown, output.columns()):
            from pomo_cli.render.terminal import draw

            output.write(draw(render.table(shown, total, several=several), output.columns()))
        else:
            output.write(render.plain(shown, total, several=several))
        part = following


def _bounds(begin: str | None, end: str | None, where: Days) -> dict[str, str]:
    """Answer the bounds as they go over the wire; one that is missing is that of today, or of the day of --to.

    Raises ValueError.
    """
    first = None if begin is None else parse(begin, where)
    last = None if end is None else parse(end, where)
    if last is not None:
        first = first or where.begin(last)
        whole = is_day(end or "")
        opens, last = (where.begin(last), where.end(last)) if whole else (last, last)
        # A day may have no length at all, where a zone changed sides of the date line.
        if _passed(first, last) <= timedelta(0) and not (whole and not _passed(first, opens)):
            raise ValueError("--from is not before --to")
    return {name: it.isoformat() for name, it in (("from", first), ("to", last)) if it is not None}


def _passed(first: datetime, last: datetime) -> timedelta:
    """Answer the time from one instant to another: within one zone Python compares clocks, and not instants."""
    return last.astimezone(UTC) - first.astimezone(UTC)


def _nothing(*, ranged: bool) -> str:
    if ranged:
        return "Nothing is recorded for that time.\n'pomo log --from yesterday' looks further back."
    return "Nothing is recorded today.\nBegin with 'pomo start', or look back with 'pomo log --from yesterday'."


@app.command(cls=Command)
def add(
    ctx: typer.Context,
    *,
    start: StartOption = None,
    end: EndOption = None,
    duration: Annotated[
        str | None, typer.Option("--duration", metavar="D", help="Its length, in place of --start or --end: 25m.")
    ] = None,
    task: TaskOption = None,
    outcome: Annotated[
        str, typer.Option("--outcome", metavar="|".join(_OUTCOMES), help="Whether it counts as a pomodoro.")
    ] = "completed",
    note: NoteOption = None,
    no_create: NoCreateOption = False,
) -> None:
    """Record a focus that was forgotten."""
    where = days(invocation(ctx).profile)
    first, last = _span(ctx, start, end, duration, where)
    params: dict[str, Any] = {
        "start": first.isoformat(),
        "end": last.isoformat(),
        "outcome": chosen(ctx, "--outcome", outcome, _OUTCOMES),
        **_words(ctx, task, note, no_create=no_create),
    }
    interval = ask(ctx, "history.add", params)
    invocation(ctx).tell(interval, f"Recorded {_sentence(interval, where)}{_made(interval)}")


def _span(
    ctx: typer.Context, start: str | None, end: str | None, duration: str | None, where: Days
) -> tuple[datetime, datetime]:
    """Answer the two ends that --start, --end and --duration name, of which there must be two."""
    if sum(it is not None for it in (start, end, duration)) != 2:  # noqa: PLR2004
        raise invalid(ctx, "Give two of --start, --end and --duration.")
    if duration is not None:
        try:
            long = parse_duration(duration)
        except ValueError as error:
            raise invalid(ctx, str(error)) from None
        if start is not None:
            first = instant(ctx, start, where, past=True)
            return first, first + long
        last = instant(ctx, end or "", where, past=True)
        return last - long, last
    assert start is not None and end is not None  # noqa: S101, PT018
    if _is_clock(start) and not _is_clock(end):
        last = instant(ctx, end, where, past=True)
        return where.last(parse_clock(start), last), last
    first = instant(ctx, start, where, past=True)
    return first, where.next(parse_clock(end), first) if _is_clock(end) else instant(ctx, end, where, past=True)


def _is_clock(value: str) -> bool:
    """Tell whether this is a bare time of day, whose day is that of the other end."""
    try:
        parse_clock(value)
    except ValueError:
        return False
    return True


def _words(ctx: typer.Context, task: str | None, note: str | None, *, no_create: bool) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if task is not None:
        found |= {"task": named(ctx, "--task", task), "create": not no_create}
    if note is not None:
        found["note"] = text(ctx, "--note", note)
    return found


def _sentence(interval: dict[str, Any], where: Days) -> str:
    """Say which interval: `12: focus of Tue 2026-11-24 09:00-09:25, completed, 25m, Write report.`."""
    begin = datetime.fromisoformat(interval["started_at"]).astimezone(where.zone)
    end = "now"
    if interval["ended_at"]:
        end = f"{datetime.fromisoformat(interval['ended_at']).astimezone(where.zone):%H:%M}"
    phase, status = (clean(str(interval[it])).replace("_", " ") for it in ("phase", "status"))
    words = [
        f"{interval['interval_id']}: {phase} of {begin:%a %Y-%m-%d %H:%M}{glyphs.dash()}{end}",
        status,
        length(interval["elapsed_s"]),
    ]
    if interval["task"]:
        words.append(clean(str(interval["task"])))
    return ", ".join(words) + "."


def _made(interval: dict[str, Any]) -> str:
    return f"\nNew task #{interval['task_id']}." if interval["task_created"] else ""


@app.command(cls=Command)
def edit(  # noqa: PLR0913  # each is an option
    ctx: typer.Context,
    *,
    number: NumberArgument,
    start: StartOption = None,
    end: EndOption = None,
    task: TaskOption = None,
    no_task: Annotated[bool, typer.Option("--no-task", help="It was on no task.")] = False,
    outcome: Annotated[
        str | None, typer.Option("--outcome", metavar="|".join(_ANY_OUTCOME), help="What it came to.")
    ] = None,
    note: NoteOption = None,
    no_create: NoCreateOption = False,
) -> None:
    """Correct an interval; a bare time of day is that of its own day."""
    if task is not None and no_task:
        raise invalid(ctx, "Give one of --task and --no-task.")
    params: dict[str, Any] = _words(ctx, task, note, no_create=no_create)
    if no_task:
        params["task"] = ""
    if outcome is not None:
        params["outcome"] = chosen(ctx, "--outcome", outcome, _ANY_OUTCOME)
    if not params and start is None and end is None:
        raise invalid(ctx, "Say what to correct.")
    where = days(invocation(ctx).profile)
    one = _number(ctx, number)
    params |= _moved(ctx, one, start, end, where)
    interval = ask(ctx, "history.edit", {"interval_id": one, **params})
    invocation(ctx).tell(interval, f"Corrected {_sentence(interval, where)}{_made(interval)}")


def _number(ctx: typer.Context, value: str) -> int:
    digits = value.strip().removeprefix("#")
    if not (digits.isascii() and digits.isdigit()):
        raise invalid(ctx, f"{value!r} is not the number of an interval.")
    return int(digits[:18])


def _moved(ctx: typer.Context, number: int, start: str | None, end: str | None, where: Days) -> dict[str, str]:
    """Answer the new ends; a bare time of day is that of the interval's own day, wherever today is."""
    first = None if start is None or _is_clock(start) else instant(ctx, start, where, past=True)
    last = None if end is None or _is_clock(end) else instant(ctx, end, where, past=True)
    if (start is not None and first is None) or (end is not None and last is None):
        # To correct nothing changes nothing, and answers the interval as it is.
        present = ask(ctx, "history.edit", {"interval_id": number})
        began = datetime.fromisoformat(present["started_at"])
        if start is not None and first is None:
            day = began.astimezone(where.zone).date()
            first = instant(ctx, f"{day.isoformat()} {start.strip()}", where)
            limit = last or (present["ended_at"] and datetime.fromisoformat(present["ended_at"]))
            if end is None or last is not None:
                first = where.last(parse_clock(start), limit) if limit and first >= limit else first
        if end is not None and last is None:
            last = where.next(parse_clock(end), first or began)
    return {name: it.isoformat() for name, it in (("start", first), ("end", last)) if it is not None}


@app.command(cls=Command)
def delete(ctx: typer.Context, number: NumberArgument) -> None:
    """Take an interval out of the record."""
    result = ask(ctx, "history.delete", {"interval_id": _number(ctx, number)})
    invocation(ctx).tell(
        {"interval_id": result["interval_id"]},
        f"Interval {result['interval_id']} is deleted. 'pomo undo' brings it back.",
    )
