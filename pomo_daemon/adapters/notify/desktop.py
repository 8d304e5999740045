"""Notifications on the desktop: desktop-notifier, made dependable.

The library reports no failure, waits for ever, never finds a lost bus again and cannot replace what it showed. So every
wait here has a limit, only `on_dispatched` counts as shown, and whatever goes wrong costs the connection: the next
notification makes a new one, to whichever bus and server are there by then.
"""

import asyncio
import logging
import os
import re
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from pomo_daemon.application.ports import Notification

if TYPE_CHECKING:
    from dbus_fast import Message
    from desktop_notifier.backends.dbus import DBusDesktopNotifier

log = logging.getLogger(__name__)

#: The body is markup. Not by the module html: its table of entities would stay in memory for good.
_MARKUP: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})

SERVICE: Final = "org.freedesktop.Notifications"
#: A name of the freedesktop sound theme, from which the others inherit.
SOUND: Final = "complete"

_ADDRESS: Final = "DBUS_SESSION_BUS_ADDRESS"
# Controls but for the newline, bidirectional controls, separators, lone surrogates. NUL and surrogates lose the whole
# message on the bus; the others are obeyed by whatever shows them.
_ODD: Final = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")


class NotShown(Exception):
    """Nobody took the notification; the message says why."""


def session_bus() -> str:
    """Answer the address of the session bus. Raises NotShown where there is none.

    Under cron, ssh and sudo the environment does not name the bus, or names the folder of somebody else.
    """
    if found := os.environ.get(_ADDRESS):
        return found
    uid = os.getuid()
    for folder in (os.environ.get("XDG_RUNTIME_DIR", ""), f"/run/user/{uid}"):
        path = f"{folder}/bus"
        with suppress(OSError):
            if folder.startswith("/") and os.stat(path).st_uid == uid:
                return "unix:path=" + quote(path).replace("~", "%7E")  # which D-Bus wants escaped and `quote` does not
    raise NotShown("there is no session bus")


class DesktopNotifier:
    """The notifier of a desktop session. Needs no desktop to be there: it looks for one at each `show`.

    `call_seconds` bounds one exchange with the bus, `show_seconds` a whole `show` with its wait for the one before.
    """

    def __init__(self, app_name: str = "pomo", *, call_seconds: float = 2.0, show_seconds: float = 5.0) -> None:
        self._app_name = app_name
        self._call_seconds = call_seconds
        self._show_seconds = show_seconds
        self._turn = asyncio.Lock()
        self._backend: DBusDesktopNotifier | None = None
        self._opening: asyncio.Task[None] | None = None
        self._shown: str | None = None
        self._failing = False

    async def show(self, notification: Notification) -> bool:
        """Show it in place of the one before, within `show_seconds`; tell whether a server took it. Never raises."""
        try:
            async with asyncio.timeout(self._show_seconds), self._turn:
                await self._replace(notification)
        except Exception as error:  # noqa: BLE001  # whatever a foreign bus and server come up with
            if not self._failing:
                log.warning("Notifications are not shown: %s", _reason(error))
            self._failing = True
            return False
        if self._failing:
            log.info("Notifications are shown again")
        self._failing = False
        return True

    async def close(self) -> None:
        """Let go of the bus. What is shown stays, with dead buttons."""
        bus, opening = getattr(self._backend, "bus", None), self._opening
        self._drop()
        self._backend = self._opening = None
        # Descriptors are closed on the event loop, which may stop right after us. How the bus ended is all one.
        with suppress(Exception):
            async with asyncio.timeout(self._call_seconds):
                if bus is not None:
                    await bus.wait_for_disconnect()
                elif opening is not None:
                    opening.cancel()
                    await asyncio.wait({opening})

    async def _replace(self, notification: Notification) -> None:
        try:
            backend = await self._connected()
            if self._shown is not None:
                # KeyError: the user closed it, or pressed a button of it.
                with suppress(KeyError):
                    async with asyncio.timeout(self._call_seconds):
                        await backend.clear(self._shown)
                self._shown = None
                # Clearing may have brought to light that the server or the bus ended; what is sent on a dropped
                # connection fails in the library in ways that nobody can catch.
                backend = await self._connected()
            async with asyncio.timeout(self._call_seconds):
                self._shown = await self._send(backend, notification)
        except BaseException:
            self._drop()
            raise

    async def _connected(self) -> "DBusDesktopNotifier":
        backend, opening = self._backend, self._opening
        if backend is not None and opening is not None and opening.done() and not _usable(backend, opening):
            # The bus died while nothing was shown: in time to show this one on its successor.
            self._drop()
            backend = None
        if backend is None or opening is None:
            backend = self._backend = self._make()
            opening = self._opening = asyncio.create_task(self._open(backend))
            opening.add_done_callback(_failure)  # looked at, else asyncio complains where nobody waits for it
        if not opening.done():
            # Not `asyncio.timeout`, which cancels: a connection cancelled as the bus answers leaves its descriptor with
            # the event loop, which then breaks the next connection of that number, be it a client's. So one that is
            # still being made is left to itself, and the next notification waits on for the same.
            await asyncio.wait({opening}, timeout=self._call_seconds)
        if not opening.done():
            raise TimeoutError
        opening.result()
        if self._backend is not backend:
            raise NotShown("the notification server ended")
        return backend

    def _make(self) -> "DBusDesktopNotifier":
        # The library takes no address: it reads the environment, and knows fewer places than we do. So the answer stays
        # in the environment of this process.
        os.environ[_ADDRESS] = session_bus()
        # Imported only now: it takes 80 ms and some megabytes, and many a daemon never shows anything.
        from desktop_notifier.backends.dbus import DBusDesktopNotifier

        # Their warnings come with a traceback for each notification; ours come once.
        for library in ("desktop_notifier", "dbus_fast"):
            logging.getLogger(library).setLevel(logging.CRITICAL)
        return DBusDesktopNotifier(self._app_name)

    async def _open(self, backend: "DBusDesktopNotifier") -> None:
        await backend.get_capabilities()  # which connects, and unlike sending raises the reason where that fails
        backend.bus.add_message_handler(partial(self._on_message, backend))

    async def _send(self, backend: "DBusDesktopNotifier", notification: Notification) -> str:
        from desktop_notifier.common import Button, Sound, Urgency
        from desktop_notifier.common import Notification as Sent

        dispatched: list[bool] = []
        sent = Sent(
            title=_clean(notification.title).replace("\n", " "),
            # Most servers read the body as markup, and one stray `&` makes them show nothing or the raw text.
            message=_clean(notification.body).translate(_MARKUP),
            urgency=Urgency.Critical if notification.urgent else Urgency.Normal,
            sound=Sound(name=SOUND) if notification.sound else None,
            buttons=tuple(
                Button(
                    title=_clean(button.label),
                    identifier=button.action,
                    on_pressed=partial(_press, notification, button.action),
                )
                for button in notification.buttons
            ),
            on_dispatched=lambda: dispatched.append(True),
        )
        await backend.send(sent)
        if not dispatched:
            raise NotShown("the notification server did not take it")
        return sent.identifier

    def _on_message(self, backend: "DBusDesktopNotifier", message: "Message") -> None:
        # A server that ended takes its numbers along: to close one of them at its successor would close a notification
        # of somebody else.
        if (message.sender, message.member) == ("org.freedesktop.DBus", "NameOwnerChanged"):
            name, before, _after = message.body
            if name == SERVICE and before and backend is self._backend:
                self._drop()

    def _drop(self) -> None:
        bus: Any = getattr(self._backend, "bus", None)
        if bus is None and self._opening is not None and not self._opening.done():
            return  # still being made; see _connected
        self._backend = self._opening = self._shown = None
        if bus is not None:
            bus.disconnect()  # else its descriptor would stay open for ever


def _failure(opening: "asyncio.Task[None]") -> BaseException | None:
    return asyncio.CancelledError() if opening.cancelled() else opening.exception()


def _usable(backend: "DBusDesktopNotifier", opening: "asyncio.Task[None]") -> bool:
    return _failure(opening) is None and backend.bus.connected


def _press(notification: Notification, action: str) -> None:
    if notification.on_press is None:
        return
    try:
        notification.on_press(action)
    except Exception:
        # The library, which calls us, would lose it.
        log.exception("The button %s of a notification failed", action)


def _clean(text: str) -> str:
    return _ODD.sub("\N{REPLACEMENT CHARACTER}", text)


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return str(error) if isinstance(error, NotShown) else f"{type(error).__name__}: {error}"
