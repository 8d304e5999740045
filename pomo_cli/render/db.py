"""What work on a database has found and done, for people. Pure."""

from collections.abc import Mapping
from typing import Any

from pomo_daemon.protocol.text import clean


def size(count: int) -> str:
    """Write a number of bytes."""
    power = max(0, min(3, (count.bit_length() - 1) // 10))
    return f"{count / 1024**power:.{1 if power else 0}f} {('B', 'KiB', 'MiB', 'GiB')[power]}"


def health(found: Mapping[str, Any]) -> str:
    """Write what a check has found, but for what is wrong."""
    schema = found["schema_revision"] + ("" if found["is_current"] else ", not today's: 'pomo db upgrade'")
    counts = ", ".join(f"{count} {name}" for name, count in found["rows"].items() if count)
    facts = {"database": found["database"], "schema": schema, "size": size(found["size"]), "rows": counts or "none"}
    return "\n".join(f"{key.ljust(8)}  {clean(value)}" for key, value in facts.items())


def copied(result: Mapping[str, Any], *, switched: bool) -> str:
    """Write what a copy did."""
    rows = sum(it["rows"] for it in result["tables"].values())
    lines = [
        f"Copied to {result['to']}:",
        f"{rows} rows, {result['written']} of them now; counts and checksums agree.",
    ]
    if result["others"]:
        lines += [
            f"Others ({result['others']} connections) use the old database.",
            "What they write there from now on is not in the new one.",
        ]
    lines.append(
        f"The profile {result['profile']!r} uses it now; the old one is as it was."
        if switched
        else f"The profile {result['profile']!r} still uses {result['database']}."
    )
    return "\n".join(lines)
