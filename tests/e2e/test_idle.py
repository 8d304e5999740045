"""A focus at which nobody is: the desktop is asked, and so is the user."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.e2e.desktop import Desktop
from tests.e2e.user import User, until
from tests.fakes.mutter import Mutter


@contextmanager
def gnome(address: str, idle_ms: int) -> Iterator[None]:
    """Have GNOME say how long nobody touched anything, from a thread of its own."""
    ready, end = threading.Event(), threading.Event()

    async def serve() -> None:
        async with Mutter(address, idle_ms):
            ready.set()
            await asyncio.to_thread(end.wait)

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    assert ready.wait(10)
    yield
    end.set()
    thread.join()


def test_somebody_who_is_not_there_is_asked_and_the_focus_paused_as_of_then(user: User, desktop: Desktop) -> None:
    user.write_config('[idle]\nafter = "2s"\n')
    with gnome(desktop.address, 3_600_000):
        user.pomo("start", "Write report")
        question = desktop.wait(1)
        assert question["summary"] == "Still there?"
        assert user.json("status")["state"] == "focus"
        desktop.press("pause")
        until(lambda: user.json("status")["state"] == "focus-paused")
    # An hour without input, but the focus is younger: nobody was there in all of it.
    assert user.json("status")["elapsed_s"] == 0


def test_nobody_is_asked_who_does_not_want_to_be(user: User, desktop: Desktop) -> None:
    with gnome(desktop.address, 3_600_000):
        user.pomo("start", "Write report", "--duration", "3s")
        assert desktop.wait(1)["summary"] == "Focus completed: Write report"
