"""`pomo events`: what was announced, as lines of JSON."""

from typing import Annotated, Any, Final

import typer

from pomo_cli import output
from pomo_cli.client import Client
from pomo_cli.commands.shared import APP, Command, Invocation, invalid, invocation
from pomo_cli.stream import EventStream

app = typer.Typer(**APP)

_PAGE: Final = 500


@app.command(cls=Command)
def events(
    ctx: typer.Context,
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with each event as it comes.")] = False,
    since: Annotated[
        int | None, typer.Option("--since", metavar="SEQ", min=0, help="Only those with greater numbers.")
    ] = None,
) -> None:
    """Print what was announced, a line of JSON for each event.

    Oldest first: all there are, or with --follow those to come. With --since a follower misses none and gets none
    twice, whatever restarts: give the `seq` of the last one it has.
    """
    call = invocation(ctx)
    if call.quiet:
        raise invalid(ctx, "--quiet leaves nothing to print.")
    with call.client() as client:
        last = _latest(client) if follow and since is None else _replay(client, since or 0)
    if follow:
        _follow(call, last)


def _latest(client: Client) -> int:
    return int(client.call("events.list", {"limit": 1})["last"])


def _replay(client: Client, since: int) -> int:
    """Print what there is, page by page; answer the number of the last one."""
    while page := _page(client, since):
        output.write("\n".join(output.dumps(it, pretty=False) for it in page))
        since = page[-1]["seq"]
    return since


def _page(client: Client, since: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.call("events.list", {"since": since, "limit": _PAGE})["events"]
    return found


def _follow(call: Invocation, since: int) -> None:
    with EventStream(call, since) as stream:
        while True:
            for text in stream.wait(None, (output.STDOUT, 0)):
                output.write(text)
