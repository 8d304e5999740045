"""Who a client is: whom its token names, else the OS user at the other end where the profile takes that for proof."""

import pwd
from functools import lru_cache

from pomo_daemon.application.timer import Identity
from pomo_daemon.protocol.errors import PomoError
from pomo_daemon.server.services import Peer, Services


@lru_cache
def os_user(uid: int) -> Peer:
    """Answer an OS user by number; one without a name goes by the number."""
    try:
        return Peer(uid, pwd.getpwuid(uid).pw_name)
    except KeyError:
        return Peer(uid, str(uid))


def at_once(services: Services, peer: Peer, token: str | None) -> Identity | None:
    """Answer who a client is, if nobody needs to be waited for to know."""
    if token is not None:
        login = services.logins.known(token)
        return login.who if login is not None else None
    return services.accounts.known_peer(peer.uid) if services.by_peer() else None


async def identify(services: Services, peer: Peer, token: str | None) -> Identity | None:
    """Answer who a client is; None: nobody yet. Raises InvalidToken, StoreError."""
    if token is not None:
        who = (await services.logins.authenticate(token)).who
        # Brought to mind, so that it is heard of if another daemon ends the login.
        await services.timers.status(who)
        return who
    return await services.accounts.peer(peer.uid, peer.name) if services.by_peer() else None


async def require(services: Services, peer: Peer, token: str | None) -> Identity:
    """Answer who a client is. Raises PomoError for nobody, InvalidToken, StoreError."""
    who = await identify(services, peer, token)
    if who is None:
        raise PomoError("auth.required")
    return who
