"""`pomo config`: show and change settings, by the table that the daemon reads too (protocol/settings.py)."""

import json
from datetime import time, timedelta
from difflib import get_close_matches
from typing import Annotated, Any

import typer

from pomo_cli import output, profile, settings_file
from pomo_cli.commands.shared import APP, Command, invocation
from pomo_daemon.protocol import paths, settings
from pomo_daemon.protocol.errors import PomoError
from pomo_daemon.protocol.profiles import OWN
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
    near = get_close_matches(key, SETTINGS, n=1) or [it for it in SETTINGS if it.endswith(f".{key}")]
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


def _current(name: str | None) -> tuple[dict[str, str | int | bool], list[str]]:
    """Answer every setting as it counts in a profile, and what is wrong with the file.

    Of no name: in the profile in use. None: as it counts unless a profile says otherwise.
    """
    content, problems = settings.read_all(settings_file.read())
    values = content.common if name is None else content.values.get(name or content.in_use, content.common)
    return {key: _written(value) for key, value in values.items()}, problems


def _shown(value: str | int | bool) -> str:  # noqa: FBT001
    return value if isinstance(value, str) else json.dumps(value)


def _default(setting: Setting) -> str | int | bool:
    return _written(settings.parse(setting, setting.default))


def _fail_on(problems: list[str]) -> None:
    if problems:
        more = f" ({len(problems) - 1} more)" if len(problems) > 1 else ""
        raise PomoError("config.invalid", f"{paths.config_file()}: {problems[0]}{more}.")


def _way(ctx: typer.Context, key: str) -> tuple[str, ...]:
    """Answer the keys that lead to a setting in the file: below the profile, where --profile names one."""
    name = invocation(ctx).given_profile
    if not name:
        return tuple(key.split("."))
    profile.existing(name)
    if not key.startswith(OWN):
        raise PomoError("validation", f"{key} is the same for all profiles.", "Leave --profile away.")
    return ("profiles", name, *key.split("."))


@app.command(cls=Command)
def path(ctx: typer.Context) -> None:
    """Show where the configuration file lies; it need not exist."""
    invocation(ctx).tell(paths.config_file(), paths.config_file())


@app.command(cls=Command)
def show(ctx: typer.Context) -> None:
    """Show every setting as it counts in a profile, and whether it has its default."""
    call = invocation(ctx)
    values, problems = _current(call.profile)
    rows: list[dict[str, Any]] = [
        {"key": key, "value": values[key], "default": _default(setting), "meaning": setting.meaning}
        for key, setting in SETTINGS.items()
    ]
    result = [{**row, "is_default": row["value"] == row["default"]} for row in rows]
    lines = [f"{row['key']} = {json.dumps(row['value'])}" for row in rows]
    width = max(map(len, lines))
    notes = ["default" if row["is_default"] else f"default {json.dumps(row['default'])}" for row in result]
    text = "\n".join(f"{line.ljust(width)}  # {note}" for line, note in zip(lines, notes, strict=True))
    call.tell(result, text)
    _fail_on(problems)


@app.command(cls=Command)
def get(ctx: typer.Context, key: KeyArgument) -> None:
    """Show one setting as it counts in a profile."""
    setting = _setting(key)
    call = invocation(ctx)
    values, problems = _current(call.profile)
    _fail_on([it for it in problems if f"{setting.key}:" in it or it.startswith("not TOML")])
    value = values[setting.key]
    call.tell(value, _shown(value))


@app.command("set", cls=Command, context_settings={"ignore_unknown_options": True})
def set_value(
    ctx: typer.Context,
    key: KeyArgument,
    value: Annotated[str, typer.Argument(metavar="VALUE", help="Such as 50m, 8, true, breaks, 04:00.")],
) -> None:
    """Change a setting of all profiles, or with --profile of that one; comments and all else in the file stay."""
    setting = _setting(key)
    try:
        meant = settings.parse(setting, value)
    except ValueError as error:
        raise PomoError(
            "validation", f"{error}.", f"{setting.meaning} Its default is {_shown(_default(setting))}."
        ) from None
    way = _way(ctx, key)
    if setting.kind == "profile":
        profile.existing(value)
    before = _current(_place(ctx))[0][key]
    after = value if setting.kind == "duration" else _written(meant)
    settings_file.change({way: after})
    _told(ctx, key, f"{key} is {value} now" + ("." if before == _written(meant) else f", it was {_shown(before)}."))


@app.command(cls=Command)
def unset(ctx: typer.Context, key: KeyArgument) -> None:
    """Let a setting have its default again; with --profile, what it is for all profiles."""
    setting = _setting(key)
    settings_file.change({_way(ctx, key): None})
    if not invocation(ctx).given_profile:
        _told(ctx, key, f"{key} has its default, {_shown(_default(setting))}.")
    else:
        _told(ctx, key, f"{key} is that of all profiles, {_shown(_current(_place(ctx))[0][key])}.")


def _place(ctx: typer.Context) -> str | None:
    """Answer the profile that is written to: None for all of them."""
    return invocation(ctx).given_profile or None


def _told(ctx: typer.Context, key: str, line: str) -> None:
    call = invocation(ctx)
    value = _current(_place(ctx))[0][key]
    counts = _current(call.profile)[0][key]
    if counts != value:
        line += f"\nThe profile in use has its own, {_shown(counts)}: change it with '--profile'."
    if key.startswith(_AT_START):
        from pomo_cli import reach

        if reach.is_held():
            line += "\nThe daemon takes it up when it starts: 'pomo daemon restart'."
    call.tell({"key": key, "value": value}, line)


@app.command(cls=Command)
def check(ctx: typer.Context) -> None:
    """Check the configuration file.

    Exits 0 if all is well; else with 2, having said what is wrong.
    """
    call = invocation(ctx)
    _values, problems = settings.read(settings_file.read())
    if problems:
        if call.json:
            problems = ["; ".join(problems)]
        for problem in problems[:-1]:
            output.write(f"pomo: {clean(problem)}.", output.STDERR)
        raise PomoError("config.invalid", f"{problems[-1]}.", f"Edit {paths.config_file()}.")
    call.tell({"problems": []}, f"{paths.config_file()} is valid.")
