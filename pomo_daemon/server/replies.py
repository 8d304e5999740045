"""From what use cases answer to messages of the wire."""

from typing import TYPE_CHECKING

import msgspec

from pomo_daemon.application.timer import Identity
from pomo_daemon.application.views import IntervalView, StatusView
from pomo_daemon.protocol import messages as m
from pomo_daemon.protocol.errors import PomoError

if TYPE_CHECKING:
    from pomo_daemon.server.routes import Client


def who(client: "Client") -> Identity:
    """Answer on whose behalf a client speaks."""
    if client.who is None:
        raise PomoError("auth.forbidden")
    return client.who


def status(view: StatusView) -> m.Status:
    """Make the message of a status."""
    return msgspec.convert(view, m.Status, from_attributes=True)


def interval(view: IntervalView) -> m.IntervalView:
    """Make the message of an interval."""
    return msgspec.convert(view, m.IntervalView, from_attributes=True)
