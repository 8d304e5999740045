"""The profiles of a daemon: which of them are open, and what is done to all of them.

Part of the composition root, as realm.py is.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from pomo_daemon.adapters.db.engine import sqlite_file
from pomo_daemon.adapters.db.migrate import prepare_aside
from pomo_daemon.adapters.passwords import Argon2Passwords
from pomo_daemon.application.ports import Clock, StoreError
from pomo_daemon.config import SettingsFile
from pomo_daemon.protocol.errors import PomoError
from pomo_daemon.protocol.profiles import DEFAULT
from pomo_daemon.realm import Realm, sharing, when_running
from pomo_daemon.server.services import Peer, Services

log = logging.getLogger(__name__)


def refuse_network(url: str, settings: SettingsFile) -> None:
    """Raise StoreError for a SQLite file on a network file system, unless the settings allow it."""
    file = sqlite_file(url)
    if file and not settings.current().network_disk:
        from pomo_daemon.adapters.db import mounts

        mounts.refuse_network(file)


async def _nothing() -> None:
    """Do nothing."""


class Realms:
    """The open profiles; each is opened once, when it is first asked for. Implements server.services.Profiles."""

    def __init__(
        self,
        settings: SettingsFile,
        clock: Clock,
        owner: Peer | None,
        url_of: Callable[[str], str],
        files: str,
        on_running: Callable[[], None] = lambda: None,
        *,
        on_writable: Callable[[], Awaitable[None]] = _nothing,
        ready: bool = True,
    ) -> None:
        """`ready`: the database of the default profile has the schema; else it is away, and goes on without for now."""
        self._settings = settings
        self._clock = clock
        self._owner = owner
        self._url_of = url_of
        self._files = files
        self._on_running = on_running
        self._on_writable = on_writable
        self._open: dict[str, Realm] = {}
        # Of all profiles together no more than a few are derived at once.
        self._passwords = Argon2Passwords()
        self._turn = asyncio.Lock()
        #: The database that was brought to the schema before the loop ran.
        self._ready = url_of(DEFAULT) if ready else ""
        #: The database that was found to be away then.
        self._away = "" if ready else url_of(DEFAULT)
        #: The profiles whose database is another one by the configuration of this edition.
        self._moved: set[str] = set()
        self._edition = 0

    @property
    def in_use(self) -> str:
        """Answer the profile of those who name none."""
        return self._settings.in_use

    def realm(self, name: str) -> Realm | None:
        """Answer an open profile, unless the configuration has dropped it since, or moved it to another database."""
        found = self._open.get(name)
        if found is None or name not in self._settings.profiles:
            return None
        if self._edition != self._settings.edition:
            self._edition = self._settings.edition
            self._moved = {it for it, realm in self._open.items() if realm.url != self._url_of(it)}
        return None if name in self._moved else found

    def opened(self, name: str) -> Services | None:
        """Answer what serves a profile, if that is there already."""
        found = self.realm(name)
        return found.services if found else None

    async def open(self, name: str) -> Services:
        """Answer what serves a profile; open its database if need be. Raises PomoError and StoreError."""
        if name not in self._settings.profiles:
            raise PomoError("profile.not_found", f"There is no profile {name!r}.")
        async with self._turn:
            if (found := self.opened(name)) is not None:
                return found
            await self._close(name)
            url = self._url_of(name)
            ready = await self._prepare(name, url)
            places = (self._passwords, self._files, self._on_running)
            world = (self._settings, self._clock, self._owner, *places)
            realm = await Realm.open(name, url, *world, on_writable=self._on_writable, ready=ready)
            self._open[name] = realm
            when_running(realm.services.timers, self._on_running)(())
            log.info("opened the profile %s", name)
            return realm.services

    async def _prepare(self, name: str, url: str) -> bool:
        """Bring a database to the schema. False: it is away, and the profile goes on by what is kept here of it."""
        ready, away = url == self._ready, url == self._away
        self._ready = self._away = ""
        if ready or away:
            return ready
        refuse_network(url, self._settings)
        try:
            await prepare_aside(url, self._clock.read().wall)
        except StoreError as error:
            if sqlite_file(url) or not sharing().goes_on_without(error, name, url):
                raise
            return False
        return True

    async def settle(self) -> None:
        """Settle the timers of all open profiles: the clock was set, or the machine woke up."""
        for realm in tuple(self._open.values()):
            await realm.services.timers.settle_all(everybodys=realm.sync is None)
            await realm.calendar.look()
            realm.services.hub.look()
            if realm.prompt is not None:
                realm.prompt.look()

    async def wake(self) -> None:
        """Open every profile: in any of them a timer may run. One that cannot be opened now is opened when needed."""
        for name in self._settings.profiles:
            try:
                await self.open(name)
            except (PomoError, StoreError) as error:
                log.warning("the profile %s cannot be opened: %s", name, error.message)

    async def close(self) -> None:
        """Close every profile."""
        for name in tuple(self._open):
            await self._close(name)

    async def _close(self, name: str) -> None:
        realm = self._open.pop(name, None)
        self._moved.discard(name)
        if realm is not None:
            await realm.stack.aclose()
