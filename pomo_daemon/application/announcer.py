"""From a commit to whoever wants to hear of it. A listener that fails is logged, and holds up nobody."""

import logging
from collections.abc import Callable, Sequence

from pomo_daemon.application.ports import Announcement

log = logging.getLogger(__name__)

#: Called on the event loop right after the commit; takes what it needs and answers at once.
Listener = Callable[[Sequence[Announcement]], None]


class Announcer:
    """Tells listeners of committed events, in the order in which they were added."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def add(self, listener: Listener) -> None:
        """Tell `listener` from now on."""
        self._listeners.append(listener)

    def publish(self, announcements: Sequence[Announcement]) -> None:
        """Tell every listener."""
        for listener in self._listeners:
            try:
                listener(announcements)
            except Exception:
                log.exception("a listener failed")
