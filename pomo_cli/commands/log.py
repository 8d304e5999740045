"""`pomo log`: what was done, of today or of a range of time."""

from typing import Annotated, Any

import typer

from pomo_cli import clock, output
from pomo_cli.commands.shared import APP, Command, invalid, invocation
from pomo_cli.render import log as render
from pomo_cli.zone import Days, days, parse

app = typer.Typer(**APP)
_FORMS = "yesterday, 2026-11-24, 'yesterday 14:00', 14:00, '2h ago'"


@app.command(cls=Command)
def log(
    ctx: typer.Context,
    begin: Annotated[
        str | None, typer.Option("--from", metavar="T", help=f"What began at T or later: {_FORMS}.")
    ] = None,
    end: Annotated[
        str | None, typer.Option("--to", metavar="T", help="What began before T; a bare day counts whole.")
    ] = None,
) -> None:
    """Show what was done: today, or a range of time."""
    call = invocation(ctx)
    where = days()
    try:
        params = _bounds(begin, end, where)
    except ValueError as error:
        raise invalid(ctx, str(error)) from None
    with call.client() as client:
        intervals: list[dict[str, Any]] = client.call("history.list", params)["intervals"]
    if call.quiet:
        return
    if call.json:
        output.show_json(intervals)
    elif not intervals:
        output.write(_nothing(ranged=bool(params)))
    else:
        found, overall = render.by_day(intervals, where, clock.now()), render.total(intervals)
        if output.is_fancy(color=call.color) and render.fits(found, output.columns()):
            from pomo_cli.render.terminal import draw

            output.write(draw(render.table(found, overall), output.columns()))
        else:
            output.write(render.plain(found, overall))


def _bounds(begin: str | None, end: str | None, where: Days) -> dict[str, str]:
    """Answer the bounds as they go over the wire; one that is missing is that of today, or of the day of --to.

    Raises ValueError.
    """
    first = None if begin is None else parse(begin, where)
    last = None if end is None else parse(end, where)
    if last is not None:
        first = first or where.begin(last)
        if _is_day(end or ""):
            last = where.end(last)
        if first >= last:
            raise ValueError("--from is not before --to")
    return {name: it.isoformat() for name, it in (("from", first), ("to", last)) if it is not None}


def _is_day(text: str) -> bool:
    words = text.strip().lower()
    return words in ("today", "yesterday", "tomorrow") or (len(words) == len("YYYY-MM-DD") and ":" not in words)


def _nothing(*, ranged: bool) -> str:
    if ranged:
        return "Nothing is recorded for that time. 'pomo log --from yesterday' looks further back."
    return "Nothing is recorded today. Begin with 'pomo start', or look back with 'pomo log --from yesterday'."
