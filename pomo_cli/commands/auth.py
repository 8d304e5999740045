"""`pomo auth`: accounts and logins. A password is typed unseen or comes by stdin: never an argument, nor a variable."""

import os
from collections.abc import Callable
from contextlib import suppress
from typing import Annotated, Any, Final

import typer

from pomo_cli import keyrings, profile, prompt
from pomo_cli.client import Client
from pomo_cli.commands.shared import APP, Command, Invocation, invalid, invocation
from pomo_cli.commands.words import ask, text
from pomo_cli.login import Login, tokens_of
from pomo_cli.render import auth as render
from pomo_cli.tokens import TokenFile, Tokens
from pomo_cli.zone import days
from pomo_daemon.protocol.errors import PomoError
from pomo_daemon.protocol.text import clean

app = typer.Typer(**APP, help="Make an account, log in and out.")

StdinOption = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from stdin: one line, not from a terminal.")
]
_ONE_LINE: Final = "The password comes by a prompt on a terminal, or by --password-stdin."


@app.command(cls=Command)
def register(
    ctx: typer.Context,
    *,
    username: Annotated[str, typer.Option("--username", metavar="U", help="What the account is called.")],
    email: Annotated[str, typer.Option("--email", metavar="E", help="Its email address; it also logs in.")],
    password_stdin: StdinOption = False,
) -> None:
    """Make an account with a password, and log in."""
    call = invocation(ctx)
    params = {"username": text(ctx, "--username", username), "email": text(ctx, "--email", email)}
    password = _password(ctx, lambda: prompt.new_secret("Password for the new account: "), stdin=password_stdin)
    _prepare(call)
    with _stranger(call) as client:
        made: dict[str, Any] = client.call("auth.register", {**params, "password": password})
    name = clean(str(made["username"]))
    try:
        tokens = _log_in(call, username, password)
    except PomoError as error:
        raise PomoError(
            error.code, f"The account {name!r} is made, but not logged in: {error.message}", error.hint
        ) from None
    call.tell({**made, **_shown(tokens)}, f"Account {name!r} made.\n{_greeting(call, tokens)}")


@app.command(cls=Command)
def login(
    ctx: typer.Context,
    *,
    username: Annotated[
        str | None, typer.Option("--username", metavar="U|E", help="Username or email address.")
    ] = None,
    password_stdin: StdinOption = False,
) -> None:
    """Log in; from then on commands act as that account."""
    call = invocation(ctx)
    if username is None and (password_stdin or not prompt.can_ask()):
        raise invalid(ctx, "Who is it? Give --username")
    name = text(ctx, "--username", username if username is not None else prompt.line("Username or email: "))
    password = _password(ctx, lambda: prompt.secret(f"Password of {clean(name)}: "), stdin=password_stdin)
    _prepare(call)
    tokens = _log_in(call, name, password)
    call.tell(_shown(tokens), _greeting(call, tokens))


@app.command(cls=Command)
def logout(ctx: typer.Context) -> None:
    """Log out: end the login, and remove its tokens."""
    call = invocation(ctx)
    file = _file(call)
    if not file.exists():
        raise _nobody()
    problem = ""
    try:
        with call.client() as client:
            client.call("auth.logout")
    except PomoError as error:
        problem = error.message
    with file.locked():
        file.remove()
    told = f"Logged out here: the tokens are removed. The daemon did not take part: {problem}"
    call.tell({"told": not problem}, told if problem else "Logged out.")


@app.command(cls=Command)
def refresh(ctx: typer.Context) -> None:
    """Renew the access token now; commands do that by themselves when it is due."""
    call = invocation(ctx)
    file = _file(call)
    found = file.read()
    if found is None:
        raise _nobody()
    Login(_name(call), call.client().refresh).renewed(found.access_token)
    fresh = file.read() or found
    until = render.moment(fresh.access_expires_at, days(call.profile).zone)
    call.tell(_shown(fresh), f"The access token is renewed, until {until}.")


@app.command(cls=Command)
def whoami(ctx: typer.Context) -> None:
    """Show who the daemon takes one for, and by what."""
    call = invocation(ctx)
    me: dict[str, Any] = ask(ctx, "auth.whoami")
    kept = _file(call).read() if me["login_id"] is not None else None
    until = me["access_expires_at"] if kept is None else kept.refresh_expires_at
    call.tell(me, render.whoami(me, until, days(call.profile).zone))


@app.command(cls=Command)
def passwd(ctx: typer.Context, *, password_stdin: StdinOption = False) -> None:
    """Change the password; all other logins end. By stdin: two lines, the old and the new; a first one is one line."""
    old: str | None
    if password_stdin:
        first, second = prompt.piped_secret(), prompt.piped_secret()
        old, new = (None, first) if second is None else (first, second)
        if not new:
            raise invalid(ctx, "There is no password on stdin")
    else:
        _need_terminal(ctx)
        old = prompt.secret("Current password (nothing, if there is none yet): ") or None
        new = prompt.new_secret("New password: ")
    done: dict[str, Any] = ask(ctx, "auth.passwd", {"old_password": old, "password": new})
    ended = int(done["revoked"])
    others = f" {ended} other login{'s have' if ended > 1 else ' has'} ended." if ended else ""
    invocation(ctx).tell(done, f"The password is changed.{others}")


@app.command(cls=Command)
def logins(ctx: typer.Context) -> None:
    """List the devices that are logged in to the account."""
    call = invocation(ctx)
    found: list[dict[str, Any]] = ask(ctx, "auth.logins")
    call.tell(found, render.logins(found, days(call.profile).zone) or "There are no logins.")


@app.command(cls=Command)
def revoke(
    ctx: typer.Context,
    number: Annotated[int, typer.Argument(metavar="LOGIN", min=1, help="Its number: see 'pomo auth logins'.")],
) -> None:
    """End a login, wherever it is."""
    call = invocation(ctx)
    ended = ask(ctx, "auth.revoke", {"login_id": number})
    _remove_if(_file(call), number)
    call.tell(ended, f"Login {number} has ended.")


def _name(call: Invocation) -> str:
    return profile.named(call.profile or profile.in_use())


def _file(call: Invocation) -> TokenFile:
    return TokenFile(_name(call))


def _stranger(call: Invocation) -> Client:
    """Answer a client that goes by no login, in the profile whose tokens are to be kept."""
    return Client(profile=_name(call), start=call.start, login=False)


def _nobody() -> PomoError:
    return PomoError("auth.required", "Nobody is logged in here.")


def _need_terminal(ctx: typer.Context) -> None:
    if not prompt.can_ask():
        raise PomoError(
            "validation",
            "There is no terminal to ask for the password.",
            f"{_ONE_LINE} See '{ctx.command_path} --help'.",
        )


def _password(ctx: typer.Context, asking: Callable[[], str], *, stdin: bool) -> str:
    if not stdin:
        _need_terminal(ctx)
    found = prompt.piped_secret() if stdin else asking()
    if not found:
        raise invalid(ctx, "The password is empty")
    return found


def _prepare(call: Invocation) -> None:
    """See that tokens can be kept, before there are any. Raises PomoError."""
    file = _file(call)
    with file.locked():
        if _in_keyring(call):
            keyrings.load(file.path)


def _in_keyring(call: Invocation) -> bool:
    found = profile.read().by_name.get(_name(call))
    return found is not None and found.tokens == "keyring"


def _log_in(call: Invocation, name: str, password: str) -> Tokens:
    """Log in and keep the tokens; the login that they replace ends."""
    params = {"name": name, "password": password, "device": f"pomo on {os.uname().nodename}"}
    with _stranger(call) as client:
        tokens = tokens_of(client.call("auth.login", params))
    file = _file(call)
    former: Tokens | None = None
    with file.locked():
        with suppress(PomoError):  # whatever there was, it is replaced
            former = file.read()
        file.store(tokens, in_keyring=_in_keyring(call))
    if former is not None and former.username == tokens.username:
        with suppress(PomoError), Client(profile=_name(call), start=call.start) as client:
            client.call("auth.revoke", {"login_id": int(former.login_id)})
    return tokens


def _remove_if(file: TokenFile, number: int) -> None:
    """Remove the tokens if they are of that login."""
    with suppress(PomoError):
        kept = file.read()
        if kept is not None and kept.login_id == str(number):
            with file.locked():
                file.remove()


def _shown(tokens: Tokens) -> dict[str, Any]:
    """Answer what may be shown of a login: no token."""
    return {
        "login_id": int(tokens.login_id),
        "username": tokens.username,
        "access_expires_at": tokens.access_expires_at,
        "refresh_expires_at": tokens.refresh_expires_at,
    }


def _greeting(call: Invocation, tokens: Tokens) -> str:
    until = render.moment(tokens.refresh_expires_at, days(call.profile).zone)
    return f"Logged in as {clean(tokens.username)!r} in the profile {_name(call)!r}, until {until} if it is not used."
