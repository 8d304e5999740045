"""`pomo watch`: the timer on the whole screen, with keys. The daemon tells of changes and seconds; nobody asks it."""

import json
import os
from typing import Any, Final

import typer

from pomo_cli import output
from pomo_cli.client import Client
from pomo_cli.commands.shared import APP, Command, invocation
from pomo_cli.render import watch as view
from pomo_cli.screen import STDIN, Screen
from pomo_cli.stream import StatusStream
from pomo_daemon.protocol.errors import OK, PomoError

app = typer.Typer(**APP)

_ACTIONS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    " ": ("timer.toggle", {}),
    "f": ("timer.finish", {}),
    "b": ("timer.break", {}),
    "i": ("timer.interrupt", {}),
    "e": ("timer.extend", {"by_s": 300}),
    "+": ("timer.extend", {"by_s": 60}),
    "=": ("timer.extend", {"by_s": 60}),
    "-": ("timer.extend", {"by_s": -60}),
    "u": ("change.undo", {}),
}


@app.command(cls=Command)
def watch(ctx: typer.Context) -> int:
    """Show the timer on the whole screen, with keys."""
    call = invocation(ctx)
    if not (os.isatty(STDIN) and os.isatty(output.STDOUT)) or os.environ.get("TERM", "dumb") == "dumb":
        raise PomoError("validation", "There is no terminal to draw on.", "Use 'pomo status --follow'.")
    color = call.color and not os.environ.get("NO_COLOR")
    with StatusStream(call, "json") as stream, call.client() as client, Screen() as screen:
        status: dict[str, Any] | None = None
        message, keys = "", False
        while True:
            texts = stream.wait(None, *screen.watched())
            if texts:
                status = json.loads(texts[-1])
            elif stream.lost:
                status = None
            for key in screen.keys():  # noqa: SIM118  # no mapping: what was typed
                if key in "qQ\x04":
                    return OK
                keys = key == "?" and not keys
                message = _act(client, key, status)
            if screen.ended:
                return screen.ended
            screen.draw(view.lines(status, screen.size(), message, keys=keys, color=color))


def _act(client: Client, key: str, status: dict[str, Any] | None) -> str:
    """Do what a key stands for, and answer what came of it."""
    if key == "s":
        method: str = "timer.start" if status is None or status["status"] is None else "timer.stop"
        params: dict[str, Any] = {}
    elif key in _ACTIONS:
        method, params = _ACTIONS[key]
    else:
        return ""
    try:
        return view.message_of(client.call(method, params)["message"])
    except PomoError as error:
        return view.message_of(error.message)
