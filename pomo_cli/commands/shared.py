"""What all commands share: the global options, wherever they stand on the line, and the call that they describe."""

import os
from collections.abc import Callable, Mapping
from typing import Any, Final

import typer
from typer.core import TyperCommand, TyperGroup, TyperOption

from pomo_cli import output
from pomo_cli.client import Client
from pomo_daemon.protocol.errors import PomoError
from pomo_daemon.protocol.text import clean


class Invocation:
    """What the global options of this call say."""

    def __init__(self) -> None:
        self.json = False
        self.quiet = False
        self.color = True
        self.start = not os.environ.get("POMO_NO_AUTOSTART")
        self.given_profile = ""

    @property
    def profile(self) -> str:
        """Answer the profile that is named: nothing for whichever the configuration says is in use."""
        return self.given_profile or os.environ.get("POMO_PROFILE", "")

    def client(self) -> Client:
        """Answer a client that does as the options say."""
        return Client(profile=self.profile, start=self.start)

    def tell(self, result: object, lines: str) -> None:
        """Show what a command did: `lines` to people, the bare `result` with --json, nothing with --quiet."""
        if self.quiet:
            return
        if self.json:
            output.show_json(result)
        else:
            output.write("\n".join(clean(line) for line in lines.split("\n")))


Note = Callable[[Invocation, Any], None]


def invalid(ctx: typer.Context, message: str) -> PomoError:
    """Tell that the words of a command are not valid; its help says which are."""
    return PomoError("validation", f"{message.rstrip('.')}.", f"See '{ctx.command_path} --help'.")


def invocation(ctx: typer.Context) -> Invocation:
    """Answer what the global options of this call say."""
    found = ctx.find_root().obj
    assert isinstance(found, Invocation)  # noqa: S101
    return found


def _option(names: str, meaning: str, note: Note, metavar: str | None = None) -> TyperOption:
    def callback(ctx: typer.Context, _param: object, value: Any) -> None:  # noqa: ANN401
        if value and not ctx.resilient_parsing:
            note(invocation(ctx), value)

    return TyperOption(
        param_decls=names.split(),
        is_flag=metavar is None,
        metavar=metavar,
        default=False if metavar is None else None,
        expose_value=False,
        callback=callback,
        help=meaning,
    )


def _note(name: str, *, value: object = None) -> Note:
    return lambda call, given: setattr(call, name, given if value is None else value)


def _global_options() -> list[TyperOption]:
    return [
        _option("--json", "Print the bare result as JSON; errors too.", _note("json")),
        _option("-q --quiet", "Print nothing but errors.", _note("quiet")),
        _option("--no-color", "Print plain text, on a terminal too.", _note("color", value=False)),
        _option("--no-autostart", "Do not start the daemon.", _note("start", value=False)),
        _option("-p --profile", "Use this profile (or POMO_PROFILE).", _note("given_profile"), metavar="NAME"),
    ]


def _show_help(ctx: typer.Context, _param: object, value: bool) -> None:  # noqa: FBT001
    if value and not ctx.resilient_parsing:
        output.write(ctx.get_help())
        raise typer.Exit


def _help_option() -> TyperOption:
    return TyperOption(
        param_decls=["-h", "--help"],
        is_flag=True,
        default=False,
        is_eager=True,
        expose_value=False,
        callback=_show_help,
        help="Show this help.",
    )


class _WithGlobals:
    """Adds the global options to a command of Typer's, in a section of their own."""

    def __init__(self, *arguments: Any, **named: Any) -> None:  # noqa: ANN401
        super().__init__(*arguments, **named)
        self._globals = [*_global_options(), _help_option()]

    def get_help_option(self, _ctx: object) -> TyperOption:
        return self._globals[-1]

    def get_params(self, ctx: Any) -> list[Any]:  # noqa: ANN401, ARG002
        return [*self.params, *self._globals]  # type: ignore[attr-defined]

    def collect_usage_pieces(self, ctx: Any) -> list[str]:  # noqa: ANN401
        pieces: list[str] = super().collect_usage_pieces(ctx)  # type: ignore[misc]
        return [piece.strip("{}") for piece in pieces]

    def format_options(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401
        own: dict[str, list[tuple[str, str]]] = {"Arguments": [], "Options": [], "Global options": []}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record is not None:
                section = "Global options" if param in self._globals else f"{param.param_type_name.capitalize()}s"
                own[section].append(record)
        for section, records in own.items():
            if records:
                with formatter.section(section):
                    formatter.write_dl(records)


class Command(_WithGlobals, TyperCommand):
    """A command."""


class Group(_WithGlobals, TyperGroup):
    """A noun with commands."""

    def format_options(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401
        """Show the options, then the commands."""
        super().format_options(ctx, formatter)
        self.format_commands(ctx, formatter)


APP: Final[Mapping[str, Any]] = {
    "cls": Group,
    "add_completion": False,
    "rich_markup_mode": None,
    "pretty_exceptions_enable": False,
}
