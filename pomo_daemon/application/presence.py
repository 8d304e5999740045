"""At which of several machines a user was last: each event that they cause says where it was."""

from collections.abc import Sequence
from typing import Final

from pomo_daemon.application.ports import Announcement, Store

#: So many events are looked back through for one that says.
_FAR: Final = 500


class Presence:
    """Where the users of a shared database are. `machine` names the one of this daemon; empty: there is no other."""

    def __init__(self, store: Store, machine: str) -> None:
        self._store = store
        self._machine = machine
        #: Of each user: the number of the latest event that says, and what it says.
        self._at: dict[int, tuple[int, str]] = {}

    def listen(self, announcements: Sequence[Announcement]) -> None:
        """Take committed events, from here and from elsewhere."""
        for it in announcements:
            said = it.data.get("machine")
            if said and it.seq >= self._at.get(it.user_id, (0, ""))[0]:
                self._at[it.user_id] = (it.seq, said)

    def was_heard_here(self, user_id: int) -> bool:
        """Tell whether this machine is the latest of which memory knows that the user did something there."""
        return not self._machine or self._at.get(user_id, (0, ""))[1] == self._machine

    async def is_here(self, it: Announcement) -> bool:
        """Tell whether the user whom an event concerns was at this machine last; also where nothing tells.

        Raises StoreError.
        """
        if not self._machine:
            return True
        if it.user_id not in self._at:
            async with self._store.read() as unit:
                self.listen(await unit.outbox.since(it.user_id, max(it.seq - _FAR, 0), _FAR))
        self.listen([it])
        _seq, machine = self._at.get(it.user_id, (0, self._machine))
        return machine == self._machine
