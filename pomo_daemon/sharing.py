"""What a profile on a database that several machines share has besides: imported only where there is one.

Part of the composition root, as realms.py is.
"""

import hashlib
import logging
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

from pomo_daemon.adapters.clock import DatabaseClock
from pomo_daemon.adapters.db.migrate import prepare_aside
from pomo_daemon.adapters.db.notices import PostgresNotices
from pomo_daemon.adapters.db.store import SqlStore
from pomo_daemon.adapters.entropy import SystemRandom
from pomo_daemon.adapters.journal import JournalFiles
from pomo_daemon.application.announcer import Announcer
from pomo_daemon.application.offline import Peer, SharedTimers
from pomo_daemon.application.ports import Alarm, Bus, StoreError
from pomo_daemon.application.sync import Sync
from pomo_daemon.domain.cycle import Rules
from pomo_daemon.protocol import paths
from pomo_daemon.protocol.profiles import to_show
from pomo_daemon.server.services import Services

log = logging.getLogger(__name__)


def journal(profile: str, url: str) -> JournalFiles:
    """Answer what a profile keeps on this machine; for another database that is something else."""
    return JournalFiles(
        f"{paths.state_dir()}/offline/{profile}-{hashlib.sha256(to_show(url).encode()).hexdigest()[:8]}"
    )


def goes_on_without(error: StoreError, profile: str, url: str) -> bool:
    """Tell whether a profile can be opened though its database cannot: what is kept here goes on until it is back."""
    return error.code == "database.unavailable" and journal(profile, url).exist()


def timers(  # noqa: PLR0913, PLR0917  # all that they need of the world
    profile: str,
    url: str,
    store: SqlStore,
    clock: DatabaseClock,
    alarm: Alarm,
    announcer: Announcer,
    rules: Callable[[], Rules],
    machine: str,
    peer_of: Callable[[int], Peer | None],
) -> SharedTimers:
    """Answer timers that go on while the database is away."""
    return SharedTimers(store, clock, alarm, announcer, rules, machine, journal(profile, url), SystemRandom(), peer_of)


async def follow(  # noqa: PLR0913  # all that it takes
    url: str, redis_url: str, services: Services, store: SqlStore, clock: DatabaseClock, stack: AsyncExitStack,
    announcer: Announcer, *, ready: bool,
    came: Callable[[], Awaitable[None]],
) -> Sync:  # fmt: skip
    """Go on from what was kept here, and follow the other machines. Not `ready`: the database is away, by all signs."""
    shared = services.timers
    assert isinstance(shared, SharedTimers)  # noqa: S101  # for the type checker: `timers` made them

    async def prepare() -> None:
        await prepare_aside(url, clock.read().wall)

    sync = Sync(
        shared, store, _bus(url, redis_url, announcer, stack), clock, came=came, prepare=None if ready else prepare
    )
    shared.on_rewind.append(services.hub.cut)
    kept = await shared.restore()
    if ready:
        await sync.look()
    else:
        shared.lost(StoreError("database.unavailable", "it could not be opened"))
    if shared.offline:
        for it in kept:
            shared.recall(it)
            if it.uid is not None:
                services.accounts.recall(it.uid, it.username, it.user_id)
    return sync


def _bus(url: str, redis_url: str, announcer: Announcer, stack: AsyncExitStack) -> Bus:
    """Answer how other daemons on the database are heard, and have them hear of us."""
    notices = PostgresNotices(url)
    if not redis_url:
        return notices
    # Not at the top: it takes time and memory, and few have one.
    from pomo_daemon.adapters.redis.hints import RedisHints

    hints = RedisHints(redis_url, otherwise=notices)
    stack.push_async_callback(hints.close)
    announcer.add(hints.tell)
    return hints
