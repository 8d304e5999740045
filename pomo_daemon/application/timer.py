"""The timers of all users: each transaction settles what is overdue first, and is made known to all after."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from pomo_daemon.application.announcer import Announcer
from pomo_daemon.application.background import Background
from pomo_daemon.application.ports import (
    READ_ONLY,
    Alarm,
    Announcement,
    Clock,
    Stale,
    Store,
    StoreError,
    TimerRecord,
    UnitOfWork,
)
from pomo_daemon.application.tasks import choose
from pomo_daemon.application.views import Clocks, Snapshot, StatusView, status_view, until_other
from pomo_daemon.application.work import Done, Work, image
from pomo_daemon.domain.cycle import Rules
from pomo_daemon.domain.days import day_bounds
from pomo_daemon.domain.errors import Invalid, Overlap, TimerConflict
from pomo_daemon.domain.events import EventType
from pomo_daemon.domain.interval import Phase, Status
from pomo_daemon.domain.settle import settle
from pomo_daemon.domain.timeline import Reading, begin, project
from pomo_daemon.domain.timer import Break, Command, Extend, Mode, Start, Stop, next_deadline, step

log = logging.getLogger(__name__)

#: How often a command is tried anew when another daemon was faster; each time one of them gets through.
ATTEMPTS: Final = 10
#: A wake-up that could not be stored is tried again after so many seconds.
RETRY: Final = 5.0
#: Events read at a time.
PAGE: Final = 500
_EVER: Final = datetime.max.replace(tzinfo=UTC)

Action = Callable[[Work], Awaitable[None]]


@dataclass(slots=True)
class Moment:
    """As of when, and by which rules, a transaction is made. What is None is found out by it, and then stands here."""

    reading: Reading | None = None
    rules: Rules | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """On whose behalf something is done; by which login, unless the kernel's word for the OS user was enough."""

    user_id: int
    username: str
    profile: str
    login_id: int | None = None
    #: How many hooks stand between the user and what is done: 1 in a hook.
    hook_depth: int = 0
    #: Whether the daemon does it by itself.
    automatic: bool = False


@dataclass(frozen=True, slots=True)
class TaskChoice:
    """The task of a start, as the user names it; `create` allows a new one for a name that is not known."""

    text: str
    create: bool = True


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command did: the events it led to, in order; those of a deadline that had passed come first."""

    events: Sequence[Mapping[str, Any]]
    task_created: bool
    status: StatusView
    #: Whether it is kept on this machine, until the shared database is back.
    kept: bool = False

    @property
    def changed(self) -> bool:
        """Tell whether anything is different now."""
        return bool(self.events)


class _Moved(Exception):
    """The timer no longer has the version that a command was meant for."""


@dataclass(frozen=True, slots=True)
class Order:
    """A command to the timer as an action; plain data, so that it can be kept, and given again."""

    command: Command
    task: TaskChoice | None = None
    only_version: int | None = None

    async def __call__(self, work: Work) -> None:
        """Carry it out. Raises the errors of the domain, and _Moved."""
        if self.only_version is not None and work.base.version != self.only_version:
            raise _Moved
        await apply(work, self.command, self.task)


class TimerService:
    """The timers of all users, and what is known of them in memory."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        alarm: Alarm,
        announcer: Announcer,
        rules: Callable[[], Rules],
        machine: str = "",
    ) -> None:
        """`machine` names this one, where others share the database."""
        self._machine = machine
        self._store = store
        self._clock = clock
        self._alarm = alarm
        self._announcer = announcer
        self._rules = rules
        self._locks: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._board: dict[int, Snapshot] = {}
        #: Up to which event those who listen here know of each user on the board.
        self._told: dict[int, int] = {}
        self._background = Background("a wake-up")
        self._retries: dict[int, asyncio.TimerHandle] = {}
        #: Called when what is shown of timers is another although nothing happened to them.
        self.on_change: list[Callable[[], None]] = []
        #: Called when somebody has come to the board.
        self.on_arrival: list[Callable[[], None]] = []

    @property
    def offline(self) -> bool:
        """Tell whether the database is away: one that is this machine's own never is."""
        return False

    @property
    def kept(self) -> int:
        """Answer how many commands are kept until it is back."""
        return 0

    def peek(self, who: Identity) -> StatusView | None:
        """Answer the status from memory, without waiting for anything; None if it is not there yet."""
        snapshot = self._board.get(who.user_id)
        return status_view(snapshot, self._clock.read(), self._rules(), who.profile) if snapshot else None

    async def status(self, who: Identity) -> StatusView:
        """Answer the status."""
        if who.user_id not in self._board:
            await self.wake(who.user_id)
        return status_view(self._board[who.user_id], self._clock.read(), self._rules(), who.profile)

    def until_other(self, user_id: int, clocks: Clocks) -> timedelta | None:
        """Answer in how long a status in memory looks different although nothing happens; None: not at all."""
        snapshot = self._board.get(user_id)
        return until_other(snapshot, self._clock.read(), clocks) if snapshot else None

    def instant(self, user_id: int, *, ago: timedelta) -> datetime:
        """Answer what time it was some time ago on the line of a timer in memory."""
        return project(self._board[user_id].record.anchor, self._clock.read()) - ago

    def runs(self) -> bool:
        """Tell whether anything in memory runs."""
        return any(_runs(it.record) for it in self._board.values())

    def version(self, user_id: int) -> int | None:
        """Answer the version of a timer that is in memory."""
        snapshot = self._board.get(user_id)
        return snapshot.record.version if snapshot else None

    async def run(
        self,
        who: Identity,
        command: Command,
        *,
        task: TaskChoice | None = None,
        request_id: str | None = None,
        only_version: int | None = None,
    ) -> Outcome:
        """Carry out a command, once for a `request_id`; with `only_version` only if the timer still has that version.

        Raises the errors of the domain, and StoreError; then nothing has changed.
        """
        order = Order(command, task, only_version)
        try:
            answer = await self.transact(who, order, request_id, f"timer.{type(command).__name__.lower()}")
        except _Moved:
            return Outcome((), False, await self.status(who))
        created, kept = answer.get("task_created", False), answer.get("kept", False)
        return Outcome(answer["events"], created, await self.status(who), kept)

    async def transact(
        self, who: Identity, act: Action | None, request_id: str | None = None, method: str = ""
    ) -> Mapping[str, Any]:
        """Do something for a user in one transaction, the timer settled before and known to all after.

        Answers what the action left in `Work.answer`, and the `events` it led to. A request that was answered before
        gets that answer and does nothing. Raises what the action raises, StoreError, and Invalid for the id of a
        request to another `method`; then nothing has changed.
        """
        try:
            return await self._transact(who, act, request_id, method)
        except StoreError as error:
            # It may be stored all the same, where only the database's answer was lost: memory must learn of it.
            if error.code != READ_ONLY:
                self._retry(who.user_id)
            raise

    async def _transact(
        self, who: Identity, act: Action | None, request_id: str | None, method: str
    ) -> Mapping[str, Any]:
        async with self._locks[who.user_id]:
            return await self._attempt(who, act, request_id, method, Moment())

    async def _attempt(
        self, who: Identity, act: Action | None, request_id: str | None, method: str, moment: Moment
    ) -> Mapping[str, Any]:
        """Do it in a transaction, again where another daemon was faster; the user's lock is held."""
        user_id = who.user_id
        for _ in range(ATTEMPTS):
            try:
                async with self._store.write() as unit:
                    if request_id is not None and (kept := await unit.requests.find(user_id, request_id)):
                        return answer_of(kept, method)
                    work = await self._load(unit, user_id, moment)
                    if act is not None:
                        work.hook_depth = who.hook_depth
                        work.machine = "" if who.automatic else self._machine
                        await act(work)
                    done = await self._save(work)
                    if request_id is not None:
                        kept = {**done.answer, "method": method}
                        await unit.requests.remember(user_id, request_id, work.reading.wall, kept)
            except Stale:
                moment.reading = None
                continue
            self._committed(done)
            return done.answer
        raise StoreError("database.error", "The timer is changed from too many sides at once; nothing was done.")

    async def wake(self, user_id: int) -> None:
        """Settle what is due; harmless at any time. A store that fails is asked again a little later."""
        try:
            await self.transact(Identity(user_id, "", ""), None)
        except StoreError as error:
            if error.code == READ_ONLY:
                await self._imagine(user_id)
                return
            log.warning("timer %d could not be settled and will be tried again: %s", user_id, error.message)
            if user_id not in self._board:
                raise

    async def _imagine(self, user_id: int) -> None:
        """Bring to mind what time has made of a timer, where that cannot be stored: no event tells of it."""
        async with self._locks[user_id]:
            async with self._store.read() as unit:
                stored = await unit.timers.load(user_id)
                known = self._board.get(user_id)
                goes_on = known is not None and known.record.version == stored.version
                record = known.record if known and goes_on else stored
                owed = settle(record.timer, record.anchor, self._clock.read(), self._rules(), record.left_at)
                record = replace(record, timer=owed.transition.timer, anchor=owed.anchor, left_at=None)
                snapshot = await self._look(unit, record)
                self._told.setdefault(user_id, await unit.outbox.last_seq(user_id))
            before = known.today if known and goes_on and known.day_end == snapshot.day_end else snapshot.today
            more = sum(it.phase is Phase.FOCUS and it.status is Status.COMPLETED for it in owed.transition.ended)
            self._post(replace(snapshot, today=before + more))
        for listener in self.on_change:
            listener()

    def ring(self, user_id: int) -> None:
        """Take the alarm's call."""
        self._background.start(self.wake(user_id))

    def _retry(self, user_id: int) -> None:
        """Wake a little later, once, however many ask for it."""

        def again() -> None:
            del self._retries[user_id]
            self._background.start(self._recover(user_id))

        if user_id not in self._retries:
            self._retries[user_id] = asyncio.get_running_loop().call_later(RETRY, again)

    async def _recover(self, user_id: int) -> None:
        """Wake, and tell what was stored although the store's answer was lost."""
        await self.wake(user_id)
        try:
            await self.refresh(user_id)
        except StoreError:
            self._retry(user_id)

    async def drain(self) -> None:
        """Wait for wake-ups under way: cut off in a transaction they would leave a connection behind."""
        await self._background.drain()

    async def leave(self) -> None:
        """Note that nobody watches what runs any more: if the machine goes down, then now."""

        async def act(work: Work) -> None:
            if _runs(work.record):
                work.record = replace(work.record, left_at=work.now)
                work.moved = True

        for user_id, snapshot in tuple(self._board.items()):
            if _runs(snapshot.record):
                try:
                    await self.transact(Identity(user_id, "", "", automatic=True), act)
                except StoreError as error:
                    log.warning("timer %d was left without a note: %s", user_id, error.message)

    async def settle_all(self, *, everybodys: bool = True) -> None:
        """Settle and watch every running timer: at the start, and when the clock was set or the machine woke up.

        Not `everybodys`: those on the board only; others have daemons of their own.
        """
        running: Sequence[int] = ()
        try:
            if everybodys:
                async with self._store.read() as unit:
                    running = await unit.timers.running()
        except StoreError:
            # Those in memory must be settled even so, or their alarms would be as late as the machine slept.
            if not self._board:
                raise
        for user_id in {*running, *self._board}:
            await self.wake(user_id)

    async def _load(self, unit: UnitOfWork, user_id: int, moment: Moment) -> Work:
        """Load the timer and settle what it owes to the time that has passed."""
        record = await unit.timers.load(user_id)
        # Not before it is loaded: what it waited for was done by then.
        reading, rules = moment.reading or self._clock.read(), moment.rules or self._rules()
        moment.reading, moment.rules = reading, rules
        owed = settle(record.timer, record.anchor, reading, rules, record.left_at)
        taken = replace(record, anchor=owed.anchor, left_at=None)
        work = Work(unit, taken, reading, owed.now, rules, record)
        if owed.transition.events:
            await work.take(owed.transition)
        # After a boot the line goes on by the new boot's clock; that must be known when the wall clock is set. And no
        # sleep is accounted for twice.
        work.moved = owed.anchor is not record.anchor or record.left_at is not None
        work.settled()
        return work

    async def _save(self, work: Work) -> Done:
        """Store the timer, its events and the change if there are any, and look at the outcome."""
        user_id = work.user_id
        names = await work.unit.tasks.names(user_id, work.task_ids())
        drafts = work.drafts(names)
        announcements: Sequence[Announcement] = ()
        if work.label and (before := image(work.base)) != (after := image(work.record)):
            work.touch("timer", user_id, before, after)
        if drafts or work.moved:
            await work.save_timer()
        if drafts:
            announcements = await work.unit.outbox.append(user_id, drafts)
            if work.label:
                await work.unit.changes.add(user_id, work.reading.wall, work.label, tuple(work.items.values()))
        snapshot = await self._snapshot(work, names)
        events = [{"type": it.type, "at": it.at.isoformat(), "data": it.data} for it in drafts]
        seq = announcements[-1].seq if announcements else self._told.get(user_id)
        seq = await work.unit.outbox.last_seq(user_id) if seq is None else seq
        return Done(snapshot, tuple(announcements), {**work.answer, "events": events}, seq)

    async def _snapshot(self, work: Work, names: Mapping[int, str]) -> Snapshot:
        """Look at the outcome."""
        day = day_bounds(work.reading.wall, work.rules.zone, work.rules.day_start)
        return Snapshot(work.record, names, await self._today(work, *day), day[1], await self._interruptions(work))

    async def _today(self, work: Work, start: datetime, end: datetime) -> int:
        """Answer today's pomodoros; asks the store only where that can have changed."""
        known = self._board.get(work.user_id)
        counted = work.recount or any(it.type in (EventType.COMPLETED, EventType.REOPENED) for it in work.pending)
        if known is not None and known.day_end == end and not counted:
            return known.today
        return await work.unit.intervals.completed_focus(work.user_id, start, end)

    async def _interruptions(self, work: Work) -> int:
        """Answer how often the current interval was interrupted; asks the store only where memory does not know."""
        current = work.record.timer.current
        if current is None or current.interval_id is None:
            return 0
        if (item := work.items.get(("interval", current.interval_id))) and item.before is None:
            return 0
        known = self._board.get(work.user_id)
        before = known.record.timer.current if known else None
        if known is not None and not work.recount and before and before.interval_id == current.interval_id:
            return known.interruptions
        return len(await work.unit.interruptions.of([current.interval_id]))

    def _committed(self, done: Done) -> None:
        """Make the commit known: to memory, to the alarm, to whoever listens."""
        self._post(done.snapshot)
        user_id = done.snapshot.record.user_id
        told = self._told.setdefault(user_id, done.seq - len(done.announcements))
        if done.seq - len(done.announcements) > told:
            # Another daemon wrote in between: its events come first.
            self._background.start(self.refresh(user_id))
        else:
            self._tell(user_id, done.announcements)

    def _post(self, snapshot: Snapshot) -> None:
        """Put a timer on the board, and set its alarm."""
        record = snapshot.record
        if record.user_id not in self._board:
            for listener in self.on_arrival:
                listener()
        self._board[record.user_id] = snapshot
        deadline = next_deadline(record.timer, self._rules())
        # Read anew: the commit took its time, and the alarm must not be late by it.
        now = project(record.anchor, self._clock.read())
        self._alarm.set(record.user_id, None if deadline is None else deadline - now)

    def _tell(self, user_id: int, announcements: Sequence[Announcement]) -> None:
        """Tell those who listen what they do not know yet."""
        news = [it for it in announcements if it.seq > self._told[user_id]]
        if news:
            self._told[user_id] = news[-1].seq
            self._announcer.publish(news)

    def told(self, user_id: int) -> int:
        """Answer up to which event those who listen here know of a user on the board."""
        return self._told.get(user_id, 0)

    def lost(self, error: StoreError) -> None:
        """Take note that the database is away."""
        log.warning("the database is away: %s", error.message)

    async def back(self) -> None:
        """Take note that the database is there."""

    async def rewind(self, user_id: int, seq: int) -> None:
        """Take note that the database has lost the events of a user behind this one."""
        self._told[user_id] = seq

    def known(self) -> list[int]:
        """Answer the users on the board."""
        return list(self._board)

    async def settle_other(self, user_id: int) -> None:
        """Settle the timer of a user who is at home elsewhere, and forget it again. Raises StoreError."""
        at_home = user_id in self._board
        await self.transact(Identity(user_id, "", ""), None)
        if not at_home:
            self._alarm.set(user_id, None)
            for memory in (self._board, self._told, self._locks):
                memory.pop(user_id, None)

    def heard(self, user_id: int, seq: int) -> None:
        """Take the hint that another daemon wrote an event of this number; harmless if it is old or wrong."""
        if seq > self._told.get(user_id, seq):
            self._background.start(self.refresh(user_id, seq))

    async def refresh(self, user_id: int, seq: int | None = None) -> None:
        """Take over what other daemons wrote about a user on the board. Raises StoreError.

        `seq`: up to which event; there is nothing to do where that is known by the time it is this one's turn, as with
        a hint of an event that this daemon is about to commit.
        """
        async with self._locks[user_id]:
            await self._refresh(user_id, seq)

    async def _refresh(self, user_id: int, seq: int | None = None) -> None:
        if seq is not None and seq <= self.told(user_id):
            return
        known = self._board[user_id].record.version
        async with self._store.read() as unit:
            record = await unit.timers.load(user_id)
            snapshot = await self._look(unit, record) if record.version != known else None
            missed: list[Announcement] = []
            while page := await unit.outbox.since(user_id, missed[-1].seq if missed else self._told[user_id], PAGE):
                missed += page
        if snapshot is not None:
            self._post(snapshot)
        self._tell(user_id, missed)

    async def _look(self, unit: UnitOfWork, record: TimerRecord) -> Snapshot:
        """Make the picture of a timer from nothing but the store."""
        reading = self._clock.read()
        work = Work(unit, record, reading, project(record.anchor, reading), self._rules(), record, recount=True)
        return await self._snapshot(work, await unit.tasks.names(record.user_id, work.task_ids()))


def _runs(record: TimerRecord) -> bool:
    current = record.timer.current
    return current is not None and current.status is Status.RUNNING


def answer_of(kept: Mapping[str, Any], method: str) -> Mapping[str, Any]:
    """Answer what was kept for a request. Raises Invalid where it was one to another method."""
    if kept["method"] != method:
        raise Invalid(
            f"request_id: was used for {kept['method']} before.", "Make up another one; only a retry has the same."
        )
    return kept


async def apply(work: Work, command: Command, choice: TaskChoice | None) -> None:
    """Step the timer within a transaction, as a change of the user. Raises the errors of the domain."""
    work.label = type(command).__name__.lower()
    if isinstance(command, Start) and choice is not None:
        task, work.answer["task_created"] = await choose(work, choice.text, create=choice.create)
        command = replace(command, task_id=task.task_id)
        work.label = f"start {task.name}"
    timer = work.record.timer
    if timer.mode in (Mode.IDLE, Mode.DUE) and not isinstance(command, Extend | Stop):
        anchor = begin(await work.unit.intervals.last_end(work.user_id), work.reading)
        work.record = replace(work.record, anchor=anchor)
        work.now = project(anchor, work.reading)
    if isinstance(command, Start | Break) and command.at is not None:
        command = replace(command, at=await _free_since(work, command.at))
    if isinstance(command, Extend) and timer.due is not None:
        await _refuse_taken(work, timer.due.since, timer.due.after.interval_id)
    try:
        await work.take(step(timer, command, work.now, work.rules))
    except TimerConflict as error:
        task_id = error.interval.task_id
        names = await work.unit.tasks.names(work.user_id, [task_id]) if task_id is not None else {}
        raise TimerConflict(error.interval, names.get(task_id or 0)) from None


async def _free_since(work: Work, at: datetime) -> datetime:
    """Answer a start in the past on the timer's line. Raises Overlap if something is recorded there."""
    at = work.now - (work.reading.wall - at)
    await _refuse_taken(work, at)
    return at


async def _refuse_taken(work: Work, at: datetime, but: int | None = None) -> None:
    """Raise Overlap if an interval, other than `but`, ended after `at`, even if it took no time at all."""
    taken = await work.unit.intervals.overlapping(work.user_id, at, _EVER, but=but)
    if taken is not None and taken.ended_at is not None:
        free = taken.ended_at.astimezone(work.rules.zone)
        raise Overlap(
            f"Interval {taken.interval_id} ({taken.phase.label}) lasted until {free:%H:%M:%S}.",
            f"Start at {free:%H:%M:%S} or later.",
        )
