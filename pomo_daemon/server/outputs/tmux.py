"""One line with the styles of tmux(1): `#[fg=#e06c75]● 12:34#[default] Write report`."""

import re
from typing import Final

from pomo_daemon.application.views import StatusView
from pomo_daemon.server.outputs.look import color, short, topic

#: tmux expands what `#()` answers, then draws it. Both make one `#` of two, but in front of a `[` only the latter does.
_HASHES: Final = re.compile(r"(#+)(?=(\[?))")


def render(status: StatusView) -> str:
    """Render a status, for `#(pomo status -o tmux)`."""
    words = _HASHES.sub(lambda found: found[1] * (2 if found[2] else 4), topic(status))
    return f"#[fg={color(status)}]{short(status)}#[default] {words}".rstrip()
