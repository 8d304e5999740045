"""`pomo import`: the record of other programs, read piece by piece; the daemon decides what is new."""

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Final

import typer

from pomo_cli import output
from pomo_cli.client import Client
from pomo_cli.commands.shared import APP, Command, invalid, invocation
from pomo_cli.commands.words import chosen
from pomo_cli.imports import rows
from pomo_cli.imports.files import pieces
from pomo_cli.imports.formats import FIELDS, FORMATS
from pomo_cli.imports.send import Sender
from pomo_cli.render import imports as render
from pomo_cli.render.progress import bar
from pomo_cli.zone import days
from pomo_daemon.protocol.errors import PomoError
from pomo_daemon.protocol.framing import LONG_SECONDS

app = typer.Typer(**APP)

POLICIES: Final = ("fail", "skip", "trim")
OUTCOMES: Final = ("completed", "stopped")

_FIELDS: Final = ", ".join(FIELDS)


@app.command("import", cls=Command)
def import_(  # noqa: PLR0913  # each is an option
    ctx: typer.Context,
    *,
    form: Annotated[str, typer.Argument(metavar="|".join(FORMATS), help="Which program wrote it.")],
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="What to read; '-' is stdin, a folder is Timewarrior's data.")
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would come, and change nothing.")] = False,
    overlap: Annotated[
        str,
        typer.Option(
            "--overlap",
            metavar="|".join(POLICIES),
            help="What to do with intervals where others are recorded: nothing at all, leave them out, or cut them.",
        ),
    ] = "fail",
    skip_invalid: Annotated[
        bool, typer.Option("--skip-invalid", help="Leave out what is not valid, and take the rest.")
    ] = False,
    task_from: Annotated[
        str | None, typer.Option("--task-from", metavar="FIELD", help=f"What becomes the task: {_FIELDS}.")
    ] = None,
    category_from: Annotated[
        str | None, typer.Option("--category-from", metavar="FIELD", help="What becomes its category.")
    ] = None,
    note_from: Annotated[
        str | None, typer.Option("--note-from", metavar="FIELD", help="What becomes the note.")
    ] = None,
    outcome: Annotated[
        str,
        typer.Option("--outcome", metavar="|".join(OUTCOMES), help="Whether what a tracker tracked is pomodoros."),
    ] = "completed",
) -> None:
    """Take over the record of another program.

    What was imported before does not come again. One 'pomo undo' takes all of it back.
    """
    found = FORMATS[chosen(ctx, "FORMAT", form, tuple(FORMATS))]
    chosen(ctx, "--overlap", overlap, POLICIES)
    mapping = found.mapping._replace(
        outcome=chosen(ctx, "--outcome", outcome, OUTCOMES),
        **_mapped(ctx, found.fields, {"task": task_from, "category": category_from, "note": note_from}),
    )
    call = invocation(ctx)
    zone = days(call.profile).zone
    shown = output.is_fancy(color=call.color) and not call.json and not call.quiet
    with call.client() as client, bar(shown=shown) as progress:
        left_out = LeftOut(file, allowed=skip_invalid)
        begun = client.call("import.begin", {"name": _name(file, form), "overlap": overlap})["import_id"]
        with _given_up(client, begun, always=dry_run):
            sender = Sender(client, begun, left_out.note)
            for piece in pieces(file, found.read, rows.Context(mapping, zone)):
                if piece.name != left_out.file:
                    # What is wrong with the last rows is told of their own file.
                    sender.flush()
                    left_out.file = piece.name
                _take(piece.rows, sender, left_out)
                if piece.size:
                    progress("reading", piece.at, piece.size)
            sender.flush(done=True)
            progress("looking at it" if dry_run else "taking it over", 1, 1)
            result = _outcome(client, begun, file, dry_run=dry_run)
    facts = {"dry_run": dry_run, "invalid": left_out.count, "running": left_out.running, **render.dated(result)}
    call.tell(facts, render.told(facts, left_out.first, overlap, zone))


def _take(found: Sequence[rows.Found], sender: Sender, left_out: "LeftOut") -> None:
    for row in found:
        if isinstance(row, rows.Bad):
            if not left_out.allowed:
                # The first line that is wrong is told, whoever finds it.
                sender.flush()
            left_out.note(*row)
        elif isinstance(row, rows.Running):
            left_out.running += 1
        else:
            sender.send(row)


def _mapped(ctx: typer.Context, fields: tuple[str, ...], given: Mapping[str, str | None]) -> dict[str, str]:
    wanted = {name: it for name, it in given.items() if it is not None}
    for name, field in wanted.items():
        if not fields:
            raise invalid(ctx, f"--{name}-from: this format says itself what is what.")
        chosen(ctx, f"--{name}-from", field, (*fields, "none"))
    return wanted


def _name(file: str, form: str) -> str:
    """Answer what the change is called."""
    return form if file == "-" else os.path.basename(file.rstrip("/")).encode(errors="replace").decode()[:100]


class LeftOut:
    """Lines that are not taken: the first one ends the import, unless that is `allowed`."""

    def __init__(self, file: str, *, allowed: bool) -> None:
        self.file = file
        self.allowed = allowed
        self.count = 0
        self.running = 0
        self.first = ""

    def note(self, line: int, message: str) -> None:
        """Count a line. Raises PomoError."""
        place = f"{self.file}: line {line}: {message}"
        if not self.allowed:
            hint = "Mend it, or leave such lines out with '--skip-invalid'. Nothing was changed."
            raise PomoError("validation", place, hint)
        self.count += 1
        self.first = self.first or place


@contextlib.contextmanager
def _given_up(client: Client, import_id: int, *, always: bool) -> Iterator[None]:
    """Tell the daemon where an import is not wanted any more."""
    wanted = False
    try:
        yield
        wanted = not always
    finally:
        if not wanted:
            with contextlib.suppress(PomoError):
                client.call("import.abandon", {"import_id": import_id})


def _outcome(client: Client, import_id: int, file: str, *, dry_run: bool) -> Any:  # noqa: ANN401  # it is JSON
    method = "import.preview" if dry_run else "import.commit"
    try:
        return client.call(method, {"import_id": import_id}, patience=LONG_SECONDS)
    except PomoError as error:
        if error.code == "history.overlap" and error.message.startswith("line "):
            raise PomoError(error.code, f"{file}: {error.message}", error.hint) from None
        raise
