"""`pomo db`: look after the database of a profile as a whole."""

import os
from typing import Annotated, Any

import typer

from pomo_cli import maintenance, output, prompt, settings_file
from pomo_cli.commands.daemon import halt
from pomo_cli.commands.shared import APP, Command, invalid, invocation
from pomo_cli.render import db as render
from pomo_cli.render.progress import bar
from pomo_daemon.protocol.errors import PomoError
from pomo_daemon.protocol.profiles import DEFAULT
from pomo_daemon.protocol.text import clean

app = typer.Typer(**APP, help="Check, back up, restore and move the database.")

FileArgument = Annotated[str, typer.Argument(metavar="FILE", help="A SQLite file, also of a profile on PostgreSQL.")]
_SQLITE = "sqlite"


@app.command(cls=Command)
def upgrade(ctx: typer.Context) -> None:
    """Bring the schema to that of this pomo.

    A daemon does the same when it starts.
    """
    done = _do(ctx, {"do": "upgrade"})
    before, after = done["before"], done["schema_revision"]
    line = (
        f"The schema is {after} already."
        if before == after
        else f"The schema is {after} now, it was {before or 'none'}."
    )
    invocation(ctx).tell(done, line)


@app.command(cls=Command)
def check(ctx: typer.Context) -> None:
    """Look for damage and contradictions, while the daemon runs.

    Exits 0 if all is well; else with 7, having said what is wrong.
    """
    call = invocation(ctx)
    found = _do(ctx, {"do": "check"})
    findings = found["findings"]
    call.tell(found, render.health(found) + ("" if findings else "\nNothing is wrong."))
    if findings:
        if call.json:
            findings = ["; ".join(findings)]
        for finding in findings[:-1]:
            output.write(f"pomo: {clean(finding)}.", output.STDERR)
        raise PomoError("database.error", f"{findings[-1]}.", "See docs/database.md, 'When something is wrong'.")


@app.command(cls=Command)
def backup(
    ctx: typer.Context,
    file: FileArgument,
    *,
    force: Annotated[bool, typer.Option("--force", help="Replace a file of that name.")] = False,
) -> None:
    """Write a backup, while the daemon runs."""
    done = _do(ctx, {"do": "backup", "file": os.path.abspath(file), "force": force})
    invocation(ctx).tell(done, f"The backup is in {done['file']} ({render.size(done['size'])}).")


@app.command(cls=Command)
def restore(
    ctx: typer.Context,
    file: FileArgument,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing.")] = False,
) -> None:
    """Put a backup in the place of the database.

    The database is kept under another name. A profile on PostgreSQL takes a backup into an empty database.
    """
    call = invocation(ctx)

    def allow(facts: Any) -> bool:  # noqa: ANN401  # it is JSON
        if yes:
            return True
        if call.json or call.quiet or not prompt.can_ask():
            raise invalid(ctx, "Nobody can be asked here: give --yes")
        return prompt.confirm(f"Put the backup, of {facts['intervals']} intervals, in the place of the database?")

    done = _do(ctx, {"do": "restore", "file": os.path.abspath(file)}, allow=allow)
    if done is None:
        call.tell({"restored": False}, "Nothing was changed.")
        return
    lines = f"The backup, of {done['intervals']} intervals, is in place."
    if done["kept"]:
        lines += f"\nWhat was there before is kept in {done['kept']}."
    call.tell({"restored": True, **done}, lines)


@app.command(cls=Command)
def copy(
    ctx: typer.Context,
    *,
    to: Annotated[
        str, typer.Option("--to", metavar="URL", help="postgresql://… or sqlite:///FILE; '-' reads it from stdin.")
    ],
    switch: Annotated[
        bool, typer.Option("--switch/--no-switch", help="Let the profile use the new database when all is in it.")
    ] = True,
) -> None:
    """Move a profile to another database.

    All that is in it is copied, from SQLite to PostgreSQL or back, and compared.
    What was broken off goes on when it is called again.
    """
    url = _target(ctx, to)
    switched = False

    def then(done: Any) -> None:  # noqa: ANN401  # it is JSON
        nonlocal switched
        if switch and not (done["profile"] == DEFAULT and os.environ.get("POMO_DATABASE_URL")):
            settings_file.change({("profiles", done["profile"], "database_url"): url})
            switched = True

    done = _do(ctx, {"do": "copy", "to": url}, then=then)
    lines = render.copied(done, switched=switched)
    if switch and not switched:
        lines += "\nPOMO_DATABASE_URL names it: change it there."
    invocation(ctx).tell({**done, "switched": switched}, lines)


def _do(ctx: typer.Context, request: dict[str, Any], **steps: Any) -> Any:  # noqa: ANN401  # it is JSON
    call = invocation(ctx)
    shown = output.is_fancy(color=call.color) and not call.json and not call.quiet
    with bar(shown=shown) as progress:
        return maintenance.run({"profile": call.profile, **request}, progress, halt=halt, **steps)


def _target(ctx: typer.Context, to: str) -> str:
    """Answer the URL that is meant: a relative path as it is here, for the daemon lives elsewhere."""
    given = to == "-"
    if given:
        to = (prompt.secret("URL: ") if prompt.can_ask() else prompt.piped_secret() or "").strip()
    scheme, _, rest = to.partition("://")
    account = rest.rpartition("@")[0]
    if not given and (":" in account or "password=" in rest):
        raise invalid(ctx, "A password there can be seen by all: use '--to -' and stdin")
    if scheme.startswith(_SQLITE) and rest.startswith("/"):
        return f"{scheme}:///{os.path.abspath(rest[1:])}"
    return to
