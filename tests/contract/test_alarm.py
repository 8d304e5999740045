"""What every alarm keeps to: APScheduler's on a real loop, with small delays, and the fake in virtual time."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

import pytest

from pomo_daemon.adapters.alarm import SchedulerAlarm
from pomo_daemon.adapters.clock import SystemClock
from pomo_daemon.application.ports import Alarm, Clock
from pomo_daemon.domain.timeline import Reading
from tests.fakes.alarm import FakeAlarm
from tests.fakes.clock import FakeClock
from tests.fakes.loop import VirtualLoop

#: Long enough for a busy machine to set several alarms before the first is due.
SOON: Final = timedelta(milliseconds=60)
NOW: Final = timedelta(0)


class Bell:
    """An alarm, the clock it goes by, and what has rung: whose, and when."""

    def __init__(self, clock: Clock, make: Callable[[Callable[[int], None]], Alarm]) -> None:
        self.clock = clock
        self.rung: list[tuple[int, Reading]] = []
        self.alarm = make(self._ring)
        self._changed = asyncio.Event()

    def _ring(self, user_id: int) -> None:
        self.rung.append((user_id, self.clock.read()))
        self._changed.set()

    async def heard(self, count: int) -> list[int]:
        """Wait until so many have rung; answer whose."""
        async with asyncio.timeout(30):
            while len(self.rung) < count:
                self._changed.clear()
                await self._changed.wait()
        return [user_id for user_id, _ in self.rung]


Scenario = Callable[[Bell], Awaitable[None]]
Run = Callable[[Scenario], None]


def on_the_machine(scenario: Scenario) -> None:
    """Run with APScheduler."""
    clock = SystemClock()

    async def main() -> None:
        bell = Bell(clock, lambda ring: SchedulerAlarm(clock, ring))
        assert isinstance(bell.alarm, SchedulerAlarm)
        bell.alarm.start()
        try:
            await scenario(bell)
        finally:
            bell.alarm.stop()

    asyncio.run(main())


def in_virtual_time(scenario: Scenario) -> None:
    """Run with the fake."""
    clock = FakeClock()

    async def main() -> None:
        await scenario(Bell(clock, FakeAlarm))

    with asyncio.Runner(loop_factory=lambda: VirtualLoop(clock)) as runner:
        runner.run(main())


@pytest.fixture(params=[on_the_machine, in_virtual_time])
def run(request: pytest.FixtureRequest) -> Run:
    given: Run = request.param
    return given


def test_it_rings_once_and_never_early(run: Run) -> None:
    async def scenario(bell: Bell) -> None:
        for number, delay in ((1, SOON), (2, SOON / 2), (3, NOW), (4, timedelta(microseconds=1)), (5, -SOON)):
            begun = bell.clock.read()
            bell.alarm.set(number, delay)
            await bell.heard(number)
            _, reading = bell.rung[-1]
            assert reading.wall - begun.wall >= delay
        bell.alarm.set(6, SOON)
        assert await bell.heard(6) == [1, 2, 3, 4, 5, 6]

    run(scenario)


def test_each_user_has_an_alarm(run: Run) -> None:
    async def scenario(bell: Bell) -> None:
        bell.alarm.set(1, 3 * SOON)
        bell.alarm.set(2, SOON)
        bell.alarm.set(3, 2 * SOON)
        assert await bell.heard(3) == [2, 3, 1]

    run(scenario)


def test_a_later_alarm_takes_the_place_of_an_earlier_one(run: Run) -> None:
    async def scenario(bell: Bell) -> None:
        bell.alarm.set(1, SOON)
        begun = bell.clock.read()
        bell.alarm.set(1, 2 * SOON)
        bell.alarm.set(2, 3 * SOON)
        assert await bell.heard(2) == [1, 2]
        assert bell.rung[0][1].wall - begun.wall >= 2 * SOON

    run(scenario)


def test_an_earlier_alarm_takes_the_place_of_a_later_one(run: Run) -> None:
    async def scenario(bell: Bell) -> None:
        bell.alarm.set(1, timedelta(days=30))
        bell.alarm.set(1, SOON)
        assert await bell.heard(1) == [1]

    run(scenario)


def test_an_alarm_that_was_taken_back_does_not_ring(run: Run) -> None:
    async def scenario(bell: Bell) -> None:
        bell.alarm.set(1, SOON)
        bell.alarm.set(1, None)
        bell.alarm.set(1, None)
        bell.alarm.set(2, 2 * SOON)
        assert await bell.heard(1) == [2]

    run(scenario)


def test_an_alarm_that_rang_can_be_set_again(run: Run) -> None:
    async def scenario(bell: Bell) -> None:
        bell.alarm.set(1, NOW)
        await bell.heard(1)
        bell.alarm.set(1, NOW)
        assert await bell.heard(2) == [1, 1]

    run(scenario)


def test_the_fake_rings_to_the_microsecond_after_months() -> None:
    async def scenario(bell: Bell) -> None:
        begun = bell.clock.read()
        delay = timedelta(days=100, microseconds=1)
        bell.alarm.set(1, delay)
        await asyncio.sleep(timedelta(days=101).total_seconds())
        assert [reading.boottime - begun.boottime for _, reading in bell.rung] == [delay]

    in_virtual_time(scenario)
