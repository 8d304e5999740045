"""`pomo hooks`: the programs that the daemon runs at events, and what came of them."""

from typing import Annotated

import typer

from pomo_cli.commands.shared import APP, Command, invocation
from pomo_cli.render import hooks as render
from pomo_cli.zone import days
from pomo_daemon.protocol.errors import UNEXPECTED

app = typer.Typer(**APP, help="Run programs of your own at events.")
#: Seconds for all hooks of an event: the daemon bounds each.
_PATIENCE = 600.0


@app.command("list", cls=Command)
def list_hooks(ctx: typer.Context) -> None:
    """Show every hook, and why one does not run."""
    call = invocation(ctx)
    with call.client() as client:
        found = client.call("hooks.list")["hooks"]
    call.tell(found, render.hooks(found))


@app.command(cls=Command)
def test(
    ctx: typer.Context, event: Annotated[str, typer.Argument(metavar="EVENT", help="Such as interval.completed.")]
) -> int:
    """Run the hooks of an event with one that is made up; exit 1 if one fails."""
    call = invocation(ctx)
    with call.client() as client:
        runs = client.call("hooks.test", {"event": event}, patience=_PATIENCE)["runs"]
    call.tell(runs, render.runs(runs, days(call.profile).zone) or f"There is no hook for {event}.")
    return UNEXPECTED if any(it["problem"] for it in runs) else 0


@app.command(cls=Command)
def log(
    ctx: typer.Context,
    *,
    lines: Annotated[int, typer.Option("-n", "--lines", min=1, max=1000, help="So many of the latest runs.")] = 20,
) -> None:
    """Show what came of the latest runs, and what the hooks said."""
    call = invocation(ctx)
    with call.client() as client:
        runs = client.call("hooks.runs", {"limit": lines})["runs"]
    call.tell(runs, render.runs(runs, days(call.profile).zone) or "No hook has run yet.")
