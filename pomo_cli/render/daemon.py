"""What the daemon says of itself, for people. Pure."""

from collections.abc import Mapping
from typing import Any

from pomo_daemon.protocol.text import clean, length


def info(found: Mapping[str, Any]) -> str:
    """Write a line for each fact; facts that a newer daemon adds are shown as they are."""
    shown = {**found, "uptime": length(int(found.get("uptime_s", 0)))}
    shown.pop("uptime_s", None)
    width = max(map(len, shown))
    return "\n".join(f"{clean(key.replace('_', ' ')).ljust(width)}  {clean(str(it))}" for key, it in shown.items())
