"""What holds whatever the user does, and whenever: any sequence of commands with any time between them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pomo_daemon.domain.cycle import AutoStart, Rules
from pomo_daemon.domain.errors import DomainError
from pomo_daemon.domain.interval import Interval, Status
from pomo_daemon.domain.timer import (
    TABLE,
    Break,
    Cancel,
    Command,
    Extend,
    Finish,
    Pause,
    Repeat,
    Resume,
    Skip,
    Start,
    Stop,
    Timer,
    Toggle,
    Transition,
    Wake,
    due,
    next_deadline,
    step,
)
from tests.fakes.clock import NOON

NOTHING: Final = timedelta(0)


def spans(low: float, high: float) -> st.SearchStrategy[timedelta]:
    return st.timedeltas(timedelta(minutes=low), timedelta(minutes=high))


# At first instants are relative: how long before the command was given.
AGO = st.none() | spans(0, 90)
LENGTH = st.none() | spans(2, 60)
COMMANDS = st.one_of(
    st.builds(lambda ago, planned, replace: (ago, Start(planned=planned, replace=replace)), AGO, LENGTH, st.booleans()),
    st.builds(lambda ago: (ago, Start(flow=True)), AGO),
    st.builds(lambda ago, long, planned: (ago, Break(long=long, planned=planned)), AGO, st.booleans(), LENGTH),
    st.builds(lambda by: (None, Extend(by)), spans(-30, 30)),
    st.sampled_from(
        [
            (None, command)
            for command in (Repeat(), Pause(), Resume(), Toggle(), Stop(), Finish(), Cancel(), Skip(), Wake())
        ]
    ),
)
# Many steps, or hypothesis would mostly try short lives, in which nothing happens.
STEPS = st.lists(st.tuples(spans(0, 10) | spans(0, 40), COMMANDS), min_size=20, max_size=50)
# No phase is so short that a wake-up at most a minute late finds the one after it over as well.
RULES = st.builds(
    Rules,
    focus=spans(4, 60),
    short_break=spans(4, 15),
    long_break=spans(4, 30),
    long_break_every=st.integers(1, 5),
    warn_before_end=st.just(NOTHING) | spans(0, 2),
)


class Life:
    """A timer in use. It numbers intervals and keeps them, as a store does, and checks each transition."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.now = NOON
        self.timer = Timer()
        self.kept: dict[int, Interval] = {}

    def take(self, command: Command) -> Transition:
        """Step, check, keep."""
        rule = TABLE[type(command)].get(self.timer.mode)
        done = step(self.timer, command, self.now, self.rules)
        assert rule is not None
        assert done.timer.mode in rule.targets
        assert bool(done.events) == (done.timer != self.timer)
        assert done.timer.current is None or done.timer.due is None
        for ended in done.ended:
            self.keep(ended)
        self.timer = done.timer
        if (current := self.timer.current) is not None:
            current = current if current.interval_id else replace(current, interval_id=len(self.kept) + 1)
            self.timer = replace(self.timer, current=current)
            self.keep(current)
        if self.timer.due is not None:
            assert self.timer.due.after.interval_id in self.kept
        return done

    def keep(self, interval: Interval) -> None:
        """Check an interval by itself, then keep it."""
        assert interval.interval_id is not None
        self.kept[interval.interval_id] = interval
        current = interval.status in (Status.RUNNING, Status.PAUSED)
        assert current == (interval.ended_at is None)
        assert interval.elapsed(self.now) >= NOTHING
        open_gaps = [gap for gap in interval.gaps if gap.ended_at is None]
        assert len(open_gaps) == (interval.status is Status.PAUSED)
        edges = [interval.started_at]
        for gap in interval.gaps:
            edges += [gap.started_at, gap.ended_at or self.now]
        edges.append(interval.ended_at or self.now)
        assert edges == sorted(edges)
        idle = sum(((gap.ended_at or self.now) - gap.started_at for gap in interval.gaps), NOTHING)
        assert interval.elapsed(self.now) + idle == (interval.ended_at or self.now) - interval.started_at

    def wake(self) -> None:
        """Let the alarm ring, as it does before each command; a second time would change nothing."""
        owed = due(self.timer, self.now, self.rules)
        woken = self.take(Wake())
        assert owed == bool(woken.events)
        assert len(woken.ended) <= 1
        for ended in woken.ended:
            assert ended.status is Status.COMPLETED
            assert ended.elapsed(self.now) == ended.planned
        assert step(self.timer, Wake(), self.now, self.rules) == Transition(self.timer)
        deadline = next_deadline(self.timer, self.rules)
        assert deadline is None or deadline > self.now

    def free(self, at: datetime) -> bool:
        """Tell whether nothing that has ended lies after `at`: the application refuses such a start."""
        return all(it.ended_at is None or it.ended_at <= at for it in self.recorded())

    def recorded(self) -> Sequence[Interval]:
        """Answer all but the cancelled, oldest first."""
        found = (it for it in self.kept.values() if it.status is not Status.CANCELLED)
        return sorted(found, key=lambda it: (it.started_at, it.interval_id))


@pytest.mark.parametrize("auto_start", AutoStart)
@given(rules=RULES, steps=STEPS)
def test_no_sequence_of_commands_loses_time_or_counts_it_twice(
    auto_start: AutoStart, rules: Rules, steps: list[tuple[timedelta, tuple[timedelta | None, Command]]]
) -> None:
    life = Life(replace(rules, auto_start=auto_start))
    for passed, (ago, command) in steps:
        life.now += passed
        life.wake()
        if ago is not None and isinstance(command, Start | Break):
            if not life.free(life.now - ago):
                continue
            command = replace(command, at=life.now - ago)  # noqa: PLW2901
        before = life.timer
        try:
            life.take(command)
        except DomainError:
            assert life.timer is before
        recorded = life.recorded()
        assert sum(it.ended_at is None for it in recorded) == (life.timer.current is not None)
        for earlier, later in pairwise(recorded):
            assert earlier.ended_at is not None
            assert earlier.ended_at <= later.started_at
