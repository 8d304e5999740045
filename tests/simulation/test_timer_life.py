"""Days of use in virtual time: no minute is lost or counted twice, whatever happens to the daemon and its clocks.

A life that goes wrong is repeated alone with the environment variable that its failure names.
"""

import os
from datetime import timedelta
from typing import Final

import pytest
from hypothesis import settings

from pomo_daemon.domain.cycle import AutoStart, OnSuspend, Rules
from pomo_daemon.domain.interval import Status
from pomo_daemon.domain.timer import Pause, Resume, Start
from tests.fakes.application import start
from tests.fakes.clock import FakeClock
from tests.fakes.loop import current_clock, run, virtual
from tests.simulation.life import Life

# Not POMO_SIM_SEED: the tests forget whatever the shell says about pomo.
VARIABLE: Final = "SIM_SEED"
#: 200, and with `--hypothesis-profile=long` 20,000. `make reliability` lives weeks of 1,000 other seeds.
LIVES: Final = 2 * settings().max_examples
SEEDS: Final = [int(os.environ[VARIABLE])] if VARIABLE in os.environ else list(range(LIVES))
#: Lives in one test, so that several workers share them.
BATCH: Final = 20
STEPS: Final = 120


async def live(seed: int) -> Life:
    life = Life(seed)
    try:
        await life.live(STEPS)
    except BaseException as error:
        told = "\n".join(life.ledger.log[-40:])
        raise AssertionError(f"{told}\n{error}\nRepeat it with {VARIABLE}={seed} pytest {__file__}") from error
    return life


BATCHES: Final = [SEEDS[first : first + BATCH] for first in range(0, len(SEEDS), BATCH)]


@pytest.mark.parametrize("seeds", BATCHES, ids=lambda it: f"{it[0]}-{it[-1]}")
def test_no_life_loses_a_minute_or_counts_one_twice(seeds: list[int]) -> None:
    completions = 0
    for seed in seeds:
        clock = FakeClock()
        life = run(live(seed), clock)
        completions += life.ledger.completions
    assert completions or len(seeds) < BATCH, "lives in which nothing is ever completed show nothing"


# The same by hand, one thing at a time.


@pytest.mark.parametrize("step", [timedelta(hours=2), timedelta(hours=-1), timedelta(hours=24), timedelta(hours=-24)])
@pytest.mark.parametrize("noticed", [True, False], ids=["noticed", "unnoticed"])
@virtual
async def test_a_clock_that_is_set_in_mid_focus_neither_hurries_nor_delays_its_end(
    step: timedelta, *, noticed: bool
) -> None:
    clock, daemon = current_clock(), await start()
    await daemon.run(Start())
    booted = clock.boottime
    await daemon.wait(timedelta(minutes=10))
    clock.step(step)
    if noticed:
        await daemon.clocks_changed()
    assert daemon.peek().remaining_s == 15 * 60
    await daemon.wait(timedelta(minutes=15) - timedelta(microseconds=1))
    assert daemon.kinds == ["interval.started"]
    await daemon.wait(timedelta(microseconds=1))
    assert daemon.kinds == ["interval.started", "interval.completed"]
    assert clock.boottime - booted == timedelta(minutes=25)
    clock.step(-step)
    await daemon.clocks_changed()
    await daemon.wait(timedelta(days=2))
    assert daemon.kinds == ["interval.started", "interval.completed"]
    assert [it.elapsed(clock.wall) for it in daemon.intervals] == [timedelta(minutes=25)]


@virtual
async def test_what_begins_after_the_clock_was_set_back_lies_behind_what_is_recorded() -> None:
    clock, daemon = current_clock(), await start()
    await daemon.run(Start())
    await daemon.wait(timedelta(minutes=25))
    clock.step(timedelta(hours=-1))
    await daemon.clocks_changed()
    await daemon.run(Start())
    await daemon.wait(timedelta(minutes=25))
    first, second = daemon.intervals
    assert first.ended_at == second.started_at
    assert second.status is Status.COMPLETED


@virtual
async def test_a_night_of_sleep_makes_one_pomodoro_of_one() -> None:
    clock, daemon = current_clock(), await start(rules=Rules(auto_start=AutoStart.ALL, on_suspend=OnSuspend.CONTINUE))
    await daemon.run(Start())
    await daemon.wait(timedelta(minutes=5))
    clock.suspend(timedelta(hours=8))
    await daemon.clocks_changed()
    await daemon.wait(timedelta(hours=8))
    assert [it.status for it in daemon.intervals] == [Status.COMPLETED]


@virtual
async def test_after_a_boot_a_clock_that_is_set_does_no_harm_either() -> None:
    clock, daemon = current_clock(), await start()
    await daemon.run(Start())
    await daemon.wait(timedelta(minutes=5))
    daemon.crash()
    clock.reboot(timedelta(minutes=5))
    heir = await start(daemon.store)
    clock.step(timedelta(hours=2))
    await heir.clocks_changed()
    assert heir.peek().remaining_s == 15 * 60
    heir.crash()
    third = await start(daemon.store)
    await third.wait(timedelta(minutes=15))
    assert [it.status for it in third.intervals] == [Status.COMPLETED]
    assert third.kinds == ["interval.completed"]


@virtual
async def test_a_paused_day_counts_for_nothing() -> None:
    daemon = await start()
    await daemon.run(Start())
    await daemon.wait(timedelta(minutes=5))
    await daemon.run(Pause())
    await daemon.wait(timedelta(days=1))
    assert daemon.peek().elapsed_s == 5 * 60
    await daemon.run(Resume())
    await daemon.wait(timedelta(minutes=20))
    assert daemon.kinds[-1] == "interval.completed"
