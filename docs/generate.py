"""Writes what the code knows: pages, parts of pages, the schema of a new database; `--check`: is it up to date."""

import asyncio
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from pomo_daemon.adapters.db import migrate
from pomo_daemon.domain.events import EventType
from pomo_daemon.domain.timer import TABLE, Mode
from pomo_daemon.protocol.errors import ERRORS, EXIT_CODES
from pomo_daemon.protocol.framing import MAX_LINE
from pomo_daemon.protocol.methods import METHODS
from pomo_daemon.protocol.profiles import FIELDS, takes
from pomo_daemon.protocol.settings import SETTINGS, Setting
from pomo_daemon.server.openrpc import document
from tests.reliability.page import page as reliability

HERE: Final = Path(__file__).parent
NOTE: Final = "<!-- made by docs/generate.py; change the code, then run `make docs` -->\n"
#: Between these lines of a page written by hand stands what is generated.
BEGIN: Final = "<!-- generated -->\n"
END: Final = "<!-- /generated -->\n"
_FORMS: Final = {
    "switch": "`true`, `false`",
    "clock": "a time of day",
    "zone": "an IANA time zone",
    "profile": "the name of a profile",
}
#: What the keys of a profile mean that are no settings.
_PROFILE: Final = {
    "database_url": "Its database; without one, `NAME.db` in the data folder.",
    "redis_url": "The Redis of those who share the database.",
    "login": "`peer`: the system's word is enough for who one is; `password`: only a login is.",
    "tokens": "Where `pomo auth login` keeps the tokens: in a file, or in the keyring of the desktop.",
}


def errors() -> str:
    """Make docs/errors.md."""
    exits = "".join(f"| {code} | {meaning} |\n" for code, meaning in EXIT_CODES.items())
    rows = "".join(
        f"| `{code}` | {row.exit} | {row.rpc} | {row.message} | {row.hint} |\n" for code, row in sorted(ERRORS.items())
    )
    return (
        f"{NOTE}# Errors and exit codes\n\n"
        "A command that fails prints one line that says what is wrong and one that says what to do, on stderr. With\n"
        '`--json` it prints `{"error": {"code", "message", "hint"}}` there instead. Codes and numbers never change\n'
        "their meaning.\n\n"
        f"## Exit codes\n\n| exit | meaning |\n|---|---|\n{exits}\n"
        "## Error codes\n\nThe number is the JSON-RPC error number of [the wire](protocol.md).\n\n"
        f"| code | exit | number | message | hint |\n|---|---|---|---|---|\n{rows}"
    )


def state_machine() -> str:
    """Make docs/state-machine.md from the transition table."""
    edges: dict[tuple[Mode, Mode], list[str]] = {}
    for command, rules in TABLE.items():
        for mode, rule in rules.items():
            for target in sorted(rule.targets):
                edges.setdefault((mode, target), []).append(command.__name__.lower())
    lines = "".join(f"    {_state(a)} --> {_state(b)}: {', '.join(names)}\n" for (a, b), names in edges.items())
    head = "| command | " + " | ".join(Mode) + " |\n" + "|---" * (len(Mode) + 1) + "|\n"
    rows = "".join(
        f"| {command.__name__.lower()} | "
        + " | ".join("<br>".join(sorted(rules[mode].targets)) if mode in rules else "-" for mode in Mode)
        + " |\n"
        for command, rules in TABLE.items()
    )
    return (
        f"{NOTE}# The timer\n\n"
        "Every rule stands in `pomo_daemon/domain/timer.py`. The table says where a command leaves the timer;\n"
        "a dash is a command that is refused there and changes nothing. `wake` is the alarm. A `start` while a focus\n"
        "runs needs `--replace`.\n\n"
        f"{head}{rows}\n```mermaid\nstateDiagram-v2\n    [*] --> idle\n{lines}```\n"
    )


def _state(mode: Mode) -> str:
    return mode.replace("-", "_")


def configuration() -> str:
    """Make the table of docs/configuration.md."""
    rows = "".join(
        f"| `{it.key}` | `{_toml(it.default)}` | {_takes(it)} | {it.meaning} |\n" for it in SETTINGS.values()
    )
    keys = "".join(f"| `{it}` | {takes(it)} | {_PROFILE[it]} |\n" for it in FIELDS)
    return (
        f"| setting | default | takes | meaning |\n|---|---|---|---|\n{rows}\n"
        "A table `[profiles.NAME]` may hold any `timer.*` and `notify.*`, which then count in that profile, and:\n\n"
        f"| key of a profile | takes | meaning |\n|---|---|---|\n{keys}"
    )


def _toml(value: str | int | bool) -> str:  # noqa: FBT001
    return str(value).lower() if isinstance(value, bool) else f'"{value}"' if isinstance(value, str) else str(value)


def _takes(setting: Setting) -> str:
    match setting.kind:
        case "choice":
            return ", ".join(f"`{it}`" for it in setting.choices)
        case "integer":
            return f"{setting.low} to {setting.high}"
        case "duration":
            return f"{setting.low}s to {setting.high // 3600}h"
        case kind:
            return _FORMS[kind]


def protocol() -> str:
    """Make the tables of docs/protocol.md."""
    methods = {it["name"]: it for it in document()["methods"]}
    rows = ""
    for method in METHODS.values():
        params = ", ".join(f"`{it['name']}`" + ("" if it["required"] else "?") for it in methods[method.name]["params"])
        result = _type(methods[method.name]["result"]["schema"])
        rows += f"| `{method.name}` | {params or 'none'} | {result} | {method.needs} | {method.summary} |\n"
    types = "".join(f"`{it}`, " for it in EventType).rstrip(", ")
    return (
        f"A line holds at most {MAX_LINE // 1024} KiB.\n\n"
        f"| method | params | result | needs | |\n|---|---|---|---|---|\n{rows}\nEvents: {types}.\n"
    )


def schema() -> str:
    """Make pomo_daemon/adapters/db/schema.sql: what the revisions come to, run one after another on an empty file."""
    with tempfile.TemporaryDirectory() as folder:
        file = f"{folder}/pomo.db"
        asyncio.run(migrate.bring_up(f"sqlite+aiosqlite:///{file}", file))
        with closing(sqlite3.connect(file)) as connection:
            found = connection.execute(
                "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY rowid"
            ).fetchall()
    head = migrate.HEAD
    at_head = f"INSERT INTO alembic_version VALUES ('{head}');\nPRAGMA user_version = {int(head)};\n"  # noqa: S608
    note = "-- made by docs/generate.py; write a revision in alembic/versions, then run `make docs`\n"
    return note + "".join(f"{it};\n" for (it,) in found) + at_head


def _type(schema: dict[str, Any]) -> str:
    if schema.get("type") == "array":
        return f"array of {_type(schema['items'])}"
    return schema.get("$ref", "").rpartition("/")[2] or "object"


def _inside(page: Path, text: str) -> str:
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    return f"{before}{BEGIN}{text}{END}{rest.partition(END)[2]}"


def pages() -> dict[Path, str]:
    """Answer every page with the text that it should have."""
    return {
        HERE / "errors.md": errors(),
        HERE / "state-machine.md": state_machine(),
        HERE / "reliability.md": f"{NOTE}{reliability()}",
        HERE / "configuration.md": _inside(HERE / "configuration.md", configuration()),
        migrate.SCHEMA: schema(),
        HERE / "protocol.md": _inside(HERE / "protocol.md", protocol()),
    }


def main() -> int:
    """Write the pages, or name those that are not up to date."""
    stale = [page for page, text in pages().items() if not page.exists() or page.read_text(encoding="utf-8") != text]
    if "--check" in sys.argv[1:]:
        for page in stale:
            sys.stderr.write(f"{page.name} is not up to date: run `make docs`\n")
        return bool(stale)
    for page, text in pages().items():
        page.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
