"""Hooks: each event runs the user's programs for it, one after the other, off the path of every command.

They are fed from the outbox rather than by what is announced, so that the order of the events is kept however slow a
hook is, and what a killed daemon did not come to is run by the next one, under the same id.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Final

from pomo_daemon.application.hook_event import example, hook_event
from pomo_daemon.application.ports import Announcement, Clock, Hook, HookRun, Hooks, Store, StoreError
from pomo_daemon.application.timer import Identity
from pomo_daemon.domain.errors import Invalid
from pomo_daemon.domain.events import EventType

log = logging.getLogger(__name__)

CONSUMER: Final = "hooks"
#: What happened longer ago than this runs no hook any more.
STALE: Final = timedelta(hours=12)
PAGE: Final = 100


class HookDesk:
    """Runs hooks, for one event after the other."""

    def __init__(
        self,
        hooks: Hooks,
        store: Store,
        clock: Clock,
        profile: str,
        is_at_home: Callable[[int], bool] = lambda _user_id: True,
        consumer: str = CONSUMER,
        is_for_here: Callable[[Announcement], Awaitable[bool]] | None = None,
    ) -> None:
        """`is_at_home` tells whose hooks these are, `consumer` under which name it is kept how far they came.

        `is_for_here` tells whether an event runs the hooks of this machine, where there are several.
        """
        self._is_for_here = is_for_here
        self._hooks = hooks
        self._store = store
        self._clock = clock
        self._profile = profile
        self._is_at_home = is_at_home
        self._consumer = consumer
        #: Of users with news: the first and the last event that is new.
        self._news: dict[int, tuple[int, int]] = {}
        self._done: dict[int, int] = {}
        self._wake = asyncio.Event()
        self._stopping = False

    def listen(self, announcements: Sequence[Announcement]) -> None:
        """Take note of committed events; never waits."""
        for it in announcements:
            if not it.seq or not self._is_at_home(it.user_id):
                continue
            first, _ = self._news.get(it.user_id, (it.seq, 0))
            self._news[it.user_id] = (first, it.seq)
        self._wake.set()

    async def catch_up(self, user_id: int) -> None:
        """Have hooks run for what the last daemon committed and did not come to."""
        async with self._store.read() as unit:
            last = await unit.outbox.last_seq(user_id)
        self._news[user_id] = (last + 1, last)
        self._wake.set()

    async def run(self) -> None:
        """Run hooks, until `stop`."""
        while not self._stopping:
            await self._wake.wait()
            self._wake.clear()
            for user_id, (first, last) in self._take().items():
                try:
                    await self._serve(user_id, first, last)
                except StoreError as error:
                    # The events are in the database: the next one of the user brings them along.
                    log.warning("hooks were not run: %s", error.message)
                except Exception:
                    log.exception("hooks failed")

    def stop(self) -> None:
        """End `run` after the event that it is at; what is behind that is caught up with at the next start."""
        self._stopping = True
        self._wake.set()

    def list(self) -> Sequence[Hook]:
        """Answer every hook there is, those too that do not run."""
        return self._hooks.list()

    async def test(self, who: Identity, kind: str) -> Sequence[HookRun]:
        """Run the hooks of a type of event with one that is made up. Raises Invalid."""
        if kind not in list(EventType):
            raise Invalid(f"There is no event {kind!r}.", f"Events: {', '.join(EventType)}.")
        now = self._clock.read().wall
        return await self._hooks.run(hook_event(example(EventType(kind), who.user_id, now), self._profile, now))

    async def runs(self, limit: int) -> Sequence[HookRun]:
        """Answer the latest runs, oldest first."""
        return await self._hooks.runs(limit)

    def _take(self) -> dict[int, tuple[int, int]]:
        news, self._news = self._news, {}
        return news

    async def _serve(self, user_id: int, first: int, last: int) -> None:
        """Run the hooks for what is new of a user."""
        if not self._hooks.exist():
            # Nobody to tell, and nothing to write: hooks that come later are not told what was before them.
            self._done[user_id] = last
            return
        await self._find_place(user_id, first - 1)
        while page := await self._page(user_id):
            for it in page:
                if self._stopping:
                    return
                ran = await self._run(it)
                self._done[user_id] = it.seq
                if ran or it is page[-1]:
                    await self._mark(user_id, it.seq)

    async def _find_place(self, user_id: int, otherwise: int) -> None:
        """Find out up to which event hooks were run; note it before the first one is, so that a crash loses none."""
        if user_id in self._done:
            return
        async with self._store.read() as unit:
            done = await unit.outbox.delivered(user_id, self._consumer)
        if done is None:
            await self._mark(user_id, otherwise)
        self._done[user_id] = otherwise if done is None else done

    async def _page(self, user_id: int) -> Sequence[Announcement]:
        async with self._store.read() as unit:
            return await unit.outbox.since(user_id, self._done[user_id], PAGE)

    async def _mark(self, user_id: int, seq: int) -> None:
        async with self._store.write() as unit:
            await unit.outbox.mark_delivered(user_id, self._consumer, seq)

    async def _run(self, it: Announcement) -> bool:
        """Run the hooks for an event, and tell whether there were any. What a hook did itself runs none."""
        now = self._clock.read().wall
        if it.data.get("hook_depth") or now - it.at > STALE:
            return False
        if self._is_for_here is not None and self._hooks.exist() and not await self._is_for_here(it):
            return False
        return bool(await self._hooks.run(hook_event(it, self._profile, now)))
