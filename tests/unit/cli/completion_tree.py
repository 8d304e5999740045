"""The table of completion, made from the commands as Typer has them. Run as a module it writes the table anew."""

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import typer

from pomo_cli import app, completion_table
from pomo_cli.commands.root import make_root
from pomo_cli.completion_table import Entry

Table = dict[tuple[str, ...], Entry]
#: What an option takes whose metavar is the same as that of others, which take something else.
KINDS = {"--profile": "PROFILE"}


def table() -> Table:
    """Answer the table as it has to be."""
    root = make_root(app.COMMANDS)
    found: Table = {(): _entry((), root, "")}
    for name, listed in app.COMMANDS.items():
        command = root.get_command(None, name)
        found[name,] = _entry((name,), command, listed.summary)
        for below, child in getattr(command, "commands", {}).items():
            found[name, below] = _entry((name, below), child, child.get_short_help_str(200))
    return found


def _entry(path: tuple[str, ...], command: Any, summary: str) -> Entry:
    ctx = typer.Context(command, info_name=" ".join(("pomo", *path)))
    params = command.get_params(ctx)
    return Entry(summary, tuple(_arguments(params)), tuple(_options(params)))


def _arguments(params: list[Any]) -> Iterator[str]:
    for it in params:
        if it.param_type_name == "argument":
            yield str(it.metavar or it.name).strip("[]")


def _options(params: list[Any]) -> Iterator[tuple[tuple[str, ...], str, str]]:
    for it in params:
        if it.param_type_name == "option":
            kind = "" if it.is_flag else KINDS.get(it.opts[-1], it.metavar or "TEXT")
            yield tuple(it.opts), kind, it.help or ""


def write() -> None:
    """Write the table, in the form that the formatter leaves alone."""
    path = completion_table.__file__
    with open(path, encoding="utf-8") as opened:
        head, mark, _ = opened.read().partition("TABLE: Final[dict[tuple[str, ...], Entry]] = ")
    rows = "".join(f"{path!r}: Entry({', '.join(map(repr, entry))}),\n" for path, entry in table().items())
    with open(path, "w", encoding="utf-8") as opened:
        opened.write(f"{head}{mark}{{\n{rows}}}\n")
    subprocess.run([f"{os.path.dirname(sys.executable)}/ruff", "format", "--quiet", path], check=True)


if __name__ == "__main__":
    write()
