"""Whether somebody is asked if they are there: when nobody touched anything for long in a focus, and once."""

import asyncio
from datetime import timedelta

import pytest

from pomo_daemon.application.attention import Attention
from pomo_daemon.application.timer import TaskChoice
from pomo_daemon.domain.interval import Gap, Status
from pomo_daemon.domain.timer import Break, Pause, Resume, Start, Stop
from tests.fakes.application import FakeDaemon
from tests.fakes.clock import NOON
from tests.fakes.loop import current_clock, virtual


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


class Desk(FakeDaemon):
    """A daemon that asks after ten minutes. Somebody touched the keyboard at `touched`, by the boot clock."""

    async def start(self) -> "Desk":
        """Come up."""
        await super().start()
        self.after = minutes(10)
        self.knows = True
        self.looks = 0
        self.touched = current_clock().boottime
        self.here = True
        self.attention = Attention(
            self.who, self.timers, self.desk, self, self.clock, lambda: self.after, lambda: self.here
        )
        self.announcer.add(self.attention.listen)
        return self

    async def idle(self) -> timedelta | None:
        """Answer how long nobody touched anything."""
        self.looks += 1
        return current_clock().boottime - self.touched if self.knows else None

    async def touch_after(self, span: timedelta) -> None:
        """Let time pass, and then somebody touch the keyboard."""
        await self.wait(span)
        self.touched = current_clock().boottime

    def asked(self) -> int:
        return [it.title for it in self.notifier.shown].count("Still there?")


@virtual
async def test_a_focus_at_which_nobody_is_asks_once() -> None:
    daemon = await Desk().start()
    await daemon.run(Start(), task=TaskChoice("Write"))
    await daemon.wait(minutes(10) - timedelta(microseconds=1))
    assert daemon.asked() == 0
    await daemon.wait(minutes(14))
    assert daemon.asked() == 1
    [shown] = daemon.notifier.shown
    assert shown.body == "A focus runs, and nobody has touched anything for 10 min."
    assert [it.label for it in shown.buttons] == ["Continue", "Pause as of then", "Stop there"]
    assert daemon.kinds == ["task.created", "interval.started"]


@virtual
async def test_whoever_comes_back_and_goes_again_is_asked_again() -> None:
    daemon = await Desk().start()
    await daemon.run(Start(planned=minutes(100)))
    await daemon.touch_after(minutes(5))
    await daemon.wait(minutes(10))
    assert daemon.asked() == 1
    await daemon.touch_after(minutes(1))
    await daemon.wait(minutes(9))
    assert daemon.asked() == 1
    # Ten minutes after the keys were touched, or up to as many later: it is looked at once in ten.
    await daemon.wait(minutes(10))
    assert daemon.asked() == 2


@pytest.mark.parametrize(
    ("button", "status", "elapsed"),
    [("continue", Status.RUNNING, 12), ("pause", Status.PAUSED, 2), ("stop", Status.STOPPED, 2)],
)
@virtual
async def test_a_button_does_it_as_of_when_somebody_was_there(button: str, status: Status, elapsed: float) -> None:
    daemon = await Desk().start()
    await daemon.run(Start())
    await daemon.touch_after(minutes(2))
    await daemon.wait(minutes(10))
    daemon.notifier.press(button)
    await daemon.wait(timedelta(0))
    [interval] = daemon.intervals
    assert (interval.status, interval.elapsed(NOON + minutes(12))) == (status, minutes(elapsed))
    if status is Status.PAUSED:
        assert interval.gaps == (Gap(NOON + minutes(2)),)


@virtual
async def test_a_button_does_nothing_once_the_timer_moved_on() -> None:
    daemon = await Desk().start()
    await daemon.run(Start())
    await daemon.wait(minutes(10))
    await daemon.run(Pause())
    await daemon.run(Resume())
    daemon.notifier.press("stop")
    await daemon.wait(timedelta(0))
    assert daemon.intervals[0].status is Status.RUNNING


@virtual
async def test_only_time_in_the_focus_counts() -> None:
    daemon = await Desk().start()
    current_clock().advance(minutes(60))
    await daemon.run(Start())
    await daemon.wait(minutes(9))
    assert daemon.asked() == 0
    await daemon.run(Pause())
    await daemon.wait(minutes(60))
    await daemon.run(Resume())
    await daemon.wait(minutes(9))
    assert daemon.asked() == 0
    await daemon.wait(minutes(1))
    assert daemon.asked() == 1
    assert daemon.notifier.shown[-1].body.endswith("for 10 min.")


@virtual
async def test_nothing_is_looked_at_unless_a_focus_runs_and_it_is_wanted() -> None:
    daemon = await Desk().start()
    await daemon.wait(minutes(60))
    await daemon.run(Break(planned=minutes(60)))
    await daemon.wait(minutes(50))
    await daemon.run(Stop())
    await daemon.run(Start())
    await daemon.run(Pause())
    await daemon.wait(minutes(60))
    assert (daemon.looks, daemon.attention.waits()) == (0, False)
    daemon.after = timedelta(0)
    await daemon.run(Resume())
    await daemon.wait(minutes(20))
    assert (daemon.looks, daemon.attention.waits()) == (0, False)


@virtual
async def test_nobody_is_asked_at_a_machine_that_they_are_not_at() -> None:
    daemon = await Desk().start()
    daemon.here = False
    await daemon.run(Start())
    await daemon.wait(minutes(20))
    assert (daemon.looks, daemon.asked()) == (0, 0)


@virtual
async def test_it_is_looked_as_seldom_as_can_be() -> None:
    daemon = await Desk().start()
    await daemon.run(Start(planned=minutes(100)))
    for _ in range(90):
        await daemon.touch_after(minutes(1))
    assert daemon.asked() == 0
    assert daemon.looks <= 10


@virtual
async def test_where_nobody_knows_nobody_is_asked() -> None:
    daemon = await Desk().start()
    daemon.knows = False
    await daemon.run(Start(planned=minutes(100)))
    await daemon.wait(minutes(90))
    assert (daemon.asked(), daemon.looks) == (0, 9)


@virtual
async def test_a_look_that_is_overtaken_by_a_command_asks_nothing() -> None:
    daemon = await Desk().start()
    await daemon.run(Start(planned=minutes(100)))
    known = daemon.idle

    async def slow() -> timedelta | None:
        await asyncio.sleep(2)
        return await known()

    daemon.idle = slow  # type: ignore[method-assign]
    await daemon.wait(minutes(10) + timedelta(seconds=1))
    await daemon.run(Pause())
    await daemon.run(Resume())
    await daemon.wait(timedelta(seconds=5))
    assert daemon.asked() == 0
    await daemon.attention.close()
    assert not daemon.attention.waits()
