"""Clients of simulated machines: they send over a network that loses some, and send again under the same id."""

import asyncio
import json
from datetime import datetime, timedelta
from typing import Any

from pomo_daemon.domain.interval import Phase, Status
from pomo_daemon.domain.timer import Command, Extend, Finish, Pause
from tests.fakes.clock import NOON
from tests.reliability.weeks.judge import HEALED, Judge
from tests.reliability.weeks.machines import Machine


class Clients(Judge):
    """What is asked for, and what was confirmed."""

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
        self.tell(f"{machine.name} {request_id} {method} {params}: {constant_part(answer) or answer.get('error')}")
        if "result" in answer:
            self.confirmed[request_id] = (method, params, constant_part(answer) or "")
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


def constant_part(answer: dict[str, Any]) -> str | None:
    """Answer the part of a result that stays the same when it is asked for again."""
    result = answer.get("result")
    if not isinstance(result, dict) or "changed" not in result:
        return None
    return json.dumps([result["changed"], result["task_created"], result["interval"]])
