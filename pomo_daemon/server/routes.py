"""From a method to its use case: the method table (protocol/methods.py) says what each needs, this what it does."""

import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from typing import Any, Final, Protocol, get_args

import msgspec

from pomo_daemon.application.ports import Announcement
from pomo_daemon.application.timer import Identity, Outcome, TaskChoice
from pomo_daemon.application.views import StatusView
from pomo_daemon.domain import timer
from pomo_daemon.protocol import messages as m
from pomo_daemon.protocol import report_messages as r
from pomo_daemon.protocol.errors import PomoError
from pomo_daemon.protocol.methods import METHODS, Method, Need
from pomo_daemon.protocol.version import PROTOCOL, VERSION
from pomo_daemon.server import auth, hooks, inventory, report, schedules
from pomo_daemon.server.follow import Follow
from pomo_daemon.server.hub import Listener, Subscription
from pomo_daemon.server.identity import identify, opened
from pomo_daemon.server.phrases import message
from pomo_daemon.server.replies import instant, who
from pomo_daemon.server.replies import status as as_status
from pomo_daemon.server.services import Host, Peer, Services

#: Events read from the database at a time while a subscription catches up.
PAGE: Final = 500


class Client(Protocol):
    """The connection that a request came by."""

    host: Host
    peer: Peer
    #: The access token that the client gave, and whom that, or the peer, turned out to be.
    token: str | None
    who: Identity | None
    hook_depth: int

    @property
    def services(self) -> Services:
        """Answer the use cases of the profile that hello named. Raises PomoError before that."""
        ...

    def enter(self, services: Services, token: str | None, hook_depth: int = 0) -> None:
        """Serve the client by a profile from now on."""
        ...

    def send(self, line: bytes) -> None:
        """Write a line."""
        ...

    def close(self) -> None:
        """Let the client go."""
        ...

    def subscribe(self, subscription: Listener) -> None:
        """Keep the subscription for as long as the connection lasts."""
        ...


Handler = Callable[[Client, Any], Any | Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Route:
    """A method: what it takes, what it answers, and what it does."""

    params: type
    result: Any
    handler: Handler


class LaterRoute:
    """A route of a module that is loaded with the first call, or with the document of all methods."""

    def __init__(self, module: str, name: str) -> None:
        self._module = module
        self._name = name

    @property
    def params(self) -> type:
        """Answer what it takes."""
        return self._route.params

    @property
    def result(self) -> Any:  # noqa: ANN401
        """Answer what it answers."""
        return self._route.result

    @property
    def handler(self) -> Handler:
        """Answer what it does."""
        return self._route.handler

    @property
    def _route(self) -> Route:
        found: Route = import_module(self._module).ROUTES[self._name]
        return found


async def hello(client: Client, params: m.HelloParams) -> m.HelloResult:
    """Agree on versions; name the profile, and find out who is calling."""
    if params.protocol != PROTOCOL:
        raise PomoError(
            "protocol.version", f"The daemon ({VERSION}) speaks protocol {PROTOCOL}, the client {params.protocol}."
        )
    profiles = client.host.profiles
    services = await opened(profiles, params.profile or profiles.in_use)
    me = await identify(services, client.peer, params.token)
    client.enter(services, params.token, params.hook_depth)
    name, login_id = (me.username, me.login_id) if me else (None, None)
    return m.HelloResult(PROTOCOL, VERSION, "pomo-daemon", services.profile, name, login_id)


def discover(_client: Client, _params: m.NoParams) -> msgspec.Raw:
    """Answer the OpenRPC document."""
    from pomo_daemon.server.openrpc import encoded

    return encoded()


def _seconds(value: int | None) -> timedelta | None:
    return None if value is None else timedelta(seconds=value)


async def start(client: Client, params: m.StartParams) -> m.TimerResult:
    """Start a focus."""
    at = instant("at", params.at)
    command = timer.Start(planned=_seconds(params.duration_s), flow=params.flow, at=at, replace=params.replace)
    task = TaskChoice(params.task, params.create) if params.task is not None else None
    return await _run(client, command, params.request_id, task)


async def pause_for(client: Client, params: m.BreakParams) -> m.TimerResult:
    """Start a break."""
    command = timer.Break(long=params.long, planned=_seconds(params.duration_s), at=instant("at", params.at))
    return await _run(client, command, params.request_id)


async def repeat(client: Client, params: m.RepeatParams) -> m.TimerResult:
    """Start a focus like the last one."""
    return await _run(client, timer.Repeat(replace=params.replace), params.request_id)


async def extend(client: Client, params: m.ExtendParams) -> m.TimerResult:
    """Move the deadline."""
    return await _run(client, timer.Extend(timedelta(seconds=params.by_s)), params.request_id)


def _verb(command: timer.Command) -> Route:
    async def run(client: Client, params: m.VerbParams) -> m.TimerResult:
        return await _run(client, command, params.request_id)

    return Route(m.VerbParams, m.TimerResult, run)


async def _run(
    client: Client, command: timer.Command, request_id: str | None, task: TaskChoice | None = None
) -> m.TimerResult:
    outcome = await client.services.timers.run(who(client), command, task=task, request_id=request_id)
    return m.TimerResult(
        message(outcome), outcome.changed, outcome.task_created, _last_interval(outcome), as_status(outcome.status)
    )


def _last_interval(outcome: Outcome) -> m.IntervalBrief | None:
    return msgspec.convert(outcome.events[-1]["data"]["interval"], m.IntervalBrief) if outcome.events else None


def status(client: Client, _params: m.NoParams) -> StatusView | Awaitable[StatusView]:
    """Answer the state of the timer, from memory where it is there."""
    me = who(client)
    timers = client.services.timers
    return timers.peek(me) or timers.status(me)


async def follow(client: Client, params: m.FollowParams) -> m.FollowResult:
    """Follow what the status looks like."""
    me, timers = who(client), client.services.timers
    await timers.status(me)
    following = Follow(client, me, timers, params.output, params.template)
    first = following.begin()
    client.subscribe(following)
    return m.FollowResult(first)


async def events(client: Client, params: m.EventsParams) -> m.EventsResult:
    """List events."""
    user_id = who(client).user_id
    async with client.services.store.read() as unit:
        found = await unit.outbox.since(user_id, params.since, params.limit)
        last = await unit.outbox.last_seq(user_id)
    return m.EventsResult(tuple(m.EventView(it.seq, it.type, it.at, dict(it.data)) for it in found), last)


async def subscribe(client: Client, params: m.SubscribeParams) -> m.SubscribeResult:
    """Follow events; what is missed comes after the answer."""
    me = who(client)
    user_id = me.user_id
    # What other daemons write is followed for those whose timer is in memory.
    await client.services.timers.status(me)
    store = client.services.store
    async with store.read() as unit:
        last = await unit.outbox.last_seq(user_id)
    # A number that was not reached yet is of another history (a restored backup): to wait for it would miss what comes.
    since = last if params.since is None else min(params.since, last)
    subscription = Subscription(client, user_id, since, me.login_id)
    client.subscribe(subscription)
    replayed: list[Announcement] = []
    async with store.read() as unit:
        while page := await unit.outbox.since(user_id, replayed[-1].seq if replayed else since, PAGE):
            replayed += page
    # The answer is written when this function returns; the replay must come behind it.
    _soon(subscription.caught_up, replayed)
    return m.SubscribeResult(last)


def _soon(function: Callable[..., None], *arguments: Any) -> None:  # noqa: ANN401
    import asyncio

    loop = asyncio.get_running_loop()
    # Twice: the first turn of the loop is the one that writes the answer.
    loop.call_soon(lambda: loop.call_soon(function, *arguments))


def info(client: Client, _params: m.NoParams) -> m.InfoResult:
    """Tell about the daemon."""
    return client.host.info(client.services)


async def examine(client: Client, _params: m.NoParams) -> m.ExamineResult:
    """Look at what the daemon has to do with. Raises PomoError where that is everybody's."""
    found = await client.services.examine()
    return m.ExamineResult(tuple(m.FindingView(it.name, it.state, it.message, it.hint) for it in found))


def stop(client: Client, _params: m.NoParams) -> m.StopResult:
    """Stop the daemon once the answer is out. Raises PomoError for one who may not."""
    if client.host.shared and client.peer.uid not in (client.host.owner.uid, 0):
        raise PomoError("auth.forbidden", "The daemon serves the whole machine.", "Ask its administrator.")
    result = m.StopResult(os.getpid())
    _soon(client.host.stop)
    return result


def registered(methods: Mapping[str, Method], routes: dict[str, Route | LaterRoute]) -> dict[str, Route | LaterRoute]:
    """Answer the routes, if each has its method, and each method says what it needs in words that `admit` enforces.

    Raises RuntimeError otherwise: no daemon comes up with a method that nobody guards.
    """
    if routes.keys() != methods.keys():
        raise RuntimeError(f"methods and routes differ: {sorted(routes.keys() ^ methods.keys())}")
    if unguarded := [method.name for method in methods.values() if method.needs not in get_args(Need)]:
        raise RuntimeError(f"nobody knows what these need: {unguarded}")
    return routes


ROUTES: Final = registered(
    METHODS,
    {
        "hello": Route(m.HelloParams, m.HelloResult, hello),
        "rpc.discover": Route(m.NoParams, dict, discover),
        "timer.start": Route(m.StartParams, m.TimerResult, start),
        "timer.break": Route(m.BreakParams, m.TimerResult, pause_for),
        "timer.repeat": Route(m.RepeatParams, m.TimerResult, repeat),
        "timer.pause": _verb(timer.Pause()),
        "timer.resume": _verb(timer.Resume()),
        "timer.toggle": _verb(timer.Toggle()),
        "timer.stop": _verb(timer.Stop()),
        "timer.finish": _verb(timer.Finish()),
        "timer.cancel": _verb(timer.Cancel()),
        "timer.skip": _verb(timer.Skip()),
        "timer.extend": Route(m.ExtendParams, m.TimerResult, extend),
        "timer.status": Route(m.NoParams, m.Status, status),
        "timer.follow": Route(m.FollowParams, m.FollowResult, follow),
        "timer.interrupt": Route(m.InterruptParams, m.InterruptResult, inventory.interrupt),
        "history.list": Route(m.ListParams, m.ListResult, inventory.log_list),
        "history.add": Route(m.LogAddParams, m.RecordedResult, inventory.log_add),
        "history.edit": Route(m.LogEditParams, m.RecordedResult, inventory.log_edit),
        "history.delete": Route(m.IntervalIdParams, m.IntervalIdParams, inventory.log_delete),
        **{name: LaterRoute("pomo_daemon.server.imports", name) for name in METHODS if name.startswith("import.")},
        "report.period": Route(r.ReportParams, r.ReportResult, report.period),
        "report.estimates": Route(m.NoParams, r.EstimatesResult, report.estimates),
        "report.interruptions": Route(r.DaysParams, r.InterruptionsResult, report.interruptions),
        "report.calendar": Route(r.DaysParams, r.CalendarResult, report.calendar),
        "task.add": Route(m.TaskAddParams, m.TaskView, inventory.task_add),
        "task.list": Route(m.TaskListParams, m.TaskListResult, inventory.task_list),
        "task.show": Route(m.TaskParams, m.TaskDetailResult, inventory.task_show),
        "task.edit": Route(m.TaskEditParams, m.TaskView, inventory.task_edit),
        "task.done": Route(m.TaskParams, m.TaskView, inventory.task_done),
        "task.reopen": Route(m.TaskParams, m.TaskView, inventory.task_reopen),
        "task.delete": Route(m.TaskParams, m.TaskView, inventory.task_delete),
        "task.restore": Route(m.TaskParams, m.TaskView, inventory.task_restore),
        "category.list": Route(m.NoParams, m.CategoryListResult, inventory.category_list),
        "category.add": Route(m.CategoryNameParams, m.CategoryResult, inventory.category_add),
        "category.rename": Route(m.CategoryRenameParams, m.CategoryResult, inventory.category_rename),
        "category.delete": Route(m.CategoryDeleteParams, m.CategoryResult, inventory.category_delete),
        "schedule.list": Route(m.NoParams, m.ScheduleListResult, schedules.listed),
        "schedule.add": Route(m.ScheduleAddParams, m.ScheduleResult, schedules.add),
        "schedule.pause": Route(m.ScheduleIdParams, m.ScheduleResult, schedules.pause),
        "schedule.resume": Route(m.ScheduleIdParams, m.ScheduleResult, schedules.resume),
        "schedule.delete": Route(m.ScheduleIdParams, m.ScheduleResult, schedules.delete),
        "change.list": Route(m.NoParams, m.ChangeListResult, inventory.change_list),
        "change.undo": Route(m.VerbParams, m.UndoResult, inventory.change_undo),
        "change.redo": Route(m.VerbParams, m.UndoResult, inventory.change_redo),
        "events.list": Route(m.EventsParams, m.EventsResult, events),
        "events.subscribe": Route(m.SubscribeParams, m.SubscribeResult, subscribe),
        "git.note": Route(m.GitNoteParams, m.GitNoteResult, inventory.git_note),
        "hooks.list": Route(m.NoParams, m.HooksResult, hooks.listed),
        "hooks.test": Route(m.HooksTestParams, m.HookRunsResult, hooks.test),
        "hooks.runs": Route(m.HookRunsParams, m.HookRunsResult, hooks.runs),
        "auth.register": Route(m.RegisterParams, m.AccountResult, auth.register),
        "auth.login": Route(m.LoginParams, m.TokensResult, auth.login),
        "auth.refresh": Route(m.RefreshParams, m.TokensResult, auth.refresh),
        "auth.logout": Route(m.NoParams, m.LoginIdParams, auth.logout),
        "auth.whoami": Route(m.NoParams, m.WhoamiResult, auth.whoami),
        "auth.passwd": Route(m.PasswdParams, m.PasswdResult, auth.passwd),
        "auth.logins": Route(m.NoParams, tuple[m.LoginView, ...], auth.logins),
        "auth.revoke": Route(m.LoginIdParams, m.LoginIdParams, auth.revoke),
        "daemon.info": Route(m.NoParams, m.InfoResult, info),
        "daemon.examine": Route(m.NoParams, m.ExamineResult, examine),
        "daemon.stop": Route(m.NoParams, m.StopResult, stop),
    },
)
