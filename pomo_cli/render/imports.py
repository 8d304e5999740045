"""What an import brought, or would bring, as text. Pure."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Final

from pomo_daemon.protocol.text import clean, length

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def dated(result: Mapping[str, Any]) -> dict[str, Any]:
    """Answer the result with its instants in ISO 8601."""
    ends = {
        name: None if result[name] is None else (_EPOCH + timedelta(microseconds=result[name])).isoformat()
        for name in ("first", "last")
    }
    return {**result, **ends}


def told(facts: Mapping[str, Any], first_invalid: str, overlap: str, zone: tzinfo) -> str:
    """Say it in lines."""
    return "\n".join(_lines(facts, first_invalid, overlap, zone))


def _lines(facts: Mapping[str, Any], first_invalid: str, overlap: str, zone: tzinfo) -> Iterator[str]:
    dry = facts["dry_run"]
    what = [_count(facts[name], word) for name, word in _WHAT.items() if facts[name]]
    verb = "Would import" if dry else "Imported"
    if not what:
        yield "Nothing would come." if dry else "Nothing came: nothing is new."
    elif facts["intervals"]:
        days = [f"{datetime.fromisoformat(facts[name]).astimezone(zone):%Y-%m-%d}" for name in ("first", "last")]
        yield f"{verb} {', '.join(what)}: {' to '.join(dict.fromkeys(days))}, {length(facts['focus_s'])} focus."
    else:
        yield f"{verb} {', '.join(what)}."
    for name in ("tasks", "categories"):
        if facts[name] and dry:
            more = facts[name] - len(facts[f"new_{name}"])
            names = ", ".join(clean(it) for it in facts[f"new_{name}"]) + (f", and {more} more" if more else "")
            yield f"New {name}: {names}."
    if facts["known"]:
        yield f"There already: {facts['known']}."
    yield from _overlaps(facts, overlap)
    if facts["running"]:
        yield f"Left out: {facts['running']} that {'has' if facts['running'] == 1 else 'have'} not ended yet."
    if facts["invalid"]:
        yield f"Left out: {_count(facts['invalid'], 'line')} not valid, first {clean(first_invalid)}"
    if what and not dry:
        yield "'pomo undo' takes it all back."


_WHAT: Final = {"intervals": "interval", "tasks": "task", "categories": "category"}


def _overlaps(facts: Mapping[str, Any], overlap: str) -> Iterator[str]:
    if facts["trimmed"]:
        yield f"Cut, as something is recorded there: {facts['trimmed']}."
    if facts["overlapping"]:
        words = "would be in the way: nothing would come" if overlap == "fail" else "left out, as something is there"
        yield f"Overlaps: {facts['overlapping']} {words}. First {clean(facts['obstacle'])}"


def _count(number: int, word: str) -> str:
    if number == 1:
        return f"1 {word}"
    return f"{number:,} {word.removesuffix('y')}ies" if word.endswith("y") else f"{number:,} {word}s"
