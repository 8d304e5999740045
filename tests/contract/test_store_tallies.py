"""What every store keeps to: totals. Those of a database must equal a plain count, whatever was done to intervals."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Final

import pytest

from pomo_daemon.application.ports import Store, UnitOfWork
from pomo_daemon.domain.interruption import Interruption, InterruptionKind
from pomo_daemon.domain.interval import Gap, Interval, Phase, Status
from pomo_daemon.domain.report import Days, Tally, day_numbered, local_start, shift_of, tally_of, total
from tests.contract.samples import focus, minutes, task
from tests.fakes.clock import NOON

DAY_STARTS: Final = (time(0), time(4, 30))
ALWAYS: Final = Days(date(1971, 1, 1), date(2100, 1, 1))
WHAT: Final = ("add", "add", "change", "gaps", "interrupt", "interrupt", "calm", "cancel", "remove")
ZONES: Final = ("UTC", "Europe/Berlin", "Asia/Kathmandu", "Pacific/Apia", "nowhere/known")


async def plain_count(unit: UnitOfWork, user: int, day_start: time) -> Mapping[date, Tally]:
    """Count by the book: each interval, its gaps and interruptions, one after the other."""
    found: dict[date, Tally] = {}
    for it in await unit.intervals.between(user, datetime(1971, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)):
        if it.ended_at is not None:
            kinds = [one.kind for one in await unit.interruptions.of([it.interval_id or 0])]
            day = day_numbered((local_start(it) - shift_of(day_start)) // 86400)
            found[day] = total([found.get(day, Tally()), tally_of(it, it.ended_at, kinds)])
    return {day: tally for day, tally in sorted(found.items()) if tally}


async def check(unit: UnitOfWork, user: int) -> None:
    for day_start in DAY_STARTS:
        wanted = await plain_count(unit, user, day_start)
        assert await unit.tallies.of_days(user, day_start, ALWAYS) == wanted
        assert await unit.tallies.recounted(user, day_start) == wanted
        parts = await unit.tallies.parts(user, day_start, ALWAYS)
        by_day: dict[date, Tally] = {}
        for it in parts:
            by_day[it.day] = total([by_day.get(it.day, Tally()), it.tally])
        assert by_day == wanted


async def keep_all(store: Store, user: int) -> None:
    async with store.write() as unit:
        for day_start in DAY_STARTS:
            await unit.tallies.keep(user, day_start)


def made(slot: int, length: int, gap: int, zone: str, *, done: bool, key: int | None = None) -> Interval:
    """Make an interval within the hours of its own slot, so that no two overlap."""
    start = NOON + timedelta(hours=7 * slot)
    end = start + timedelta(seconds=length / 3)
    status = Status.COMPLETED if done else Status.STOPPED
    phase = Phase.SHORT_BREAK if slot == 3 else Phase.FOCUS
    plain = Interval(
        phase=phase, started_at=start, planned=minutes(25), ended_at=end, status=status, zone=zone, interval_id=key
    )
    pause = start + timedelta(seconds=gap / 7)
    return replace(plain, gaps=(Gap(start, min(pause, end)),)) if gap % 2 else plain


@pytest.mark.parametrize("seed", range(8))
async def test_totals_equal_a_plain_count_whatever_was_done(store: Store, user: int, seed: int) -> None:
    chance = Random(seed)
    await keep_all(store, user)
    held: dict[int, int] = {}
    for _ in range(25):
        slot = chance.randrange(6)
        it = made(
            slot,
            chance.randrange(1, 60_000),
            chance.randrange(60_000),
            chance.choice(ZONES),
            done=chance.random() < 0.7,
            key=held.get(slot),
        )
        async with store.write() as unit:
            await act(unit, user, held, chance.choice(WHAT), it, slot)
            await check(unit, user)
    assert held


async def act(unit: UnitOfWork, user: int, held: dict[int, int], what: str, it: Interval, slot: int) -> None:
    key = held.get(slot)
    if what == "add" and key is None:
        held[slot] = (await unit.intervals.add(user, it)).interval_id or 0
    elif key is None:
        return
    elif what == "change":
        await unit.intervals.update(user, it)
        await unit.intervals.set_gaps(it)
    elif what == "gaps":
        stored = await unit.intervals.get(user, key, cancelled=True)
        assert stored is not None
        await unit.intervals.set_gaps(replace(stored, gaps=(Gap(stored.started_at, stored.ended_at),)))
    elif what == "interrupt":
        kind = InterruptionKind.EXTERNAL if it.gaps else InterruptionKind.INTERNAL
        await unit.interruptions.add(Interruption(interval_id=key, kind=kind, at=NOON))
    elif what == "calm":
        for one in await unit.interruptions.of([key]):
            await unit.interruptions.remove(one.interruption_id)
    elif what == "cancel":
        await unit.intervals.update(user, replace(it, status=Status.CANCELLED))
    else:
        await unit.intervals.remove(user, key)
        del held[slot]


async def test_what_was_there_before_is_counted_once_totals_are_kept(store: Store, user: int) -> None:
    async with store.write() as unit:
        await unit.intervals.add(user, focus(0, 25))
        await unit.intervals.add(user, focus(30, 55, Status.STOPPED))
        assert not await unit.tallies.are_kept(user, time(0))
    await keep_all(store, user)
    async with store.read() as unit:
        assert await unit.tallies.are_kept(user, time(0))
        assert await unit.tallies.of_days(user, time(0), ALWAYS) == {
            NOON.date(): Tally(focus_s=3000, pomodoros=1, stopped=1)
        }
        await check(unit, user)


async def test_a_current_interval_is_in_no_total_until_it_ends(store: Store, user: int) -> None:
    await keep_all(store, user)
    async with store.write() as unit:
        running = await unit.intervals.add(user, focus(0).paused(NOON + minutes(5)).resumed(NOON + minutes(8)))
        await unit.interruptions.add(
            Interruption(interval_id=running.interval_id or 0, kind=InterruptionKind.EXTERNAL, at=NOON)
        )
        assert not await unit.tallies.of_days(user, time(0), ALWAYS)
        ended = running.ended(Status.COMPLETED, NOON + minutes(28))
        await unit.intervals.update(user, ended)
        await unit.intervals.set_gaps(ended)
        assert await unit.tallies.of_days(user, time(0), ALWAYS) == {
            NOON.date(): Tally(focus_s=1500, pomodoros=1, external=1)
        }


async def test_parts_are_of_the_tasks_and_hours_that_the_clock_showed(store: Store, user: int, other: int) -> None:
    async with store.write() as unit:
        report = (await unit.tasks.add(user, task("report"))).task_id
        await unit.intervals.add(user, replace(focus(0, 25), task_id=report, zone="Asia/Kathmandu"))
        await unit.intervals.add(user, focus(60, 85))
        await unit.intervals.add(other, focus(0, 25))
        tally = Tally(focus_s=1500, pomodoros=1)
        found = [(it.hour, it.task_id, it.tally) for it in await unit.tallies.parts(user, time(4), ALWAYS)]
        assert sorted(found) == [(13, 0, tally), (17, report, tally)]
        assert [it.hour for it in await unit.tallies.parts(user, time(4), ALWAYS, [report])] == [17]
        assert not await unit.tallies.parts(user, time(4), ALWAYS, [])


@pytest.mark.parametrize(("day_start", "day"), [(time(0), NOON.date()), (time(13), NOON.date() - timedelta(days=1))])
async def test_interruptions_are_told_on_the_clock_of_their_place(
    store: Store, user: int, day_start: time, day: date
) -> None:
    async with store.write() as unit:
        key = (await unit.intervals.add(user, replace(focus(0, 25), zone="Asia/Kathmandu"))).interval_id or 0
        await unit.interruptions.add(
            Interruption(interval_id=key, kind=InterruptionKind.EXTERNAL, at=NOON + minutes(5), note="the door")
        )
        shown = day_start if day_start == time(0) else time(18)
        [found] = await unit.tallies.interrupted(user, shown, Days(day, day))
        assert (found.kind, found.task, found.note) == (InterruptionKind.EXTERNAL, None, "the door")
        assert (found.at.hour, found.at.minute) == (17, 50)
        assert not await unit.tallies.interrupted(user, shown, Days(day + timedelta(days=1), ALWAYS.last))
