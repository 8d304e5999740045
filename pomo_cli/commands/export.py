"""`pomo export`: the record for other programs, page by page: a long one needs no more memory than a short one."""

import os
from collections.abc import Iterator
from typing import Annotated, Final

import typer

from pomo_cli import output
from pomo_cli.client import Client
from pomo_cli.commands.report import CategoryOption, TaskOption
from pomo_cli.commands.shared import APP, Command, invocation
from pomo_cli.commands.words import chosen, instant, is_day, named
from pomo_cli.exports.formats import FORMATS
from pomo_cli.exports.record import Interval, Record
from pomo_cli.history import pages
from pomo_cli.zone import Days, days
from pomo_daemon.protocol.errors import PomoError

app = typer.Typer(**APP)

_EVER: Final = "1970-01-01T00:00:00Z"
_NEVER: Final = "9000-01-01T00:00:00Z"


@app.command(cls=Command)
def export(
    ctx: typer.Context,
    *,
    form: Annotated[str, typer.Argument(metavar="|".join(FORMATS), help="For which program.")],
    file: Annotated[
        str,
        typer.Option("-o", "--output", metavar="FILE", help="Where to; '-' is stdout. For timewarrior a folder, too."),
    ] = "-",
    begin: Annotated[str | None, typer.Option("--from", metavar="T", help="What began at T or later.")] = None,
    end: Annotated[
        str | None, typer.Option("--to", metavar="T", help="What began before T; a bare day counts whole.")
    ] = None,
    task: TaskOption = None,
    category: CategoryOption = None,
) -> None:
    """Write the record in the form of another program."""
    write = FORMATS[chosen(ctx, "FORMAT", form, tuple(FORMATS))]
    where = days(invocation(ctx).profile)
    words = {"task": named(ctx, "--task", task), "category": named(ctx, "--category", category)}
    wanted = {name: it for name, it in words.items() if it is not None}
    bounds = {"from": _EVER if begin is None else instant(ctx, begin, where).isoformat(), "to": _end(ctx, end, where)}
    with invocation(ctx).client() as client:
        pieces = write(_record(client, invocation(ctx).profile, bounds, wanted))
        if file == "-":
            for piece in pieces:
                output.copy(piece.encode(), output.STDOUT)
            return
        if form == "timewarrior" and os.path.isdir(file):
            _write_months(file, pieces)
        else:
            _write(file, pieces)
    invocation(ctx).tell({"file": file}, f"Wrote {file}.")


def _end(ctx: typer.Context, end: str | None, where: Days) -> str:
    if end is None:
        return _NEVER
    moment = instant(ctx, end, where)
    return (where.end(moment) if is_day(end) else moment).isoformat()


def _record(client: Client, profile: str, bounds: dict[str, str], wanted: dict[str, str]) -> Record:
    narrowed = {"category": wanted["category"]} if "category" in wanted else {}
    tasks = client.call("task.list", {"status": "all", **narrowed})["tasks"]
    if "task" in wanted:
        one = client.call("task.show", {"task": wanted["task"]})["task"]
        tasks = [it for it in tasks if it["task_id"] == one["task_id"]]

    def intervals() -> Iterator[Interval]:
        for page in pages(client, {**bounds, **wanted}):
            # One that is in conflict does not count, and would lie over another.
            yield from (it for it in page if not it.get("conflict"))

    return Record(profile or "default", client.call("category.list")["categories"], tasks, intervals)


def _write(file: str, pieces: Iterator[str]) -> None:
    """Write a file under another name, and move it into place when it is whole. Raises PomoError."""
    part = f"{file}.part"
    try:
        with open(part, "w", encoding="utf-8", newline="") as opened:
            opened.writelines(pieces)
        os.replace(part, file)
    except OSError as error:
        raise PomoError("validation", f"{file} cannot be written: {error.strerror}.", "Name another file.") from error


def _write_months(folder: str, lines: Iterator[str]) -> None:
    """Write Timewarrior's data files, a month each. Raises PomoError where one is there already: it may hold more."""
    from itertools import groupby

    from pomo_cli.exports.trackers import month_of

    for month, group in groupby(lines, month_of):
        if os.path.exists(f"{folder}/{month}"):
            raise PomoError("validation", f"{folder}/{month} is there already.", "Name an empty folder.")
        _write(f"{folder}/{month}", group)
