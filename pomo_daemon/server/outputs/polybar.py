"""One line with the formatting tags of polybar: `%{F#e06c75}● 12:34%{F-} Write report`."""

from pomo_daemon.application.views import StatusView
from pomo_daemon.server.outputs.look import color, short, topic

#: polybar knows no escape, and `%%{` is a tag as well: so what would begin one is parted by a space of no width.
_PARTED = "%\N{ZERO WIDTH SPACE}{"


def render(status: StatusView) -> str:
    """Render a status."""
    return f"%{{F{color(status)}}}{short(status)}%{{F-}} {topic(status).replace('%{', _PARTED)}".rstrip()
