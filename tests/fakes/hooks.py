"""Hooks without programs."""

from collections.abc import Awaitable, Callable, Sequence

from pomo_daemon.application.ports import Hook, HookEvent, HookRun
from tests.fakes.clock import NOON


class FakeHooks:
    """The Hooks port: keeps what was told, and has a hook for the types in `kinds`, or for all if there are none."""

    def __init__(self, *kinds: str) -> None:
        self.kinds = kinds
        self.there = True
        self.told: list[HookEvent] = []
        self.before: Callable[[HookEvent], Awaitable[None]] | None = None

    def exist(self) -> bool:
        return self.there

    def list(self) -> Sequence[Hook]:
        return [Hook(kind, f"/hooks/{kind}.d/hook", "") for kind in self.kinds]

    async def run(self, event: HookEvent) -> Sequence[HookRun]:
        if self.kinds and event.type not in self.kinds:
            return ()
        if self.before is not None:
            await self.before(event)
        self.told.append(event)
        return [HookRun(NOON, event.type, event.event_id, "/hooks/hook", "", 1, "", cut=False)]

    async def runs(self, limit: int) -> Sequence[HookRun]:
        raise NotImplementedError(limit)
