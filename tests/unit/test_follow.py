"""What a follower of the timer is told, and when: on each change, each second of a clock that runs, else never."""

import asyncio
import json
from datetime import timedelta

import pytest

from pomo_daemon.application.timer import TaskChoice
from pomo_daemon.domain.timer import Pause, Resume, Start
from pomo_daemon.protocol.errors import PomoError
from pomo_daemon.server.follow import Follow
from pomo_daemon.server.hub import Hub
from tests.fakes.application import FakeDaemon, start
from tests.fakes.loop import virtual


class Reader:
    """A client that keeps what it is told."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def send(self, line: bytes) -> None:
        self.texts.append(json.loads(line)["params"]["text"])

    def close(self) -> None:
        raise AssertionError


def following(daemon: FakeDaemon, output: str = "plain", template: str = "") -> tuple[Reader, Follow, Hub]:
    reader, hub = Reader(), Hub()
    follow = Follow(reader, daemon.who, daemon.timers, output, template)
    reader.texts.append(follow.begin())
    hub.add(follow)
    daemon.announcer.add(hub.listen)
    return reader, follow, hub


def pending() -> int:
    """Answer how many timers of the loop are set."""
    return sum(not it.cancelled() for it in asyncio.get_running_loop()._scheduled)  # type: ignore[attr-defined]


@virtual
async def test_a_running_clock_is_told_each_second_on_the_second() -> None:
    daemon = await start()
    reader, follow, _ = following(daemon)
    await daemon.run(Start(), task=TaskChoice("Write report"))
    await daemon.wait(timedelta(seconds=3.5))
    assert reader.texts == ["idle", *(f"focus {it} Write report (1/4)" for it in ("25:00", "24:59", "24:58", "24:57"))]
    follow.stop()


@virtual
async def test_the_end_of_an_interval_is_told_and_its_overtime_counts() -> None:
    daemon = await start()
    await daemon.run(Start())
    reader, follow, _ = following(daemon)
    await daemon.wait(timedelta(minutes=25, seconds=1.5))
    assert len(reader.texts) == 25 * 60 + 2
    assert reader.texts[-3:] == ["focus 00:01 (1/4)", "short break due +00:00 (1/4)", "short break due +00:01 (1/4)"]
    follow.stop()


@virtual
async def test_while_nothing_changes_nobody_wakes_up() -> None:
    daemon = await start()
    await daemon.run(Start())
    reader, _, _ = following(daemon)
    await daemon.run(Pause())
    told, timers = len(reader.texts), pending()
    await daemon.wait(timedelta(hours=5))
    assert len(reader.texts) == told
    # The end of the day is what is waited for, and nothing else.
    assert pending() == timers == 1
    await daemon.run(Resume())
    assert reader.texts[-1] == "focus 25:00 (1/4)"


@virtual
async def test_a_template_without_a_clock_is_told_of_changes_alone() -> None:
    daemon = await start()
    reader, _, _ = following(daemon, "template", "{state}")
    await daemon.run(Start())
    await daemon.wait(timedelta(minutes=10))
    assert reader.texts == ["idle", "focus"]


@pytest.mark.parametrize(("template", "wakes"), [("{remaining} {task}", 0), ("{overtime}", 1), ("{state}", 0)])
@virtual
async def test_while_a_phase_is_due_only_its_overtime_wakes_anybody(template: str, wakes: int) -> None:
    daemon = await start()
    await daemon.run(Start())
    await daemon.wait(timedelta(minutes=26))
    before = pending()
    _, follow, _ = following(daemon, "template", template)
    # Besides the end of the day, which comes to the same timer.
    delay = daemon.timers.until_other(daemon.who.user_id, follow._clocks)
    assert delay is not None
    assert (delay <= timedelta(seconds=1)) is bool(wakes)
    assert pending() == before + 1
    follow.stop()


@virtual
async def test_a_new_day_is_told_though_nothing_happens() -> None:
    daemon = await start()
    await daemon.run(Start())
    await daemon.wait(timedelta(minutes=26))
    reader, _, _ = following(daemon, "template", "{today}")
    await daemon.wait(timedelta(days=3))
    assert reader.texts == ["1", "0"]


@virtual
async def test_a_client_that_is_gone_is_told_nothing_and_wakes_nobody() -> None:
    daemon = await start()
    await daemon.run(Start())
    reader, follow, hub = following(daemon)
    before = pending()
    hub.remove(follow)
    assert pending() == before - 1
    await daemon.wait(timedelta(seconds=5))
    await daemon.run(Pause())
    assert len(reader.texts) == 1


@virtual
async def test_what_cannot_be_shown_is_refused() -> None:
    daemon = await start()
    for output, template in (("nonsense", ""), ("template", "{nonsense}")):
        with pytest.raises(PomoError):
            Follow(Reader(), daemon.who, daemon.timers, output, template).begin()
