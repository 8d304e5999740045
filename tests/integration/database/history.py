"""A history of any length, made row by row as a database stores it."""

import sqlite3
from contextlib import closing
from typing import Any, Final

from pomo_daemon.adapters.db.plain import TABLES, writing
from tests.fakes.databases import ready_file

#: Microseconds.
MINUTE: Final = 60 * 1_000_000
BEGIN: Final = 1_600_000_000 * 1_000_000
USERS: Final = (1, 2)
#: One row in so many has a gap, an interruption, a note of more than ASCII.
RARE: Final = 10

Rows = dict[str, list[dict[str, Any]]]


def make(file: str, intervals: int) -> str:
    """Make a database with a history of so many intervals; answer its URL."""
    url = ready_file(file)
    rows = _rows(intervals)
    with writing(url) as engine, engine.begin() as connection:
        for table in TABLES:
            if rows.get(table.name):
                connection.execute(table.insert(), rows[table.name])
        # A task that is gone had the highest number: no other may ever get it.
        connection.exec_driver_sql("UPDATE sqlite_sequence SET seq = 5000 WHERE name = 'tasks'")
    return url


def _rows(count: int) -> Rows:
    day = {"created_at": BEGIN, "updated_at": BEGIN + 7}
    names = {1: "anna", 2: "Bjørn"}
    rows: Rows = {
        "users": [{"user_id": it, "username": names[it], "peer_uid": it, "event_seq": count, **day} for it in USERS],
        "categories": [{"category_id": it, "owner_id": it, "name": "Arbeit 🍅", **day} for it in USERS],
        "tasks": [
            {
                "task_id": it,
                "owner_id": USERS[it % 2],
                "name": f"Täsk {it}",
                "description": 'a "quote", a \\, a\nline',
                "pomodoro_count": it,
                "category_id": USERS[it % 2] if it % 3 else None,
                **day,
            }
            for it in range(1, 101)
        ],
        "requests": [
            # Their order differs from one locale to the next.
            {
                "user_id": 1,
                "request_id": f"{letter}-{it}",
                "at": BEGIN,
                "answer": {"b": [it, None], "a": 0.5, "ä": True},
            }
            for it in range(20)
            for letter in ("a", "B", "_", "é", "Z")
        ],
        "deliveries": [{"user_id": it, "consumer": "notify", "seq": count} for it in USERS],
        "changes": [
            {"change_id": it, "owner_id": 1, "at": BEGIN, "label": f"Change {it}", "undone": it > 90, "items": [it]}
            for it in range(1, 101)
        ],
        # From here on triggers keep totals of days.
        "day_starts": [{"owner_id": it, "day_start": 4 * 3600} for it in USERS],
        "logins": [
            {
                "login_id": it,
                "owner_id": it,
                "device": "Läptop",
                "created_at": BEGIN,
                "last_used_at": BEGIN,
                "access_hash": f"{it:064x}",
                "access_expires_at": BEGIN,
                "expires_at": BEGIN,
            }
            for it in USERS
        ],
        "refresh_tokens": [
            {
                "token_hash": f"{it * 7919 % 256:064x}",
                "login_id": USERS[it % 2],
                "issued_at": BEGIN,
                "expires_at": BEGIN,
                "spent_at": BEGIN,
                "seed": bytes(range(it, it + 32)),
            }
            for it in range(20)
        ],
        "timers": [{"user_id": it, "version": 3, "cycle_done": 2, "warned": it == 1} for it in USERS],
    }
    rows["intervals"] = [
        {
            "interval_id": it,
            "owner_id": USERS[it % 2],
            "task_id": it % 100 + 1 if it % 4 else None,
            "phase": "focus" if it % 2 else "short_break",
            "status": "completed" if it % 5 else "stopped",
            "started_at": BEGIN + it * 30 * MINUTE,
            "ended_at": BEGIN + it * 30 * MINUTE + 25 * MINUTE + it % 1000,
            "planned": 25 * MINUTE,
            "zone": "Europe/Berlin",
            "local_start": BEGIN // 1_000_000 + it * 30 * 60 + 3600,
            "note": "" if it % RARE else "ein Ärgernis 🍅",
        }
        for it in range(1, count + 1)
    ]
    rows["gaps"] = [
        {
            "interval_id": row["interval_id"],
            "started_at": row["started_at"],
            "ended_at": row["ended_at"],
            "reason": "pause",
        }
        for row in rows["intervals"][::RARE]
    ]
    rows["interruptions"] = [
        {"interval_id": row["interval_id"], "kind": "external", "at": row["started_at"], "note": "phone"}
        for row in rows["intervals"][::RARE]
    ]
    rows["events"] = [
        {
            "user_id": USERS[it % 2],
            "seq": it,
            "type": "interval.completed",
            "at": BEGIN + it,
            "data": {"interval_id": it, "task": "Ä"},
        }
        for it in range(1, count // 10 + 1)
    ]
    return rows


def content(file: str) -> dict[str, list[Any]]:
    """Answer all that is in a SQLite file, as SQLite itself tells it."""
    with closing(sqlite3.connect(file)) as connection:
        return {
            table.name: connection.execute(
                f"SELECT * FROM {table.name} ORDER BY {', '.join(it.name for it in table.primary_key)}"
            ).fetchall()
            for table in TABLES
        }
