"""The status as one JSON object with the fields of docs/protocol.md; ASCII only, so it is safe on any terminal."""

import json

import msgspec

from pomo_daemon.application.views import StatusView


def render(status: StatusView) -> str:
    """Render a status."""
    fields = msgspec.structs.asdict(status)
    fields["deadline"] = status.deadline.isoformat(timespec="seconds") if status.deadline else None
    return json.dumps(fields)
