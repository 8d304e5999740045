"""What an import comes to: which intervals are new, which are there, which are in the way of each other."""

import asyncio
from asyncio import Future
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from pomo_daemon.application.ahead import ahead
from pomo_daemon.application.arriving_tasks import ArrivingTasks
from pomo_daemon.application.ports import Arrival, Staged, UnitOfWork
from pomo_daemon.application.work import Work
from pomo_daemon.domain.errors import Overlap
from pomo_daemon.domain.fitting import Fitting
from pomo_daemon.domain.incoming import GapIn, IntervalIn, Part, moment, wall_clock
from pomo_daemon.domain.interval import Phase
from pomo_daemon.domain.report import zone_named

if TYPE_CHECKING:
    from pomo_daemon.application.staging import Staging

#: Names of new tasks and categories that are told; the rest are counted.
NAMED: Final = 20
_SECOND: Final = 1_000_000


class Summary(NamedTuple):
    """What an import brings, or would bring."""

    intervals: int = 0
    focus_s: int = 0
    tasks: int = 0
    categories: int = 0
    known: int = 0
    overlapping: int = 0
    trimmed: int = 0
    first: int | None = None
    last: int | None = None
    new_tasks: Sequence[str] = ()
    new_categories: Sequence[str] = ()
    obstacle: str = ""


class Plan:
    """Carries an import out; without `work` only tells what would come of it."""

    def __init__(
        self, unit: UnitOfWork, user_id: int, staging: "Staging", now: int, *, work: Work | None = None
    ) -> None:
        self._unit = unit
        self._user_id = user_id
        self._staging = staging
        self._work = work
        self._tasks = ArrivingTasks(unit, user_id, now, staging.tasks, staging.categories, work)
        self._fitting = Fitting()
        #: The source of the interval before, and the line of the last one that fitted.
        self._before = b""
        self._line = 0
        #: What came of sources, and is not noted in the spool so far.
        self._keys: list[tuple[bytes, int]] = []
        #: Of what the numbers in the file are kept.
        self._numbered: set[str] = set()
        #: The number of the import among the user's, and the numbers of its intervals: from, to, both among them.
        self.number = 0
        self.runs: list[list[int]] = []
        #: Whether anything came that has a source.
        self.brought = False
        self._known = self._overlapping = self._trimmed = self._intervals = self._focus_us = 0
        self._first: int | None = None
        self._last: int | None = None
        self._obstacle = ""

    async def carry_out(self) -> Summary:
        """Do it. Raises Overlap where the policy is to fail, and the import is carried out."""
        await self._tasks.bring()
        self.number = await self._unit.imports.next_import(self._user_id)
        await self._keep_numbers()
        async with ahead(partial(self._next_slice, self._staging.spool.ordered())) as slices:
            async for rows in slices:
                await self._slice(rows)
        if self._work is not None:
            await self._note_all()
        return Summary(
            intervals=self._intervals,
            focus_s=self._focus_us // _SECOND,
            tasks=len(self._tasks.new_tasks),
            categories=len(self._tasks.new_categories),
            known=self._known + self._tasks.known,
            overlapping=self._overlapping,
            trimmed=self._trimmed,
            first=self._first,
            last=self._last,
            new_tasks=self._tasks.new_tasks[:NAMED],
            new_categories=self._tasks.new_categories[:NAMED],
            obstacle=self._obstacle,
        )

    def _next_slice(self, slices: Iterator[Sequence[Staged]]) -> Future[Sequence[Staged] | None]:
        """Fetch some rows, behind what is to be noted: only one thread at a time works on the spool."""
        keys, self._keys = self._keys, []

        def fetch() -> Sequence[Staged] | None:
            self._staging.spool.accept(keys)
            return next(slices, None)

        return asyncio.get_running_loop().run_in_executor(None, fetch)

    async def _slice(self, rows: Sequence[Staged]) -> None:
        """Look at some rows, and store those that are new."""
        imports = self._unit.imports
        known = await imports.known(self._user_id, [it.source for it in rows]) if self.number > 1 else {}
        new = []
        for it in rows:
            if it.source not in known and it.source != self._before:
                new.append(it)
            self._before = it.source
        self._known += len(rows) - len(new)
        if new:
            first, last = new[0].row.started_at, max(it.row.ended_at for it in new)
            self._fitting.look(await imports.spans(self._user_id, first, last))
            await self._store([fitted for it in new if (fitted := self._fitted(it)) is not None])

    def _fitted(self, it: Staged) -> Staged | None:
        """Answer a row as it fits, or None."""
        row = it.row
        fit = self._fitting.fit(row.started_at, row.ended_at)
        if fit.clear:
            self._line = row.line
            return it
        if fit.same:
            self._known += 1
            return None
        if not self._obstacle:
            self._obstacle = self._in_the_way(row, fit.number)
        if self._staging.overlap == "fail" and self._work is not None:
            hint = "'--overlap skip' leaves such out, '--overlap trim' cuts them; '--dry-run' counts them."
            raise Overlap(self._obstacle, hint)
        cut = self._fitting.trim(row.started_at, row.ended_at) if self._staging.overlap == "trim" else None
        if cut is None:
            self._overlapping += 1
            return None
        self._trimmed += 1
        self._line = row.line
        row = row._replace(started_at=cut[0], ended_at=cut[1])
        return it._replace(row=row, parts=_within(it.parts, *cut), local_start=wall_clock(row))

    def _in_the_way(self, row: IntervalIn, number: int) -> str:
        start = moment(row.started_at).astimezone(zone_named(self._staging.zone))
        what = f"interval {number}" if number else f"line {self._line}"
        return f"line {row.line}: started_at: at {start:%Y-%m-%d %H:%M:%S} {what} is in the way."

    async def _store(self, fresh: Sequence[Staged]) -> None:
        """Count rows, and store them where that is wanted."""
        tasks = await self._tasks.ids({it.row.task for it in fresh})
        self._count(fresh)
        if self._work is None or not fresh:
            return
        numbers: Sequence[int] = [it.row.key for it in fresh]
        if "interval" not in self._numbered:
            numbers = await self._unit.imports.take_numbers(len(fresh))
            self._note_runs(numbers)
        arrivals = [Arrival(number, tasks[it.row.task], it) for number, it in zip(numbers, fresh, strict=True)]
        await self._unit.imports.add(self._user_id, arrivals, numbered="interruption" in self._numbered)
        self._keys += zip((it.source for it in fresh), numbers, strict=True)

    def _count(self, fresh: Sequence[Staged]) -> None:
        self._intervals += len(fresh)
        for it in fresh:
            row = it.row
            if row.phase == Phase.FOCUS:
                gaps = sum(part.ended_at - part.started_at for part in it.parts if isinstance(part, GapIn))
                # Whole seconds of each, as the record shows them.
                self._focus_us += (row.ended_at - row.started_at - gaps) // _SECOND * _SECOND
        if fresh:
            self._first = fresh[0].row.started_at if self._first is None else self._first
            self._last = fresh[-1].row.ended_at

    def _note_runs(self, numbers: Sequence[int]) -> None:
        for number in numbers:
            if self.runs and self.runs[-1][1] == number - 1:
                self.runs[-1][1] = number
            else:
                self.runs.append([number, number])

    async def _keep_numbers(self) -> None:
        """Let intervals and interruptions keep the numbers they have in the file, where nobody ever had one of them."""
        for kind, reach in self._staging.reaches.items():
            if reach[0] > await self._unit.imports.last_number(kind) and not await asyncio.to_thread(
                self._staging.spool.has_twice, kind
            ):
                self._numbered.add(kind)
                if self._work is not None:
                    # At once: whoever else needs a number meanwhile gets a higher one.
                    await self._unit.imports.pass_numbers(kind, reach[1])
        if "interval" in self._numbered:
            self.runs = [list(self._staging.reaches["interval"])]

    async def _note_all(self) -> None:
        """Note where everything came from, in the order in which it is kept: at random it would take far longer."""
        imports, user_id, spool = self._unit.imports, self._user_id, self._staging.spool
        await asyncio.to_thread(spool.accept, [*self._keys, *self._tasks.keys])
        accepted = spool.accepted()
        in_thread = asyncio.get_running_loop().run_in_executor
        async with ahead(lambda: in_thread(None, next, accepted, None)) as slices:
            async for keys in slices:
                self.brought = True
                await imports.note(user_id, self.number, keys)


def _within(parts: Sequence[Part], start: int, end: int) -> Sequence[Part]:
    """Cut gaps to an interval that was cut."""
    return [
        it._replace(started_at=max(it.started_at, start), ended_at=min(it.ended_at, end))
        if isinstance(it, GapIn)
        else it
        for it in parts
        if not isinstance(it, GapIn) or (it.started_at < end and it.ended_at > start)
    ]
