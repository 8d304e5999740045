"""`pomo interrupt`, `pomo undo`, `pomo redo`: what is noted of the moment, and what is taken back."""

from datetime import datetime
from typing import Annotated, Any

import typer

from pomo_cli.commands.shared import APP, Command, invalid, invocation
from pomo_cli.commands.words import ask, text
from pomo_cli.zone import days
from pomo_daemon.protocol.framing import LONG_SECONDS
from pomo_daemon.protocol.text import clean

app = typer.Typer(**APP)


@app.command(cls=Command)
def interrupt(
    ctx: typer.Context,
    *,
    note: Annotated[list[str] | None, typer.Argument(metavar="[NOTE]", help="What it was, in any words.")] = None,
    internal: Annotated[bool, typer.Option("--internal", help="An urge of your own (this, unless said).")] = False,
    external: Annotated[bool, typer.Option("--external", help="Somebody, or something.")] = False,
) -> None:
    """Mark an interruption; the clock runs on."""
    if internal and external:
        raise invalid(ctx, "Give one of --internal and --external.")
    params = {"kind": "external" if external else "internal", "note": text(ctx, "NOTE", " ".join(note or ()))}
    result = ask(ctx, "timer.interrupt", params)
    invocation(ctx).tell(result, str(result["message"]))


@app.command(cls=Command)
def undo(
    ctx: typer.Context,
    *,
    listed: Annotated[bool, typer.Option("--list", help="Show what can be undone, the latest first.")] = False,
) -> None:
    """Take the latest change back."""
    if listed:
        _list(ctx)
    else:
        _turn(ctx, "change.undo")


@app.command(cls=Command)
def redo(ctx: typer.Context) -> None:
    """Do again what was undone last."""
    _turn(ctx, "change.redo")


def _turn(ctx: typer.Context, method: str) -> None:
    # What is taken back may be an import.
    result = ask(ctx, method, patience=LONG_SECONDS)
    invocation(ctx).tell(result, str(result["message"]))


def _list(ctx: typer.Context) -> None:
    found: list[dict[str, Any]] = ask(ctx, "change.list")["changes"]
    zone = days(invocation(ctx).profile).zone
    lines = [
        f"{datetime.fromisoformat(it['at']).astimezone(zone):%Y-%m-%d %H:%M:%S}  {clean(str(it['label']))}"
        for it in found
    ]
    invocation(ctx).tell(found, "\n".join(lines) or "There is nothing to undo: what you change can be, from then on.")
