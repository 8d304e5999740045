"""What a long history costs: reports, and the status and the start beside it; against timew and watson where they are.

python tests/bench/report_cost.py [INTERVALS]      a million unless said
"""

import asyncio
import json
import os
import shutil
import socket
import sqlite3
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from pomo_daemon.adapters.db.migrate import prepare
from tests.bench.common import PYTHON, daemon, home, paired, percentile, verdict, wall

HELLO = b'{"jsonrpc":"2.0","id":1,"method":"hello","params":{"protocol":1}}\n'
POMO = str(Path(PYTHON).parent / "pomo")
#: A focus and a break each half hour, round the clock: more than anybody does, so 1,000,000 are 28 years.
STEP, FOCUS, BREAK = 1800, 1500, 300


def moments(count: int) -> Iterator[tuple[int, int, str, int | None]]:
    """Give start and end (seconds), phase and task of intervals, the last ones today."""
    first = int(datetime.now(UTC).timestamp()) // STEP * STEP - STEP * (count // 2 + 1)
    for number in range(count // 2):
        start = first + number * STEP
        yield start, start + FOCUS, "focus", number // 40 % 300 + 1
        yield start + FOCUS, start + FOCUS + BREAK, "short_break", None


def fill(file: str, count: int) -> None:
    """Make a database with a history."""
    Path(file).parent.mkdir(parents=True, exist_ok=True)
    asyncio.run(prepare(f"sqlite+aiosqlite:///{file}", datetime.now(UTC)))
    with closing(sqlite3.connect(file)) as connection:
        user = (os.getuid(), "bench")
        connection.execute("INSERT INTO users VALUES (1, ?, NULL, NULL, ?, 0, 0, 0)", (user[1], user[0]))
        connection.execute("INSERT INTO timers (user_id, version, cycle_done, warned) VALUES (1, 0, 0, 0)")
        connection.executemany(
            "INSERT INTO tasks (task_id, owner_id, name, description, pomodoro_count, created_at, updated_at)"
            " VALUES (?, 1, ?, '', 0, 0, 0)",
            ((it, f"task {it}") for it in range(1, 301)),
        )
        connection.executemany(
            "INSERT INTO intervals (owner_id, task_id, phase, status, started_at, ended_at, planned, zone, note,"
            " local_start) VALUES (1, ?, ?, 'completed', ?, ?, ?, 'UTC', '', ?)",
            (
                (task, phase, start * 10**6, end * 10**6, (end - start) * 10**6, start)
                for start, end, phase, task in moments(count)
            ),
        )
        connection.commit()


def ask(connection: socket.socket, method: str, **params: object) -> bytes:
    """Ask the daemon, and answer the whole line."""
    connection.sendall(json.dumps({"jsonrpc": "2.0", "id": 2, "method": method, "params": params}).encode() + b"\n")
    line = b""
    while not line.endswith(b"\n"):
        line += connection.recv(1 << 20)
    assert b'"result"' in line, line
    return line


def timed(connection: socket.socket, method: str, count: int = 40, **params: object) -> float:
    """Answer the median of the milliseconds that a method takes."""
    times = []
    for _ in range(count):
        start = time.perf_counter()
        ask(connection, method, **params)
        times.append((time.perf_counter() - start) * 1000)
    return percentile(times, 0.5)


def starts(connection: socket.socket) -> float:
    """Answer the median of the milliseconds that a start takes."""
    return timed(connection, "timer.start", replace=True)


def scale(count: int) -> bool:
    """Measure a long history against an empty one, on two daemons in turn."""
    good = True
    with home() as long_env, home() as empty_env:
        fill(f"{long_env['HOME']}/.local/share/pomo/pomo.db", count)
        with daemon(long_env) as (_, long_path), daemon(empty_env) as (_, empty_path):
            long, empty = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)
            for connection, path in ((long, long_path), (empty, empty_path)):
                connection.connect(path)
                connection.sendall(HELLO)
                connection.recv(65536)
            begin = time.perf_counter()
            ask(long, "report.period", period="year")
            print(f"# the first report counts {count} intervals, once: {time.perf_counter() - begin:.1f} s")
            good &= verdict("report year, the daemon's answer", timed(long, "report.period", period="year"), 5, " ms")
            for by in ("task", "hour", "weekday"):
                print(f"# by {by}: {timed(long, 'report.period', 10, period='year', by=by):.0f} ms")
            print(f"# streak, of all days: {timed(long, 'report.calendar', 10):.0f} ms")
            for name, call in (("status", lambda it: timed(it, "timer.status", 400)), ("start", starts)):
                pairs = [(call(long), call(empty)) for _ in range(7)]
                ratio = percentile([one / other for one, other in pairs], 0.5)
                good &= verdict(
                    f"{name} beside {count} intervals, x that of none", ratio, 1.1 if name == "status" else 1.2, " x"
                )
    return good


def rivals(count: int) -> bool:
    """Measure whole commands on one history of `count` focus intervals: ours, timew's and watson's."""
    good = True
    with home() as env:
        env["TIMEWARRIORDB"], env["WATSON_DIR"] = f"{env['HOME']}/timew", f"{env['HOME']}/watson"
        fill(f"{env['HOME']}/.local/share/pomo/pomo.db", 2 * count)
        commands: dict[str, Sequence[str]] = {"pomo": [POMO, "report", "year"]}
        focus = [it for it in moments(2 * count) if it[2] == "focus"]
        if timew := shutil.which("timew"):
            months: dict[str, list[str]] = {}
            for start, end, _, task in focus:
                begin, over = (datetime.fromtimestamp(it, UTC) for it in (start, end))
                line = f'inc {begin:%Y%m%dT%H%M%SZ} - {over:%Y%m%dT%H%M%SZ} # "task {task}"\n'
                months.setdefault(f"{begin:%Y-%m}", []).append(line)
            os.makedirs(f"{env['TIMEWARRIORDB']}/data")
            Path(env["TIMEWARRIORDB"], "timewarrior.cfg").touch()
            for month, lines in months.items():
                Path(env["TIMEWARRIORDB"], "data", f"{month}.data").write_text("".join(lines))
            commands["timew"] = [timew, "summary", ":year"]
        watson = Path(PYTHON).parent / "watson"
        if watson.exists():
            frames = [[start, end, f"task {task}", uuid.UUID(int=start).hex, [], end] for start, end, _, task in focus]
            os.makedirs(env["WATSON_DIR"])
            Path(env["WATSON_DIR"], "frames").write_text(json.dumps(frames))
            commands["watson"] = [str(watson), "report", "--year", "--no-pager"]
        for name in ("timew", "watson"):
            if name not in commands:
                print(f"# {name} is not installed: nothing to hold pomo against")
        with daemon(env):
            wall(commands["pomo"], env)
            ms = paired(commands, env, runs=3)
        for name, limit in (("timew", 0.1), ("watson", 0.01)):
            if name in ms:
                words = f"pomo report year ({ms['pomo']:.0f} ms), x {name} ({ms[name]:.0f} ms) on {count} intervals"
                good &= verdict(words, ms["pomo"] / ms[name], limit, " x")
    return good


def main() -> int:
    """Measure; answer 1 if a limit is broken."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    good = scale(count)
    good &= rivals(min(count, 100_000))
    return not good


if __name__ == "__main__":
    sys.exit(main())
