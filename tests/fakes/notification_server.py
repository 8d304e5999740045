"""A desktop without a desktop: a private bus, and on it a notification server that remembers what it was told to show.

Inside a test: `with PrivateBus(folder) as bus: async with NotificationServer(bus.address) as server: ...`.
Beside a real daemon: `python -m tests.fakes.notification_server --bus-dir DIR [--hang]` prints the address of the bus,
appends each notification as a line of JSON (the fields of `Shown`) to DIR/shown.jsonl, presses the button KEY of what
is displayed when it reads `press KEY`, and ends with its standard input, which must be a pipe.
"""

import argparse
import asyncio
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Annotated, Any, Final, Self, TextIO
from xml.sax.saxutils import escape

from dbus_fast import Message, MessageType, NameFlag, RequestNameReply, Variant
from dbus_fast.aio import MessageBus
from dbus_fast.annotations import DBusInt32, DBusSignature, DBusStr, DBusUInt32
from dbus_fast.service import ServiceInterface, dbus_method, dbus_signal

SERVICE: Final = "org.freedesktop.Notifications"
PATH: Final = "/org/freedesktop/Notifications"
DISMISSED: Final = 2
CLOSED_BY_CALL: Final = 3

# Small machines have no session.conf, and that of others starts whatever is installed.
_CONFIG: Final = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


def require_dbus() -> None:
    """Skip the test where no dbus-daemon is installed; fail it where CI promises one."""
    import pytest

    if shutil.which("dbus-daemon") is None:
        message = "dbus-daemon is not installed"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)


class PrivateBus:
    """A dbus-daemon of one's own in `folder`, whose path must be short; it keeps its address from start to start."""

    def __init__(self, folder: str) -> None:
        self.path = f"{folder}/bus"
        self.address = f"unix:path={self.path}"
        self._config = f"{folder}/bus.conf"
        self._process: subprocess.Popen[str] | None = None
        with open(self._config, "w", encoding="utf-8") as file:
            file.write(_CONFIG.format(socket=escape(self.path)))

    def start(self) -> None:
        """Start it, and come back when it takes connections."""
        self._process = subprocess.Popen(
            ["dbus-daemon", f"--config-file={self._config}", "--nofork", "--nopidfile", "--print-address"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        if not self._process.stdout.readline():
            self.stop()
            raise RuntimeError("dbus-daemon did not start")

    def stop(self) -> None:
        """End it; its clients lose their connections."""
        process, self._process = self._process, None
        if process is not None:
            with process:  # waits, and closes the pipe
                process.terminate()
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self.path)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


@dataclass(frozen=True, slots=True)
class Shown:
    """A notification as it was on the wire; `closed` are those that were closed by call since the one before."""

    id: int
    app: str
    replaces: int
    closed: tuple[int, ...]
    summary: str
    body: str
    actions: dict[str, str]
    hints: dict[str, Any]
    timeout: int


class _Notifications(ServiceInterface):
    """The interface, version 1.2 of the specification."""

    def __init__(self, server: "NotificationServer") -> None:
        super().__init__(SERVICE)
        self._server = server

    @dbus_method("Notify")
    def notify(
        self,
        app: DBusStr,
        replaces: DBusUInt32,
        _icon: DBusStr,
        summary: DBusStr,
        body: DBusStr,
        actions: Annotated[list[str], DBusSignature("as")],
        hints: Annotated[dict[str, Variant], DBusSignature("a{sv}")],
        timeout: DBusInt32,
    ) -> DBusUInt32:
        plain = {key: hint.value for key, hint in hints.items()}
        labels = dict(zip(actions[::2], actions[1::2], strict=True))
        return self._server._took(app, replaces, summary, body, labels, plain, timeout)

    @dbus_method("CloseNotification")
    def close_notification(self, number: DBusUInt32) -> None:
        self._server.closed.append(number)
        if self._server.displayed.pop(number, None):
            self.notification_closed(number, CLOSED_BY_CALL)

    @dbus_method("GetCapabilities")
    def get_capabilities(self) -> Annotated[list[str], DBusSignature("as")]:
        return ["actions", "body", "body-markup", "sound"]

    @dbus_method("GetServerInformation")
    def get_server_information(self) -> Annotated[list[str], DBusSignature("ssss")]:
        return ["fake", "pomo", "1", "1.2"]

    @dbus_signal("ActionInvoked")
    def action_invoked(self, number: int, key: str) -> Annotated[list[Any], DBusSignature("us")]:
        return [number, key]

    @dbus_signal("NotificationClosed")
    def notification_closed(self, number: int, reason: int) -> Annotated[list[int], DBusSignature("uu")]:
        return [number, reason]


class NotificationServer:
    """A notification server on the bus at `address`: `shown` is its history, `displayed` what is to be seen by number.

    While `hanging` it answers nothing at all, and counts in `ignored`. `on_shown` is told of each notification.
    """

    def __init__(self, address: str, *, hanging: bool = False, on_shown: Callable[[Shown], None] | None = None) -> None:
        self.hanging = hanging
        self.ignored = 0
        self.shown: list[Shown] = []
        self.displayed: dict[int, Shown] = {}
        self.closed: list[int] = []
        self._address = address
        self._on_shown = on_shown
        self._interface = _Notifications(self)
        self._bus: MessageBus | None = None
        self._told_closed = 0

    async def start(self) -> None:
        """Take the name of the notification server."""
        self._bus = await MessageBus(bus_address=self._address).connect()
        self._bus.add_message_handler(self._hang)
        self._bus.export(PATH, self._interface)
        reply = await self._bus.request_name(SERVICE, NameFlag.DO_NOT_QUEUE)
        assert reply is RequestNameReply.PRIMARY_OWNER

    async def stop(self) -> None:
        """Leave the bus, and the name with it."""
        bus, self._bus = self._bus, None
        if bus is not None:
            bus.disconnect()
            with contextlib.suppress(Exception):  # the bus may have died under it: gone is gone
                await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def press(self, key: str) -> None:
        """Press a button of the newest displayed notification, which closes it. Raises LookupError without it."""
        number = max(self.displayed, default=0)
        if number == 0 or key not in self.displayed[number].actions:
            raise LookupError(f"no button {key!r} is displayed")
        del self.displayed[number]
        self._interface.action_invoked(number, key)
        self._interface.notification_closed(number, DISMISSED)

    def dismiss(self) -> None:
        """Close the newest displayed notification, as a user does."""
        number, _ = self.displayed.popitem()
        self._interface.notification_closed(number, DISMISSED)

    def _hang(self, message: Message) -> bool:
        if not self.hanging or message.message_type is not MessageType.METHOD_CALL:
            return False
        self.ignored += 1
        return True  # which the bus takes for handled, so that no answer is ever sent

    def _took(
        self,
        app: str,
        replaces: int,
        summary: str,
        body: str,
        actions: dict[str, str],
        hints: dict[str, Any],
        timeout: int,
    ) -> int:
        number = replaces or len(self.shown) + 1
        closed, self._told_closed = tuple(self.closed[self._told_closed :]), len(self.closed)
        shown = Shown(number, app, replaces, closed, summary, body, actions, hints, timeout)
        self.shown.append(shown)
        self.displayed[number] = shown
        if self._on_shown is not None:
            self._on_shown(shown)
        return number


async def _serve(bus: PrivateBus, record: TextIO, *, hanging: bool) -> None:
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, task.cancel)

    def write(shown: Shown) -> None:
        record.write(json.dumps(asdict(shown)) + "\n")

    async with NotificationServer(bus.address, hanging=hanging, on_shown=write) as server:
        sys.stdout.write(f"{bus.address}\n")
        sys.stdout.flush()
        async for line in lines:
            verb, _, key = line.decode().strip().partition(" ")
            if verb != "press":
                raise ValueError(f"not a command: {verb!r}")
            server.press(key)


def main() -> None:
    """Serve until standard input or a signal ends it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--bus-dir", required=True, help="an existing folder with a short path")
    parser.add_argument("--hang", action="store_true", help="answer nothing")
    arguments = parser.parse_args()
    folder = os.path.abspath(arguments.bus_dir)
    with (
        open(f"{folder}/shown.jsonl", "a", encoding="utf-8", buffering=1) as record,
        PrivateBus(folder) as bus,
        contextlib.suppress(asyncio.CancelledError),  # which is what a signal does
    ):
        asyncio.run(_serve(bus, record, hanging=arguments.hang))


if __name__ == "__main__":
    main()
