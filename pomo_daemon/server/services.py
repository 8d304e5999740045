"""What the server is given to serve with."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Protocol, Self

from pomo_daemon.application.accounts import AccountService
from pomo_daemon.application.auth import AuthService
from pomo_daemon.application.categories import CategoryService
from pomo_daemon.application.history import HistoryService
from pomo_daemon.application.hooks import HookDesk
from pomo_daemon.application.loginbook import LoginBook
from pomo_daemon.application.ports import Clock, Cron, Finding, Passwords, Random, Spool, Store
from pomo_daemon.application.report import ReportService
from pomo_daemon.application.tasks import TaskService
from pomo_daemon.application.timer import TimerService
from pomo_daemon.application.undo import UndoService
from pomo_daemon.domain.cycle import Rules
from pomo_daemon.protocol.messages import InfoResult
from pomo_daemon.server.hub import Hub

if TYPE_CHECKING:
    from pomo_daemon.application.imports import ImportService
    from pomo_daemon.application.schedules import ScheduleService


@dataclass(frozen=True, slots=True)
class Limits:
    """What a client may use. Seconds, bytes, counts."""

    max_connections: int = 512
    idle: float = 600.0
    line: float = 5.0
    line_bytes: int = 64 * 1024
    #: What may wait in a connection that is not read, before it is dropped.
    backlog: int = 1024 * 1024


async def _nothing() -> Sequence[Finding]:
    return ()


@dataclass(frozen=True, slots=True)
class Services:
    """The use cases of one profile, over its database."""

    profile: str
    timers: TimerService
    history: HistoryService
    tasks: TaskService
    categories: CategoryService
    #: Answers the use cases of schedules, which few need.
    schedules: Callable[[], "ScheduleService"]
    undo: UndoService
    reports: ReportService
    accounts: AccountService
    auth: AuthService
    logins: LoginBook
    store: Store
    hub: Hub
    #: Imports, loaded with the first.
    imports: Callable[[], "ImportService"]
    #: Whether being an OS user is proof enough of who one is.
    by_peer: Callable[[], bool]
    #: Who runs hooks; None where there are none to be run.
    hooks: HookDesk | None = None
    #: Looks at the health of the database, the desktop and the hooks.
    examine: Callable[[], Awaitable[Sequence[Finding]]] = _nothing

    @classmethod
    def over(  # noqa: PLR0913  # all that the use cases need of the world
        cls,
        profile: str,
        timers: TimerService,
        store: Store,
        clock: Clock,
        rules: Callable[[], Rules],
        *,
        cron: Callable[[], Cron],
        passwords: Passwords,
        random: Random,
        spool: Callable[[], Spool],
        may_register: Callable[[], bool] = lambda: True,
        hub: Hub,
        by_peer: Callable[[], bool] = lambda: True,
        hooks: HookDesk | None = None,
        examine: Callable[[], Awaitable[Sequence[Finding]]] = _nothing,
    ) -> Self:
        """Put the use cases of one store together."""

        def schedules() -> "ScheduleService":
            from pomo_daemon.application.schedules import ScheduleService

            return ScheduleService(timers, store, clock, cron(), rules)

        @cache
        def imports() -> "ImportService":
            from pomo_daemon.application.imports import ImportService

            return ImportService(timers, store, clock, rules, spool)

        book = LoginBook(store, clock, profile)
        book.on_revoked(hub.revoked)
        return cls(
            profile=profile,
            timers=timers,
            history=HistoryService(timers, store, clock, rules),
            tasks=TaskService(timers, store, clock, rules),
            categories=CategoryService(timers, store),
            schedules=schedules,
            undo=UndoService(timers, store),
            reports=ReportService(store, clock, rules),
            accounts=AccountService(store, profile),
            auth=AuthService(timers, store, clock, passwords, random, book, may_register),
            logins=book,
            store=store,
            hub=hub,
            imports=imports,
            by_peer=by_peer,
            hooks=hooks,
            examine=examine,
        )


class Profiles(Protocol):
    """The profiles that a daemon serves."""

    @property
    def in_use(self) -> str:
        """Answer the profile of those who name none."""

    def opened(self, name: str) -> Services | None:
        """Answer what serves a profile, if that is there already."""

    async def open(self, name: str) -> Services:
        """Answer what serves a profile; open its database if need be. Raises PomoError and StoreError."""
        ...


@dataclass(frozen=True, slots=True)
class Peer:
    """The OS user at the other end of a connection."""

    uid: int
    name: str


@dataclass(frozen=True, slots=True)
class Host:
    """The daemon as its clients see it."""

    profiles: Profiles
    info: Callable[[Services], InfoResult]
    stop: Callable[[], None]
    #: The OS user whose daemon this is.
    owner: Peer
    #: Whether every OS user of the machine may come in, each as themselves.
    shared: bool = False
