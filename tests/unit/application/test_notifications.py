"""Which events are shown on the desktop, in what words, and what a button does."""

import asyncio
from datetime import timedelta

import pytest

from pomo_daemon.application.notifications import QUEUE, NotifySettings, notification_for
from pomo_daemon.application.ports import Announcement, Draft, Notification
from pomo_daemon.application.timer import TaskChoice
from pomo_daemon.domain.cycle import AutoStart, OnSuspend, Rules
from pomo_daemon.domain.interval import Phase, Status
from pomo_daemon.domain.timer import Break, Extend, Finish, Pause, Start, Toggle
from tests.fakes.application import FakeDaemon, start
from tests.fakes.clock import NOON
from tests.fakes.loop import current_clock, virtual
from tests.fakes.notifier import FakeNotifier


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def labels(notification: Notification) -> dict[str, str]:
    return {button.action: button.label for button in notification.buttons}


async def press(daemon: FakeDaemon, action: str) -> None:
    daemon.notifier.press(action)
    await daemon.wait(timedelta(0))


# Words


@virtual
async def test_the_end_of_a_focus_is_shown_with_what_can_be_done() -> None:
    daemon = await start()
    await daemon.run(Start(), task=TaskChoice("Write <b>report</b>"))
    await daemon.wait(minutes(25))
    [shown] = daemon.notifier.shown
    assert (shown.title, shown.body) == ("Focus completed: Write <b>report</b>", "Time for a short break.")
    assert labels(shown) == {"break": "Start break", "skip": "Skip break", "extend": "5 more minutes"}
    assert (shown.urgent, shown.sound) == (True, False)


@virtual
async def test_the_end_of_a_break_asks_back() -> None:
    daemon = await start()
    await daemon.run(Break())
    await daemon.wait(minutes(5))
    [shown] = daemon.notifier.shown
    assert (shown.title, shown.body) == ("Break completed", "Back to focus.")
    assert labels(shown) == {"toggle": "Start focus", "extend": "5 more minutes"}


@virtual
async def test_what_begins_by_itself_is_said_to_have_begun() -> None:
    daemon = await start(rules=Rules(auto_start=AutoStart.ALL))
    await daemon.run(Start())
    await daemon.wait(minutes(30))
    after_focus, after_break = daemon.notifier.shown
    assert (after_focus.body, labels(after_focus)) == ("The short break has begun.", {"skip": "Skip break"})
    assert (after_break.body, labels(after_break)) == ("The focus has begun.", {"toggle": "Pause"})


@virtual
async def test_the_warning_offers_more_time() -> None:
    daemon = await start(rules=Rules(warn_before_end=minutes(2)))
    await daemon.run(Start())
    await daemon.wait(minutes(23))
    [shown] = daemon.notifier.shown
    assert (shown.title, shown.urgent, labels(shown)) == ("Focus ends soon", False, {"extend": "5 more minutes"})


@virtual
async def test_an_end_that_was_slept_through_says_how_long_ago_it_was() -> None:
    daemon = await start(rules=Rules(on_suspend=OnSuspend.CONTINUE))
    await daemon.run(Start())
    current_clock().suspend(minutes(65))
    await daemon.clocks_changed()
    await daemon.wait(timedelta(0))
    assert [it.body for it in daemon.notifier.shown] == ["Time for a short break. It ended 40 min ago."]


@pytest.mark.parametrize(
    ("button", "state", "ends"),
    [("resume", "focus", None), ("finish", "due", Status.COMPLETED), ("drop", "idle", Status.CANCELLED)],
)
@virtual
async def test_the_return_from_a_suspend_asks_once(button: str, state: str, ends: Status | None) -> None:
    daemon = await start()
    await daemon.run(Start(), task=TaskChoice("Write"))
    await daemon.wait(minutes(10))
    current_clock().suspend(minutes(200))
    for _ in range(3):
        await daemon.clocks_changed()
        await daemon.wait(timedelta(0))
    [shown] = daemon.notifier.shown
    assert shown.title == "Focus paused: Write"
    assert shown.body == "The machine went to sleep 3 h 20 min ago, and the clock was stopped there."
    assert labels(shown) == {"resume": "Resume", "finish": "Finish there", "drop": "Drop"}
    await press(daemon, button)
    [interval] = daemon.intervals
    assert (daemon.peek().state, interval.elapsed(current_clock().wall)) == (state, minutes(10))
    assert ends is None or interval.status is ends


@virtual
async def test_what_a_suspend_stopped_is_told_of() -> None:
    daemon = await start(rules=Rules(on_suspend=OnSuspend.STOP))
    await daemon.run(Start())
    await daemon.wait(minutes(10))
    current_clock().suspend(minutes(5))
    await daemon.clocks_changed()
    await daemon.wait(timedelta(0))
    [shown] = daemon.notifier.shown
    assert (shown.title, shown.body) == ("Focus stopped", "The machine went to sleep 5 min ago.")
    assert shown.buttons == ()


@virtual
async def test_a_finish_out_of_a_pause_is_no_late_end() -> None:
    daemon = await start()
    await daemon.run(Start())
    await daemon.wait(minutes(10))
    await daemon.run(Pause())
    await daemon.wait(minutes(50))
    await daemon.run(Finish())
    await daemon.wait(timedelta(0))
    assert [it.body for it in daemon.notifier.shown] == ["Time for a short break."]


@pytest.mark.parametrize(
    "kind", ["interval.started", "interval.paused", "interval.stopped", "task.created", "new.type"]
)
def test_most_events_show_nothing(kind: str) -> None:
    assert notification_for(kind, {"interval": {"phase": "focus"}}) is None
    assert notification_for(kind, {}) is None


# Buttons


@virtual
async def test_a_button_does_what_the_command_does() -> None:
    daemon = await start()
    await daemon.run(Start())
    await daemon.wait(minutes(25))
    await press(daemon, "break")
    assert daemon.stored.running.phase is Phase.SHORT_BREAK


@virtual
async def test_five_more_minutes_reopen_the_focus() -> None:
    daemon = await start()
    await daemon.run(Start())
    await daemon.wait(minutes(26))
    await press(daemon, "extend")
    assert daemon.stored.running.deadline == NOON + minutes(31)


@virtual
async def test_a_button_acts_once() -> None:
    daemon = await start()
    await daemon.run(Start())
    await daemon.wait(minutes(25))
    [shown] = daemon.notifier.shown
    assert shown.on_press is not None
    # Some desktops leave it there, or send it twice.
    for _ in range(3):
        shown.on_press("extend")
    await daemon.wait(timedelta(0))
    assert daemon.kinds.count("interval.reopened") == 1
    assert "interval.extended" not in daemon.kinds


@virtual
async def test_a_button_does_nothing_once_the_timer_has_moved_on() -> None:
    daemon = await start()
    await daemon.run(Start())
    await daemon.wait(minutes(25))
    await daemon.run(Start())
    await press(daemon, "skip")
    assert [it.status for it in daemon.intervals] == [Status.COMPLETED, Status.RUNNING]


class SlowNotifier(FakeNotifier):
    """A desktop that takes its time."""

    async def show(self, notification: Notification) -> bool:
        """Take two seconds."""
        await asyncio.sleep(2)
        return await super().show(notification)


@virtual
async def test_a_button_shown_after_the_timer_moved_on_does_nothing_either() -> None:
    daemon = await FakeDaemon(notifier=SlowNotifier()).start()
    await daemon.run(Break())
    await daemon.run(Finish())
    await daemon.run(Start(planned=minutes(1)))
    # The first is shown for two seconds, in which the second ends and something else begins.
    await daemon.run(Finish())
    await daemon.run(Start())
    await daemon.wait(timedelta(seconds=10))
    assert [it.title for it in daemon.notifier.shown] == ["Break completed", "Focus completed"]
    await press(daemon, "skip")
    assert daemon.stored.running.phase is Phase.FOCUS


@virtual
async def test_a_button_that_no_longer_fits_is_no_failure(caplog: pytest.LogCaptureFixture) -> None:
    daemon = await start()
    await daemon.run(Start())
    await daemon.wait(minutes(25))
    daemon.store.failing = True
    await press(daemon, "break")
    [shown] = daemon.notifier.shown
    assert shown.on_press is not None
    shown.on_press("explode")
    await daemon.wait(timedelta(0))
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
    daemon.store.failing = False
    assert daemon.stored.mode == "due"


# Logins


def revoked(reason: str, device: str = "laptop") -> Announcement:
    return Announcement(1, 1, "login.revoked", NOON, {"login_id": 1, "device": device, "reason": reason})


@virtual
async def test_a_login_that_was_used_twice_is_shown_once_and_others_are_not() -> None:
    daemon = await start()
    daemon.desk.listen([revoked(reason) for reason in ("logout", "revoked", "passwd", "replayed")])
    await daemon.wait(timedelta(0))
    [shown] = daemon.notifier.shown
    assert shown.title == "A login was used twice"
    assert "on laptop was ended" in shown.body
    assert "pomo auth passwd" in shown.body
    assert (shown.urgent, shown.buttons) == (True, ())


@virtual
async def test_a_login_without_a_device_is_told_of_without_one() -> None:
    shown = notification_for("login.revoked", revoked("replayed", "").data)
    assert shown is not None
    assert shown.body.startswith("The login was ended.")


@virtual
async def test_what_was_used_twice_is_told_after_a_crash_too() -> None:
    daemon = await start()
    daemon.show_nothing()
    async with daemon.store.write() as unit:
        await unit.outbox.append(daemon.who.user_id, [Draft("login.revoked", NOON, revoked("replayed").data)])
    daemon.crash()
    heir = await start(daemon.store)
    await heir.wait(timedelta(0))
    assert [it.title for it in heir.notifier.shown] == ["A login was used twice"]


# Queue, crashes, settings


@virtual
async def test_when_too_many_wait_the_oldest_are_dropped() -> None:
    daemon = await start()
    daemon.show_nothing()
    await daemon.run(Start())
    await daemon.wait(minutes(25))
    [event] = daemon.published[1:]
    many = [Announcement(event.user_id, number, event.type, event.at, event.data) for number in range(QUEUE + 10)]
    daemon.desk.listen(many)
    showing = asyncio.create_task(daemon.desk.run())
    await daemon.wait(minutes(1))
    assert len(daemon.notifier.shown) == QUEUE
    assert daemon.store.rows.deliveries == {(event.user_id, "notifications"): QUEUE + 9}
    showing.cancel()


@virtual
async def test_what_a_crash_kept_from_being_shown_is_shown_at_the_next_start() -> None:
    daemon = await start()
    daemon.show_nothing()
    await daemon.run(Start(), task=TaskChoice("Write"))
    await daemon.wait(minutes(25))
    daemon.crash()
    current_clock().advance(minutes(12))
    heir = await start(daemon.store)
    await heir.wait(timedelta(0))
    assert [(it.title, it.body) for it in heir.notifier.shown] == [
        ("Focus completed: Write", "Time for a short break. It ended 12 min ago.")
    ]
    await press(heir, "break")
    assert heir.stored.running.phase is Phase.SHORT_BREAK
    heir.crash()
    third = await start(daemon.store)
    await third.wait(timedelta(0))
    assert third.notifier.shown == []


@virtual
async def test_a_deadline_that_passed_while_the_daemon_was_dead_is_shown_once() -> None:
    daemon = await start()
    await daemon.run(Start())
    daemon.crash()
    current_clock().advance(minutes(40))
    heir = await start(daemon.store)
    await heir.wait(timedelta(0))
    assert [it.body for it in heir.notifier.shown] == ["Time for a short break. It ended 15 min ago."]


@virtual
async def test_what_the_user_went_on_from_is_no_news_after_a_crash() -> None:
    daemon = await start()
    daemon.show_nothing()
    await daemon.run(Start())
    await daemon.wait(minutes(25))
    await daemon.run(Toggle())
    daemon.crash()
    heir = await start(daemon.store)
    await heir.wait(timedelta(0))
    assert heir.notifier.shown == []


@virtual
async def test_what_ended_yesterday_is_no_news() -> None:
    daemon = await start()
    daemon.show_nothing()
    await daemon.run(Start())
    await daemon.wait(minutes(25))
    daemon.crash()
    current_clock().advance(timedelta(hours=13))
    heir = await start(daemon.store)
    await heir.wait(timedelta(0))
    assert heir.notifier.shown == []


@virtual
async def test_whoever_wants_none_gets_none_now_or_later() -> None:
    daemon = await start()
    daemon.notify = NotifySettings(enabled=False)
    await daemon.run(Start())
    await daemon.wait(minutes(25))
    daemon.crash()
    heir = await start(daemon.store)
    await heir.wait(timedelta(0))
    assert daemon.notifier.shown == heir.notifier.shown == []


@virtual
async def test_a_sound_is_asked_for_if_it_is_wanted() -> None:
    daemon = await start()
    daemon.notify = NotifySettings(sound=True)
    await daemon.run(Start())
    await daemon.wait(minutes(25))
    assert [it.sound for it in daemon.notifier.shown] == [True]


@virtual
async def test_the_desk_knows_whether_the_desktop_takes_notifications() -> None:
    daemon = await start()
    found = [daemon.desk.working]
    for working in (False, True):
        daemon.notifier.working = working
        await daemon.run(Start(replace=True))
        await daemon.run(Finish())
        await daemon.wait(timedelta(0))
        found.append(daemon.desk.working)
    assert found == [None, False, True]


@virtual
async def test_a_store_that_fails_keeps_nothing_from_being_shown() -> None:
    daemon = await start()
    await daemon.run(Start())
    await daemon.run(Finish())
    daemon.store.failing = True
    await daemon.wait(timedelta(0))
    daemon.store.failing = False
    await daemon.run(Extend(minutes(5)))
    await daemon.run(Finish())
    await daemon.wait(timedelta(0))
    assert len(daemon.notifier.shown) == 2
