"""What a team costs: daemons of many users on one PostgreSQL that holds a long record, and what each command waits.

python -m tests.bench.team_cost [DAEMONS] [INTERVALS] [COMMANDS A SECOND]      50, a million and 200 unless said

Of ten commands, as people and their bars give them, four ask for the status, three change the timer, two list tasks,
and one sums up the week. All arrive at a steady rate, each on a connection of its own.
"""

import asyncio
import json
import socket
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from subprocess import DEVNULL, Popen
from typing import Any

import psycopg

from pomo_daemon.adapters.db.migrate import prepare
from tests.bench.common import PYTHON, home, percentile, verdict
from tests.bench.report_cost import moments
from tests.fakes.servers import Postgres

PASSWORD = "correct horse battery staple"
SECONDS = 20
MIX = ("status", "toggle", "tasks", "status", "toggle", "report", "status", "tasks", "status", "toggle")


@contextmanager
def serving(env: dict[str, str], url: str) -> Iterator[str]:
    """Run the daemon of one user; give its socket."""
    file = Path(env["HOME"], ".config/pomo/config.toml")
    file.parent.mkdir(parents=True)
    file.write_text('[profiles.default]\nlogin = "password"\n', encoding="utf-8")
    process = Popen([PYTHON, "-m", "pomo_daemon"], env={**env, "POMO_DATABASE_URL": url}, stderr=DEVNULL)
    lock = Path(env["HOME"], ".local/share/pomo/daemon.lock")
    try:
        give_up = time.monotonic() + 60
        while not (lock.exists() and len(lines := lock.read_text().split("\n")) > 3):
            if time.monotonic() > give_up:
                raise SystemExit("a daemon does not start")
            time.sleep(0.02)
        yield lines[2]
    finally:
        process.terminate()
        process.wait(20)


def call(connection: socket.socket, method: str, **params: Any) -> Any:
    """Ask a daemon, and answer the result."""
    connection.sendall(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode() + b"\n")
    line = b""
    while not line.endswith(b"\n"):
        line += connection.recv(1 << 20)
    answer = json.loads(line)
    if "error" in answer:
        raise SystemExit(answer["error"])
    return answer["result"]


def register(path: str, name: str) -> str:
    """Make an account, log in, and answer the access token."""
    with closing(socket.socket(socket.AF_UNIX)) as connection:
        connection.connect(path)
        call(connection, "hello", protocol=1)
        call(connection, "auth.register", username=name, email=f"{name}@example.org", password=PASSWORD)
        found = call(connection, "auth.login", name=name, password=PASSWORD, device="bench")
        return str(found["access_token"])


def fill(url: str, users: int, count: int) -> None:
    """Give each user a part of the record."""
    each = count // users
    with closing(psycopg.connect(url.replace("+psycopg", ""), autocommit=True)) as connection:
        ids = [row[0] for row in connection.execute("SELECT user_id FROM users ORDER BY user_id")]
        for user in ids:
            connection.execute(
                "INSERT INTO tasks (owner_id, name, description, pomodoro_count, created_at, updated_at)"
                " SELECT %s, 'task ' || n, '', 2, 0, 0 FROM generate_series(1, 40) AS n",
                (user,),
            )
            copy = (
                "COPY intervals (owner_id, phase, status, started_at, ended_at, planned, zone, note, local_start)"
                " FROM STDIN"
            )
            with connection.cursor().copy(copy) as rows:
                for start, end, phase, _ in moments(each):
                    times = (start * 10**6, end * 10**6, (end - start) * 10**6)
                    rows.write_row((user, phase, "completed", *times, "UTC", "", start))
        connection.execute("ANALYZE")


def line_of(what: str, token: str, number: int) -> bytes:
    """Answer the bytes of a command."""
    text = {
        "status": f"status - {token} plain",
        "toggle": f"do - {token} bench{number:011} toggle",
        "report": f"report - {token} 80 plain week",
    }.get(what)
    if text is not None:
        return text.encode() + b"\n"
    hello = {"jsonrpc": "2.0", "id": 1, "method": "hello", "params": {"protocol": 1, "token": token}}
    listing = {"jsonrpc": "2.0", "id": 2, "method": "task.list", "params": {}}
    return b"".join(json.dumps(it).encode() + b"\n" for it in (hello, listing))


async def command(path: str, what: str, token: str, number: int) -> float:
    """Give a command, and answer the milliseconds until its answer was whole."""
    began = time.perf_counter()
    reader, writer = await asyncio.open_unix_connection(path)
    writer.write(line_of(what, token, number))
    writer.write_eof()
    answer = await reader.read()
    took = (time.perf_counter() - began) * 1000
    writer.close()
    if b"error" in answer[:60]:
        raise SystemExit(f"{what} was refused: {answer.decode()}")
    return took


async def load(team: list[tuple[str, str]], rate: int, seconds: float) -> dict[str, list[float]]:
    """Give commands at a steady rate, each to the next daemon; answer how long each kind took."""
    times: dict[str, list[float]] = {what: [] for what in MIX}
    tasks = set()
    begin = time.perf_counter()
    for number in range(int(rate * seconds)):
        await asyncio.sleep(max(begin + number / rate - time.perf_counter(), 0))
        path, token = team[number % len(team)]
        # Each goes through all kinds, but not all at one time through the same.
        what = MIX[(number + number // len(team)) % len(MIX)]
        task = asyncio.create_task(command(path, what, token, number))
        task.add_done_callback(lambda it, what=what: times[what].append(it.result()))  # type: ignore[misc]
        tasks.add(task)
    await asyncio.gather(*tasks)
    return times


@asynccontextmanager
async def team(url: str, size: int, count: int, stack: ExitStack) -> AsyncIterator[list[tuple[str, str]]]:
    """Give the sockets and tokens of a team with a record."""
    await prepare(url, datetime.now(UTC))
    paths = [stack.enter_context(serving(stack.enter_context(home()), url)) for _ in range(size)]
    found = [(path, register(path, f"user{number}")) for number, path in enumerate(paths)]
    fill(url, size, count)
    yield found


async def measure(size: int, count: int, rate: int) -> bool:
    """Measure; answer whether the limit was kept."""
    with ExitStack() as stack:
        server = stack.enter_context(Postgres())
        url = server.new_database()
        async with team(url, size, count, stack) as found:
            # The first report of a user counts the record, once.
            first = [await command(path, "report", token, 0) for path, token in found]
            print(f"# first report of a user: p50 {percentile(first, 0.5):.0f} ms")
            await load(found, 20, len(found) * len(MIX) / 20)
            times = await load(found, rate, SECONDS)
        with closing(psycopg.connect(url.replace("+psycopg", ""), autocommit=True)) as connection:
            connection.execute("ANALYZE")
            sizes = connection.execute(
                "SELECT relname, pg_total_relation_size(oid) / greatest(reltuples, 1) FROM pg_class"
                " WHERE relname IN ('intervals', 'events', 'changes', 'requests', 'days') ORDER BY relname"
            ).fetchall()
            print("# bytes a row, indexes included:", ", ".join(f"{name} {each:.0f}" for name, each in sizes))
            print("# connections:", connection.execute("SELECT count(*) FROM pg_stat_activity").fetchall()[0][0])
    for what, taken in times.items():
        print(f"# {what}: p50 {percentile(taken, 0.5):.1f} ms, p99 {percentile(taken, 0.99):.1f} ms")
    every = [it for taken in times.values() for it in taken]
    return verdict(
        f"{size} daemons, {count} intervals, {rate} commands a second: p99", percentile(every, 0.99), 50, " ms"
    )


def main() -> int:
    """Measure; answer 1 if the limit is broken."""
    given = [int(it) for it in sys.argv[1:]]
    size, count, rate = [*given, *(50, 1_000_000, 200)[len(given) :]]
    return not asyncio.run(measure(size, count, rate))


if __name__ == "__main__":
    sys.exit(main())
