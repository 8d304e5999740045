"""Who a client is: whom its token names, else the OS user at the other end where the profile takes that for proof."""

import asyncio
import pwd
from functools import lru_cache

from pomo_daemon.application.timer import Identity
from pomo_daemon.protocol.errors import PomoError
from pomo_daemon.server.services import Peer, Profiles, Services

#: Seconds that a client waits for a profile to be opened, of the two that it waits for an answer.
OPENING_SECONDS = 1.0


@lru_cache
def os_user(uid: int) -> Peer:
    """Answer an OS user by number; one without a name goes by the number."""
    try:
        return Peer(uid, pwd.getpwuid(uid).pw_name)
    except KeyError:
        return Peer(uid, str(uid))


async def opened(profiles: Profiles, name: str) -> Services:
    """Answer what serves a profile. Raises PomoError, StoreError.

    To make or mend a database may take longer than a client waits for an answer: it is told, and asks again.
    """
    opening = asyncio.ensure_future(profiles.open(name))
    # An error for which nobody waits any more is no fault: whoever asks again gets it.
    opening.add_done_callback(lambda it: it.cancelled() or it.exception())
    try:
        return await asyncio.wait_for(asyncio.shield(opening), OPENING_SECONDS)
    except TimeoutError:
        raise PomoError("profile.opening", f"The profile {name!r} is being opened.") from None


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
        services.accounts.came(who)
        return who
    return await services.accounts.peer(peer.uid, peer.name) if services.by_peer() else None


async def require(services: Services, peer: Peer, token: str | None) -> Identity:
    """Answer who a client is. Raises PomoError for nobody, InvalidToken, StoreError."""
    who = await identify(services, peer, token)
    if who is None:
        raise PomoError("auth.required")
    return who
