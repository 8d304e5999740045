"""`pomo profile`: profiles of the configuration, which the daemon takes up as soon as the file has changed."""

import os
from typing import Annotated, Any

import typer

from pomo_cli import profile, prompt, settings_file
from pomo_cli.commands.shared import APP, Command, invalid, invocation
from pomo_cli.render.glyphs import cells, pad
from pomo_cli.tokens import TokenFile
from pomo_daemon.protocol import paths
from pomo_daemon.protocol.errors import PomoError
from pomo_daemon.protocol.profiles import (
    DEFAULT,
    FIELDS,
    Profile,
    check_field,
    check_name,
    database_file,
    read_profiles,
    to_show,
)
from pomo_daemon.protocol.text import clean

app = typer.Typer(**APP, help="Keep several timers apart, each in a database of its own.")

NameArgument = Annotated[str, typer.Argument(metavar="PROFILE", help="Its name: see 'pomo profile list'.")]
DatabaseOption = Annotated[
    str | None, typer.Option("--database-url", metavar="URL", help="Its database; '': a file of its own.")
]
RedisOption = Annotated[str | None, typer.Option("--redis-url", metavar="URL", help="Its Redis; '': none.")]
LoginOption = Annotated[
    str | None,
    typer.Option("--login", metavar="peer|password", help="Whether the system's word is enough, or only a login is."),
]
TokensOption = Annotated[
    str | None, typer.Option("--tokens", metavar="file|keyring", help="Where the tokens of the next login are kept.")
]


@app.command("list", cls=Command)
def list_profiles(ctx: typer.Context) -> None:
    """List profiles; a star marks the one in use."""
    used = _used(ctx)
    rows = [_row(it, used) for it in profile.read().by_name.values()]
    names, databases = [it["name"] for it in rows], [clean(it["database"]) for it in rows]
    widest, wide = max(map(cells, names)), max(map(cells, databases))
    lines = [
        f"{'*' if it['in_use'] else ' '} {pad(it['name'], widest)}  {pad(database, wide)}  {it['login']}"
        for it, database in zip(rows, databases, strict=True)
    ]
    invocation(ctx).tell(rows, "\n".join(lines))


@app.command(cls=Command)
def show(
    ctx: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="PROFILE", help="Its name; the one in use unless said.")] = None,
) -> None:
    """Show a profile; of a URL all but the password."""
    used = _used(ctx)
    found = profile.existing(name or used)
    own = settings_file.flat(profile.read().settings[found.name])
    row = {**_row(found, used), "settings": own}
    lines = [f"{found.name}{' (in use)' if row['in_use'] else ''}"]
    lines += [f"  {key}: {clean(row[key])}" for key in ("database", "redis", "login", "tokens") if row[key]]
    lines += [f"  {key} = {value}" for key, value in own.items()]
    invocation(ctx).tell(row, "\n".join(lines))


@app.command(cls=Command)
def create(
    ctx: typer.Context,
    *,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Its name: a-z, 0-9, - and _.")],
    database_url: DatabaseOption = None,
    redis_url: RedisOption = None,
    login: LoginOption = None,
    tokens: TokensOption = None,
) -> None:
    """Make a profile; its database is made when it is first used."""
    fields = _fields(ctx, database_url, redis_url, login, tokens)
    try:
        check_name(name)
    except ValueError as error:
        raise invalid(ctx, str(error)) from None
    if name in (DEFAULT, *settings_file.profile_names(settings_file.document())):
        raise PomoError("profile.exists", f"There is a profile {name!r} already.")
    given = {key: value for key, value in fields.items() if value}
    for problem in read_profiles({"profiles": {name: given}}).problems:
        raise invalid(ctx, problem.partition(": ")[2])
    settings_file.change({("profiles", name): dict(given)})
    row = _row(profile.existing(name), _used(ctx))
    how = f"Use it with '--profile {name}', or always: 'pomo profile use {name}'."
    invocation(ctx).tell(row, f"Profile {name!r} made: {clean(row['database'])}.\n{how}")


@app.command(cls=Command)
def use(ctx: typer.Context, name: NameArgument) -> None:
    """Use a profile from now on, wherever none is named."""
    found = profile.existing(name)
    settings_file.change({("profile",): found.name})
    told = f"The profile in use is {name!r} now."
    if os.environ.get("POMO_PROFILE", name) not in ("", name):
        told += "\nPOMO_PROFILE names another, which is stronger here."
    invocation(ctx).tell(_row(found, name), told)


@app.command(cls=Command)
def edit(
    ctx: typer.Context,
    *,
    name: NameArgument,
    database_url: DatabaseOption = None,
    redis_url: RedisOption = None,
    login: LoginOption = None,
    tokens: TokensOption = None,
) -> None:
    """Change a profile; its settings are changed by 'pomo config set --profile'."""
    fields = _fields(ctx, database_url, redis_url, login, tokens)
    if not fields:
        raise invalid(ctx, "Say what is to be changed")
    before = profile.existing(name)
    after = before._replace(**fields)
    for problem in read_profiles({"profiles": {name: after._asdict()}}).problems if name != DEFAULT else ():
        raise invalid(ctx, problem.partition(": ")[2])
    settings_file.change({("profiles", name, key): value or None for key, value in fields.items()})
    told = f"Profile {name!r} changed."
    if after.database_url != before.database_url:
        told += f" What is in {clean(_database(before))} stays there."
    invocation(ctx).tell(_row(after, _used(ctx)), told)


@app.command(cls=Command)
def delete(
    ctx: typer.Context,
    *,
    name: NameArgument,
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing.")] = False,
) -> None:
    """Delete a profile and its tokens; its database is left alone."""
    call = invocation(ctx)
    found = profile.existing(name)
    if name == DEFAULT:
        raise PomoError("profile.in_use", "The default profile is always there.", "Change it: 'pomo profile edit'.")
    if name in (_used(ctx), profile.in_use()):
        raise PomoError("profile.in_use", f"The profile {name!r} is in use.")
    database = clean(_database(found))
    if not yes:
        if call.json or call.quiet or not prompt.can_ask():
            raise invalid(ctx, "Nobody can be asked here: give --yes")
        if not prompt.confirm(f"Delete the profile {name!r}? Its database, {database}, is left alone."):
            call.tell({"name": name, "deleted": False, "database": database}, "Nothing was changed.")
            return
    settings_file.change({("profiles", name): None})
    file = TokenFile(name)
    if file.exists():
        with file.locked():
            file.remove()
    told = f"Profile {name!r} deleted. Its database is left alone: {database}."
    call.tell({"name": name, "deleted": True, "database": database}, told)


def _used(ctx: typer.Context) -> str:
    return invocation(ctx).profile or profile.in_use()


def _fields(ctx: typer.Context, *values: str | None) -> dict[str, str]:
    """Answer what is said of a profile's own keys, in their order."""
    given = {key: value for key, value in zip(FIELDS, values, strict=True) if value is not None}
    try:
        return {key: value if check_field(key, value) else "" for key, value in given.items()}
    except ValueError as error:
        raise invalid(ctx, f"--{str(error).replace('_url', '-url', 1)}") from None


def _database(it: Profile) -> str:
    """Answer where the database of a profile is, to show."""
    said = os.environ.get("POMO_DATABASE_URL", "") if it.name == DEFAULT else ""
    return to_show(said or it.database_url) or f"{paths.data_dir()}/{database_file(it.name)}"


def _row(it: Profile, used: str) -> dict[str, Any]:
    return {
        "name": it.name,
        "in_use": it.name == used,
        "database": _database(it),
        "redis": to_show(it.redis_url),
        "login": it.login,
        "tokens": it.tokens,
    }
