"""Routes of schedules."""

from typing import TYPE_CHECKING

import msgspec

from pomo_daemon.protocol import messages as m
from pomo_daemon.protocol.errors import PomoError
from pomo_daemon.server.replies import who

if TYPE_CHECKING:
    from pomo_daemon.application.schedules import Planned, ScheduleService, ScheduleView
    from pomo_daemon.server.routes import Client


def _service(client: "Client") -> "ScheduleService":
    return client.services.schedules()


def _view(found: "ScheduleView") -> m.ScheduleView:
    return msgspec.convert(found, m.ScheduleView, from_attributes=True)


def _planned(found: "Planned") -> m.ScheduleResult:
    return m.ScheduleResult(**msgspec.structs.asdict(_view(found.schedule)), task_created=found.task_created)


async def listed(client: "Client", _params: m.NoParams) -> m.ScheduleListResult:
    """List schedules."""
    return m.ScheduleListResult(tuple(map(_view, await _service(client).list(who(client)))))


async def add(client: "Client", params: m.ScheduleAddParams) -> m.ScheduleResult:
    """Make a schedule. Raises PomoError unless it is said what it does, and that alone."""
    if (params.task is None) == (params.text is None):
        raise PomoError("validation", "task, text: one of them is wanted.")
    from pomo_daemon.domain.schedule import ScheduleAction

    action = ScheduleAction.START if params.text is None else ScheduleAction.NOTIFY
    words = (params.task if params.text is None else params.text) or ""
    return _planned(
        await _service(client).add(
            who(client), params.cron, action, words, create=params.create, request_id=params.request_id
        )
    )


async def pause(client: "Client", params: m.ScheduleIdParams) -> m.ScheduleResult:
    """Let a schedule rest."""
    return _planned(await _service(client).pause(who(client), params.schedule_id, params.request_id))


async def resume(client: "Client", params: m.ScheduleIdParams) -> m.ScheduleResult:
    """Go on with a schedule."""
    return _planned(await _service(client).resume(who(client), params.schedule_id, params.request_id))


async def delete(client: "Client", params: m.ScheduleIdParams) -> m.ScheduleResult:
    """Take a schedule away."""
    return _planned(await _service(client).delete(who(client), params.schedule_id, params.request_id))
