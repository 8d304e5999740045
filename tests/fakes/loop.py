"""An event loop in virtual time: where nothing is ready, time jumps to the next timer. A day passes in milliseconds."""

import asyncio
import functools
import math
import selectors
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any, ParamSpec, TypeVar

from tests.fakes.clock import FakeClock

P = ParamSpec("P")
T = TypeVar("T")


class _Jump(selectors.SelectSelector):
    """Instead of waiting for `timeout`, moves the clock by it."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self._clock = clock

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Answer what is ready, and let time pass if nothing is."""
        if timeout == 0:
            return []
        if ready := super().select(0):
            return ready
        if timeout is None:
            raise RuntimeError("deadlock: everything waits, and no timer is set")
        # Upwards, since a clock of whole microseconds must not stop just short of the timer, for ever; but not for
        # less than a tenth, which is what is wrong with a float of many seconds.
        self._clock.advance(timedelta(microseconds=max(math.ceil(timeout * 1e6 - 0.1), 1)))
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose time is that of a FakeClock: timers ring on the microsecond, in order, without waiting."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(_Jump(clock))
        self.clock = clock
        # asyncio lets a timer ring early by this much. Half a tick of the clock is less than any two differ by.
        self._clock_resolution = 5e-7

    def time(self) -> float:
        """Answer the time of the loop: it stands still while the machine is suspended."""
        return self.clock.awake.total_seconds()


def run(main: Coroutine[Any, Any, T], clock: FakeClock | None = None) -> T:
    """Run a coroutine to its end in virtual time."""
    time = clock or FakeClock()
    with asyncio.Runner(loop_factory=lambda: VirtualLoop(time)) as runner:
        return runner.run(main)


def virtual(test: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, T]:
    """Make a test of a coroutine function, run in virtual time; inside, `current_clock` moves it."""

    @functools.wraps(test)
    def ordinary(*args: P.args, **kwargs: P.kwargs) -> T:
        return run(test(*args, **kwargs))

    return ordinary


def current_clock() -> FakeClock:
    """Answer the clock of the running virtual loop."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    return loop.clock
