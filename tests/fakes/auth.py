"""Accounts and logins as a daemon has them, on fakes: without sockets, and without the cost of a derivation."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from pomo_daemon.application.announcer import Announcer
from pomo_daemon.application.auth import AuthService, Tokens
from pomo_daemon.application.loginbook import LoginBook
from pomo_daemon.application.ports import Announcement, Store
from pomo_daemon.application.timer import Identity, TimerService
from pomo_daemon.domain.cycle import Rules
from tests.fakes.alarm import FakeAlarm
from tests.fakes.clock import FakeClock
from tests.fakes.secrets import FakePasswords, FakeRandom
from tests.fakes.store import MemoryStore

PASSWORD: Final = "correct horse"
#: The OS user who logs in where a test does not care.
PEER: Final = 5000


class FakeAuth:
    """One daemon's accounts. `ended` are the logins that listeners were told of, `published` the events."""

    def __init__(self, store: Store | None = None, clock: FakeClock | None = None, machine: str = "") -> None:
        self.memory = MemoryStore()
        self.store: Store = store or self.memory
        self.clock = clock or FakeClock()
        self.passwords = FakePasswords()
        self.published: list[Announcement] = []
        self.ended: list[int] = []
        self.open = True
        announcer = Announcer()
        announcer.add(self._listen)
        self.timers = TimerService(self.store, self.clock, FakeAlarm(lambda _: None), announcer, Rules)
        self.book = LoginBook(self.store, self.clock, "default")
        self.book.on_revoked(self.ended.append)
        self.service = AuthService(
            self.timers, self.store, self.clock, self.passwords, FakeRandom(machine), self.book, lambda: self.open
        )

    def _listen(self, announcements: Sequence[Announcement]) -> None:
        self.published += announcements

    async def register(self, username: str = "ada") -> int:
        """Make an account, and answer its number."""
        return (await self.service.register(username, f"{username}@example.org", PASSWORD)).user_id

    async def login(self, name: str = "ada", password: str = PASSWORD, *, peer: int = PEER) -> Tokens:
        """Log in."""
        return await self.service.login(name, password, "laptop", peer)

    async def who(self, tokens: Tokens) -> Identity:
        """Answer on whose behalf an access token speaks. Raises InvalidToken."""
        return (await self.book.authenticate(tokens.access_token)).who

    async def peer(self, uid: int, username: str) -> Identity:
        """Answer the account of an OS user."""
        async with self.store.write() as unit:
            return Identity(await unit.users.of_peer(uid, username), username, "default")

    def wait(self, **span: float) -> None:
        """Let time pass."""
        self.clock.advance(timedelta(**span))

    @property
    def told(self) -> list[tuple[str, str | None]]:
        """Answer what was published: types, and reasons where they have one."""
        return [(it.type, it.data.get("reason")) for it in self.published]
