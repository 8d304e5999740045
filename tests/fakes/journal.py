"""A machine's journal in memory; it outlives the daemons that write to it."""

from collections.abc import Callable, Sequence

from pomo_daemon.application.ports import StoreError


class MemoryJournal:
    """The Journal port. `hooks[point]` is called before and after each write, and may raise what happens there."""

    def __init__(self) -> None:
        self.timers: dict[int, bytes] = {}
        self.journals: dict[tuple[int, int], list[bytes]] = {}
        self.full = False
        self.hooks: dict[str, Callable[[], None]] = {}

    def exist(self) -> bool:
        """Tell whether anything is kept of anybody."""
        return bool(self.timers)

    async def users(self) -> Sequence[int]:
        """Answer whose timer is kept."""
        return list(self.timers)

    async def timer(self, user_id: int) -> bytes | None:
        """Answer the timer that was kept last."""
        return self.timers.get(user_id)

    async def keep_timer(self, user_id: int, data: bytes, *, durable: bool) -> None:  # noqa: ARG002
        """Keep a timer in place of the one before."""
        self._reach("before_timer_kept")
        self.timers[user_id] = data
        self._reach("after_timer_kept")

    async def append(self, user_id: int, generation: int, line: bytes) -> None:
        """Put a command behind the others."""
        self._reach("before_journal")
        if self.full:
            raise StoreError("database.unavailable", "The journal is full.")
        self.journals.setdefault((user_id, generation), []).append(line)
        self._reach("after_journal")

    async def lines(self, user_id: int, generation: int) -> Sequence[bytes]:
        """Answer the commands, in their order."""
        return list(self.journals.get((user_id, generation), ()))

    async def clear(self, user_id: int, generation: int) -> None:
        """Forget the commands."""
        self._reach("before_clear")
        self.journals.pop((user_id, generation), None)
        self._reach("after_clear")

    def _reach(self, point: str) -> None:
        if (hook := self.hooks.get(point)) is not None:
            hook()
