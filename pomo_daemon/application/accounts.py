"""Who is who. The socket's peer credentials prove an OS user, who then needs no password."""

from pomo_daemon.application.ports import READ_ONLY, Store, StoreError
from pomo_daemon.application.timer import Identity


class AccountService:
    """Finds the account of a client."""

    def __init__(self, store: Store, profile: str) -> None:
        self._store = store
        self._profile = profile
        self._peers: dict[int, Identity] = {}
        self._at_home: set[int] = set()

    def known_peer(self, uid: int) -> Identity | None:
        """Answer the account of an OS user if it was asked for before."""
        return self._peers.get(uid)

    def is_at_home(self, user_id: int) -> bool:
        """Tell whether a user has come to this daemon since it started."""
        return user_id in self._at_home

    def came(self, who: Identity) -> None:
        """Take note of somebody who proved by a token who they are."""
        self._at_home.add(who.user_id)

    def os_user(self, user_id: int) -> tuple[int, str] | None:
        """Answer by which number and name a user came as an OS user."""
        return next(((uid, it.username) for uid, it in self._peers.items() if it.user_id == user_id), None)

    def recall(self, uid: int, username: str, user_id: int) -> None:
        """Know an OS user as a daemon before did, while the database cannot be asked."""
        self._peers.setdefault(uid, Identity(user_id, username, self._profile))

    async def peer(self, uid: int, username: str) -> Identity:
        """Answer the account of an OS user; the first time it is made."""
        if uid not in self._peers:
            user_id = await self._of_peer(uid, username)
            self._peers[uid] = Identity(user_id, username, self._profile)
            self._at_home.add(user_id)
        return self._peers[uid]

    async def _of_peer(self, uid: int, username: str) -> int:
        try:
            async with self._store.write() as unit:
                return await unit.users.of_peer(uid, username)
        except StoreError as error:
            if error.code != READ_ONLY:
                raise
            refused = error
        try:
            # Who has an account already is let in all the same.
            async with self._store.read() as unit:
                return await unit.users.of_peer(uid, username)
        except StoreError:
            raise refused from None
