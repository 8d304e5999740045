"""Who a client is: the OS user at the other end, where the profile takes that for proof."""

import pwd
from functools import lru_cache
from typing import TYPE_CHECKING

from pomo_daemon.application.timer import Identity
from pomo_daemon.protocol.errors import PomoError
from pomo_daemon.server.services import Peer, Services

if TYPE_CHECKING:
    from pomo_daemon.server.routes import Client


@lru_cache
def os_user(uid: int) -> Peer:
    """Answer an OS user by number; one without a name goes by the number."""
    try:
        return Peer(uid, pwd.getpwuid(uid).pw_name)
    except KeyError:
        return Peer(uid, str(uid))


def at_once(services: Services, peer: Peer) -> Identity | None:
    """Answer who a client is, if nobody needs to be waited for to know."""
    return services.accounts.known_peer(peer.uid) if services.by_peer() else None


async def identify(services: Services, peer: Peer) -> Identity | None:
    """Answer who a client is; None: nobody yet. Raises StoreError."""
    return await services.accounts.peer(peer.uid, peer.name) if services.by_peer() else None


def admit(client: "Client") -> None:
    """Let a call pass that needs somebody. Raises PomoError for a client who is nobody, or is so no more."""
    services = client.services
    if client.who is None or not services.by_peer():
        raise PomoError("auth.required")
