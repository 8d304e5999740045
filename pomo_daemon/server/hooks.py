"""Routes of hooks."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from pomo_daemon.application.hooks import HookDesk
from pomo_daemon.application.ports import HookRun
from pomo_daemon.protocol import messages as m
from pomo_daemon.protocol.errors import PomoError
from pomo_daemon.server.replies import who

if TYPE_CHECKING:
    from pomo_daemon.server.routes import Client


def _desk(client: "Client") -> HookDesk:
    """Answer who runs hooks. Raises PomoError: a daemon of the whole machine runs nobody's."""
    desk = client.services.hooks
    if desk is None:
        raise PomoError("auth.forbidden", "The daemon of this machine runs no hooks.", "Run your own daemon for them.")
    return desk


def _runs(runs: Sequence[HookRun]) -> m.HookRunsResult:
    return m.HookRunsResult(tuple(msgspec.convert(it, m.HookRunView, from_attributes=True) for it in runs))


def listed(client: "Client", _params: m.NoParams) -> m.HooksResult:
    """List hooks."""
    return m.HooksResult(tuple(m.HookView(it.event, it.path, it.problem) for it in _desk(client).list()))


async def test(client: "Client", params: m.HooksTestParams) -> m.HookRunsResult:
    """Run the hooks of a type of event with one that is made up."""
    return _runs(await _desk(client).test(who(client), params.event))


async def runs(client: "Client", params: m.HookRunsParams) -> m.HookRunsResult:
    """List the latest runs."""
    return _runs(await _desk(client).runs(params.limit))
