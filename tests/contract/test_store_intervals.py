"""What every store keeps to: intervals."""

from dataclasses import replace
from datetime import time

import pytest

from pomo_daemon.application.ports import Page, Store, StoreError
from pomo_daemon.domain.interruption import Interruption, InterruptionKind
from pomo_daemon.domain.interval import Gap, GapReason, Interval, Phase, Status
from pomo_daemon.domain.report import Days
from tests.contract.samples import focus, minutes, task
from tests.fakes.clock import NOON

#: Minutes from noon: from, to.
Span = tuple[float, float | None]


async def test_an_interval_is_kept_whole(store: Store, user: int) -> None:
    gaps = (
        Gap(NOON + minutes(1), NOON + minutes(2)),
        Gap(NOON + minutes(3), NOON + minutes(9), GapReason.SUSPEND),
    )
    interval = replace(focus(0, 25, Status.STOPPED), gaps=gaps, note="it\nrained", zone="Europe/Berlin")
    flow = replace(focus(30, 31 + 1e-6), planned=None)
    async with store.write() as unit:
        stored = await unit.intervals.add(user, interval)
        counted_up = await unit.intervals.add(user, flow)
    assert stored == replace(interval, interval_id=stored.interval_id)
    async with store.read() as unit:
        assert await unit.intervals.get(user, stored.interval_id or 0) == stored
        assert await unit.intervals.between(user, NOON, NOON + minutes(60)) == [stored, counted_up]


async def test_an_interval_and_its_gaps_change_each_by_itself(store: Store, user: int) -> None:
    async with store.write() as unit:
        stored = await unit.intervals.add(user, focus(0).paused(NOON + minutes(5)))
        changed = replace(stored, status=Status.RUNNING, note="x", gaps=())
        await unit.intervals.update(user, changed)
        assert await unit.intervals.get(user, stored.interval_id or 0) == replace(changed, gaps=stored.gaps)
        await unit.intervals.set_gaps(changed)
        assert await unit.intervals.get(user, stored.interval_id or 0) == changed


async def test_a_user_has_one_current_interval(store: Store, user: int, other: int) -> None:
    async with store.write() as unit:
        await unit.intervals.add(user, focus(0))
        await unit.intervals.add(other, focus(0))
    with pytest.raises(StoreError):
        async with store.write() as unit:
            await unit.intervals.add(user, focus(30))


@pytest.mark.parametrize("taken", [(5, 20), (5, 15), (15, 30), (11, 12)])
async def test_no_two_intervals_of_a_user_overlap(
    store: Store, user: int, other: int, taken: tuple[float, float]
) -> None:
    async with store.write() as unit:
        await unit.intervals.add(user, focus(10, 20))
        await unit.intervals.add(user, focus(0, 10))
        await unit.intervals.add(user, focus(20, 30))
        await unit.intervals.add(other, focus(*taken))
        await unit.intervals.add(user, focus(*taken, Status.CANCELLED))
    with pytest.raises(StoreError) as caught:
        async with store.write() as unit:
            await unit.intervals.add(user, focus(*taken))
    assert caught.value.code == "history.overlap"


async def test_the_first_interval_that_shares_time_is_found(store: Store, user: int) -> None:
    gap = Gap(NOON + minutes(1), NOON + minutes(2))
    async with store.write() as unit:
        first = await unit.intervals.add(user, replace(focus(0, 10), gaps=(gap,)))
        second = await unit.intervals.add(user, focus(10, 20))
        await unit.intervals.add(user, focus(20, 21, Status.CANCELLED))
        await unit.intervals.add(user, focus(40))

        async def found(start: float, end: float, but: int | None = None) -> Interval | None:
            return await unit.intervals.overlapping(user, NOON + minutes(start), NOON + minutes(end), but=but)

        assert await found(5, 30) == first
        assert await found(5, 30, but=first.interval_id) == second
        assert await found(10, 30) == second
        assert await found(20, 60) is None
        assert await found(-5, 0) is None


async def test_the_neighbours_of_an_instant_are_known(store: Store, user: int) -> None:
    async with store.write() as unit:
        first = await unit.intervals.add(user, focus(0, 10))
        await unit.intervals.add(user, focus(20, 30))
        await unit.intervals.add(user, focus(12, 13, Status.CANCELLED))
        at = NOON + minutes(15)
        assert await unit.intervals.around(user, at) == (NOON + minutes(10), NOON + minutes(20))
        assert await unit.intervals.around(user, at, but=first.interval_id) == (None, NOON + minutes(20))
        assert await unit.intervals.around(user, NOON + minutes(20)) == (NOON + minutes(30), None)


async def test_the_latest_end_is_that_of_what_was_recorded_last(store: Store, user: int) -> None:
    async with store.write() as unit:
        assert await unit.intervals.last_end(user) is None
        # The first took no time and begins with the second: an order by the start alone would not tell them apart.
        await unit.intervals.add(user, focus(10, 10, Status.STOPPED))
        await unit.intervals.add(user, focus(10, 35))
        await unit.intervals.add(user, focus(50, 60, Status.CANCELLED))
        await unit.intervals.add(user, focus(70))
        assert await unit.intervals.last_end(user) == NOON + minutes(35)
        listed = await unit.intervals.between(user, NOON, NOON + minutes(70))
        assert [it.ended_at for it in listed] == [NOON + minutes(10), NOON + minutes(35)]


async def test_a_span_holds_what_began_in_it(store: Store, user: int) -> None:
    async with store.write() as unit:
        for start in (0, 10, 20):
            await unit.intervals.add(user, focus(start, start + 5))
        await unit.intervals.add(user, focus(30, 35, Status.STOPPED))
        await unit.intervals.add(user, replace(focus(36, 37), phase=Phase.SHORT_BREAK))
        await unit.intervals.add(user, focus(38, 39, Status.CANCELLED))
        current = await unit.intervals.add(user, focus(40))
        span = (NOON + minutes(10), NOON + minutes(40))
        assert len(await unit.intervals.between(user, *span)) == 4
        assert await unit.intervals.completed_focus(user, *span) == 2
        assert (await unit.intervals.between(user, NOON + minutes(40), NOON + minutes(41))) == [current]


async def test_a_cancelled_interval_is_kept_but_shown_only_to_who_asks_for_it(store: Store, user: int) -> None:
    async with store.write() as unit:
        stored = await unit.intervals.add(user, focus(0, 1, Status.CANCELLED))
        number = stored.interval_id or 0
        assert await unit.intervals.get(user, number) is None
        assert await unit.intervals.get(user, number, cancelled=True) == stored


async def test_an_interval_in_conflict_is_listed_counts_for_nothing_and_is_in_the_way_of_none(
    store: Store, user: int
) -> None:
    kept = replace(focus(5, 20), status=Status.CANCELLED, conflict=Status.COMPLETED)
    async with store.write() as unit:
        await unit.tallies.keep(user, time(0))
        recorded = await unit.intervals.add(user, focus(0, 10))
        conflict = await unit.intervals.add(user, kept)
    async with store.write() as unit:
        assert await unit.intervals.between(user, NOON, NOON + minutes(60)) == [recorded, conflict]
        assert await unit.intervals.get(user, conflict.interval_id or 0) == conflict
        assert await unit.intervals.overlapping(user, NOON + minutes(10), NOON + minutes(30)) is None
        assert await unit.intervals.last_end(user) == NOON + minutes(10)
        assert await unit.intervals.completed_focus(user, NOON, NOON + minutes(60)) == 1
        [counted] = (await unit.tallies.of_days(user, time(0), Days(NOON.date(), NOON.date()))).values()
        assert (counted.pomodoros, counted.focus_s) == (1, 600)
        await unit.intervals.add(user, focus(10, 15))
    with pytest.raises(StoreError, match="Another interval lies there"):
        async with store.write() as unit:
            await unit.intervals.update(user, replace(conflict, status=Status.COMPLETED, conflict=None))


async def test_a_removed_interval_takes_what_belongs_to_it_along_and_can_come_back(store: Store, user: int) -> None:
    async with store.write() as unit:
        stored = await unit.intervals.add(user, replace(focus(0, 9), gaps=(Gap(NOON, NOON + minutes(1)),)))
        number = stored.interval_id or 0
        kept = Interruption(interval_id=number, kind=InterruptionKind.EXTERNAL, at=NOON + minutes(3), note="phone")
        interruption = await unit.interruptions.add(kept)
        await unit.intervals.remove(user, number)
        assert await unit.intervals.get(user, number) is None
        assert await unit.interruptions.of([number]) == []
        assert await unit.intervals.add(user, stored) == stored
        assert await unit.interruptions.add(interruption) == interruption
        assert await unit.interruptions.of([number]) == [interruption]
        following = await unit.intervals.add(user, focus(10, 11))
        assert (following.interval_id or 0) > number


async def test_pages_follow_each_other_without_a_hole(store: Store, user: int) -> None:
    async with store.write() as unit:
        key = (await unit.tasks.add(user, task("Write"))).task_id
        # Three that took no time begin with the one that follows them.
        spans = ((0, 0), (0, 0), (0, 0), (0, 5), (5, 9))
        made = [await unit.intervals.add(user, replace(focus(*it), task_id=key)) for it in spans]
        other = await unit.intervals.add(user, focus(20, 25))

        async def page(start: float, *, after: int = 0, limit: int | None = 2) -> list[Interval]:
            begin, end = NOON + minutes(start), NOON + minutes(60)
            return list(await unit.intervals.between(user, begin, end, page=Page(after, limit)))

        assert await page(0) == made[:2]
        assert await page(0, after=made[1].interval_id or 0) == made[2:4]
        assert await page(0, after=made[3].interval_id or 0) == [made[4], other]
        assert await page(20, after=other.interval_id or 0) == []
        assert await page(0, after=made[0].interval_id or 0, limit=None) == [*made[1:], other]
        of_task = await unit.intervals.between(user, NOON, NOON + minutes(60), tasks=[key], page=Page(0, 9))
        assert of_task == made
        assert await unit.intervals.between(user, NOON, NOON + minutes(60), tasks=[]) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([], [(1, 2), (3, None)]),
        ([(1, 2)], [(1, 2), (3, None)]),
        ([(1, 2), (3, None)], [(1, 2), (3, 4)]),
        ([(1, 1), (1, None)], [(1, 1), (1, 4)]),
        ([(1, 2), (3, 4)], [(1, 2)]),
        ([(1, 2), (3, 4)], [(1, 3)]),
        ([(1, 2), (3, 4)], [(0, 2), (3, 4)]),
        ([(1, 2)], []),
    ],
)
@pytest.mark.parametrize("known", [True, False])
async def test_gaps_take_the_place_of_those_before(
    store: Store, user: int, before: list[Span], after: list[Span], *, known: bool
) -> None:
    def gaps(spans: list[Span]) -> tuple[Gap, ...]:
        return tuple(Gap(NOON + minutes(start), None if end is None else NOON + minutes(end)) for start, end in spans)

    async with store.write() as unit:
        stored = await unit.intervals.add(user, replace(focus(0, 25), gaps=gaps(before)))
        changed = replace(stored, gaps=gaps(after))
        await unit.intervals.set_gaps(changed, stored.gaps if known else None)
    async with store.read() as unit:
        assert await unit.intervals.get(user, stored.interval_id or 0) == changed
