"""`pomo doctor`: what keeps pomo from working well, and what to do about it."""

import typer

from pomo_cli import checkup, output
from pomo_cli.checkup import Finding
from pomo_cli.commands.shared import APP, Command, invocation
from pomo_daemon.protocol.errors import OK, UNEXPECTED

app = typer.Typer(**APP)


@app.command(cls=Command)
def doctor(ctx: typer.Context) -> int:
    """Look for what keeps pomo from working well.

    Exits 0 if nothing fails, else with 1; a warning is no failure.
    """
    call = invocation(ctx)
    found = []
    for it in checkup.look(call.client, call.profile):
        found.append(it)
        if not call.json and not call.quiet:
            output.write(_line(it))
    if call.json:
        output.show_json([it._asdict() for it in found])
    return UNEXPECTED if any(it.state == "failure" for it in found) else OK


def _line(it: Finding) -> str:
    from pomo_daemon.protocol.text import clean

    line = f"{it.state:7}  {clean(it.name):14}  {clean(it.message)}"
    return f"{line}\n{'':25}{clean(it.hint)}" if it.hint else line
