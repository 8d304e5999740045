"""What the daemon costs: memory, wake-ups and CPU while a timer runs, rate of reads, fan-out, lateness of the alarm.

Each figure stands beside its limit; floors (a bare asyncio echo, a bare asyncio process) are measured in the same run.
"""

import asyncio
import json
import os
import select
import socket
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

from pomo_daemon.adapters.alarm import SchedulerAlarm
from pomo_daemon.adapters.clock import SystemClock
from tests.bench.common import PYTHON, daemon, home, percentile, verdict

ECHO = """
import asyncio, sys
class Echo(asyncio.Protocol):
    def connection_made(self, transport): self.transport = transport
    def data_received(self, data): self.transport.write(data)
async def main():
    server = await asyncio.get_running_loop().create_unix_server(Echo, sys.argv[1])
    await server.serve_forever()
asyncio.run(main())
"""
STATUS = b'{"jsonrpc":"2.0","id":1,"method":"timer.status"}\n'
HELLO = b'{"jsonrpc":"2.0","id":1,"method":"hello","params":{"protocol":1}}\n'
WATCHED_S = 60
FIRINGS = 60


def connect(path: str, greet: bytes = b"") -> socket.socket:
    """Connect, and say hello."""
    made = socket.socket(socket.AF_UNIX)
    made.connect(path)
    if greet:
        made.sendall(greet)
        made.recv(65536)
    return made


def rate(path: str, question: bytes, greet: bytes = b"", count: int = 30_000) -> float:
    """Answer the round trips a second on one connection."""
    with connect(path, greet) as it:
        start = time.perf_counter()
        for _ in range(count):
            it.sendall(question)
            it.recv(65536)
        return count / (time.perf_counter() - start)


def latencies(path: str, connections: int, count: int, greet: bytes = b"") -> list[float]:
    """Answer the milliseconds of each of `count` reads in all, on connections that each ask again once answered."""
    found: list[float] = []
    poll = select.epoll()
    asked: dict[int, tuple[socket.socket, float]] = {}
    for it in [connect(path, greet) for _ in range(connections)]:
        poll.register(it.fileno(), select.EPOLLIN)
        asked[it.fileno()] = it, time.perf_counter()
        it.sendall(STATUS)
    while len(found) < count:
        for fd, _ in poll.poll(5):
            it, since = asked[fd]
            it.recv(65536)
            now = time.perf_counter()
            found.append((now - since) * 1000)
            asked[fd] = it, now
            it.sendall(STATUS)
    return found


def fan_out(path: str, subscribers: int) -> float:
    """Answer the milliseconds until the last of many subscribers has an event, from the first one's on."""
    subscribe = b'{"jsonrpc":"2.0","id":2,"method":"events.subscribe"}\n'
    followers = [connect(path, HELLO) for _ in range(subscribers)]
    for it in followers:
        it.sendall(subscribe)
        it.recv(65536)
    poll = select.epoll()
    by_fd = {it.fileno(): it for it in followers}
    for fd in by_fd:
        poll.register(fd, select.EPOLLIN)
    with connect(path, HELLO) as it:
        it.sendall(b'{"jsonrpc":"2.0","id":3,"method":"timer.toggle"}\n')
        first = 0.0
        waiting = set(by_fd)
        while waiting:
            for fd, _ in poll.poll(5):
                first = first or time.perf_counter()
                waiting.discard(fd)
                by_fd[fd].recv(65536)
        return (time.perf_counter() - first) * 1000


def switches(pid: int) -> tuple[int, float]:
    """Answer how often a process has gone to sleep so far, in all its threads, and its CPU time in milliseconds."""
    slept = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        text = (task / "status").read_text()
        slept += int(text.split("voluntary_ctxt_switches:")[1].split()[0])
    run_ns = int(Path(f"/proc/{pid}/schedstat").read_text().split()[0])
    return slept, run_ns / 1e6


def rss(pid: int) -> float:
    """Answer the resident memory in MiB."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") / 2**20


async def rings() -> list[float]:
    """Answer by how many milliseconds each ring of the real alarm, alone in its loop, came after its moment."""
    late: list[float] = []
    rang = asyncio.Event()
    alarm = SchedulerAlarm(SystemClock(), lambda _user: rang.set())
    alarm.start()
    for _ in range(FIRINGS):
        rang.clear()
        due = time.clock_gettime(time.CLOCK_BOOTTIME) + 0.5
        alarm.set(1, timedelta(seconds=0.5))
        await rang.wait()
        late.append((time.clock_gettime(time.CLOCK_BOOTTIME) - due) * 1000)
    alarm.stop()
    return late


def lateness(path: str) -> tuple[list[float], list[float]]:
    """Run intervals of one second; answer by how many milliseconds each deadline was settled, and told here, too late.

    Before the first lies the beginning of a transaction, between the two the commit.
    """
    settled, told = [], []
    with connect(path, HELLO) as follower, connect(path, HELLO) as it:
        follower.sendall(b'{"jsonrpc":"2.0","id":2,"method":"events.subscribe"}\n')
        lines = follower.makefile("rb")
        lines.readline()
        for _ in range(FIRINGS):
            it.sendall(b'{"jsonrpc":"2.0","id":3,"method":"timer.start","params":{"duration_s":1,"replace":true}}\n')
            it.recv(65536)
            while True:
                event = json.loads(lines.readline())["params"]
                if event["type"] == "interval.completed":
                    break
            now = time.clock_gettime(time.CLOCK_REALTIME)
            deadline, seen = (
                datetime.fromisoformat(it).timestamp() for it in (event["at"], event["data"]["noticed_at"])
            )
            settled.append((seen - deadline) * 1000)
            told.append((now - deadline) * 1000)
    return settled, told


def main() -> int:
    """Measure; answer 1 if a limit is broken."""
    good = True
    with home() as env, tempfile.TemporaryDirectory(dir="/tmp") as folder:
        echo_path = f"{folder}/echo"
        echo = subprocess.Popen([PYTHON, "-c", ECHO, echo_path])
        with daemon(env, "[daemon]\nmax_connections = 1100\n") as (pid, path):
            while not os.path.exists(echo_path):
                time.sleep(0.02)
            with connect(path, HELLO) as it:
                it.sendall(b'{"jsonrpc":"2.0","id":1,"method":"timer.start"}\n')
                it.recv(65536)
            time.sleep(1)
            good &= verdict("memory, x bare asyncio", rss(pid) / rss(echo.pid), 2.6, " x")
            before = switches(pid)
            time.sleep(WATCHED_S)
            after = switches(pid)
            minutes = WATCHED_S / 60
            good &= verdict("wake-ups a minute, timer running", (after[0] - before[0]) / minutes, 1)
            good &= verdict("CPU a minute, timer running", (after[1] - before[1]) / minutes, 1, " ms")
            floors, ours, texts = [], [], []
            for _ in range(5):
                floors.append(rate(echo_path, STATUS))
                ours.append(rate(path, STATUS, HELLO))
                texts.append(rate(path, b"status default - plain\n"))
            floor = sorted(floors)[2]
            print(f"# bare echo {floor:.0f}/s, timer.status {sorted(ours)[2]:.0f}/s, text {sorted(texts)[2]:.0f}/s")
            good &= verdict("bare echo's rate, x that of timer.status", floor / sorted(ours)[2], 2, " x")
            good &= verdict("bare echo's rate, x that of the text line", floor / sorted(texts)[2], 2, " x")
            bare, times = latencies(echo_path, 16, 30_000), latencies(path, 16, 30_000, HELLO)
            print(f"# 16 connections at once, p99: bare echo {percentile(bare, 0.99):.2f} ms")
            good &= verdict("read on 16 connections at once, p99", percentile(times, 0.99), 1, " ms")
            fans = sorted(fan_out(path, 1000) for _ in range(3))
            good &= verdict("an event to 1,000 subscribers, the last one", fans[1], 12, " ms")
            settled, told = (percentile(times, 0.5) for times in lateness(path))
            print(
                f"# an end is settled {settled:.1f} ms after its deadline, told after {told:.1f} ms, committed by then"
            )
            late = asyncio.run(rings())
            good &= verdict("lateness of the alarm, p99", percentile(late, 0.99), 5, " ms")
            good &= verdict("earliest alarm before its moment", -min(late), 0, " ms")
        echo.terminate()
    return not good


if __name__ == "__main__":
    sys.exit(main())
