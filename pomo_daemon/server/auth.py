"""Routes of accounts and logins: from messages to use cases and back."""

from typing import TYPE_CHECKING

import msgspec

from pomo_daemon.application.auth import Tokens
from pomo_daemon.protocol import messages as m
from pomo_daemon.server.replies import who

if TYPE_CHECKING:
    from pomo_daemon.server.routes import Client


def _tokens(tokens: Tokens) -> m.TokensResult:
    return msgspec.convert(tokens, m.TokensResult, from_attributes=True)


async def register(client: "Client", params: m.RegisterParams) -> m.AccountResult:
    """Make an account."""
    made = await client.services.auth.register(params.username, params.email, params.password)
    return m.AccountResult(made.user_id, made.username, made.email or "")


async def login(client: "Client", params: m.LoginParams) -> m.TokensResult:
    """Log a device in."""
    return _tokens(await client.services.auth.login(params.name, params.password, params.device, client.peer.uid))


async def refresh(client: "Client", params: m.RefreshParams) -> m.TokensResult:
    """Exchange a refresh token."""
    return _tokens(await client.services.auth.refresh(params.refresh_token))


async def logout(client: "Client", _params: m.NoParams) -> m.LoginIdParams:
    """End the login of this connection."""
    return m.LoginIdParams(await client.services.auth.logout(who(client)))


async def whoami(client: "Client", _params: m.NoParams) -> m.WhoamiResult:
    """Tell who the client is."""
    me = who(client)
    account, login = await client.services.auth.whoami(me)
    return m.WhoamiResult(
        account.user_id,
        account.username,
        account.email,
        me.login_id,
        "peer" if me.login_id is None else "password",
        me.profile,
        login.access_expires_at if login else None,
    )


async def passwd(client: "Client", params: m.PasswdParams) -> m.PasswdResult:
    """Change the password."""
    ended = await client.services.auth.passwd(who(client), params.old_password, params.password, client.peer.uid)
    return m.PasswdResult(ended)


async def logins(client: "Client", _params: m.NoParams) -> tuple[m.LoginView, ...]:
    """List the logins that last."""
    me = who(client)
    return tuple(
        m.LoginView(
            it.login_id, it.device, it.created_at, it.last_used_at, it.expires_at, current=it.login_id == me.login_id
        )
        for it in await client.services.auth.logins(me)
    )


async def revoke(client: "Client", params: m.LoginIdParams) -> m.LoginIdParams:
    """End a login."""
    return m.LoginIdParams(await client.services.auth.revoke(who(client), params.login_id))
