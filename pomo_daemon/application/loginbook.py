"""Which access token is whose: looked up in the database once, and from then on known in memory."""

import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pomo_daemon.application.ports import Announcement, Clock, Store
from pomo_daemon.application.timer import Identity
from pomo_daemon.domain.errors import InvalidToken
from pomo_daemon.domain.events import EventType
from pomo_daemon.domain.tokens import digest

log = logging.getLogger(__name__)

#: Logins kept in memory; of more, those that were used last.
KEPT: Final = 1024


@dataclass(frozen=True, slots=True)
class Login:
    """What an access token proves: on whose behalf, by which login, and until when the token is good."""

    who: Identity
    login_id: int
    expires_at: datetime


class LoginBook:
    """Answers for access tokens. What this daemon ends is forgotten in the same step in which the commit is known."""

    def __init__(self, store: Store, clock: Clock, profile: str) -> None:
        self._store = store
        self._clock = clock
        self._profile = profile
        self._known: OrderedDict[str, Login] = OrderedDict()
        #: How often something was forgotten: what was read from the database before may be wrong by now.
        self._forgotten = 0
        self._listeners: list[Callable[[int], None]] = []

    def on_revoked(self, listener: Callable[[int], None]) -> None:
        """Call `listener` with the number of each login that was ended, on the event loop, right after the commit."""
        self._listeners.append(listener)

    def known(self, token: str) -> Login | None:
        """Answer a login that is in memory, without waiting for anything."""
        key = digest(token)
        found = self._known.get(key)
        if found is None or found.expires_at <= self._clock.read().wall:
            return None
        self._known.move_to_end(key)
        return found

    async def authenticate(self, token: str) -> Login:
        """Answer the login of an access token. Raises InvalidToken, and StoreError."""
        return self.known(token) or await self._look_up(digest(token))

    def forget(self, user_id: int) -> None:
        """Look the logins of a user up anew the next time."""
        self._forgotten += 1
        for key in [key for key, login in self._known.items() if login.who.user_id == user_id]:
            del self._known[key]

    def listen(self, announcements: Sequence[Announcement]) -> None:
        """Hear of logins that were ended, by this daemon or another one."""
        for it in announcements:
            if it.type == EventType.LOGIN_REVOKED:
                self.forget(it.user_id)
                self.revoked([it.data["login_id"]])

    def revoked(self, login_ids: Iterable[int]) -> None:
        """Tell whoever listens that these were ended."""
        for login_id in login_ids:
            for listener in self._listeners:
                try:
                    listener(login_id)
                except Exception:
                    log.exception("a listener failed")

    async def _look_up(self, key: str) -> Login:
        while True:
            before = self._forgotten
            async with self._store.read() as unit:
                record = await unit.logins.by_access(key)
                account = await unit.users.get(record.user_id) if record else None
            if before == self._forgotten:
                break
        now = self._clock.read().wall
        if record is None or account is None or not record.lives(now) or record.access_expires_at <= now:
            raise InvalidToken("The access token is not valid, or not any more.")
        who = Identity(account.user_id, account.username, self._profile, record.login_id)
        login = Login(who, record.login_id, record.access_expires_at)
        self._known[key] = login
        if len(self._known) > KEPT:
            self._known.popitem(last=False)
        return login
