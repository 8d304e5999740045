"""Rows that the tests of stores put in."""

import itertools
from datetime import timedelta
from typing import Final

from pomo_daemon.domain.interval import Interval, Phase, Status
from pomo_daemon.domain.task import Category, Task
from tests.fakes.clock import NOON

#: Numbers of OS users, never the same twice in a worker.
UIDS: Final = itertools.count(1000)
MICROSECOND: Final = timedelta(microseconds=1)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def focus(start: float, end: float | None = None, status: Status = Status.COMPLETED) -> Interval:
    """Make a focus from minute to minute after noon; without an end it runs."""
    interval = Interval(phase=Phase.FOCUS, started_at=NOON + minutes(start), planned=minutes(25))
    return interval if end is None else interval.ended(status, NOON + minutes(end))


def task(name: str) -> Task:
    return Task(name=name, created_at=NOON, updated_at=NOON)


def category(name: str) -> Category:
    return Category(name=name, created_at=NOON, updated_at=NOON)


class Mishap(Exception):
    """What leaves a transaction in the middle."""
