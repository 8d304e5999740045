"""Waiting for the database no longer than makes sense."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

from pomo_daemon.application.ports import StoreError

T = TypeVar("T")

#: What is not waited for any more, until it ends by itself: the event loop alone would forget it.
_left: Final[set["asyncio.Task[Any]"]] = set()


async def within(seconds: float, work: Coroutine[Any, Any, T]) -> T:
    """Answer what comes of `work`; after so many seconds it is cut off, and nobody waits for that either.

    Raises what the work raises, and StoreError once the time is over: what it was about may be done all the same.
    """
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait({task}, timeout=seconds)
    finally:
        if not task.done():
            task.cancel()
            _left.add(task)
            task.add_done_callback(_forget)
    if task.done():
        return task.result()
    raise StoreError("database.unavailable", "The database does not answer.")


def _forget(task: "asyncio.Task[Any]") -> None:
    _left.discard(task)
    if not task.cancelled():
        task.exception()  # nobody asks for it any more
