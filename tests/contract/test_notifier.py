"""What every notifier keeps to, and what only a real bus can put one through."""

import asyncio
import contextlib
import gc
import html
import json
import logging
import operator
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import pytest

from pomo_daemon.adapters.notify.desktop import DesktopNotifier, NotShown, session_bus
from pomo_daemon.application.ports import Button, Notification, Notifier
from tests.fakes.notification_server import NotificationServer, PrivateBus, require_dbus
from tests.fakes.notifier import FakeNotifier

ADDRESS = "DBUS_SESSION_BUS_ADDRESS"
DONE = Notification(
    "Focus is over", "25m of writing", buttons=(Button("break", "Take a break"), Button("skip", "Skip"))
)
ODD = "a\0b\x1b[31mc\udcffd\u202ee\u2066f\x7fg\x9bh\u2028i\N{TOMATO}\N{ZERO WIDTH JOINER}j"
CLEAN = "a\ufffdb\ufffd[31mc\ufffdd\ufffde\ufffdf\ufffdg\ufffdh\ufffdi\N{TOMATO}\N{ZERO WIDTH JOINER}j"


@dataclass
class Desk:
    """A notifier, the desktop that it shows things on, and how to break and mend the latter."""

    notifier: Notifier
    displayed: Callable[[], list[tuple[str, str]]]
    press: Callable[[str], None]
    fail: Callable[[], Awaitable[None]]
    mend: Callable[[], Awaitable[None]]


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not true():  # noqa: ASYNC110  # what is waited for happens in other processes
            await asyncio.sleep(0.005)


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


@pytest.fixture(autouse=True)
def nothing_forgotten(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail where asyncio complains of a failure that nobody looked at: in a daemon, that would flood the log."""
    yield
    gc.collect()
    assert [record for record in caplog.get_records("call") if record.name == "asyncio"] == []


@pytest.fixture
def folder() -> Iterator[str]:
    # Not tmp_path: the path of a Unix socket has to fit into 107 bytes.
    with tempfile.TemporaryDirectory(prefix="pomo-", dir="/tmp") as made:
        yield made


@pytest.fixture
def bus(folder: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[PrivateBus]:
    require_dbus()
    with PrivateBus(folder) as started:
        monkeypatch.setenv(ADDRESS, started.address)
        yield started


@pytest.fixture
async def server(bus: PrivateBus) -> AsyncIterator[NotificationServer]:
    async with NotificationServer(bus.address) as started:
        yield started


@pytest.fixture
async def notifier() -> AsyncIterator[DesktopNotifier]:
    made = DesktopNotifier()
    yield made
    await made.close()


@pytest.fixture
async def hasty() -> AsyncIterator[DesktopNotifier]:
    made = DesktopNotifier(call_seconds=0.1, show_seconds=0.15)
    yield made
    await made.close()


def fake_desk() -> Desk:
    fake = FakeNotifier()

    async def work(*, working: bool) -> None:
        fake.working = working

    return Desk(
        fake,
        lambda: [(fake.displayed.title, fake.displayed.body)] if fake.displayed else [],
        fake.press,
        lambda: work(working=False),
        lambda: work(working=True),
    )


@pytest.fixture(params=["fake", "desktop"])
async def desk(request: pytest.FixtureRequest, folder: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    if request.param == "fake":
        yield fake_desk()
        return
    require_dbus()
    notifier = DesktopNotifier()
    with PrivateBus(folder) as bus:
        monkeypatch.setenv(ADDRESS, bus.address)
        async with NotificationServer(bus.address) as server:

            def displayed() -> list[tuple[str, str]]:
                return [(shown.summary, html.unescape(shown.body)) for shown in server.displayed.values()]

            async def fail() -> None:
                await server.stop()
                server.displayed.clear()

            yield Desk(notifier, displayed, server.press, fail, server.start)
            await notifier.close()


class TestEveryNotifier:
    """The contract of the port."""

    async def test_shows_title_and_body(self, desk: Desk) -> None:
        assert await desk.notifier.show(Notification("Tea <&> time", "a < b & c\nsecond line"))
        assert desk.displayed() == [("Tea <&> time", "a < b & c\nsecond line")]

    async def test_replaces_what_it_showed_before(self, desk: Desk) -> None:
        for title in ("one", "two", "three"):
            assert await desk.notifier.show(replace(DONE, title=title))
        assert [title for title, _ in desk.displayed()] == ["three"]

    async def test_a_pressed_button_reaches_on_press_and_the_next_is_shown(self, desk: Desk) -> None:
        pressed: list[str] = []
        for action in ("skip", "break"):
            assert await desk.notifier.show(replace(DONE, on_press=pressed.append))
            desk.press(action)
            await until(partial(operator.contains, pressed, action))
        assert await desk.notifier.show(DONE)
        assert pressed == ["skip", "break"]
        assert len(desk.displayed()) == 1

    async def test_a_button_that_nobody_listens_to_does_no_harm(self, desk: Desk) -> None:
        assert await desk.notifier.show(DONE)
        desk.press("skip")
        assert await desk.notifier.show(DONE)

    async def test_text_that_no_server_could_take_is_shown_all_the_same(self, desk: Desk) -> None:
        assert await desk.notifier.show(Notification(ODD, ODD, buttons=(Button("skip", ODD),)))
        assert len(desk.displayed()) == 1

    async def test_says_when_nobody_took_it_and_recovers(self, desk: Desk) -> None:
        assert await desk.notifier.show(replace(DONE, title="one"))
        await desk.fail()
        assert not await desk.notifier.show(replace(DONE, title="two"))
        await desk.mend()
        assert await desk.notifier.show(replace(DONE, title="three"))
        assert desk.displayed()[-1][0] == "three"

    async def test_closes_more_than_once_and_before_anything_was_shown(self, desk: Desk) -> None:
        await desk.notifier.close()
        assert await desk.notifier.show(DONE)
        await desk.notifier.close()
        await desk.notifier.close()


class TestOnTheWire:
    """What the notification server is told."""

    async def test_body_is_escaped_and_title_is_not(
        self, server: NotificationServer, notifier: DesktopNotifier
    ) -> None:
        assert await notifier.show(Notification("<b>A & B</b>", "<b>A & B</b> \"'&amp;"))
        assert server.shown[0].summary == "<b>A & B</b>"
        assert server.shown[0].body == "&lt;b&gt;A &amp; B&lt;/b&gt; \"'&amp;amp;"

    async def test_odd_text_is_cleaned(self, server: NotificationServer, notifier: DesktopNotifier) -> None:
        assert await notifier.show(Notification(f"{ODD}\ntitle", f"{ODD}\nbody", buttons=(Button("skip", ODD),)))
        assert server.shown[0].summary == f"{CLEAN} title"
        assert server.shown[0].body == f"{CLEAN}\nbody"
        assert server.shown[0].actions["skip"] == CLEAN

    async def test_every_code_point_arrives(self, server: NotificationServer, notifier: DesktopNotifier) -> None:
        everything = "".join(map(chr, range(0x110000)))
        assert await notifier.show(Notification(everything, everything))
        assert len(server.shown[0].summary) == len(everything)

    async def test_name_buttons_urgency_and_sound(self, server: NotificationServer) -> None:
        notifier = DesktopNotifier("tomato")
        assert await notifier.show(replace(DONE, urgent=True, sound=True))
        assert await notifier.show(DONE)
        await notifier.close()
        loud, quiet = server.shown
        assert loud.app == "tomato"
        assert {"break": "Take a break", "skip": "Skip"}.items() <= loud.actions.items()
        assert loud.hints == {"urgency": 2, "sound-name": "complete"}
        assert quiet.hints == {"urgency": 1}

    async def test_the_one_before_is_closed_by_its_number(
        self, server: NotificationServer, notifier: DesktopNotifier
    ) -> None:
        for _ in range(3):
            assert await notifier.show(DONE)
        assert [shown.closed for shown in server.shown] == [(), (1,), (2,)]
        assert list(server.displayed) == [3]

    async def test_one_that_the_user_closed_is_not_closed_again(
        self, server: NotificationServer, notifier: DesktopNotifier
    ) -> None:
        assert await notifier.show(DONE)
        server.dismiss()
        # The signal is on its way; whether it or the next notification comes first, the next is shown.
        assert await notifier.show(DONE)
        assert list(server.displayed) == [2]

    async def test_many_at_once_leave_one(self, server: NotificationServer, notifier: DesktopNotifier) -> None:
        assert all(await asyncio.gather(*(notifier.show(DONE) for _ in range(10))))
        assert list(server.displayed) == [10]

    async def test_a_failing_callback_is_logged(
        self, server: NotificationServer, notifier: DesktopNotifier, caplog: pytest.LogCaptureFixture
    ) -> None:
        def burst(action: str) -> None:
            raise RuntimeError(f"no {action}")

        assert await notifier.show(replace(DONE, on_press=burst))
        server.press("skip")
        await until(lambda: "no skip" in caplog.text)
        assert await notifier.show(DONE)


class TestTrouble:
    """Buses and servers that are missing, die, come back or say nothing."""

    async def test_no_bus(self, folder: str, monkeypatch: pytest.MonkeyPatch, notifier: DesktopNotifier) -> None:
        monkeypatch.setenv(ADDRESS, f"unix:path={folder}/nothing")
        assert not await notifier.show(DONE)

    @pytest.mark.parametrize(
        "address", ["nonsense", "autolaunch:", "unix:", "unix:path=/etc/passwd", ";", "tcp:port=x"]
    )
    async def test_address_of_no_bus(
        self, address: str, monkeypatch: pytest.MonkeyPatch, notifier: DesktopNotifier
    ) -> None:
        monkeypatch.setenv(ADDRESS, address)
        assert not await notifier.show(DONE)

    @pytest.mark.usefixtures("bus")
    async def test_bus_without_a_server(self, notifier: DesktopNotifier) -> None:
        assert not await notifier.show(DONE)

    async def test_server_that_comes_later(self, bus: PrivateBus, notifier: DesktopNotifier) -> None:
        assert not await notifier.show(DONE)
        async with NotificationServer(bus.address) as server:
            assert await notifier.show(DONE)
            assert list(server.displayed) == [1]

    async def test_bus_that_died_and_came_back(self, bus: PrivateBus, notifier: DesktopNotifier) -> None:
        async with NotificationServer(bus.address):
            assert await notifier.show(DONE)
            bus.stop()
        assert not await notifier.show(DONE)
        bus.start()
        async with NotificationServer(bus.address) as server:
            assert await notifier.show(DONE)
            assert list(server.displayed) == [1]

    async def test_bus_restarted_between_two_notifications_loses_neither(
        self, bus: PrivateBus, notifier: DesktopNotifier
    ) -> None:
        async with NotificationServer(bus.address):
            assert await notifier.show(DONE)
            bus.stop()
        bus.start()
        async with NotificationServer(bus.address) as server:
            assert await notifier.show(DONE)
            assert list(server.displayed) == [1]

    async def test_restarted_server_keeps_the_notifications_of_others(
        self, bus: PrivateBus, notifier: DesktopNotifier
    ) -> None:
        pressed: list[str] = []
        other = DesktopNotifier("other")
        async with NotificationServer(bus.address):
            assert await notifier.show(DONE)
        async with NotificationServer(bus.address) as server:
            assert await other.show(Notification("mine", "number 1, too"))
            assert await notifier.show(replace(DONE, on_press=pressed.append))
            assert [shown.app for shown in server.displayed.values()] == ["other", "pomo"]
            server.press("skip")
            await until(lambda: pressed == ["skip"])
        await other.close()

    async def test_server_that_hangs_from_the_start(self, bus: PrivateBus, hasty: DesktopNotifier) -> None:
        async with NotificationServer(bus.address, hanging=True) as server:
            async with asyncio.timeout(2):
                assert not await hasty.show(DONE)
            server.hanging = False
            await self.shows_again(hasty)

    async def test_server_that_begins_to_hang(self, server: NotificationServer, hasty: DesktopNotifier) -> None:
        await self.shows_again(hasty)
        server.hanging = True
        async with asyncio.timeout(2):
            assert not await hasty.show(DONE)
        server.hanging = False
        await self.shows_again(hasty)

    async def test_many_at_once_share_the_time_limit(self, server: NotificationServer, hasty: DesktopNotifier) -> None:
        server.hanging = True
        async with asyncio.timeout(2):
            assert not any(await asyncio.gather(*(hasty.show(DONE) for _ in range(50))))

    async def test_bus_that_takes_connections_and_says_nothing(self, bus: PrivateBus, hasty: DesktopNotifier) -> None:
        bus.stop()
        with socket.socket(socket.AF_UNIX) as mute:
            mute.bind(bus.path)
            mute.listen()
            async with asyncio.timeout(5):
                assert not await hasty.show(DONE)
                held = descriptors()
                assert not any([await hasty.show(DONE) for _ in range(5)])
            assert descriptors() == held
        os.unlink(bus.path)
        bus.start()
        async with NotificationServer(bus.address):
            await self.shows_again(hasty)

    async def test_cancelling_is_not_a_failure_and_leaves_a_working_notifier(
        self, server: NotificationServer, notifier: DesktopNotifier, caplog: pytest.LogCaptureFixture
    ) -> None:
        server.hanging = True
        showing = asyncio.create_task(notifier.show(DONE))
        await until(lambda: server.ignored > 0)
        showing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await showing
        server.hanging = False
        assert await notifier.show(DONE)
        assert not caplog.records

    async def test_failures_leak_no_descriptor(
        self, bus: PrivateBus, folder: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        notifier = DesktopNotifier(call_seconds=0.02, show_seconds=0.02)
        assert not await notifier.show(DONE)
        await notifier.close()
        before = descriptors()
        for _ in range(10):
            assert not await notifier.show(DONE)
        async with NotificationServer(bus.address, hanging=True):
            for _ in range(10):
                assert not await notifier.show(DONE)
        monkeypatch.setenv(ADDRESS, f"unix:path={folder}/nothing")
        for _ in range(10):
            assert not await notifier.show(DONE)
        await until(lambda: descriptors() <= before)
        await notifier.close()

    @pytest.mark.usefixtures("server")
    async def test_close_leaves_no_descriptor(self) -> None:
        notifier = DesktopNotifier()
        before = descriptors()
        assert await notifier.show(DONE)
        assert descriptors() > before
        await notifier.close()
        assert descriptors() == before

    async def test_trouble_is_logged_when_it_begins_and_when_it_ends(
        self, bus: PrivateBus, notifier: DesktopNotifier, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO)
        for _ in range(2):
            for _ in range(10):
                assert not await notifier.show(DONE)
            async with NotificationServer(bus.address):
                for _ in range(3):
                    assert await notifier.show(DONE)
        levels = [record.levelname for record in caplog.records]
        assert levels == ["WARNING", "INFO", "WARNING", "INFO"]
        assert "org.freedesktop.Notifications was not provided" in caplog.records[0].message

    async def shows_again(self, notifier: DesktopNotifier) -> None:
        async with asyncio.timeout(10):  # a hasty one may need several attempts on a busy machine
            while not await notifier.show(DONE):
                pass


class TestFindingTheBus:
    """The environment says, or the runtime folder has it."""

    def test_the_environment_comes_first(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(ADDRESS, "unix:abstract=there")
        assert session_bus() == "unix:abstract=there"

    def test_the_runtime_folder_comes_next(self, folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
        runtime = f"{folder}/~ run"
        os.mkdir(runtime)
        with open(f"{runtime}/bus", "w", encoding="utf-8"):
            pass
        monkeypatch.setenv(ADDRESS, "")
        monkeypatch.setenv("XDG_RUNTIME_DIR", runtime)
        assert session_bus() == f"unix:path={folder}/%7E%20run/bus"

    def test_the_bus_of_somebody_else_is_not_used(self, folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
        with open(f"{folder}/bus", "w", encoding="utf-8"):
            pass
        monkeypatch.setenv(ADDRESS, "")
        monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
        monkeypatch.setattr(os, "getuid", lambda: 4_000_000_000)
        with pytest.raises(NotShown):
            session_bus()

    async def test_a_bus_that_only_the_runtime_folder_knows_is_used(
        self, bus: PrivateBus, folder: str, monkeypatch: pytest.MonkeyPatch, notifier: DesktopNotifier
    ) -> None:
        monkeypatch.setenv(ADDRESS, "")
        monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
        async with NotificationServer(bus.address) as server:
            assert await notifier.show(DONE)
            assert len(server.displayed) == 1


def test_the_library_is_not_imported_before_the_first_notification() -> None:
    code = (
        "import sys, pomo_daemon.adapters.notify.desktop as d; d.DesktopNotifier();"
        "sys.exit(any(name.startswith(('desktop_notifier', 'dbus_fast')) for name in sys.modules))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


async def test_the_fake_server_serves_other_processes(
    folder: str, monkeypatch: pytest.MonkeyPatch, notifier: DesktopNotifier
) -> None:
    require_dbus()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.fakes.notification_server", "--bus-dir", folder),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin
    assert process.stdout
    monkeypatch.setenv(ADDRESS, (await process.stdout.readline()).decode().strip())
    pressed: list[str] = []
    assert await notifier.show(DONE)
    assert await notifier.show(replace(DONE, title="again", on_press=pressed.append))
    with open(f"{folder}/shown.jsonl", encoding="utf-8") as file:  # noqa: ASYNC230  # two lines
        first, second = map(json.loads, file)
    assert (first["summary"], first["closed"]) == ("Focus is over", [])
    assert (second["summary"], second["closed"]) == ("again", [first["id"]])
    process.stdin.write(b"press skip\n")
    await until(lambda: pressed == ["skip"])
    process.stdin.close()
    assert await process.wait() == 0
    assert "bus" not in os.listdir(folder)


@contextlib.contextmanager
def running(*command: str, env: dict[str, str] | None = None, pass_fds: tuple[int, ...] = ()) -> Iterator[None]:
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, env=env, pass_fds=pass_fds, stdout=quiet, stderr=quiet) as process:
        yield
        process.terminate()


@pytest.fixture
def dunst_environment(bus: PrivateBus, folder: str) -> Iterator[dict[str, str]]:
    """Run the real dunst under an X server without a screen; answer where dunstctl finds it."""
    missing = [program for program in ("Xvfb", "dunst", "dunstctl") if shutil.which(program) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    read, write = os.pipe()
    # It chooses its number itself, so that tests can run side by side.
    xvfb = ("Xvfb", "-displayfd", str(write), "-screen", "0", "640x480x24", "-nolisten", "tcp")
    with running(*xvfb, pass_fds=(write,)):
        os.close(write)
        with os.fdopen(read) as chosen:
            number = chosen.readline().strip()
        environment = {"PATH": os.environ["PATH"], "HOME": folder, "DISPLAY": f":{number}", ADDRESS: bus.address}
        with running("dunst", env=environment):
            yield environment


async def test_the_real_dunst_shows_one_at_a_time(dunst_environment: dict[str, str], notifier: DesktopNotifier) -> None:
    def dunstctl(*arguments: str) -> str:
        command = ["dunstctl", *arguments]
        done = subprocess.run(command, env=dunst_environment, check=False, capture_output=True, text=True)
        return done.stdout.strip()

    await until(lambda: dunstctl("count", "displayed") == "0")
    assert await notifier.show(DONE)
    await until(lambda: dunstctl("count", "displayed") == "1")
    assert await notifier.show(Notification(f"A & <b> {ODD}", f"x < y & z\n{ODD}"))
    await until(lambda: dunstctl("count", "history") == "1")
    assert dunstctl("count", "displayed") == "1"
    dunstctl("close-all")
    await until(lambda: dunstctl("count", "history") == "2")
    newest = json.loads(dunstctl("history"))["data"][0][0]
    assert newest["appname"]["data"] == "pomo"
    assert newest["summary"]["data"] == f"A & <b> {CLEAN}"
    assert html.unescape(newest["body"]["data"]) == f"x < y & z\n{CLEAN}"
