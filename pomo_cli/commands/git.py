"""`pomo git`: hooks of a git repository, by which commits and pomodoros know of each other."""

from typing import Annotated

import typer

from pomo_cli import repository
from pomo_cli.commands.shared import APP, Command, invocation
from pomo_cli.repository import NOTE, TRAILER, Hooks

app = typer.Typer(**APP, help="Tell commits and pomodoros of each other.")


@app.command(cls=Command)
def install(
    ctx: typer.Context,
    *,
    trailer: Annotated[
        bool, typer.Option("--trailer", help="Also add a line to each message: 'Pomodoro: #12 Write report (2/4)'.")
    ] = False,
) -> None:
    """Let each commit in this repository be noted on the focus that it is made in."""
    _tell(ctx, repository.install((*NOTE, *(TRAILER if trailer else ()))))


@app.command(cls=Command)
def uninstall(ctx: typer.Context) -> None:
    """Take the hooks away; those that were there before are as they were."""
    _tell(ctx, repository.install(()))


@app.command(cls=Command)
def status(ctx: typer.Context) -> None:
    """Show which hooks this repository has of pomo."""
    _tell(ctx, repository.hooks())


@app.command(cls=Command, hidden=True)
def note(ctx: typer.Context, commit: Annotated[str, typer.Argument(metavar="[COMMIT]")] = "HEAD") -> None:
    """Note a commit on the focus that runs; the hook calls this."""
    call = invocation(ctx)
    call.start = False
    found = repository.commit(commit)
    if found is None:
        call.tell({"interval_id": None}, "There is no commit.")
        return
    sha, subject, folder = found
    with call.client() as client:
        result = client.call("git.note", {"sha": sha, "subject": subject, "repository": folder[:1000]})
    noted = result["interval_id"] is not None
    call.tell(result, f"Noted {sha[:7]}." if noted else "No focus runs: nothing was noted.")


def _tell(ctx: typer.Context, found: Hooks) -> None:
    noted = "are noted on the focus they are made in" if set(NOTE) <= set(found.installed) else "are not noted"
    trailer = "get a trailer" if set(TRAILER) <= set(found.installed) else "get no trailer"
    lines = [f"Commits {noted}; messages {trailer}. Hooks: {found.folder}"]
    if found.configured:
        lines.append("core.hooksPath says so: they may be those of other repositories as well.")
    result = {
        "folder": found.folder,
        "hooks_path": found.configured,
        "note": set(NOTE) <= set(found.installed),
        "trailer": set(TRAILER) <= set(found.installed),
    }
    invocation(ctx).tell(result, "\n".join(lines))
