"""i3blocks(1) with `markup=pango`: full text, short text and colour, a line each."""

from pomo_daemon.application.views import StatusView
from pomo_daemon.server.outputs.look import color, joined, pango, short, topic


def render(status: StatusView) -> str:
    """Render a status."""
    return f"{joined(status)}\n{pango(short(status))}\n{color(status)}"


def follow(status: StatusView) -> str:
    """Render a status as one line, coloured by markup: with `interval=persist` each line is an update."""
    head = f'<span color="{color(status)}">{pango(short(status))}</span>'
    return f"{head} {pango(topic(status))}".rstrip()
