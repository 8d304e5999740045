"""`pomo wait`: come back when the timer is where a script, or somebody, wants it."""

from datetime import timedelta
from typing import Annotated, Final

import typer

from pomo_cli import waiting
from pomo_cli.commands.shared import APP, Command, invalid, invocation
from pomo_cli.commands.words import chosen
from pomo_daemon.protocol.times import parse_duration

app = typer.Typer(**APP)

_UNTIL: Final = ("end", *waiting.STATES)


@app.command(cls=Command)
def wait(
    ctx: typer.Context,
    *,
    until: Annotated[
        str, typer.Option("--until", metavar="|".join(_UNTIL), help="What to wait for: the interval's end, or a state.")
    ] = "end",
    timeout: Annotated[
        str | None, typer.Option("--timeout", metavar="D", help="Give up after so long, with exit code 8: 10m.")
    ] = None,
) -> None:
    """Wait until the interval ends, or the timer is in a state.

    Exit code 0 when the interval came to its end, or nothing runs; 4 when it was stopped; 8 when it took too long.
    """
    call = invocation(ctx)
    wanted = chosen(ctx, "--until", until, _UNTIL)
    try:
        seconds = None if timeout is None else parse_duration(timeout) / timedelta(seconds=1)
    except ValueError as error:
        raise invalid(ctx, str(error)) from None
    if wanted != "end":
        waiting.for_state(call, wanted, seconds)
        return
    ended = waiting.for_end(call, seconds)
    if ended is None:
        call.tell(None, "Nothing is running.")
    else:
        call.tell(ended, f"{str(ended['phase']).replace('_', ' ').capitalize()} {ended['status']}.")
