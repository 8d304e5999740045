"""A week of one user with one to three machines on one store, made up from a seed, and what must hold all along."""

import asyncio
import json
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final
from zoneinfo import ZoneInfo

from pomo_daemon.domain.cycle import AutoStart, Rules
from pomo_daemon.domain.interval import Interval, Phase, Status
from pomo_daemon.domain.timer import Command, Extend, Finish, Pause
from tests.fakes.clock import NOON
from tests.fakes.loop import current_clock
from tests.fakes.store import MemoryStore
from tests.reliability.machines import NOTHING, PERIOD, Machine, QuickStore
from tests.simulation.ledger import TOLERANCE, Account, Ledger
from tests.simulation.life import _check_alone as check_alone

ZONES: Final = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia")
#: Events that the ledger keeps account of.
KEPT: Final = {f"interval.{it}" for it in ("started", "paused", "resumed", "extended", "reopened")} | {
    f"interval.{it}" for it in ("completed", "stopped", "skipped", "cancelled", "ending")
}
#: How long after a disturbance has ended all daemons on one store must agree: a look, a retry after 5 s, and 10 s
#: after which an interval of nobody's is anybody's.
HEALED: Final = timedelta(seconds=PERIOD + 20)
#: How far the clocks of machines on one store may differ: they are not set for less.
SHARED_TOLERANCE: Final = timedelta(milliseconds=200)


@dataclass
class Witness(Ledger):
    """A ledger that measures by how much intervals end late where nothing was in the way."""

    worst: timedelta = NOTHING

    def _complete(self, interval: Interval, account: Account, now: timedelta, *, by_hand: bool) -> timedelta:
        due = account.due
        if interval.ended_at is None and due is not None:
            # Completed, and reopened by the same transaction: of its end nothing is left to look at.
            number = interval.interval_id or 0
            self.completed[number] = self.completed.get(number, 0) + 1
            account.hold(due, due)
            return due
        if not (by_hand or self.booting or due is None) and max(account.known, self.awake_since) <= due:
            self.worst = max(self.worst, abs(now - due))
        return super()._complete(interval, account, now, by_hand=by_hand)


class Universe:
    """The World of machines.py. `tell` keeps what happened, for whoever has to find out why it went wrong."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.clock = current_clock()
        self.store: MemoryStore = QuickStore()
        self.store.hooks["after_commit"] = self._committed
        self.rules = Rules(
            auto_start=self.random.choice(tuple(AutoStart)),
            warn_before_end=timedelta(minutes=self.random.choice((0, 2))),
        )
        count = self.random.choice((1, 1, 2, 3))
        self.machines = [
            Machine(self, f"m{it}", self.random.choice((0, 500, -500)), shared=count > 1) for it in range(count)
        ]
        self.ledger = Witness(NOTHING, tolerance=SHARED_TOLERANCE if count > 1 else TOLERANCE)
        self.asked: dict[str, tuple[str, Command, datetime | None]] = {}
        self.confirmed: dict[str, tuple[str, dict[str, Any], str]] = {}
        self.story: list[str] = []
        self.commits: Counter[str] = Counter()
        self._slow = 0.0
        self._lossy = 0.0
        self._seen = 0
        self._committed_at = NOTHING
        self._answered: set[str] = set()
        self._opened = (NOTHING, NOON)
        self._fault: AssertionError | None = None
        self._later: set[asyncio.Task[None]] = set()

    # What machines need.

    @property
    def now(self) -> timedelta:
        """Answer the true time."""
        return self.clock.awake

    def delay(self) -> float:
        """Answer how slow the store is."""
        return self.random.uniform(0, self._slow) if self._slow else 0.0

    def jitter(self) -> float:
        """Answer by how much a way is longer than the way back."""
        return self.random.uniform(0, 0.04)

    def loses_answer(self) -> bool:
        """Tell whether an answer is lost."""
        lost = self._lossy > 0 and self.random.random() < self._lossy
        if lost:
            self._disturbed()
        return lost

    def opened(self, wall: datetime) -> None:
        """Take note of the time that a transaction goes by."""
        self._opened = (self.now, wall)

    def tell(self, what: str) -> None:
        """Note what happens."""
        self.story.append(f"{self.now} {what}")

    # Life.

    async def live(self, days: float) -> None:
        """Let so many days pass, and look after each step whether everything is as it must be."""
        often: dict[Callable[[], Awaitable[None]], int] = {
            self._command: 34,
            self._inventory: 8,
            self._undone: 4,
            self._race: 4,
            self._again: 3,
            self._kill: 3,
            self._die_over: 4,
            self._step: 4,
            self._suspend: 4,
            self._reboot: 2,
            self._travel: 2,
            self._outage: 3,
            self._slowness: 3,
            self._lost_answers: 2,
            self._recount: 3,
            self._follow: 2,
        }
        for machine in self.machines:
            assert await machine.start()
        end = self.now + timedelta(days=days)
        while self.now < end:
            await asyncio.sleep(self._span(1, 10, 40, 40, 300).total_seconds())
            for machine in self.machines:
                if machine.daemon is None and self.random.random() < 0.7:
                    await self._start(machine)
            [action] = self.random.choices(list(often), list(often.values()))
            await action()
            await self._settled()
            self.check()
        await self._rest()
        for machine in self.machines:
            machine.kill()
        for task in self._later:
            task.cancel()

    async def _rest(self) -> None:
        """Let every disturbance end, and look whether all agree."""
        self._slow = self._lossy = 0.0
        for machine in self.machines:
            machine.cut_off(cut=False)
            if machine.asleep:
                await self._wake(machine)
            if machine.daemon is None:
                await self._start(machine)
        self._disturbed()
        # Intervals may begin by themselves all along: let there be a moment at which nothing has just happened.
        for _ in range(100):
            await asyncio.sleep(HEALED.total_seconds())
            if self.now > self._committed_at + HEALED and not self._is_disturbed():
                break
        self.check()
        await self._agree()
        await self._recount()
        for machine in self.machines:
            self._check_follower(machine)

    def _span(self, *most: float) -> timedelta:
        """Make up a length of up to one of so many minutes."""
        return timedelta(minutes=self.random.uniform(0, self.random.choice(most)))

    def _disturbed(self) -> None:
        """From now on nobody can be expected to be in time for a while."""
        self.ledger.awake_since = max(self.ledger.awake_since, self.now + HEALED)

    def _after(self, span: timedelta, work: Callable[[], Awaitable[None]]) -> None:
        """Do something later."""

        async def wait() -> None:
            await asyncio.sleep(span.total_seconds())
            await work()

        task = asyncio.create_task(wait())
        self._later.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._later.discard(task)
        if not task.cancelled() and isinstance(error := task.exception(), AssertionError):
            self._fault = self._fault or error

    async def _settled(self) -> None:
        """Let whatever is under way be done."""
        for _ in range(3):
            await asyncio.sleep(0)
        for machine in self.machines:
            if machine.daemon is not None:
                await machine.daemon.timers.drain()

    # What may happen.

    async def _command(self) -> None:
        await self._ask(*self._any_command())

    def _any_command(self) -> tuple[str, dict[str, Any]]:
        length = self.random.choice((None, self.random.randint(1, 3600)))
        ago = self._span(40) if self.random.random() < 0.2 else None
        wall = NOON + self.now if len(self.machines) > 1 else self.machines[0].clock.read().wall
        at = None if ago is None else (wall - ago).isoformat()
        replaces = self.random.random() < 0.3
        task = self.random.choice(("Write", "Read"))
        commands: tuple[tuple[str, dict[str, Any]], ...] = (
            *((f"timer.{verb}", {}) for verb in ("pause", "pause", "resume", "toggle", "toggle", "stop", "finish")),
            *((f"timer.{verb}", {}) for verb in ("cancel", "skip", "repeat")),
            ("timer.start", {"task": task, "duration_s": length, "replace": replaces}),
            ("timer.start", {"task": task, "replace": replaces, "at": at}),
            ("timer.start", {"flow": True, "replace": replaces}),
            ("timer.break", {"duration_s": length, "at": at}),
            ("timer.extend", {"by_s": self.random.choice((-1, 1)) * self.random.randint(1, 600)}),
        )
        return self.random.choice(commands)

    async def _inventory(self) -> None:
        name = f"Task {self.random.randint(1, 6)}"
        verb = self.random.choice(("add", "edit", "done", "reopen", "delete", "restore"))
        if verb in ("reopen", "restore"):
            name = f"#{self.random.randint(1, 6)}"
        params: dict[str, Any] = {"task": name} if verb != "add" else {"name": name}
        await self._ask(f"task.{verb}", {**params, **({"description": "more"} if verb == "edit" else {})})

    async def _undone(self) -> None:
        """Do something, and take it back at once: all is as before."""
        serving = [it for it in self.machines if it.serves]
        if not serving or self._is_disturbed():
            return
        name = f"Other {self.random.randint(1, 3)}"
        start = NOON + self.now - timedelta(minutes=self.random.randint(2, 600))
        recorded = {"start": start.isoformat(), "end": (start + timedelta(minutes=1)).isoformat(), "create": True}
        method, params = self.random.choice(
            (
                ("task.add", {"name": name}),
                ("task.delete", {"task": "Write"}),
                ("history.add", {**recorded, "task": name}),
            )
        )
        await self._ask("timer.extend", {"by_s": 1})  # whatever was due is settled
        before = self._record()
        answer = await self._ask(method, params)
        if answer is not None and "result" in answer:
            undone = await self._ask("change.undo", {})
            assert undone is not None and "result" in undone, f"{method} cannot be undone: {undone}"  # noqa: PT018
            changed = [(a, b) for a, b in zip(before, self._record(), strict=True) if a != b]
            assert not changed, f"undoing {method} did not restore {changed}"

    async def _race(self) -> None:
        """Give commands on several machines, or connections, at once."""
        serving = [it for it in self.machines if it.serves]
        if serving:
            await asyncio.gather(
                *(self._ask(*self._any_command(), machine=self.random.choice(serving)) for _ in range(3))
            )

    async def _again(self) -> None:
        """Send a request again that was confirmed: it is answered alike, and not done again."""
        if self.confirmed:
            request_id = self.random.choice(list(self.confirmed)[-50:])
            method, params, said = self.confirmed[request_id]
            self.tell(f"again {request_id}")
            for machine in self.machines:
                if machine.serves and not self._is_disturbed():
                    answer = await self._send(machine, method, {**params, "request_id": request_id})
                    assert answer is None or _said(answer) in (said, None), f"{said}, but then {answer}"

    async def _kill(self) -> None:
        machine = self.random.choice(self.machines)
        self.tell(f"kill {machine.name}")
        self._disturbed()
        machine.kill()

    async def _die_over(self) -> None:
        """Kill a daemon while it carries out a command; the client sends that again."""
        serving = [it for it in self.machines if it.serves]
        if not serving:
            return
        machine = self.random.choice(serving)
        before, self._slow = self._slow, 2.0
        self._disturbed()
        self.tell(f"die over, {machine.name}")

        async def kill() -> None:
            machine.kill()

        self._after(timedelta(seconds=self.random.uniform(0, 2)), kill)
        method, params = self._any_command()
        request_id = self._new_request(method, params)
        await self._deliver(machine, method, params, request_id)
        self._slow = before
        self._disturbed()
        await asyncio.sleep(2)
        if machine.daemon is None:
            await self._start(machine)
        if machine.serves:
            await self._deliver(machine, method, params, request_id)

    async def _step(self) -> None:
        machine = self.random.choice(self.machines)
        by = self.random.choice((-1, 1)) * self._span(1, 120, 24 * 60)
        self.tell(f"step {machine.name} by {by}")
        machine.clock.step(by)
        if machine.serves and machine.daemon is not None:
            await machine.daemon.settle()

    async def _suspend(self) -> None:
        machine = self.random.choice(self.machines)
        if machine.asleep:
            return
        span = self._span(1, 30, 600)
        self.tell(f"suspend {machine.name} for {span}")
        await self._settled()
        self._disturbed()
        machine.sleep()

        async def wake() -> None:
            if machine.asleep:
                await self._wake(machine)

        self._after(span, wake)

    async def _wake(self, machine: Machine) -> None:
        self.tell(f"wake {machine.name}")
        self.ledger.awake_since = max(self.ledger.awake_since, self.now)
        self._disturbed()
        await machine.wake()

    async def _reboot(self) -> None:
        machine = self.random.choice(self.machines)
        if machine.asleep:
            return
        error = self.random.choice((0, 0, -1, 1)) * self._span(180)
        self.tell(f"boot {machine.name}, wrong by {error}")
        machine.kill()
        self._disturbed()
        await asyncio.sleep(self._span(2, 60).total_seconds())
        machine.clock.reboot(error)
        machine.booted = True
        await self._start(machine)

    async def _start(self, machine: Machine) -> None:
        if machine.asleep:
            return
        alone = len(self.machines) == 1
        self.ledger.booting = machine.booted and alone
        self._disturbed()
        started = await machine.start()
        self.ledger.booting = False
        self.tell(f"start {machine.name}: {started}")
        if started and machine.booted:
            machine.booted = False
            if alone:
                [record] = self.store.rows.timers.values()
                self.ledger.booted(record, self.now)

    async def _travel(self) -> None:
        zone = self.random.choice(ZONES)
        self.tell(f"travel to {zone}")
        self.rules = replace(self.rules, zone=ZoneInfo(zone))

    async def _outage(self) -> None:
        machine = self.random.choice(self.machines)
        span = self._span(1, 30)
        self.tell(f"the store is away from {machine.name} for {span}")
        self._disturbed()
        machine.cut_off(cut=True)

        async def mend() -> None:
            self.tell(f"the store is back at {machine.name}")
            self._disturbed()
            machine.cut_off(cut=False)

        self._after(span, mend)

    async def _slowness(self) -> None:
        span, self._slow = self._span(10), self.random.uniform(0.1, 3)
        self.tell(f"slow by {self._slow} for {span}")
        self._disturbed()

        async def mend() -> None:
            self._disturbed()
            self._slow = 0.0

        self._after(span, mend)

    async def _lost_answers(self) -> None:
        self._lossy = 0.0 if self._lossy else 0.2
        self.tell(f"answers of the store are lost: {self._lossy}")

    async def _follow(self) -> None:
        """Follow the events of a machine from where the follower there has come to."""
        for machine in self.machines:
            if machine.serves and machine.daemon is not None and not machine.daemon.follower.lines:
                answer = await self._send(machine, "events.subscribe", {"since": 0}, follower=True)
                self.tell(f"follow {machine.name}: {answer is not None and 'result' in answer}")

    # Requests.

    def _new_request(self, method: str, params: dict[str, Any]) -> str:
        request_id = f"request-{len(self.asked):06}"
        command: Command = Pause()
        if method == "timer.finish":
            command = Finish()
        elif method == "timer.extend":
            command = Extend(timedelta(seconds=params["by_s"]))
        at = params.get("at")
        self.asked[request_id] = method, command, datetime.fromisoformat(at) if at else None
        return request_id

    async def _ask(self, method: str, params: dict[str, Any], machine: Machine | None = None) -> dict[str, Any] | None:
        """Send a request; one whose request or answer is lost goes again under the same id."""
        serving = [it for it in self.machines if it.serves]
        if not serving:
            return None
        request_id = self._new_request(method, params)
        for _ in range(3):
            answer = await self._deliver(machine or self.random.choice(serving), method, params, request_id)
            if answer is not None:
                return answer
        return None

    async def _deliver(
        self, machine: Machine, method: str, params: dict[str, Any], request_id: str
    ) -> dict[str, Any] | None:
        """Send a request over a network that loses some, and some answers."""
        if self.random.random() < 0.03:
            return None
        answer = await self._send(machine, method, {**params, "request_id": request_id})
        if answer is None or self.random.random() < 0.03:
            return None
        self.tell(f"{machine.name} {request_id} {method} {params}: {_said(answer) or answer.get('error')}")
        if "result" in answer:
            self.confirmed[request_id] = (method, params, _said(answer) or "")
            owner = next(iter(self.store.rows.users))
            assert (owner, request_id) in self.store.rows.requests, f"{request_id} was confirmed and is not stored"
        return answer

    async def _send(
        self, machine: Machine, method: str, params: dict[str, Any], *, follower: bool = False
    ) -> dict[str, Any] | None:
        """Send a request to a machine; None: its daemon died over it."""
        daemon = machine.daemon
        if daemon is None or machine.asleep:
            return None
        params = {key: value for key, value in params.items() if value is not None}
        work = daemon.follower.call(method, **params) if follower else daemon.call(method, params)
        # A task: with its daemon it is cancelled, and the client is not.
        task = asyncio.create_task(work)
        await asyncio.wait([task])
        if task.cancelled():
            return None
        answer = task.result()
        error = answer.get("error", {}).get("data", {}).get("code", "")
        assert error not in ("internal", "protocol.error"), answer
        return answer

    # What must come of it.

    def _committed(self) -> None:
        """Account for what was committed, at the time that the transaction went by; pass hints on."""
        rows = self.store.rows
        [owner] = rows.users
        new = [rows.events[owner, seq] for seq in range(self._seen + 1, rows.last_seq.get(owner, 0) + 1)]
        requests = {request_id for _, request_id in rows.requests} - self._answered
        self._answered |= requests
        self._seen += len(new)
        self.commits.update(requests)
        now, wall = self._opened
        try:
            assert len(requests) <= 1
            method, command, at = self.asked[requests.pop()] if requests else ("", None, None)
            paused = command is not None and any(it.type == "interval.paused" for it in new)
            assert not paused or method in ("timer.pause", "timer.toggle"), f"{method} paused what was running"
            foreign = [it.type for it in new if not it.type.startswith("interval.")]
            assert command is not None or not foreign, f"nobody asked for {foreign}"
            kept = [event for event in new if event.type in KEPT]
            numbers = [it.data["interval"]["interval_id"] for it in kept]
            intervals = {it: rows.intervals[it][1] for it in numbers}
            ago = NOTHING if at is None else wall - at
            self.ledger.take(kept, intervals, now, command, ago)
        except AssertionError as error:
            self._fault = self._fault or error
        if new:
            self._committed_at = self.now
            self._hint(new[-1].user_id, new[-1].seq)

    def _hint(self, user_id: int, seq: int) -> None:
        """Tell the other machines of an event: late, twice, or not at all."""
        for machine in self.machines:
            for _ in range(self.random.choice((0, 1, 1, 1, 2))):
                late = self.random.choice((0.001, 0.05, 0.5, 30.0))

                async def tell(machine: Machine = machine) -> None:
                    if machine.ear.heard is not None:
                        machine.ear.heard(user_id, seq)

                self._after(timedelta(seconds=late), tell)

    def _is_disturbed(self) -> bool:
        calm = self.now > self.ledger.awake_since and not self._slow and not self._lossy
        return not calm or any(it.cut or not it.serves for it in self.machines)

    def _record(self) -> Any:
        """Answer what a user could ever see of the record."""
        rows = self.store.rows
        # That its user was warned of an end is no part of it: the warning was seen.
        timers = [replace(it.timer, warned=False) for it in rows.timers.values()]
        return (dict(rows.intervals), dict(rows.tasks), dict(rows.categories), timers)

    def check(self) -> None:
        """Look at all that is recorded."""
        if self._fault is not None:
            raise self._fault
        rows = self.store.rows
        assert [seq for _, seq in rows.events] == list(range(1, len(rows.events) + 1)), "events have holes"
        recorded = [it for _, it in rows.intervals.values() if it.status is not Status.CANCELLED]
        for interval in recorded:
            check_alone(interval)
            if interval.interval_id in self.ledger.accounts:
                completed = self.ledger.completed.get(interval.interval_id or 0, 0)
                assert completed == (interval.status is Status.COMPLETED), f"{interval} was completed {completed} times"
        for earlier, later in pairwise(sorted(recorded, key=lambda it: (it.started_at, it.interval_id))):
            assert earlier.ended_at is not None
            assert earlier.ended_at <= later.started_at, f"{earlier} overlaps {later}"
        assert all(count == 1 for count in self.commits.values())
        assert self.confirmed.keys() <= self.commits.keys(), "what was confirmed is not there"

    async def _agree(self) -> None:
        """All machines show what is stored."""
        [record] = self.store.rows.timers.values()
        for machine in self.machines:
            if (answer := await self._send(machine, "timer.status", {})) is not None:
                state = answer["result"]["state"].removeprefix("long-")
                assert state == record.timer.mode, f"{machine.name} shows {state}, stored is {record.timer.mode}"

    async def _recount(self) -> None:
        """The totals that a report tells are those of the record."""
        if self._is_disturbed():
            return
        ended = [it for _, it in self.store.rows.intervals.values() if it.ended_at and it.phase is Phase.FOCUS]
        count = sum(it.status is Status.COMPLETED for it in ended)
        machine = self.random.choice(self.machines)
        answer = await self._send(machine, "report.period", {"from": "2020-01-01", "to": "2040-01-01", "by": "task"})
        if answer is not None:
            total = answer["result"]["total"]
            assert total["pomodoros"] == count, f"the report counts {total}, the record has {count}"
            assert sum(row["pomodoros"] for row in answer["result"]["rows"]) == count
        if self.now > self._committed_at + HEALED:
            await self._agree()

    def _check_follower(self, machine: Machine) -> None:
        """Who follows was told everything once, in order."""
        assert machine.daemon is not None
        told = [json.loads(line)["params"]["seq"] for line in machine.daemon.follower.lines]
        assert told == list(range(1, len(told) + 1)), f"the follower at {machine.name} was told {told}"
        assert not told or len(told) == self._seen, f"the follower at {machine.name} has {len(told)} of {self._seen}"


def _said(answer: dict[str, Any]) -> str | None:
    """Answer the part of a result that stays the same when it is asked for again."""
    result = answer.get("result")
    if not isinstance(result, dict) or "changed" not in result:
        return None
    return json.dumps([result["changed"], result["task_created"], result["interval"]])
