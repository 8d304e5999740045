"""Keeps what shells show in their prompts up to date: before a command is answered, its prompt can show it."""

from collections.abc import Callable, Sequence

from pomo_daemon.application.ports import Announcement, Board, Clock
from pomo_daemon.application.timer import Identity, TimerService
from pomo_daemon.domain.cycle import Rules
from pomo_daemon.server.outputs import prompt


class Prompt:
    """Writes on the board how one user's timer stands."""

    def __init__(
        self, board: Board, who: Identity, timers: TimerService, clock: Clock, rules: Callable[[], Rules]
    ) -> None:
        self._board = board
        self._who = who
        self._timers = timers
        self._clock = clock
        self._rules = rules

    def listen(self, announcements: Sequence[Announcement]) -> None:
        """Take committed events."""
        if any(it.user_id == self._who.user_id for it in announcements):
            self.look()

    def look(self) -> None:
        """Write down how the timer stands now; also after the clock was set, as shells count by it."""
        status = self._timers.peek(self._who)
        if status is not None:
            self._board.show(prompt.render(status, self._clock.read().wall, self._rules().cycle_timeout))
