"""From events to desktop notifications: which ones, in what words, with which buttons, and what a button does."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from pomo_daemon.application.ports import Announcement, Button, Clock, Notification, Notifier, Store, StoreError
from pomo_daemon.application.presence import Presence
from pomo_daemon.application.timer import Identity, TimerService
from pomo_daemon.domain.errors import DomainError
from pomo_daemon.domain.events import EventType
from pomo_daemon.domain.interval import GapReason
from pomo_daemon.domain.timer import Break, Cancel, Command, Extend, Finish, Resume, Skip, Toggle

log = logging.getLogger(__name__)

CONSUMER: Final = "notifications"
#: More than these are never waited for: the newest alone is of use.
QUEUE: Final = 64
#: What happened longer ago than this is no news at a start.
STALE: Final = timedelta(hours=12)
MORE: Final = timedelta(minutes=5)

#: What buttons do; None: nothing.
Actions = Mapping[str, Command | None]
_ACTIONS: Final[Actions] = {
    "break": Break(),
    "skip": Skip(),
    "toggle": Toggle(),
    "extend": Extend(MORE),
    "resume": Resume(),
    "finish": Finish(),
    "drop": Cancel(),
}
_MISSED: Final = {
    "busy": "It was due by schedule, but something else is running.",
    "late": "It was due by schedule while nobody could be told.",
    "task": "It was due by schedule, but the task is done or deleted.",
    "refused": "It was due by schedule, but could not be started.",
}
#: What is told of after a restart, too, whatever the timer did since.
_LASTING: Final = (EventType.LOGIN_REVOKED, EventType.SCHEDULE_FIRED, EventType.SCHEDULE_MISSED)
_EXTEND: Final = Button("extend", "5 more minutes")


@dataclass(frozen=True, slots=True)
class NotifySettings:
    """Whether to show anything, with a sound, and only where the user was last."""

    enabled: bool = True
    sound: bool = False
    only_active: bool = False


def notification_for(kind: str, data: Mapping[str, Any]) -> Notification | None:  # noqa: PLR0911  # one for each kind
    """Answer what to show for an event, None for most."""
    interval = data.get("interval", {})
    focus = interval.get("phase") == "focus"
    what = "Focus" if focus else "Break"
    task = f": {interval['task']}" if interval.get("task") else ""
    if kind == EventType.ENDING:
        return Notification(f"{what} ends soon{task}", "", buttons=(_EXTEND,))
    if kind == EventType.LOGIN_REVOKED and data["reason"] == "replayed":
        return Notification("A login was used twice", _used_twice(data["device"]), urgent=True)
    if kind == EventType.CONFLICT:
        return Notification("Two machines recorded the same time", _conflict(data), urgent=True)
    if kind in (EventType.SCHEDULE_FIRED, EventType.SCHEDULE_MISSED):
        return _scheduled(data)
    if data.get("reason") == GapReason.SUSPEND:
        return _suspended(kind, f"{what} %s{task}", data)
    if kind != EventType.COMPLETED:
        return None
    ago = data.get("late_s", 0) // 60
    late = f" It ended {ago} min ago." if ago else ""
    following = (data.get("next") or "focus").replace("_", " ")
    if data.get("waits"):
        body = f"{'Time for a' if focus else 'Back to'} {following}.{late}"
        buttons: tuple[Button, ...] = (Button("toggle", "Start focus"), _EXTEND)
        if focus:
            buttons = (Button("break", "Start break"), Button("skip", "Skip break"), _EXTEND)
    else:
        body = f"The {following} has begun.{late}"
        buttons = (Button("skip", "Skip break"),) if focus else (Button("toggle", "Pause"),)
    return Notification(f"{what} completed{task}", body, urgent=True, buttons=buttons)


def _suspended(kind: str, title: str, data: Mapping[str, Any]) -> Notification:
    """Ask what is to become of an interval that the machine slept through; one that was stopped is told of."""
    away = _how_long(data.get("late_s", 0) // 60)
    if kind != EventType.PAUSED:
        return Notification(title % "stopped", f"The machine went to sleep {away} ago.", urgent=True)
    body = f"The machine went to sleep {away} ago, and the clock was stopped there."
    buttons = (Button("resume", "Resume"), Button("finish", "Finish there"), Button("drop", "Drop"))
    return Notification(title % "paused", body, urgent=True, buttons=buttons)


def _scheduled(data: Mapping[str, Any]) -> Notification:
    """Tell of what a schedule did, or did not do and why."""
    name = data["name"] or data["text"]
    if data["reason"]:
        return Notification(f"Not started: {name}" if data["name"] else f"Missed: {name}", _MISSED[data["reason"]])
    if data["name"] is None:
        return Notification(name, "", urgent=True)
    buttons = (Button("toggle", "Pause"), Button("drop", "Not now"))
    return Notification(f"Focus started: {name}", f"As scheduled: {data['cron']}", urgent=True, buttons=buttons)


def _how_long(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    return " ".join(it for it in (f"{hours} h" if hours else "", f"{rest} min" if rest or not hours else "") if it)


def _conflict(data: Mapping[str, Any]) -> str:
    count, number = data["count"], data["interval"]["interval_id"]
    what = "An interval" if count == 1 else f"{count} intervals"
    return f"{what} of this machine lies over another one: 'pomo log --ids', then 'pomo log edit {number}' or delete."


def _used_twice(device: str) -> str:
    where = f" on {device}" if device else ""
    return f"The login{where} was ended. Unless you know why, change your password: 'pomo auth passwd'."


class NotificationDesk:
    """Shows notifications one after the other, off the path of every command."""

    def __init__(
        self,
        notifier: Notifier,
        timers: TimerService,
        store: Store,
        clock: Clock,
        settings: Callable[[], NotifySettings],
        is_at_home: Callable[[int], bool] = lambda _user_id: True,
        presence: Presence | None = None,
    ) -> None:
        """`is_at_home` tells whose desktop this is, `presence` at which they are; others may share the database."""
        self._presence = presence
        self._notifier = notifier
        self._timers = timers
        self._store = store
        self._clock = clock
        self._settings = settings
        self._is_at_home = is_at_home
        #: With the version that the timer had then: a button is meant for what the notification tells of.
        self._queue: asyncio.Queue[tuple[Announcement, int | None] | None] = asyncio.Queue(QUEUE)
        self._presses: set[asyncio.Task[None]] = set()
        self.working: bool | None = None

    def listen(self, announcements: Sequence[Announcement]) -> None:
        """Take committed events; never waits. Events that would show nothing are not queued."""
        for announcement in announcements:
            if not self._is_at_home(announcement.user_id):
                continue
            if notification_for(announcement.type, announcement.data) is None:
                continue
            if self._queue.full():
                log.warning("notification dropped: %d are waiting", QUEUE)
                self._queue.get_nowait()
            self._queue.put_nowait((announcement, self._timers.version(announcement.user_id)))

    async def catch_up(self, user_id: int) -> None:
        """Queue what the last run committed and did not come to show, unless the timer went on after that."""
        async with self._store.read() as unit:
            seen = await unit.outbox.delivered(user_id, CONSUMER)
            last = await unit.outbox.last_seq(user_id)
            missed = await unit.outbox.since(user_id, max(seen or 0, last - 100), 100)
        now = self._clock.read().wall
        latest = [it for it in missed if "interval" in it.data][-1:]
        latest = [it for it in missed if it in latest or it.type in _LASTING]
        self.listen([_aged(it, (now - it.at) // timedelta(seconds=1)) for it in latest if now - it.at < STALE])

    async def run(self) -> None:
        """Show what is queued, until `stop`."""
        while (queued := await self._queue.get()) is not None:
            try:
                await self._show(*queued)
            except StoreError as error:
                log.warning("delivery not noted: %s", error.message)
            except Exception:
                log.exception("notification failed")

    def stop(self) -> None:
        """End `run` after what it is about to show; what is queued behind that is caught up with at the next start."""
        while not self._queue.empty():
            self._queue.get_nowait()
        self._queue.put_nowait(None)

    async def _show(self, announcement: Announcement, version: int | None) -> None:
        settings = self._settings()
        notification = notification_for(announcement.type, announcement.data)
        if announcement.seen or not settings.enabled:
            notification = None
        if notification is not None and await self._is_for_here(announcement, settings):
            user_id = announcement.user_id
            # What was caught up with was queued before memory knew the timer.
            version = self._timers.version(user_id) if version is None else version
            await self._present(user_id, notification, _ACTIONS, version)
        if not announcement.seq:
            return  # kept on this machine: it comes again with a number
        # Noted whether or not a desktop was there: what could not be shown then is no news later.
        async with self._store.write() as unit:
            await unit.outbox.mark_delivered(announcement.user_id, CONSUMER, announcement.seq)

    async def _is_for_here(self, announcement: Announcement, settings: NotifySettings) -> bool:
        # What is kept here, until the shared database is back, nobody else can tell of.
        if self._presence is None or not settings.only_active or not announcement.seq:
            return True
        return await self._presence.is_here(announcement)

    async def ask(self, user_id: int, question: Notification, actions: Actions) -> None:
        """Show something that no event tells of; each button does what `actions` say, unless the timer moved on."""
        if self._settings().enabled:
            await self._present(user_id, question, actions, self._timers.version(user_id))

    async def _present(self, user_id: int, notification: Notification, actions: Actions, version: int | None) -> None:
        def press(action: str) -> None:
            task = asyncio.ensure_future(self._press(user_id, action, actions, version))
            self._presses.add(task)
            task.add_done_callback(self._presses.discard)

        sound = self._settings().sound
        self.working = await self._notifier.show(replace(notification, sound=sound, on_press=press))

    async def _press(self, user_id: int, action: str, actions: Actions, version: int | None) -> None:
        """Carry a button out, unless the timer has moved on since it was shown."""
        if action not in actions:
            log.warning("a notification answered with an unknown button: %r", action)
        if (command := actions.get(action)) is None:
            return
        try:
            await self._timers.run(Identity(user_id, "", ""), command, only_version=version)
        except (DomainError, StoreError) as error:
            log.info("button %s: %s", action, error.message)


def _aged(announcement: Announcement, seconds: int) -> Announcement:
    data = {**announcement.data, "late_s": max(seconds, announcement.data.get("late_s", 0))}
    return Announcement(announcement.user_id, announcement.seq, announcement.type, announcement.at, data)
