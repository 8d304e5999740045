"""`pomo config`: show and change settings, by the table that the daemon reads too (protocol/settings.py)."""

import json
from datetime import time, timedelta
from difflib import get_close_matches
from typing import Annotated, Any

import typer

from pomo_cli import output, settings_file
from pomo_cli.commands.shared import APP, Command, invocation
from pomo_daemon.protocol import paths, settings
from pomo_daemon.protocol.errors import PomoError
from pomo_daemon.protocol.settings import SETTINGS, Setting
from pomo_daemon.protocol.text import clean, length

app = typer.Typer(**APP, help="Show and change settings.")

KeyArgument = Annotated[str, typer.Argument(metavar="KEY", help="Such as timer.focus; 'pomo config show' lists them.")]
#: A daemon reads these when it starts; all others it reads anew when the file has changed.
_AT_START = ("daemon.", "log.")


def _setting(key: str) -> Setting:
    found = SETTINGS.get(key)
    if found is not None:
        return found
    near = get_close_matches(key, SETTINGS, n=1) or [it for it in SETTINGS if it.split(".")[1] == key]
    hint = f"Did you mean {near[0]}?" if near else "'pomo config show' lists them all."
    raise PomoError("validation", f"There is no setting {key!r}.", hint)


def _written(value: settings.Value) -> str | int | bool:
    """Answer a value as it stands in the file."""
    if isinstance(value, timedelta):
        text = length(value // timedelta(seconds=1))
        return text.removesuffix("00m") if text.endswith("h00m") else text
    if isinstance(value, time):
        return value.isoformat("seconds" if value.second else "minutes")
    return value


def _current() -> tuple[dict[str, str | int | bool], list[str]]:
    """Answer every setting as it counts, and what is wrong with the file."""
    values, problems = settings.read(settings_file.read())
    return {key: _written(value) for key, value in values.items()}, problems


def _shown(value: str | int | bool) -> str:  # noqa: FBT001
    return value if isinstance(value, str) else json.dumps(value)


def _default(setting: Setting) -> str | int | bool:
    return _written(settings.parse(setting, setting.default))


def _fail_on(problems: list[str]) -> None:
    if problems:
        more = f" ({len(problems) - 1} more)" if len(problems) > 1 else ""
        raise PomoError("config.invalid", f"{paths.config_file()}: {problems[0]}{more}.")


@app.command(cls=Command)
def path(ctx: typer.Context) -> None:
    """Show where the configuration file lies; it need not exist."""
    invocation(ctx).tell(paths.config_file(), paths.config_file())


@app.command(cls=Command)
def show(ctx: typer.Context) -> None:
    """Show every setting, and whether it has its default."""
    values, problems = _current()
    rows: list[dict[str, Any]] = [
        {"key": key, "value": values[key], "default": _default(setting), "meaning": setting.meaning}
        for key, setting in SETTINGS.items()
    ]
    result = [{**row, "is_default": row["value"] == row["default"]} for row in rows]
    lines = [f"{row['key']} = {json.dumps(row['value'])}" for row in rows]
    width = max(map(len, lines))
    notes = ["default" if row["is_default"] else f"default {json.dumps(row['default'])}" for row in result]
    text = "\n".join(f"{line.ljust(width)}  # {note}" for line, note in zip(lines, notes, strict=True))
    invocation(ctx).tell(result, text)
    _fail_on(problems)


@app.command(cls=Command)
def get(ctx: typer.Context, key: KeyArgument) -> None:
    """Show one setting."""
    setting = _setting(key)
    values, problems = _current()
    _fail_on([it for it in problems if it.startswith((f"{setting.key}:", "not TOML"))])
    value = values[setting.key]
    invocation(ctx).tell(value, _shown(value))


@app.command("set", cls=Command, context_settings={"ignore_unknown_options": True})
def set_value(
    ctx: typer.Context,
    key: KeyArgument,
    value: Annotated[str, typer.Argument(metavar="VALUE", help="Such as 50m, 8, true, breaks, 04:00.")],
) -> None:
    """Change a setting; comments and everything else in the file stay."""
    setting = _setting(key)
    try:
        meant = settings.parse(setting, value)
    except ValueError as error:
        raise PomoError(
            "validation", f"{error}.", f"{setting.meaning} Its default is {_shown(_default(setting))}."
        ) from None
    before = _current()[0][key]
    after = value if setting.kind == "duration" else _written(meant)
    settings_file.change(key, after)
    _told(ctx, key, f"{key} is {value} now" + ("." if before == _written(meant) else f", it was {_shown(before)}."))


@app.command(cls=Command)
def unset(ctx: typer.Context, key: KeyArgument) -> None:
    """Let a setting have its default again."""
    setting = _setting(key)
    settings_file.change(key, None)
    _told(ctx, key, f"{key} has its default, {_shown(_default(setting))}.")


def _told(ctx: typer.Context, key: str, line: str) -> None:
    value = _current()[0][key]
    if key.startswith(_AT_START):
        from pomo_cli import reach

        if reach.is_held():
            line += "\nThe daemon takes it up when it starts: 'pomo daemon restart'."
    invocation(ctx).tell({"key": key, "value": value}, line)


@app.command(cls=Command)
def check(ctx: typer.Context) -> None:
    """Check the configuration file.

    Exits 0 if all is well; else with 2, having said what is wrong.
    """
    call = invocation(ctx)
    _values, problems = _current()
    if problems:
        if call.json:
            problems = ["; ".join(problems)]
        for problem in problems[:-1]:
            output.write(f"pomo: {clean(problem)}.", output.STDERR)
        raise PomoError("config.invalid", f"{problems[-1]}.", f"Edit {paths.config_file()}.")
    call.tell({"problems": []}, f"{paths.config_file()} is valid.")
