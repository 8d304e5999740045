"""Timers on a shared database: while it is away they go on here, and when it is back it learns what was done meanwhile.

A command that the database does not take in time is carried out on the timer as last known (local.py), and is in the
journal before it is answered. When the database is back, each is given again, in order, as of its own instant and under
its own request id: so whatever was done before, or a crash cut off, is not done twice. Where another machine went its
own way meanwhile, what does not fit is recorded beside it (reconcile.py).
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

from msgspec import structs

from pomo_daemon.application.announcer import Announcer
from pomo_daemon.application.history import Interrupt
from pomo_daemon.application.kept import (
    Entry,
    Known,
    mark,
    mark_ended,
    method_of,
    read_entry,
    read_known,
    write_entry,
    write_known,
)
from pomo_daemon.application.local import Local, LocalUnit, Step, away
from pomo_daemon.application.patience import within
from pomo_daemon.application.ports import (
    Alarm,
    Announcement,
    Journal,
    Random,
    SharedClock,
    SharedStore,
    Stale,
    StoreError,
)
from pomo_daemon.application.reconcile import Unfit, has_moved_on, record_beside, request_of
from pomo_daemon.application.timer import ATTEMPTS, Action, Identity, Moment, Order, TimerService, answer_of
from pomo_daemon.application.views import Snapshot, StatusView
from pomo_daemon.application.work import Done, Work
from pomo_daemon.domain.cycle import Rules
from pomo_daemon.domain.errors import DomainError, Overlap
from pomo_daemon.domain.events import EventType
from pomo_daemon.domain.settle import settle

log = logging.getLogger(__name__)

#: Seconds in which the database must take a command to the timer, of the two for which its client waits.
HASTE: Final = 1.2
#: Seconds for anything else that is done for a user: whoever asked for it waits no longer, nor may whoever comes next.
ANSWER: Final = 1.8
#: The same for what may move a whole history. A database that is gone ends it long before, statement by statement.
LONG: Final = 600.0
_LONG: Final = ("import.commit", "change.undo", "change.redo")
#: Seconds for a transaction that brings in what was kept, or reads what is not known yet.
PATIENCE: Final = 5.0
#: Answers that outlive a daemon, in case the command is sent again.
ANSWERS: Final = 4
#: Commands of each user that are given again if the database turns out to have lost them.
RECENT: Final = 64
_AWAY: Final = "database.unavailable"

#: Who an OS user is to a daemon: uid, and name.
Peer = tuple[int, str]


class SharedTimers(TimerService):
    """The timers of those who share a database with other machines."""

    def __init__(  # noqa: PLR0913, PLR0917  # all that it needs of the world
        self,
        store: SharedStore,
        clock: SharedClock,
        alarm: Alarm,
        announcer: Announcer,
        rules: Callable[[], Rules],
        machine: str,
        journal: Journal,
        random: Random,
        peer_of: Callable[[int], Peer | None],
    ) -> None:
        """`peer_of` answers which OS user it is who needs no login."""
        super().__init__(store, clock, alarm, announcer, rules, machine)
        self._shared = store
        self._time = clock
        self._journal = journal
        self._random = random
        self._peer_of = peer_of
        self._locals: dict[int, Local] = {}
        self._generations: dict[int, int] = {}
        #: What the daemon before answered last, by user and request.
        self._answers: dict[int, dict[str, dict[str, Any]]] = {}
        #: The OS users that the daemon before knew.
        self._peers: dict[int, Peer] = {}
        #: Events, by user and number, whose users were told when they happened.
        self._seen: set[tuple[int, int]] = set()
        self._recent: dict[int, deque[Step]] = {}
        #: Of the latest transaction of each user: marks of the timer that it left, and of what it ended.
        self._marks: dict[int, tuple[str, str]] = {}
        self._unsaved: set[int] = set()
        #: One timer is written at a time.
        self._pen = asyncio.Lock()
        #: Called with a user whose events have got other numbers.
        self.on_rewind: list[Callable[[int], None]] = []

    @property
    def offline(self) -> bool:
        """Tell whether the database is away."""
        return self._shared.away

    @property
    def kept(self) -> int:
        """Answer how many commands are to be brought to the database."""
        return sum(len(it.steps) - it.done for it in self._locals.values())

    def peek(self, who: Identity) -> StatusView | None:
        """Answer the status from memory."""
        view = super().peek(who)
        return structs.replace(view, offline=True) if view is not None and self._shared.away else view

    async def status(self, who: Identity) -> StatusView:
        """Answer the status."""
        view = await super().status(who)
        return structs.replace(view, offline=True) if self._shared.away else view

    def lost(self, error: StoreError) -> None:
        """Take note that the database is away: nobody waits for it from now on."""
        if not self._shared.away:
            log.warning("the database is away: %s", error.message)
            self._shared.away = True
            self._tell_change()

    async def back(self) -> None:
        """Take note that the database is there, and bring it what was kept. Raises StoreError if it is away again."""
        was_away, self._shared.away = self._shared.away, False
        for user_id in tuple(self._locals):
            await self._reconcile(user_id)
        if was_away:
            log.info("the database is back")
            self._tell_change()

    async def restore(self) -> Sequence[Known]:
        """Go on from what the daemon before kept, and answer whose timers are known. Raises StoreError."""
        found = []
        for user_id in await self._journal.users():
            data = await self._journal.timer(user_id)
            known = read_known(data) if data else None
            if known is None:
                log.error("what was kept of the timer of user %d cannot be read", user_id)
                continue
            found.append(known)
            self._generations[user_id] = known.generation
            self._answers[user_id] = known.answers
            # The one before may not have come to be removed.
            await self._journal.clear(user_id, known.generation - 1)
            if known.uid is not None:
                self._peers[user_id] = (known.uid, known.username)
            entries = [read_entry(it) for it in await self._journal.lines(user_id, known.generation)]
            if entries:
                self._locals[user_id] = Local.of(known)
                self.recall(known)
                for entry in entries:
                    await self._take_again(self._locals[user_id], entry)
        return found

    def recall(self, known: Known) -> None:
        """Put a timer on the board as it was last known, unless it is there."""
        if known.user_id not in self._board:
            self._time.shift(known.ahead - self._time.ahead)
            self._told[known.user_id] = known.seq
            self._post(Snapshot(known.record, known.names, known.today, known.day_end, known.interruptions))

    async def rewind(self, user_id: int, seq: int) -> None:
        """Take note that the database has lost what was committed last: give it again, as far as it is known here."""
        log.error("the database has lost events of user %d: %d, and was at %d", user_id, seq, self._told[user_id])
        async with self._locks[user_id]:
            if user_id not in self._locals:
                local = await self._begin(user_id)
                local.steps += self._recent.pop(user_id, ())
        self._told[user_id] = seq
        for listener in self.on_rewind:
            listener(user_id)
        await self._reconcile(user_id)

    async def refresh(self, user_id: int, seq: int | None = None) -> None:
        """Take over what other daemons wrote, once what was kept here is in the database."""
        if user_id not in self._locals:
            try:
                # The lock is not for what is left behind: that may hang on a dead line for a while.
                async with self._locks[user_id]:
                    await within(HASTE, self._refresh(user_id, seq))
                    await self._save_known(user_id)
            except StoreError as error:
                self.lost(error)

    async def _transact(
        self, who: Identity, act: Action | None, request_id: str | None, method: str
    ) -> Mapping[str, Any]:
        user_id = who.user_id
        if act is not None and not isinstance(act, Order | Interrupt):
            return await self._other(who, act, request_id, method)
        request_id = self._random.token().hex()[:32] if request_id is None else request_id
        moment = Moment()
        # Not a stranger, whose own daemon is gone: nothing of theirs is kept here.
        at_home = act is not None or user_id in self._board or self._peer_of(user_id) is not None
        async with self._locks[user_id]:
            given_at = self._clock.read()
            if user_id not in self._locals and not self._shared.away:
                # Time has no request id: to settle twice does nothing.
                given = None if act is None else request_id
                # A timer that is not known here cannot go on without the database.
                patience = HASTE if user_id in self._board else PATIENCE
                try:
                    answer = await within(patience, self._attempt(who, act, given, method, moment))
                except StoreError as error:
                    if error.code != _AWAY:
                        raise
                    self.lost(error)
                    # The instant at which it was given, unless the database may hold it as of another one.
                    moment.reading = moment.reading or given_at
                else:
                    if moment.reading is not None and (answer["events"] or act is not None):
                        entry = self._entry(user_id, request_id, act, who.hook_depth, moment)
                        self._recent.setdefault(user_id, deque(maxlen=RECENT)).append(Step(entry, answer, frozenset()))
                    # Before it is answered: the next daemon may have nothing else to go on from.
                    if at_home:
                        await self._save_known(user_id)
                    return answer
            return await self._keep(who, act, request_id, moment)

    async def _other(self, who: Identity, act: Action, request_id: str | None, method: str) -> Mapping[str, Any]:
        """Do what only the database can."""
        if who.user_id in self._locals:
            raise away()
        patience = LONG if method in _LONG else ANSWER
        try:
            async with self._locks[who.user_id]:
                answer = await within(patience, self._attempt(who, act, request_id, method, Moment()))
                await self._save_known(who.user_id)
        except StoreError as error:
            if error.code == _AWAY:
                self.lost(error)
            raise
        if not method.startswith(("task.", "category.", "git.")):
            # What was taken back, or put right, is not to be given again.
            self._recent.pop(who.user_id, None)
        return answer

    async def _keep(
        self, who: Identity, action: Order | Interrupt | None, request_id: str, moment: Moment
    ) -> Mapping[str, Any]:
        """Carry a command out here, and keep it; the user's lock is held."""
        user_id = who.user_id
        if user_id not in self._board:
            raise away()
        if action is None and not self._owes(user_id):
            return {"events": []}
        local = self._locals.get(user_id) or await self._begin(user_id)
        if (kept := local.answer(request_id)) is not None:
            return answer_of(kept, method_of(action))
        unit = LocalUnit(local)
        done = await self._carry_out(unit, action, who, moment)
        step = self._step(local, unit, done, self._entry(user_id, request_id, action, who.hook_depth, moment))
        if action is not None or done.announcements:
            await self._journal.append(user_id, local.base.generation, write_entry(step.entry))
            local.took(step, unit.state)
            self._post(done.snapshot)
            self._announcer.publish(done.announcements)
        return step.answer

    def _owes(self, user_id: int) -> bool:
        """Tell whether time has done anything to a timer."""
        record = self._board[user_id].record
        return bool(settle(record.timer, record.anchor, self._clock.read(), self._rules()).transition.events)

    async def _begin(self, user_id: int) -> Local:
        """Part with the database: from the timer as it was last known, which is on the disk before anything else is."""
        known = self._known(user_id)
        async with self._pen:
            await self._journal.keep_timer(user_id, write_known(known), durable=True)
        local = self._locals[user_id] = Local.of(known)
        return local

    async def _carry_out(
        self, unit: LocalUnit, action: Order | Interrupt | None, who: Identity, moment: Moment
    ) -> Done:
        work = await self._load(unit, who.user_id, moment)
        work.hook_depth, work.machine = who.hook_depth, self._machine
        if action is not None:
            await action(work)
        return await self._save(work)

    async def _take_again(self, local: Local, entry: Entry) -> None:
        """Carry out what the daemon before kept."""
        unit = LocalUnit(local)
        who = Identity(local.base.user_id, "", "", hook_depth=entry.hook_depth)
        try:
            done = await self._carry_out(unit, entry.action, who, Moment(entry.reading, entry.rules))
        except (DomainError, StoreError) as error:
            # An older pomo took it, by other rules; whether it fits is for the database to say.
            log.warning("a command that was kept does not fit the timer as it was known: %s", error.message)
            local.took(Step(entry, {"events": [], "method": entry.method}, frozenset()), local.state)
            return
        local.took(self._step(local, unit, done, entry), unit.state)
        self._post(done.snapshot)

    def _step(self, local: Local, unit: LocalUnit, done: Done, entry: Entry) -> Step:
        # Whether a task is new only the database knows.
        events = [it for it in done.answer["events"] if it["type"] != EventType.TASK_CREATED]
        answer = {**done.answer, "events": events, "task_created": False, "method": entry.method, "kept": True}
        broke_in = unit.state.interruptions[len(local.state.interruptions) :]
        return Step(entry, answer, frozenset(unit.touched), broke_in)

    def _entry(
        self, user_id: int, request_id: str, action: Order | Interrupt | None, hook_depth: int, moment: Moment
    ) -> Entry:
        after, ended = self._marks[user_id]
        return Entry(
            request_id=request_id,
            action=action,
            hook_depth=hook_depth,
            reading=moment.reading or self._clock.read(),
            rules=moment.rules or self._rules(),
            after=after,
            ended=ended,
        )

    async def _save(self, work: Work) -> Done:
        done = await super()._save(work)
        self._marks[work.user_id] = (mark(work.record.timer), mark_ended(work.pending))
        return done

    async def _reconcile(self, user_id: int) -> None:
        """Bring what was kept to the database, a command at a time: others may be given meanwhile, and are kept too."""
        while user_id in self._locals:
            async with self._locks[user_id]:
                # Somebody else may have brought the rest while this one waited.
                if (local := self._locals.get(user_id)) is None:
                    break
                if local.done < len(local.steps):
                    await within(PATIENCE, self._bring(user_id, local))
                else:
                    await self._finish(user_id, local)

    async def _bring(self, user_id: int, local: Local) -> None:
        """Give the next command again; set it aside where it does not fit any more."""
        step = local.steps[local.done]
        try:
            given = await self._give(user_id, local.before, step.entry)
        except (Unfit, DomainError, StoreError) as error:
            if isinstance(error, StoreError) and error.code != Overlap.code:
                raise
            await self._answer(user_id, step.entry.request_id, {**step.answer, "unfit": True})
            local.unfit.append(step)
        else:
            self._seen.update((user_id, it.seq) for it in given)
        local.done += 1

    async def _give(self, user_id: int, before: str, entry: Entry) -> Sequence[Announcement]:
        """Carry out a command as of its own instant. Raises Unfit where that leaves another timer than it did here."""
        for _ in range(ATTEMPTS):
            with suppress(Stale):
                async with self._store.write() as unit:
                    if (kept := await unit.requests.find(user_id, entry.request_id)) is not None:
                        if kept.get("unfit"):
                            raise Unfit
                        return ()
                    record = await unit.timers.load(user_id)
                    if mark(record.timer) != before and has_moved_on(record, entry.reading):
                        raise Unfit
                    work = await self._load(unit, user_id, Moment(entry.reading, entry.rules))
                    work.hook_depth, work.machine = entry.hook_depth, self._machine
                    if entry.action is not None:
                        await entry.action(work)
                    if mark(work.record.timer) != entry.after or mark_ended(work.pending) not in ("", entry.ended):
                        raise Unfit
                    done = await self._save(work)
                    answer = {**done.answer, "method": entry.method}
                    await unit.requests.remember(user_id, entry.request_id, self._clock.read().wall, answer)
                    return done.announcements
        raise away("The timer is changed from too many sides at once.")

    async def _answer(self, user_id: int, request_id: str, answer: Mapping[str, Any]) -> None:
        async with self._store.write() as unit:
            if await unit.requests.find(user_id, request_id) is None:
                await unit.requests.remember(user_id, request_id, self._clock.read().wall, answer)

    async def _finish(self, user_id: int, local: Local) -> None:
        """Record what did not fit, and go on with the database; the user's lock is held."""
        if local.unfit:
            await within(PATIENCE, self._record(user_id, local))
        # The version here says nothing of the one there.
        snapshot = self._board[user_id]
        self._board[user_id] = replace(snapshot, record=replace(snapshot.record, version=-1))
        await within(PATIENCE, self._refresh(user_id))
        generation = self._generations[user_id] = local.base.generation + 1
        async with self._pen:
            await self._journal.keep_timer(user_id, write_known(self._known(user_id)), durable=True)
        del self._locals[user_id]
        await self._journal.clear(user_id, generation - 1)

    async def _record(self, user_id: int, local: Local) -> None:
        """Record what did not fit, once."""
        request_id = request_of(local)
        async with self._store.write() as unit:
            if await unit.requests.find(user_id, request_id) is None:
                work = await self._load(unit, user_id, Moment())
                await record_beside(work, local)
                done = await self._save(work)
                await unit.requests.remember(user_id, request_id, work.reading.wall, {**done.answer, "method": ""})

    def _tell(self, user_id: int, announcements: Sequence[Announcement]) -> None:
        news = [replace(it, seen=True) if (user_id, it.seq) in self._seen else it for it in announcements]
        self._seen.difference_update((user_id, it.seq) for it in announcements)
        super()._tell(user_id, news)

    def _post(self, snapshot: Snapshot) -> None:
        super()._post(snapshot)
        self._unsaved.add(snapshot.record.user_id)

    async def _save_known(self, user_id: int) -> None:
        """Keep a timer as it is known now, unless it is kept."""
        async with self._pen:
            if user_id in self._unsaved and user_id in self._board and user_id not in self._locals:
                try:
                    await self._journal.keep_timer(user_id, write_known(self._known(user_id)), durable=False)
                except StoreError as error:
                    log.warning("a restart while the database is away will not know the timer: %s", error.message)
            self._unsaved.discard(user_id)

    def _known(self, user_id: int) -> Known:
        snapshot = self._board[user_id]
        uid, username = self._peer_of(user_id) or self._peers.get(user_id) or (None, "")
        return Known(
            user_id=user_id,
            uid=uid,
            username=username,
            record=snapshot.record,
            names=dict(snapshot.names),
            today=snapshot.today,
            day_end=snapshot.day_end,
            interruptions=snapshot.interruptions,
            seq=self._told.get(user_id, 0),
            ahead=self._time.ahead,
            generation=self._generations.get(user_id, 0),
            answers=self._latest_answers(user_id),
        )

    def _latest_answers(self, user_id: int) -> dict[str, dict[str, Any]]:
        given = [*self._recent.get(user_id, ())][-ANSWERS:]
        found = {it.entry.request_id: {**it.answer, "method": it.entry.method} for it in given}
        return found or dict(self._answers.get(user_id, {}))

    def _tell_change(self) -> None:
        for listener in self.on_change:
            listener()
