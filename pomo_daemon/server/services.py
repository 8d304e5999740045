"""What the server is given to serve with."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from pomo_daemon.application.accounts import AccountService
from pomo_daemon.application.categories import CategoryService
from pomo_daemon.application.history import HistoryService
from pomo_daemon.application.ports import Clock, Store
from pomo_daemon.application.tasks import TaskService
from pomo_daemon.application.timer import TimerService
from pomo_daemon.application.undo import UndoService
from pomo_daemon.domain.cycle import Rules
from pomo_daemon.protocol.messages import InfoResult
from pomo_daemon.server.hub import Hub


@dataclass(frozen=True, slots=True)
class Limits:
    """What a client may use. Seconds, bytes, counts."""

    max_connections: int = 512
    idle: float = 600.0
    line: float = 5.0
    line_bytes: int = 64 * 1024
    #: What may wait in a connection that is not read, before it is dropped.
    backlog: int = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Services:
    """The use cases, and the daemon itself."""

    timers: TimerService
    history: HistoryService
    tasks: TaskService
    categories: CategoryService
    undo: UndoService
    accounts: AccountService
    store: Store
    hub: Hub
    info: Callable[[], InfoResult]
    stop: Callable[[], None]
    #: The OS user whose daemon this is, by number and name.
    owner: tuple[int, str]

    @classmethod
    def over(  # everything that a server serves with
        cls,
        timers: TimerService,
        store: Store,
        clock: Clock,
        rules: Callable[[], Rules],
        *,
        hub: Hub,
        info: Callable[[], InfoResult],
        stop: Callable[[], None],
        owner: tuple[int, str],
    ) -> Self:
        """Put the use cases of one store together."""
        return cls(
            timers=timers,
            history=HistoryService(timers, store, clock, rules),
            tasks=TaskService(timers, store, clock, rules),
            categories=CategoryService(timers, store),
            undo=UndoService(timers, store),
            accounts=AccountService(store),
            store=store,
            hub=hub,
            info=info,
            stop=stop,
            owner=owner,
        )
