"""A timer's steps, each at its minute after noon."""

from datetime import timedelta
from typing import Final

from pomo_daemon.domain.cycle import Rules
from pomo_daemon.domain.events import EventType
from pomo_daemon.domain.interval import Interval
from pomo_daemon.domain.timer import Command, Start, Timer, Toggle, Transition, Wake, step
from tests.fakes.clock import NOON

RULES: Final = Rules()


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def play(*steps: tuple[float, Command], rules: Rules = RULES, timer: Timer | None = None) -> Transition:
    """Take the steps, each at its minute; answer the last transition."""
    last = Transition(timer or Timer())
    for minute, command in steps:
        last = step(last.timer, command, NOON + minutes(minute), rules)
    return last


def current(transition: Transition) -> Interval:
    assert transition.timer.current is not None
    return transition.timer.current


def kinds(transition: Transition) -> list[EventType]:
    return [event.type for event in transition.events]


def full_cycle() -> list[tuple[float, Command]]:
    """Four pomodoros of ten minutes, each with its break, the fourth without."""
    steps: list[tuple[float, Command]] = []
    for start in (0, 20, 40):
        steps += [
            (start, Start(planned=minutes(10))),
            (start + 10, Wake()),
            (start + 11, Toggle()),
            (start + 16, Wake()),
        ]
    return [*steps, (60, Start(planned=minutes(10))), (70, Wake())]
