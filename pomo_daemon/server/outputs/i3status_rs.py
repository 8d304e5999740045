"""The JSON of i3status-rust's custom block (`json = true`); its default format takes the text as Pango markup."""

import json
from typing import Final

from pomo_daemon.application.views import StatusView
from pomo_daemon.server.outputs.look import joined, pango, short

#: Its states choose the colours of the theme.
_STATES: Final = {"focus": "Critical", "break": "Good", "long-break": "Good", "due": "Warning"}


def render(status: StatusView) -> str:
    """Render a status. The icon stands in the text: a name from an icon set would fail where the set lacks it."""
    return json.dumps(
        {
            "icon": "",
            "state": _STATES.get(status.state, "Idle" if status.phase is None else "Info"),
            "text": joined(status),
            "short_text": pango(short(status)),
        }
    )
