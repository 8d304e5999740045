"""Hooks and their runs, in lines."""

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

from pomo_daemon.protocol.text import clean


def hooks(found: Sequence[Mapping[str, Any]]) -> str:
    """Show hooks, a line each."""
    lines = [f"{clean(it['event'])}  {clean(it['path'])}{_problem(it, '  does not run: ')}" for it in found]
    return "\n".join(lines) or "There are no hooks. docs/hooks.md tells how to make one."


def runs(found: Sequence[Mapping[str, Any]], zone: tzinfo) -> str:
    """Show runs: a line each, and below it what the hook said."""
    return "\n".join(line for it in found for line in _run(it, zone))


def _run(it: Mapping[str, Any], zone: tzinfo) -> list[str]:
    at = datetime.fromisoformat(it["at"]).astimezone(zone)
    how = _problem(it, "") or "ok"
    head = f"{at:%Y-%m-%d %H:%M:%S}  {clean(it['event'])}  {clean(it['path'])}  {how}, {it['duration_ms'] / 1000:.2f} s"
    said = [f"    {clean(line)}" for line in it["output"].splitlines()]
    return [head, *said, *(["    (it said more, which is not kept)"] if it["cut"] else [])]


def _problem(it: Mapping[str, Any], prefix: str) -> str:
    return f"{prefix}{clean(it['problem'])}" if it["problem"] else ""
