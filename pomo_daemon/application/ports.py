"""What the use cases need of the world.

Adapters implement these; tests/fakes holds a fake of each; one contract suite runs on all.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from pomo_daemon.application.selection import Listed, Selection, TaskRow
from pomo_daemon.domain.account import Account
from pomo_daemon.domain.commit import Commit
from pomo_daemon.domain.interruption import Interruption, InterruptionKind
from pomo_daemon.domain.interval import Gap, Interval
from pomo_daemon.domain.report import Days, Part, Tally
from pomo_daemon.domain.task import Category, Task
from pomo_daemon.domain.throttle import Attempts
from pomo_daemon.domain.timeline import Reading
from pomo_daemon.domain.timer import Timer

if TYPE_CHECKING:
    # Few have schedules, or import: what these are made of is loaded with the first of them.
    from pomo_daemon.domain.incoming import IntervalIn
    from pomo_daemon.domain.incoming import Part as PartIn
    from pomo_daemon.domain.schedule import Schedule


class Clock(Protocol):
    """Time."""

    def read(self) -> Reading:
        """Read all clocks at once."""
        ...


class SharedClock(Clock, Protocol):
    """Time as all daemons on one database have it: so far `ahead` of this machine's."""

    ahead: timedelta

    def shift(self, by: timedelta) -> None:
        """Set the wall clock forward, or back."""
        ...


class Alarm(Protocol):
    """One alarm per user, which calls `ring(user_id)` on the event loop, never early, and perhaps for nothing."""

    def set(self, user_id: int, delay: timedelta | None) -> None:
        """Ring once after `delay` instead of whatever was set; None takes the alarm back."""
        ...


class Board(Protocol):
    """Where shells look how the timer stands."""

    def show(self, text: str) -> None:
        """Show this text alone; none for an empty one. Never fails: the log tells."""
        ...


#: The code of the error for what cannot be stored since the database is read-only.
READ_ONLY: Final = "database.read_only"


class StoreError(Exception):
    """The store failed; `code` is a row of the error table, whose hint stands in for an empty one."""

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint


class Stale(Exception):  # an outcome to handle, by trying again, rather than a fault
    """Somebody else changed the timer since it was loaded."""


@dataclass(frozen=True, slots=True)
class TimerRecord:
    """A timer as stored: `version` rises with each change, `anchor` began its time line (domain/timeline.py).

    `left_at`: when the daemon that watched it ended, until another takes it up.
    """

    user_id: int
    version: int
    timer: Timer
    anchor: Reading | None = None
    left_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """An event before it has a number; `data` is plain JSON, `at` when it happened."""

    type: str
    at: datetime
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Announcement:
    """An event as stored and as sent: `seq` counts per user without a hole.

    It is 0 for one that is kept on this machine, until the shared database is back; then it comes again with a number,
    and `seen` since those who are told by this machine know of it.
    """

    user_id: int
    seq: int
    type: str
    at: datetime
    data: Mapping[str, Any]
    seen: bool = False


class Random(Protocol):
    """Chance."""

    def token(self) -> bytes:
        """Answer 32 bytes that nobody can foresee."""
        ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a password was right; and where its hash is weaker than those made today, one to store instead."""

    ok: bool
    new_hash: str | None = field(default=None, repr=False)


class Passwords(Protocol):
    """Passwords, derived slowly and off the event loop."""

    async def hash(self, password: str) -> str:
        """Answer what to store of a password."""
        ...

    async def verify(self, password: str, stored: str | None) -> Verdict:
        """Compare a password with what is stored. None, where nothing is, takes as long and is never right."""
        ...


class Users(Protocol):
    """Accounts. Names and addresses are the same whatever their case."""

    async def of_peer(self, uid: int, username: str) -> int:
        """Answer the id of the user that an OS user logs in as without a password; make it if need be."""
        ...

    async def get(self, user_id: int) -> Account | None:
        """Answer an account."""
        ...

    async def named(self, name: str) -> Account | None:
        """Answer the account with that username, else the one with that email address."""
        ...

    async def add(self, username: str, email: str, password_hash: str) -> Account | None:
        """Store a new account; None if the name or the address is taken."""
        ...

    async def set_password(self, user_id: int, password_hash: str, *, was: str | None) -> bool:
        """Store another hash, if the stored one still is `was`; tell whether it was."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginRecord:
    """One device of a user, as stored: `access_hash` of its present access token; `login_id` 0 is not stored yet.

    `peer_uid` is the OS user who logged in, `reason` why the login was ended.
    """

    login_id: int = 0
    user_id: int
    device: str
    peer_uid: int | None
    created_at: datetime
    last_used_at: datetime
    access_hash: str = field(repr=False)
    access_expires_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
    reason: str | None = None

    def lives(self, now: datetime) -> bool:
        """Tell whether the login lasts: it was neither ended nor left unused for too long."""
        return self.revoked_at is None and now < self.expires_at


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshRecord:
    """A refresh token as stored; one that is spent has a `seed`, from which what followed it can be derived again."""

    token_hash: str = field(repr=False)
    login_id: int
    issued_at: datetime
    expires_at: datetime
    spent_at: datetime | None = None
    seed: bytes | None = field(default=None, repr=False)


class Logins(Protocol):
    """Logins and the refresh tokens of those that last."""

    async def add(self, login: LoginRecord) -> LoginRecord:
        """Store a new login; answer it with its number."""
        ...

    async def get(self, login_id: int) -> LoginRecord | None:
        """Answer a login, ended or not."""
        ...

    async def by_access(self, access_hash: str) -> LoginRecord | None:
        """Answer the login whose present access token has this hash, ended or not."""
        ...

    async def of_user(self, user_id: int, now: datetime) -> Sequence[LoginRecord]:
        """Answer the logins of a user that last, oldest first."""
        ...

    async def renew(self, login: LoginRecord) -> None:
        """Store another access token, other ends, and the time of the last use."""
        ...

    async def end(self, login_id: int, at: datetime, reason: str) -> None:
        """Note that a login was ended, and forget its refresh tokens."""
        ...

    async def refresh_token(self, token_hash: str) -> RefreshRecord | None:
        """Answer a refresh token."""
        ...

    async def issue(self, token: RefreshRecord) -> None:
        """Store a new refresh token."""
        ...

    async def spend(self, token_hash: str, at: datetime, seed: bytes) -> None:
        """Note that a refresh token was used, and the seed of what follows it."""
        ...


class AttemptLog(Protocol):
    """Passwords that were wrong, counted by keys that do not tell whose they are."""

    async def of(self, key: str) -> Attempts | None:
        """Answer the failures under a key."""
        ...

    async def fail(self, key: str, at: datetime) -> None:
        """Count one more."""
        ...

    async def forgive(self, key: str, count: int) -> None:
        """Take back so many, and the row with the last of them."""
        ...

    async def prune(self, before: datetime) -> None:
        """Forget every key whose last failure is older."""
        ...


class Timers(Protocol):
    """One timer per user."""

    async def load(self, user_id: int) -> TimerRecord:
        """Answer the timer, an idle one of version 0 if there never was one."""
        ...

    async def save(self, record: TimerRecord) -> TimerRecord:
        """Store over the version that was loaded, and answer the record with the next version. Raises Stale."""
        ...

    async def running(self) -> Sequence[int]:
        """Answer the users whose timer has a current interval that runs."""
        ...

    async def overdue(self, since: datetime) -> Sequence[int]:
        """Answer some users whose interval runs though it was to end before `since`, or at least as it began."""
        ...


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list: of those behind the interval `after`, which began at its start, the first `limit`."""

    after: int = 0
    limit: int | None = None


WHOLE: Final = Page()


class Intervals(Protocol):
    """The record of what was done. Cancelled intervals are kept, and answered by `find` alone."""

    async def add(self, user_id: int, interval: Interval) -> Interval:
        """Store a new interval and its gaps; answer it with its id. One that has an id already keeps it (redo)."""
        ...

    async def update(self, user_id: int, interval: Interval) -> None:
        """Store a changed interval, but for its gaps. Raises StoreError if this user has none of that number."""
        ...

    async def set_gaps(self, interval: Interval, before: Sequence[Gap] | None = None) -> None:
        """Store the gaps of a stored interval in place of those it had, which are `before`; None: whatever is there."""
        ...

    async def between(
        self,
        user_id: int,
        start: datetime,
        end: datetime,
        *,
        tasks: Sequence[int] | None = None,
        page: Page = WHOLE,
    ) -> Sequence[Interval]:
        """Answer those that began in [start, end), oldest first, the current one among them; of some tasks only."""
        ...

    async def overlapping(
        self, user_id: int, start: datetime, end: datetime, *, but: int | None = None
    ) -> Interval | None:
        """Answer the first ended interval, other than `but`, that shares time with (start, end)."""
        ...

    async def around(
        self, user_id: int, at: datetime, *, but: int | None = None
    ) -> tuple[datetime | None, datetime | None]:
        """Answer when the last interval that began by `at` ended, and when the first after it began; `but` aside."""
        ...

    async def get(self, user_id: int, interval_id: int, *, cancelled: bool = False) -> Interval | None:
        """Answer an interval with its gaps; one that is cancelled only if asked to."""
        ...

    async def of_task(self, user_id: int, task_id: int) -> Sequence[Interval]:
        """Answer the intervals spent on a task, oldest first."""
        ...

    async def remove(self, user_id: int, interval_id: int) -> None:
        """Take an interval out of the record, with its gaps and interruptions."""
        ...

    async def last_end(self, user_id: int) -> datetime | None:
        """Answer when the latest ended interval ended."""
        ...

    async def completed_focus(self, user_id: int, start: datetime, end: datetime) -> int:
        """Count the pomodoros that began in [start, end)."""
        ...


class Tasks(Protocol):
    """What one works on. A user's own tasks only; `get` does not find deleted ones unless asked to."""

    async def get(self, user_id: int, task_id: int, *, deleted: bool = False) -> Task | None:
        """Answer a task."""
        ...

    async def names(self, user_id: int, task_ids: Sequence[int]) -> Mapping[int, str]:
        """Answer the names of tasks, deleted ones too."""
        ...

    async def open_named(self, user_id: int, name: str) -> Sequence[Task]:
        """Answer the tasks neither done nor deleted whose name is the same but for case."""
        ...

    async def categories(self, user_id: int, task_ids: Sequence[int]) -> Mapping[int, str]:
        """Answer the names of the categories of tasks that have one."""
        ...

    async def row(self, user_id: int, task_id: int) -> TaskRow | None:
        """Answer one task as lists show it, deleted or not."""
        ...

    async def listed(self, user_id: int, wanted: Selection) -> Listed:
        """Answer the tasks that fit, deleted ones too unless the selection leaves them out."""
        ...

    async def in_category(self, user_id: int, category_id: int) -> Sequence[Task]:
        """Answer the tasks of a category, deleted ones too."""
        ...

    async def add(self, user_id: int, task: Task) -> Task:
        """Store a new task; answer it with its number. One that has a number already keeps it (redo)."""
        ...

    async def update(self, user_id: int, task: Task) -> None:
        """Store a changed task."""
        ...

    async def remove(self, user_id: int, task_id: int) -> None:
        """Take a task out of the record altogether (undo); nothing may refer to it."""
        ...


class Categories(Protocol):
    """How tasks are grouped. A user's own only."""

    async def get(self, user_id: int, category_id: int) -> Category | None:
        """Answer a category."""
        ...

    async def named(self, user_id: int, name: str) -> Category | None:
        """Answer the category whose name is the same but for case."""
        ...

    async def all(self, user_id: int) -> Sequence[tuple[Category, int]]:
        """Answer every category by name, with the number of its tasks that are not deleted."""
        ...

    async def add(self, user_id: int, category: Category) -> Category:
        """Store a new category; answer it with its number. One that has a number already keeps it (redo)."""
        ...

    async def update(self, user_id: int, category: Category) -> None:
        """Store a changed category."""
        ...

    async def remove(self, user_id: int, category_id: int) -> None:
        """Take a category out of the record; nothing may refer to it."""
        ...


class Cron(Protocol):
    """When expressions of cron are due, on the clock of a zone."""

    def check(self, expression: str, zone: str, now: datetime) -> str:
        """Answer an expression in plain form. Raises Invalid for one that is none, or that is never due."""
        ...

    def after(self, expression: str, zone: str, after: datetime) -> datetime | None:
        """Answer the first instant after another at which a plain expression is due, if there is one."""
        ...


class Schedules(Protocol):
    """What happens by the calendar. A user's own only; `next` alone is about all."""

    async def all(self, user_id: int) -> "Sequence[Schedule]":
        """Answer the schedules of a user, oldest first."""
        ...

    async def get(self, user_id: int, schedule_id: int) -> "Schedule | None":
        """Answer a schedule."""
        ...

    async def next(self, unknown: datetime) -> Mapping[int, datetime]:
        """Answer when the next schedule of each user is due who has one that is not paused; `unknown`: not known."""
        ...

    async def add(self, user_id: int, schedule: "Schedule") -> "Schedule":
        """Store a new schedule; answer it with its number. One that has a number already keeps it (redo)."""
        ...

    async def update(self, user_id: int, schedule: "Schedule") -> None:
        """Store a changed schedule."""
        ...

    async def remove(self, user_id: int, schedule_id: int) -> None:
        """Take a schedule away."""
        ...


class Commits(Protocol):
    """What was committed during intervals; it stays when an interval is removed, which may come back."""

    async def of(self, user_id: int, interval_ids: Sequence[int]) -> Sequence[Commit]:
        """Answer the commits of some intervals, in the order in which they came."""
        ...

    async def add(self, user_id: int, commit: Commit) -> None:
        """Store one, unless it is there."""
        ...


class Interruptions(Protocol):
    """What broke into intervals."""

    async def of(self, interval_ids: Sequence[int]) -> Sequence[Interruption]:
        """Answer the interruptions of some intervals, in the order in which they came."""
        ...

    async def get(self, user_id: int, interruption_id: int) -> Interruption | None:
        """Answer an interruption of an interval of this user."""
        ...

    async def add(self, interruption: Interruption) -> Interruption:
        """Store one; answer it with its number. One that has a number already keeps it (redo)."""
        ...

    async def remove(self, interruption_id: int) -> None:
        """Take one out of the record."""
        ...


@dataclass(frozen=True, slots=True)
class Interrupted:
    """An interruption as reports show it: `at` is on the clock of the place, `task` the name of what it broke into."""

    at: datetime
    kind: InterruptionKind
    task: str | None
    note: str


class Tallies(Protocol):
    """What ended intervals come to. Totals of days are kept in the transaction of whatever changes them."""

    async def are_kept(self, user_id: int, day_start: time) -> bool:
        """Tell whether there are totals of days that begin at `day_start`."""
        ...

    async def keep(self, user_id: int, day_start: time) -> None:
        """Have such totals from now on; they are not kept yet."""
        ...

    async def forget(self, user_id: int) -> Sequence[time]:
        """Keep none from now on, and answer the `day_start` of those that were kept: much is about to change."""
        ...

    async def of_days(self, user_id: int, day_start: time, wanted: Days) -> Mapping[date, Tally]:
        """Answer the totals, which are kept, of days that have any, in order."""
        ...

    async def recounted(self, user_id: int, day_start: time) -> Mapping[date, Tally]:
        """Answer what the totals of all days must be, counted anew."""
        ...

    async def parts(
        self, user_id: int, day_start: time, wanted: Days, tasks: Sequence[int] | None = None
    ) -> Sequence[Part]:
        """Answer the totals of hours and tasks in order; of some tasks, if they are given."""
        ...

    async def interrupted(self, user_id: int, day_start: time, wanted: Days) -> Sequence[Interrupted]:
        """Answer what broke into the intervals of these days, the current one too, in the order in which it came."""
        ...


@dataclass(frozen=True, slots=True)
class Item:
    """One row of a change: what it was and what it became, as plain JSON; None where it was not there."""

    kind: str
    key: int
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Change:
    """Something a user did, with all that is needed to take it back."""

    change_id: int
    at: datetime
    label: str
    undone: bool
    items: tuple[Item, ...]


class Changes(Protocol):
    """What can be undone, and done again."""

    async def add(self, user_id: int, at: datetime, label: str, items: Sequence[Item]) -> None:
        """Keep a change as the latest; those that were undone can be done again no more."""
        ...

    async def latest(self, user_id: int, limit: int) -> Sequence[Change]:
        """Answer the latest changes that are not undone, newest first."""
        ...

    async def first_undone(self, user_id: int) -> Change | None:
        """Answer the change that was undone last."""
        ...

    async def mark(self, user_id: int, change_id: int, *, undone: bool) -> None:
        """Note that a change was undone, or done again."""
        ...


class Staged(NamedTuple):
    """An interval that was handed in; `source` as imports are known by, `local_start` as the record keeps it."""

    row: "IntervalIn"
    source: bytes
    local_start: int
    parts: "Sequence[PartIn]" = ()


class Arrival(NamedTuple):
    """An interval of an import, as it is to be stored: it may be shorter than it came."""

    interval_id: int
    task_id: int | None
    staged: Staged


class Imports(Protocol):
    """Much at once, by numbers instead of objects: microseconds since 1970, ranges of interval numbers."""

    async def take_time(self) -> None:
        """Let statements of this transaction take longer than those that somebody waits for."""
        ...

    async def known(self, user_id: int, sources: Sequence[bytes]) -> Mapping[bytes, int]:
        """Answer which of these an earlier import brought, and what came of each."""
        ...

    async def spans(self, user_id: int, first: int, last: int) -> Sequence[tuple[int, int, int]]:
        """Answer start, end and number of what is recorded between, in order; what is current has no end so far."""
        ...

    async def last_number(self, kind: str) -> int:
        """Answer the highest number that an `interval`, `task`, `category` or `interruption` of anybody ever had."""
        ...

    async def take_numbers(self, count: int) -> Sequence[int]:
        """Answer numbers for new intervals, in order; nobody else gets them."""
        ...

    async def pass_numbers(self, kind: str, number: int) -> None:
        """Let new ones get higher numbers than this."""
        ...

    async def add(self, user_id: int, arrivals: Sequence[Arrival], *, numbered: bool) -> None:
        """Store intervals with what belongs to them; `numbered`: interruptions keep the numbers they have."""
        ...

    async def next_import(self, user_id: int) -> int:
        """Answer the number of the user's next import."""
        ...

    async def note(self, user_id: int, number: int, keys: Sequence[tuple[bytes, int]]) -> None:
        """Note what an import brought, and what came of each."""
        ...

    async def sum_up(self, user_id: int, number: int, runs: Sequence[Sequence[int]]) -> Sequence[int]:
        """Answer sums that any change to what an import brought would change; all are 0 where nothing is left."""
        ...

    async def shelve(self, user_id: int, change_id: int, number: int, runs: Sequence[Sequence[int]]) -> None:
        """Take what an import brought out of the record, and lay it aside with its change."""
        ...

    async def unshelve(self, user_id: int, change_id: int) -> None:
        """Put it back."""
        ...


class Spool(Protocol):
    """Where an import is kept aside, on disk: it may be larger than memory. Blocking; gone when nobody holds it."""

    def add(self, rows: Sequence[Staged]) -> None:
        """Keep some."""
        ...

    def has_twice(self, kind: str) -> bool:
        """Tell whether a number stands for two things of a kind, `interval` or `interruption`."""
        ...

    def ordered(self) -> Iterator[Sequence[Staged]]:
        """Give all by start and end, some at a time; what was noted of sources is forgotten."""
        ...

    def accept(self, keys: Sequence[tuple[bytes, int]]) -> None:
        """Note what came of sources."""
        ...

    def accepted(self) -> Iterator[Sequence[tuple[bytes, int]]]:
        """Give what was noted, in the order of the sources, each once."""
        ...


class Outbox(Protocol):
    """Events, committed with the change that they tell of."""

    async def append(self, user_id: int, drafts: Sequence[Draft]) -> Sequence[Announcement]:
        """Store events under the next numbers of the user."""
        ...

    async def since(self, user_id: int, seq: int, limit: int) -> Sequence[Announcement]:
        """Answer up to `limit` events with numbers above `seq`, in order."""
        ...

    async def last_seq(self, user_id: int) -> int:
        """Answer the number of the latest event, 0 if there is none."""
        ...

    async def last_seqs(self, user_ids: Sequence[int]) -> Mapping[int, int]:
        """Answer the number of the latest event of each of these users."""
        ...

    async def delivered(self, user_id: int, consumer: str) -> int | None:
        """Answer up to which event `consumer` has done its work; None if it never did any."""
        ...

    async def mark_delivered(self, user_id: int, consumer: str, seq: int) -> None:
        """Note that `consumer` has done its work up to and with `seq`."""
        ...


class Requests(Protocol):
    """Answers already given, so that a request that is sent again is not done again."""

    async def find(self, user_id: int, request_id: str) -> Mapping[str, Any] | None:
        """Answer what was answered to a request."""
        ...

    async def remember(self, user_id: int, request_id: str, now: datetime, answer: Mapping[str, Any]) -> None:
        """Keep an answer."""
        ...


class UnitOfWork(Protocol):
    """One transaction: it commits when its block ends, and rolls back when an error leaves the block."""

    users: Users
    logins: Logins
    attempts: AttemptLog
    timers: Timers
    intervals: Intervals
    tasks: Tasks
    categories: Categories
    schedules: Schedules
    commits: Commits
    interruptions: Interruptions
    tallies: Tallies
    changes: Changes
    outbox: Outbox
    requests: Requests

    @property
    def imports(self) -> Imports:
        """Answer what imports need."""
        ...


class Store(Protocol):
    """The database."""

    def write(self) -> AbstractAsyncContextManager[UnitOfWork]:
        """Open a transaction that may write. Raises StoreError."""
        ...

    def read(self) -> AbstractAsyncContextManager[UnitOfWork]:
        """Open a transaction that only reads, and does not wait for writers. Raises StoreError."""
        ...


class SharedStore(Store, Protocol):
    """A database that several daemons may share. While it is known to be `away`, nobody but `now` waits for it."""

    away: bool

    async def now(self) -> datetime:
        """Answer the time by the database's clock. Raises StoreError."""
        ...


class Journal(Protocol):
    """What is kept on this machine of timers on a shared database. All but `exist` raise StoreError."""

    def exist(self) -> bool:
        """Tell whether anything is kept of anybody."""
        ...

    async def users(self) -> Sequence[int]:
        """Answer whose timer is kept."""
        ...

    async def timer(self, user_id: int) -> bytes | None:
        """Answer the timer that was kept last, None if there is none."""
        ...

    async def keep_timer(self, user_id: int, data: bytes, *, durable: bool) -> None:
        """Keep a timer in place of the one before, whole at any moment; `durable` also when the power goes."""
        ...

    async def append(self, user_id: int, generation: int, line: bytes) -> None:
        """Put a command behind the others, on the disk for good; where that fails it is not there."""
        ...

    async def lines(self, user_id: int, generation: int) -> Sequence[bytes]:
        """Answer the commands, in their order."""
        ...

    async def clear(self, user_id: int, generation: int) -> None:
        """Forget the commands."""
        ...


class Bus(Protocol):
    """Hints between the daemons on one database; they may be lost, late, or doubled."""

    async def listen(self, users: Collection[int], heard: Callable[[int, int], None]) -> None:
        """Call `heard(user_id, seq)` when any daemon commits an event of one of these users, until cancelled.

        Never raises. A hint of somebody else's event does no harm.
        """
        ...


@dataclass(frozen=True, slots=True)
class Button:
    """A button of a notification; `action` is a timer verb (`break`, `skip`, `extend`, `resume`, `toggle`)."""

    action: str
    label: str


@dataclass(frozen=True, slots=True)
class Notification:
    """What to show. Plain text: escaping is the adapter's affair. `on_press` is called on the event loop."""

    title: str
    body: str
    urgent: bool = False
    sound: bool = False
    buttons: tuple[Button, ...] = ()
    on_press: Callable[[str], None] | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a look at something showed; `state` is `ok`, `warning` or `failure`, `hint` what to do about it."""

    name: str
    state: str
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class HookEvent:
    """An event as its hooks are told of it: `document` on stdin, `variables` in the environment."""

    event_id: str
    type: str
    document: Mapping[str, Any]
    variables: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Hook:
    """A program that is to run at a type of event; `problem` says why it does not, empty if it does."""

    event: str
    path: str
    problem: str


@dataclass(frozen=True, slots=True)
class HookRun:
    """What came of a hook: `problem` is empty where it ended well; `cut`: it said more than `output`."""

    at: datetime
    event: str
    event_id: str
    path: str
    problem: str
    duration_ms: int
    output: str
    cut: bool


class Hooks(Protocol):
    """The user's programs."""

    def exist(self) -> bool:
        """Tell whether there may be any hook at all; cheap."""
        ...

    def list(self) -> Sequence[Hook]:
        """Answer every hook there is, those too that do not run."""
        ...

    async def run(self, event: HookEvent) -> Sequence[HookRun]:
        """Run the hooks for an event in order, each within a bounded time. What fails is told, never raised."""
        ...

    async def runs(self, limit: int) -> Sequence[HookRun]:
        """Answer the latest runs, oldest first."""
        ...


class Idle(Protocol):
    """Whether somebody sits there."""

    async def idle(self) -> timedelta | None:
        """Answer how long there was no input; None where nobody knows. Within a bounded time, and never raises."""
        ...


class Notifier(Protocol):
    """The desktop."""

    async def show(self, notification: Notification) -> bool:
        """Show it in place of the one before, within a bounded time; tell whether a server took it. Never raises."""
        ...

    async def close(self) -> None:
        """Let go of the bus."""
        ...
