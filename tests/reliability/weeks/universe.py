"""A week of one user with one to three machines on one store, made up from a seed."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from pomo_daemon.domain.cycle import AutoStart
from tests.fakes.clock import NOON
from tests.reliability.weeks.clients import Clients, constant_part
from tests.reliability.weeks.judge import HEALED
from tests.reliability.weeks.machines import NOTHING, Machine

#: Who goes away for longer than this mostly stops what runs.
AWAY: Final = timedelta(hours=2)
ZONES: Final = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia")


class Universe(Clients):
    """What may happen, and that it does. `story` keeps it, for whoever has to find out why it went wrong."""

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
            away = self._span(1, 10, 40, 300, 600)
            if away > AWAY and self.random.random() < 0.7:
                await self._ask("timer.stop", {})
            await asyncio.sleep(away.total_seconds())
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
        # A moment is wanted at which nothing has just happened: what runs ends, and nothing begins by itself.
        self.rules = replace(self.rules, auto_start=AutoStart.NONE)
        for _ in range(100):
            await asyncio.sleep(HEALED.total_seconds())
            if self.now > self._committed_at + HEALED and not self._is_disturbed():
                break
        self.check()
        await self._agree()
        await self._recount()
        for machine in self.machines:
            self._check_follower(machine)

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
            if undone is None:
                return  # every one of the requests, or of the answers, was lost
            assert "result" in undone, f"{method} cannot be undone: {undone}"
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
                    assert answer is None or constant_part(answer) in (said, None), f"{said}, but then {answer}"

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
                reading = machine.clock.read()
                # An earlier start may have got as far as that, and died: the line goes on from there.
                since = NOTHING
                if record.anchor is not None and record.anchor.same_boot(reading):
                    since = reading.boottime - record.anchor.boottime
                self.ledger.booted(record, self.now - since)

    async def _travel(self) -> None:
        zone = self.random.choice(ZONES)
        self.tell(f"travel to {zone}")
        self.rules = replace(self.rules, zone=ZoneInfo(zone))

    async def _outage(self) -> None:
        machine = self.random.choice(self.machines)
        # Seldom long: a daemon asks again each five seconds.
        span = self._span(1, 1, 1, 30)
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
