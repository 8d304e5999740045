"""Imports: rows are kept aside until all are there, then taken over in one transaction that one undo takes back."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import time
from typing import Final

from pomo_daemon.application.arriving import Plan, Summary
from pomo_daemon.application.ports import Clock, Spool, Store, UnitOfWork
from pomo_daemon.application.staging import Problem, Staging
from pomo_daemon.application.timer import Identity, TimerService
from pomo_daemon.application.work import Work
from pomo_daemon.domain.cycle import Rules
from pomo_daemon.domain.errors import ImportNotFound, Invalid
from pomo_daemon.domain.events import EventType
from pomo_daemon.domain.incoming import Row, microseconds

#: Seconds after which an import that nothing is added to is given up.
PATIENCE: Final = 900.0
#: From so many intervals on, counting the totals of days anew takes less than keeping them with each.
MANY: Final = 5_000


class ImportService:
    """Imports of the user who asks, one at a time."""

    def __init__(
        self, timers: TimerService, store: Store, clock: Clock, rules: Callable[[], Rules], spool: Callable[[], Spool]
    ) -> None:
        self._timers = timers
        self._store = store
        self._clock = clock
        self._rules = rules
        self._spool = spool
        self._under_way: dict[int, Staging] = {}
        self._last = 0

    def begin(self, who: Identity, name: str, overlap: str) -> int:
        """Begin an import, and give up one that the user has under way; answer its number."""
        for number in [number for number, it in self._under_way.items() if it.user_id == who.user_id]:
            self._give_up(number)
        self._last += 1
        self._under_way[self._last] = Staging(who.user_id, name, overlap, self._spool(), str(self._rules().zone))
        self._wait_for_more(self._last)
        return self._last

    async def append(
        self, who: Identity, number: int, seq: int, rows: Sequence[Row], *, done: bool
    ) -> Sequence[Problem]:
        """Keep the rows of chunk `seq` aside, unless they are; answer what is wrong with those left out.

        `done`: none follow. Raises ImportNotFound, and Invalid where a chunk is missing before this one.
        """
        staging = self._of(who, number)
        if seq > staging.seq:
            raise Invalid(f"seq: is {seq}, the next one is {staging.seq}.")
        if seq < staging.seq:
            return ()
        staging.seq += 1
        self._wait_for_more(number)
        return await asyncio.to_thread(staging.take, rows, microseconds(self._clock.read().wall), done=done)

    async def preview(self, who: Identity, number: int) -> Summary:
        """Tell what an import would bring. Raises ImportNotFound and Invalid."""
        staging = self._whole(who, number)
        async with self._store.read() as unit:
            return await Plan(unit, who.user_id, staging, microseconds(self._clock.read().wall)).carry_out()

    async def commit(self, who: Identity, number: int, request_id: str | None) -> Summary:
        """Take all rows over. Raises ImportNotFound, Invalid, and Overlap where the policy is to fail."""

        async def act(work: Work) -> None:
            work.answer.update((await _taken_over(work, self._whole(who, number)))._asdict())

        answer = await self._timers.transact(who, act, request_id, "import.commit")
        if number in self._under_way:  # else it was done before, and only its answer was lost
            self.abandon(who, number)
        return Summary(**{name: answer[name] for name in Summary._fields})

    def abandon(self, who: Identity, number: int) -> None:
        """Forget an import. Raises ImportNotFound."""
        self._of(who, number)
        self._give_up(number)

    def _whole(self, who: Identity, number: int) -> Staging:
        staging = self._of(who, number)
        if staging.last is not None:
            raise Invalid("done: the last rows have not come yet.")
        self._wait_for_more(number)
        return staging

    def _of(self, who: Identity, number: int) -> Staging:
        staging = self._under_way.get(number)
        if staging is None or staging.user_id != who.user_id:
            raise ImportNotFound(f"The import {number} is not under way any more.")
        return staging

    def _wait_for_more(self, number: int) -> None:
        staging = self._under_way[number]
        if staging.expires is not None:
            staging.expires.cancel()
        staging.expires = asyncio.get_running_loop().call_later(PATIENCE, self._give_up, number)

    def _give_up(self, number: int) -> None:
        """Forget an import; its spool goes when nothing works on it any more."""
        staging = self._under_way.pop(number)
        if staging.expires is not None:
            staging.expires.cancel()


@asynccontextmanager
async def totals_aside(unit: UnitOfWork, user_id: int, count: int) -> AsyncIterator[None]:
    """Keep no totals of days within `with` if `count` intervals change there; count them anew at its end."""
    kept: Sequence[time] = ()
    if count >= MANY:
        await unit.imports.take_time()
        kept = await unit.tallies.forget(user_id)
    yield
    for day_start in kept:
        await unit.tallies.keep(user_id, day_start)


async def _taken_over(work: Work, staging: Staging) -> Summary:
    """Carry an import out within a transaction."""
    unit, user_id = work.unit, work.user_id
    plan = Plan(unit, user_id, staging, microseconds(work.reading.wall), work=work)
    async with totals_aside(unit, user_id, staging.count):
        summary = await plan.carry_out()
    if plan.brought:
        sums = await unit.imports.sum_up(user_id, plan.number, plan.runs)
        work.touch("import", plan.number, None, {"runs": plan.runs, "sums": sums})
    if work.items:
        work.label, work.recount = f"import {staging.name}".strip(), True
        facts = {name: getattr(summary, name) for name in ("intervals", "focus_s", "tasks", "categories")}
        work.announce(EventType.IMPORTED, {"name": staging.name, **facts})
    return summary
