"""Thousands of weeks, each made up from a seed: daemons of one to three machines in virtual time, and all that breaks.

Above the fakes of clocks, network, store, desktop and hooks everything is the real thing: dispatcher, routes, use
cases, domain, and what keeps several daemons on one store together.
"""

import logging
import os
from collections.abc import Sequence
from typing import Final

from tests.fakes.clock import FakeClock
from tests.fakes.loop import run
from tests.reliability.frame import Campaign, Outcome, Scale, shares, spread
from tests.reliability.weeks.universe import Universe

FIGURE: Final = "simulated time"
#: Seeds that once failed, one a line: they are lived in every run.
REGRESSIONS: Final = os.path.join(os.path.dirname(os.path.dirname(__file__)), "regressions", "simulation.txt")
#: Seeds that one process lives before another begins.
SHARE: Final = 25


def regressions() -> list[int]:
    """Answer the seeds that once failed."""
    with open(REGRESSIONS, encoding="utf-8") as file:
        return [int(line.split()[0]) for line in file if line.strip() and not line.startswith("#")]


def live(seed: int, days: int) -> Universe:
    """Live a week. Raises AssertionError with its story."""
    # What daemons say of stores that are away is thousands of lines.
    logging.disable(logging.CRITICAL)
    universe: list[Universe] = []

    async def one() -> None:
        universe.append(Universe(seed))
        await universe[0].live(days)

    try:
        run(one(), FakeClock())
    except Exception as error:
        told = "\n".join(universe[0].story[-40:]) if universe else ""
        raise AssertionError(f"{told}\n{error}") from error
    finally:
        logging.disable(logging.NOTSET)
    return universe[0]


def lives(asked: tuple[Sequence[int], int]) -> Outcome:
    """Live several weeks; answer how many intervals were completed, and the worst error of an alarm in microseconds."""
    seeds, days = asked
    completions, worst, broken = 0, 0.0, []
    for seed in seeds:
        try:
            universe = live(seed, days)
        except AssertionError as error:
            broken.append(f"{error}\npython -m tests.reliability simulation first={seed} seeds=1 {days=}")
        else:
            completions += universe.ledger.completions
            worst = max(worst, universe.ledger.worst.total_seconds())
    return Outcome({"completions": str(completions), "worst": str(worst)}, broken)


def campaign(first: int, seeds: int, days: int) -> Outcome:
    """Live so many weeks, and those that once failed."""
    known = regressions() if seeds > 1 else []
    parts = [(it, days) for it in ([known] if known else []) + [list(it) for it in shares(first, seeds, SHARE)]]
    outcomes = list(spread(lives, parts))
    completions = sum(int(it.measured["completions"]) for it in outcomes)
    worst = max(float(it.measured["worst"]) for it in outcomes)
    broken = [it for outcome in outcomes for it in outcome.broken]
    measured = (
        f"{seeds:,} seeds x {days} days, {completions:,} completions, {len(broken)} broken; "
        f"fire error at most {worst * 1000:.1f} ms"
    )
    return Outcome({FIGURE: measured}, broken)


CAMPAIGN: Final = Campaign(
    name="simulation",
    shows="Weeks of one to three machines on one store in virtual time: kills, clocks that are set, sleep, boots, "
    "travel, a store that is slow, away or loses its answer, hints that are lost, requests that are sent again.",
    figures={
        FIGURE: "1,000 seeds x 7 days with jumps, suspends, reboots: 0 double completions, 0 negative durations, "
        "fire error <= 50 ms of boottime"
    },
    run=campaign,
    amounts={
        Scale.PART: {"first": 0, "seeds": 40, "days": 2},
        Scale.FULL: {"first": 1000, "seeds": 1000, "days": 7},
        Scale.LONG: {"first": 10_000, "seeds": 100_000, "days": 7},
    },
)
