"""From messages of the wire to what use cases take, and from what they answer to messages."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import msgspec

from pomo_daemon.application.timer import Identity
from pomo_daemon.application.views import IntervalView, StatusView
from pomo_daemon.protocol import messages as m
from pomo_daemon.protocol.errors import PomoError

if TYPE_CHECKING:
    from pomo_daemon.server.routes import Client

#: Nothing is recorded outside of these, and computing with instants near the ends of the calendar would fail.
FIRST: Final = datetime(1970, 1, 1, tzinfo=UTC)
LAST: Final = datetime(9000, 1, 1, tzinfo=UTC)


def who(client: "Client") -> Identity:
    """Answer on whose behalf a client speaks."""
    if client.who is None:
        raise PomoError("auth.required")
    return replace(client.who, hook_depth=client.hook_depth) if client.hook_depth else client.who


def instant(field: str, value: datetime | None) -> datetime | None:
    """Check an instant, and bring it near. Raises PomoError for one without an offset: it names none."""
    if value is None:
        return None
    if value.tzinfo is None:
        raise PomoError("validation", f"{field}: names no instant.", "Give it an offset, such as Z or +01:00.")
    return min(max(value, FIRST), LAST)


def status(view: StatusView) -> m.Status:
    """Make the message of a status."""
    return msgspec.convert(view, m.Status, from_attributes=True)


def interval(view: IntervalView) -> m.IntervalView:
    """Make the message of an interval."""
    return msgspec.convert(view, m.IntervalView, from_attributes=True)
