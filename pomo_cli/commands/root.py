"""The command `pomo` itself: finds its commands in a table, and imports a command's module when it is called."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from importlib import import_module
from typing import Any, Protocol

import typer
from typer._click.exceptions import UsageError
from typer.main import get_group

from pomo_cli import output
from pomo_cli.commands.shared import APP, Group, Invocation
from pomo_daemon.protocol.errors import OK, PomoError
from pomo_daemon.protocol.version import VERSION


class Entry(Protocol):
    """A command of the table."""

    @property
    def module(self) -> str:
        """Answer the module below `pomo_cli.commands`."""

    @property
    def summary(self) -> str:
        """Answer what it does, in a line."""


def _explain(error: UsageError) -> PomoError:
    """Turn an error of the parser into one of ours: one line what, one line what to do."""
    where = error.ctx.command_path if error.ctx is not None else "pomo"
    return PomoError("validation", f"{error.format_message().rstrip('.')}.", f"See '{where} --help'.")


class Root(Group):
    """The group whose commands are not there yet."""

    table: Mapping[str, Entry]

    def run(self, arguments: Sequence[str], call: Invocation) -> int:
        """Run a command line, and answer its exit code. Raises PomoError, and what the output raises."""
        try:
            with self.make_context("pomo", list(arguments), obj=call) as ctx:
                found = self.invoke(ctx)
        except typer.Exit as error:
            return error.exit_code
        except UsageError as error:
            # The parser stopped before it came to --json.
            options = arguments[: arguments.index("--")] if "--" in arguments else arguments
            call.json = call.json or "--json" in options
            raise _explain(error) from None
        return found if isinstance(found, int) else OK

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401, ARG002
        """Import the command."""
        entry = self.table.get(cmd_name)
        if entry is None:
            return None
        module = import_module(f"pomo_cli.commands.{entry.module}")
        group = get_group(module.app)
        return group.commands.get(cmd_name, group)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401
        """Find the command, or say which one may be meant."""
        name = args[0]
        if name not in self.table and not name.startswith("-"):
            likely = get_close_matches(name, self.table, n=1)
            ctx.fail(f"There is no command {name!r}" + (f"; {likely[0]!r} is near." if likely else "."))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401, ARG002
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in self.table.items()])


def make_root(table: Mapping[str, Entry]) -> Root:
    """Answer the command `pomo`."""
    app = typer.Typer(**{**APP, "cls": Root})
    app.callback(invoke_without_command=True)(_pomo)
    root = get_group(app)
    assert isinstance(root, Root)  # noqa: S101
    root.table = table
    return root


def _version(value: bool) -> None:  # noqa: FBT001
    if value:
        output.write(f"pomo {VERSION}")
        raise typer.Exit


def _pomo(
    ctx: typer.Context,
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Show the version."),  # noqa: ARG001, FBT001
) -> int | None:
    """The Pomodoro Technique for people who live in a terminal. Without a command: the status."""  # noqa: D401
    if ctx.invoked_subcommand is None:
        from pomo_cli.commands.status import status

        return status(ctx)
    return None
