"""The messages of the wire as types: decoded, validated and described (rpc.discover) from here. The daemon's side only.

Lengths are whole seconds (`*_s`), instants ISO 8601 in UTC. Fields that are not known are passed over, so that a newer
client may speak to an older daemon.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

RequestId = Annotated[str, msgspec.Meta(min_length=8, max_length=64, description="chosen by the client, for retries")]
Seconds = Annotated[int, msgspec.Meta(ge=-31_622_400, le=31_622_400)]
Name = Annotated[str, msgspec.Meta(max_length=2000)]
Text = Annotated[str, msgspec.Meta(max_length=8000)]
Id = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
Count = Annotated[int, msgspec.Meta(ge=-(2**31), lt=2**31)]
Profile = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class Request(msgspec.Struct, frozen=True):
    """The JSON-RPC 2.0 envelope; a request without an id is a notification, and gets no answer."""

    jsonrpc: Literal["2.0"]
    method: Annotated[str, msgspec.Meta(max_length=64)]
    params: msgspec.Raw = msgspec.Raw(b"{}")
    id: Annotated[str, msgspec.Meta(max_length=64)] | int | msgspec.UnsetType | None = msgspec.UNSET


class HelloParams(msgspec.Struct, frozen=True):
    """Who calls. `protocol` must be the daemon's; without a `profile` the one in use is meant.

    `hook_depth` is POMO_HOOK_DEPTH of a client that runs in a hook: what it does runs no hooks in turn.
    """

    protocol: int
    client: Name = ""
    version: Name = ""
    profile: Profile | None = None
    #: An access token; without one the client is the OS user that it is.
    token: Name | None = None
    hook_depth: Annotated[int, msgspec.Meta(ge=0, le=100)] = 0


class HelloResult(msgspec.Struct, frozen=True):
    """Who answers, and as whom the client is known, if as anybody."""

    protocol: int
    version: str
    server: str
    profile: str
    user: str | None
    login_id: int | None


class NoParams(msgspec.Struct, frozen=True):
    """Nothing."""


class VerbParams(msgspec.Struct, frozen=True):
    """A command to the timer that needs no more words."""

    request_id: RequestId | None = None


class StartParams(msgspec.Struct, frozen=True):
    """`task` is `12`, `#12` or a name; a new name makes a task unless `create` is false. `at` lies in the past."""

    task: Name | None = None
    create: bool = True
    duration_s: Seconds | None = None
    flow: bool = False
    at: datetime | None = None
    replace: bool = False
    request_id: RequestId | None = None


class BreakParams(msgspec.Struct, frozen=True):
    """The break that the cycle asks for, or a long one."""

    long: bool = False
    duration_s: Seconds | None = None
    at: datetime | None = None
    request_id: RequestId | None = None


class RepeatParams(msgspec.Struct, frozen=True):
    """`replace` stops a focus that runs."""

    replace: bool = False
    request_id: RequestId | None = None


class ExtendParams(msgspec.Struct, frozen=True):
    """`by_s` of either sign moves the deadline."""

    by_s: Seconds
    request_id: RequestId | None = None


class ListParams(msgspec.Struct, frozen=True):
    """Intervals that began in [from, to), oldest first; without bounds those of today.

    `limit` answers so many; the next ones are `after` the last, by its number, and `from` its start.
    """

    from_: datetime | None = msgspec.field(default=None, name="from")
    to: datetime | None = None
    task: Name | None = None
    category: Name | None = None
    after: Id | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=10_000)] | None = None


class SubscribeParams(msgspec.Struct, frozen=True):
    """Replay what came after `since`, then follow; without it, follow from now."""

    since: Annotated[int, msgspec.Meta(ge=0)] | None = None


class SubscribeResult(msgspec.Struct, frozen=True):
    """The number of the latest event when the stream began."""

    seq: int


class EventsParams(msgspec.Struct, frozen=True):
    """Which events: up to `limit` of those with numbers above `since`."""

    since: Annotated[int, msgspec.Meta(ge=0)] = 0
    limit: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 500


class EventView(msgspec.Struct, frozen=True):
    """A fact that was announced; `seq` counts per user without a hole."""

    seq: int
    type: str
    at: datetime
    data: dict[str, Any]


class EventsResult(msgspec.Struct, frozen=True):
    """Events, and the number of the latest there is."""

    events: tuple[EventView, ...]
    last: int


class FollowParams(msgspec.Struct, frozen=True):
    """How to show the timer: as the text line `status` does, and `template` for the output of that name."""

    output: str = "plain"
    template: str = ""


class FollowResult(msgspec.Struct, frozen=True):
    """The timer as it is now; each change follows as a `status` message with the same field."""

    text: str


class Status(msgspec.Struct, frozen=True):
    """The timer. `state` is one of idle, due, focus, break, long-break, the latter three also with `-paused`.

    `phase` is that of the current interval, or the one that is due. `overtime_s` counts while a phase is due.
    `offline`: the shared database is away, and this is how the machine knows it.
    """

    state: str
    phase: str | None
    status: str | None
    remaining_s: int | None
    elapsed_s: int | None
    planned_s: int | None
    deadline: datetime | None
    percent: int | None
    task: str | None
    task_id: int | None
    cycle: int
    cycle_length: int
    today: int
    goal: int
    profile: str
    overtime_s: int | None
    interruptions: int
    interval_id: int | None
    offline: bool


class GapView(msgspec.Struct, frozen=True):
    """A stretch that does not count."""

    started_at: datetime
    ended_at: datetime | None
    reason: str


class InterruptionView(msgspec.Struct, frozen=True):
    """What broke into an interval."""

    interruption_id: int
    kind: str
    at: datetime
    note: str


class CommitView(msgspec.Struct, frozen=True):
    """What was committed during an interval."""

    sha: str
    subject: str
    repository: str
    at: datetime


class IntervalView(msgspec.Struct, frozen=True):
    """An interval; `elapsed_s` leaves gaps out. `zone` is that of the clock it was made by.

    `conflict`: it was kept on a machine while the database was away, where another one lies; it does not count.
    """

    interval_id: int
    phase: str
    status: str
    task: str | None
    task_id: int | None
    started_at: datetime
    ended_at: datetime | None
    planned_s: int | None
    elapsed_s: int
    gaps: tuple[GapView, ...]
    note: str
    category: str | None
    interruptions: tuple[InterruptionView, ...]
    commits: tuple[CommitView, ...]
    zone: str
    conflict: bool


class RecordedResult(IntervalView, frozen=True):
    """An interval as it is recorded now, and whether a task was made for its name."""

    task_created: bool


class IntervalBrief(msgspec.Struct, frozen=True):
    """An interval as events tell of it."""

    interval_id: int
    phase: str
    status: str
    task: str | None
    task_id: int | None
    started_at: str
    ended_at: str | None
    planned_s: int | None
    elapsed_s: int


class TimerResult(msgspec.Struct, frozen=True):
    """What a command did: one or more lines for people, and the state after it. `changed` is false where it was so."""

    message: str
    changed: bool
    task_created: bool
    interval: IntervalBrief | None
    status: Status


class ListResult(msgspec.Struct, frozen=True):
    """Intervals, oldest first."""

    intervals: tuple[IntervalView, ...]


class InfoResult(msgspec.Struct, frozen=True):
    """The daemon."""

    pid: int
    version: str
    protocol: int
    started_at: datetime
    uptime_s: int
    socket: str
    database: str
    schema_revision: str
    log: str
    connections: int
    subscribers: int
    notifications: str
    #: Whether a shared database is there, or how many commands are kept until it is back.
    database_state: str = "there"
    #: Where reads of much are kept (`memory`, `redis`, `redis, away`), and how often they were found there.
    cache: str = ""
    cache_hits: int = 0
    cache_misses: int = 0


class FindingView(msgspec.Struct, frozen=True):
    """What a look at something showed: `ok`, `warning` or `failure`, and what to do about it."""

    name: str
    state: str
    message: str
    hint: str


class ExamineResult(msgspec.Struct, frozen=True):
    """What was found."""

    findings: tuple[FindingView, ...]


class StopResult(msgspec.Struct, frozen=True):
    """The daemon goes down after this answer."""

    pid: int


class Event(msgspec.Struct, frozen=True):
    """The params of an `event` notification in the stream."""

    seq: int
    type: str
    at: datetime
    data: dict[str, Any]


class LogAddParams(msgspec.Struct, frozen=True):
    """A focus that was not recorded when it happened."""

    start: datetime
    end: datetime
    task: Name | None = None
    create: bool = True
    outcome: Literal["completed", "stopped"] = "completed"
    note: Text = ""
    request_id: RequestId | None = None


class LogEditParams(msgspec.Struct, frozen=True):
    """What to correct of an interval; a field left out stays, an empty task takes the task away."""

    interval_id: Id
    start: datetime | None = None
    end: datetime | None = None
    task: Name | None = None
    create: bool = True
    outcome: Literal["completed", "stopped", "skipped"] | None = None
    note: Text | None = None
    request_id: RequestId | None = None


class IntervalIdParams(msgspec.Struct, frozen=True):
    """One interval."""

    interval_id: Id
    request_id: RequestId | None = None


class InterruptParams(msgspec.Struct, frozen=True):
    """An interruption of the interval that runs."""

    kind: Literal["internal", "external"] = "internal"
    note: Text = ""
    request_id: RequestId | None = None


class InterruptResult(msgspec.Struct, frozen=True):
    """How often the interval was interrupted by now."""

    message: str
    count: int


class TaskAddParams(msgspec.Struct, frozen=True):
    """A new task; `category` is a name or number of one that exists."""

    name: Name
    description: Text | None = None
    pomodoro_count: Count | None = None
    category: Name | None = None
    due: datetime | None = None
    request_id: RequestId | None = None


class TaskEditParams(msgspec.Struct, frozen=True):
    """What to change of a task; a field left out stays, an empty category or `no_due` takes it away."""

    task: Name
    name: Name | None = None
    description: Text | None = None
    pomodoro_count: Count | None = None
    category: Name | None = None
    due: datetime | None = None
    no_due: bool = False
    request_id: RequestId | None = None


class TaskParams(msgspec.Struct, frozen=True):
    """One task: `12`, `#12` or a name that one open task has."""

    task: Name
    request_id: RequestId | None = None


class TaskListParams(msgspec.Struct, frozen=True):
    """Which tasks; `category` empty: those without one. `due`: only those due before then.

    `prefix` is the beginning of a name, whatever its case, or of a number, with or without `#`; `limit` a most.
    """

    status: Literal["open", "done", "deleted", "all"] = "open"
    category: Name | None = None
    due: datetime | None = None
    sort: Literal["id", "name", "due", "estimate", "category", "updated"] = "id"
    prefix: Name = ""
    limit: Count | None = None


class TaskView(msgspec.Struct, frozen=True):
    """A task; `done` completed focus intervals stand against the estimate `pomodoro_count`."""

    task_id: int
    name: str
    description: str
    pomodoro_count: int
    done: int
    category_id: int | None
    category: str | None
    due: datetime | None
    created_at: datetime
    updated_at: datetime
    completed_at: datetime | None
    deleted_at: datetime | None


class TaskListResult(msgspec.Struct, frozen=True):
    """Tasks in the order asked for; `more` of them fit than the limit allows."""

    tasks: tuple[TaskView, ...]
    more: int


class TaskDetailResult(msgspec.Struct, frozen=True):
    """A task and what happened on it; `focus_s` is the time that counts."""

    task: TaskView
    intervals: tuple[IntervalView, ...]
    focus_s: int
    internal: int
    external: int


class CategoryNameParams(msgspec.Struct, frozen=True):
    """A new category."""

    name: Name
    request_id: RequestId | None = None


class CategoryRenameParams(msgspec.Struct, frozen=True):
    """`category` is a name or a number."""

    category: Name
    name: Name
    request_id: RequestId | None = None


class CategoryDeleteParams(msgspec.Struct, frozen=True):
    """`move_to` says where its tasks go; empty: to no category. Left out, a category in use is refused."""

    category: Name
    move_to: Name | None = None
    request_id: RequestId | None = None


class CategoryView(msgspec.Struct, frozen=True):
    """A category with the number of its tasks."""

    category_id: int
    name: str
    tasks: int


class CategoryListResult(msgspec.Struct, frozen=True):
    """Categories by name."""

    categories: tuple[CategoryView, ...]


class CategoryResult(msgspec.Struct, frozen=True):
    """The category that was made, renamed or deleted."""

    category_id: int
    name: str


class ScheduleAddParams(msgspec.Struct, frozen=True):
    """When, by an expression of cron, and what: start a `task`, named as in timer.start, or show a `text`."""

    cron: Name
    task: Name | None = None
    text: Name | None = None
    create: bool = True
    request_id: RequestId | None = None


class ScheduleIdParams(msgspec.Struct, frozen=True):
    """A schedule by its number."""

    schedule_id: Id
    request_id: RequestId | None = None


class ScheduleView(msgspec.Struct, frozen=True):
    """A schedule on the clock of `zone`; `next` are its next three times, none while it is paused."""

    schedule_id: int
    cron: str
    action: str
    task: str | None
    task_id: int | None
    text: str
    zone: str
    paused: bool
    next: tuple[datetime, ...]
    created_at: datetime


class ScheduleListResult(msgspec.Struct, frozen=True):
    """Schedules, oldest first."""

    schedules: tuple[ScheduleView, ...]


class ScheduleResult(ScheduleView, frozen=True):
    """The schedule as it is now, or was; whether a task was made for it."""

    task_created: bool


class ChangeView(msgspec.Struct, frozen=True):
    """A change that can be undone."""

    change_id: int
    at: datetime
    label: str


class ChangeListResult(msgspec.Struct, frozen=True):
    """Changes, the latest first."""

    changes: tuple[ChangeView, ...]


class UndoResult(msgspec.Struct, frozen=True):
    """What was undone or done again, and the timer after it."""

    message: str
    label: str
    at: datetime
    status: Status


class RegisterParams(msgspec.Struct, frozen=True):
    """A new account. The password has 8 to 1,024 characters."""

    username: Name
    email: Name
    password: Text


class AccountResult(msgspec.Struct, frozen=True):
    """The account that was made."""

    user_id: int
    username: str
    email: str


class LoginParams(msgspec.Struct, frozen=True):
    """`name` is a username or an email address; `device` is what the login is called in the list of logins."""

    name: Name
    password: Text
    device: Name = ""


class RefreshParams(msgspec.Struct, frozen=True):
    """A refresh token is good once; sent again within 20 seconds, it answers the same."""

    refresh_token: Name


class TokensResult(msgspec.Struct, frozen=True):
    """A login, and what proves it: the access token with each `hello`, the refresh token when that has expired."""

    login_id: int
    username: str
    access_token: str
    access_expires_at: datetime
    refresh_token: str
    refresh_expires_at: datetime


class LoginIdParams(msgspec.Struct, frozen=True):
    """One login; as a result, the one that was ended."""

    login_id: Id


class WhoamiResult(msgspec.Struct, frozen=True):
    """The account, and whether the OS user or a password proves it."""

    user_id: int
    username: str
    email: str | None
    login_id: int | None
    by: Literal["peer", "password"]
    profile: str
    access_expires_at: datetime | None


class PasswdParams(msgspec.Struct, frozen=True):
    """`old_password` is needed if the account has one."""

    password: Text
    old_password: Text | None = None


class PasswdResult(msgspec.Struct, frozen=True):
    """How many other logins were ended."""

    revoked: int


class LoginView(msgspec.Struct, frozen=True):
    """A login that lasts; `current` is the one that asks."""

    login_id: int
    device: str
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    current: bool


class GitNoteParams(msgspec.Struct, frozen=True):
    """A commit by its full name, the first line of its message, and the folder of its repository."""

    sha: Name
    subject: Text = ""
    repository: Annotated[str, msgspec.Meta(max_length=1000)] = ""
    request_id: RequestId | None = None


class GitNoteResult(msgspec.Struct, frozen=True):
    """On which interval it was noted; none where no focus was current."""

    interval_id: int | None


class HookView(msgspec.Struct, frozen=True):
    """A hook; `problem` says why it does not run, empty if it does."""

    event: str
    path: str
    problem: str


class HooksResult(msgspec.Struct, frozen=True):
    """Hooks, by event, in the order in which they run."""

    hooks: tuple[HookView, ...]


class HooksTestParams(msgspec.Struct, frozen=True):
    """The type of the event."""

    event: Name


class HookRunsParams(msgspec.Struct, frozen=True):
    """How many runs, the latest ones."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 20


class HookRunView(msgspec.Struct, frozen=True):
    """What came of a hook: `problem` is empty where it ended well; `cut`: it said more than `output`."""

    at: datetime
    event: str
    event_id: str
    path: str
    problem: str
    duration_ms: int
    output: str
    cut: bool


class HookRunsResult(msgspec.Struct, frozen=True):
    """Runs of hooks, oldest first."""

    runs: tuple[HookRunView, ...]
