"""The JSON of Waybar's custom modules (waybar-custom(5), `return-type: json`); text and tooltip are Pango markup."""

import json

from pomo_daemon.application.views import StatusView
from pomo_daemon.server.outputs import plain
from pomo_daemon.server.outputs.look import joined, pango


def render(status: StatusView) -> str:
    """Render a status; `class`, for the style sheet, and `alt`, for `format-icons`, are the state."""
    today = f"Today: {status.today}" + (f" of {status.goal}" if status.goal else "")
    return json.dumps(
        {
            "text": joined(status),
            "tooltip": pango(f"{plain.render(status)}\n{today}"),
            "class": status.state,
            "alt": status.state,
            "percentage": status.percent or 0,
        }
    )
