"""What the daemon says of itself, for people. Pure."""

from collections.abc import Mapping
from typing import Any

from pomo_daemon.protocol.text import clean, length


def info(found: Mapping[str, Any]) -> str:
    """Write a line for each fact; facts that a newer daemon adds are shown as they are."""
    shown = {**found, "uptime": length(int(found.get("uptime_s", 0)))}
    shown.pop("uptime_s", None)
    found_there, missed = shown.pop("cache_hits", 0), shown.pop("cache_misses", 0)
    if asked := found_there + missed:
        shown["cache"] = f"{shown['cache']}; {found_there} of {asked} found ({100 * found_there // asked}%)"
    width = max(map(len, shown))
    return "\n".join(f"{clean(key.replace('_', ' ')).ljust(width)}  {clean(str(it))}" for key, it in shown.items())
