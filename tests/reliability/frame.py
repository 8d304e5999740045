"""What a campaign is: something that breaks pomo in one way, again and again, and counts what comes of it."""

import gc
import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from multiprocessing import get_context
from multiprocessing.context import ForkServerContext
from typing import Final, TypeVar

T = TypeVar("T")
#: What campaigns fork from. For all of them, since a process has one server, which loads nothing more once it runs.
FORKED: Final = (
    *("tests.reliability.full_disk", "tests.reliability.several_daemons", "tests.reliability.start_race"),
    *("pomo_cli.app", "pomo_cli.client", "pomo_cli.commands.log"),
)
#: Where the outcome of the last run is kept, from which docs/reliability.md is made.
RESULTS: Final = os.path.join(os.path.dirname(__file__), "results.json")


# What daemons say of all that is done to them would hide what a campaign says; every process of one comes by here.
logging.lastResort = logging.NullHandler()


class Scale(StrEnum):
    """How much of a campaign is run: in every `make test`, in `make reliability`, in a night."""

    PART = "part"
    FULL = "full"
    LONG = "long"


@dataclass
class Outcome:
    """What a campaign found. `broken` holds whatever must not be, each with the command that repeats it."""

    #: What was measured for each figure of the campaign, in words.
    measured: dict[str, str]
    broken: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Campaign:
    """One file of this folder. `figures`: what is measured, with its target; `amounts`: how much at each scale."""

    name: str
    shows: str
    figures: Mapping[str, str]
    run: Callable[..., Outcome]
    amounts: Mapping[Scale, Mapping[str, int]]
    #: Whether it waits, or measures how long something takes: it may not be kept from the processor (lanes.py).
    timed: bool = False
    #: Whether it measures so few milliseconds, or has so many to wait for, that nothing else may run meanwhile.
    alone: bool = False

    def at(self, scale: Scale) -> Outcome:
        """Run the campaign at a scale."""
        return self.run(**self.amounts[scale])


@cache
def forks() -> ForkServerContext:
    """Answer how to start many processes: from one that has loaded what FORKED names, and does nothing."""
    context = get_context("forkserver")
    context.set_forkserver_preload([*FORKED, "tests.reliability.still"])
    return context


def _hurry() -> None:
    """Look for garbage seldom: what is made up lives for a week, and each look in vain takes its time."""
    gc.freeze()
    gc.set_threshold(50_000)


def spread(work: Callable[[T], Outcome], parts: Sequence[T]) -> Iterator[Outcome]:
    """Do the parts of a campaign on all cores, each in a process of its own; answer what came of them, in order."""
    workers = min(len(parts), len(os.sched_getaffinity(0)))
    if workers <= 1:
        yield from map(work, parts)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_hurry) as pool:
        yield from pool.map(work, parts)


def shares(first: int, count: int, size: int) -> list[range]:
    """Cut so many seeds, from the first on, into parts of at most `size`."""
    return [range(it, min(it + size, first + count)) for it in range(first, first + count, size)]


def percentile(values: Sequence[float], share: float) -> float:
    """Answer the value below which that share of all values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
