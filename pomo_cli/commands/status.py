"""`pomo status`: what the hot path leaves to the full client. Both send the same line, so both show the same."""

from typing import Annotated

import typer

from pomo_cli import output
from pomo_cli.commands.shared import APP, Command, Invocation, invalid, invocation
from pomo_cli.hot import OUTPUTS, STATES
from pomo_cli.stream import StatusStream
from pomo_daemon.protocol.errors import PomoError
from pomo_daemon.protocol.framing import STATUS_WORD

app = typer.Typer(**APP)

#: Outputs of text, in which an empty line shows nothing; the others are JSON.
_LINES = ("plain", "template", "i3blocks", "polybar", "tmux")


@app.command(cls=Command)
def status(
    ctx: typer.Context,
    *,
    shape: Annotated[
        str | None, typer.Option("-o", "--output", metavar="OUTPUT", help=f"One of {', '.join(OUTPUTS)}.")
    ] = None,
    template: Annotated[
        str | None, typer.Option("-f", "--format", metavar="TEMPLATE", help="Such as '{phase} {remaining} {task}'.")
    ] = None,
    check: Annotated[
        str | None,
        typer.Option("--check", metavar="STATE", help=f"Print nothing, exit 0 or 1: one of {', '.join(STATES)}."),
    ] = None,
    follow: Annotated[bool, typer.Option("--follow", help="Print it anew whenever it looks different.")] = False,
) -> int:
    """Show the timer."""
    call = invocation(ctx)
    wanted = _wanted(ctx, shape, template, check)
    if "\n" in wanted:
        raise invalid(ctx, "A template is one line.")
    if follow:
        if check is not None or call.quiet:
            raise invalid(ctx, "--follow prints what it sees: neither --check nor --quiet goes with it.")
        return _follow(call, *wanted.partition(" ")[::2])
    profile = call.profile or "-"
    if profile.split() != [profile]:
        raise PomoError("profile.not_found", f"There is no profile {call.profile!r}.")
    line = f"{profile} - {wanted}"
    with call.client() as client:
        code, text = client.text(STATUS_WORD + line.encode("utf-8", "replace") + b"\n")
        if code and text and call.json:
            # The text line has no codes; the question in JSON gets the error in JSON.
            client.call("timer.status")
    shown = text.decode("utf-8", "replace")
    if code:
        output.write(shown, output.STDERR)
    elif not call.quiet:
        output.write(shown)
    return code


def _follow(call: Invocation, shape: str, template: str) -> int:
    """Print the status each time it looks different, until nobody reads."""
    blank, shown = "" if shape in _LINES else "{}", None
    with StatusStream(call, shape, template) as stream:
        while True:
            for text in stream.wait(None, (output.STDOUT, 0)) or ([blank] if stream.lost else []):
                # A daemon that is back tells first what may stand there already.
                if text != shown:
                    output.write(f"{text}\n")
                shown = text


def _wanted(ctx: typer.Context, shape: str | None, template: str | None, check: str | None) -> str:
    """Answer the output, and what belongs to it, as the line has it."""
    if sum(it is not None for it in (shape, template, check)) > 1:
        raise invalid(ctx, "Give one of --output, --format and --check.")
    as_json = invocation(ctx).json
    if as_json and (template is not None or shape not in (None, "json")):
        raise invalid(ctx, "--json is an output of its own.")
    if check is not None:
        if check not in STATES:
            raise PomoError("validation", f"--check: there is no state {check!r}.", f"States: {', '.join(STATES)}.")
        return f"check {check}"
    if template is not None:
        return f"template {template}"
    if shape is not None and shape not in OUTPUTS:
        raise PomoError("validation", f"--output: there is no {shape!r}.", f"Outputs: {', '.join(OUTPUTS)}.")
    return shape or ("json" if as_json else "plain")
