"""Connections that ask nothing, followers that do not read, no descriptor left, a flooded log, a week of asking."""

import os
import resource
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from typing import Final

from tests.e2e.user import User
from tests.integration.server.wire import Wire, error_of, greeted
from tests.reliability.frame import Campaign, Outcome, Scale, percentile
from tests.reliability.homes import running_daemon, somebody

IDLE: Final = "idle connections"
DEAF: Final = "followers that do not read"
DESCRIPTORS: Final = "no descriptor left"
LOG: Final = "a flooded log"
WEEK: Final = "a week of bars that ask and of a user's commands: memory"
HELLO: Final = b'{"jsonrpc":"2.0","id":1,"method":"hello","params":{"protocol":1}}\n'
#: Descriptors for all else that a process has open.
RESERVE: Final = 200
#: What a log may take on the disk: two files of 1 MiB, and a line.
LOG_BYTES: Final = 2 * 1024 * 1024 + 4096
FLOOD: Final = """
import logging, sys
from pomo_daemon.adapters.logs import configure
configure(sys.argv[1], "info", foreground=False)
for number in range(int(sys.argv[2])):
    logging.getLogger("flood").warning("the same again: %d", number)
    logging.getLogger("flood").warning(f"another one: {number} " + "x" * 200)
"""


def memory_kib(pid: int) -> int:
    """Answer what a process keeps in memory."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS:"))


def asked(wire: Wire, count: int) -> float:
    """Answer the 99th percentile of so many answers, in milliseconds."""
    waits = []
    for _ in range(count):
        began = time.perf_counter()
        code, _text = wire.text("status default - plain")
        assert code == 0
        waits.append(time.perf_counter() - began)
    return percentile(waits, 0.99) * 1000


def idle(wanted: int) -> tuple[str, list[str]]:
    """Open as many connections as there may be descriptors for, and leave them alone."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    count = min(wanted, hard - RESERVE)
    with somebody() as user, ExitStack() as stack:
        user.write_config(f"[daemon]\nmax_connections = {count + 1}\n")
        assert user.start_daemon() == 0
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, count + RESERVE), hard))
        stack.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        before = memory_kib(user.pid)
        for _ in range(count):
            client = stack.enter_context(socket.socket(socket.AF_UNIX))
            client.connect(user.socket)
            client.sendall(HELLO)
            client.recv(1024)
        wire = stack.enter_context(Wire(user.socket))
        p99 = asked(wire, 500)
        grown = (memory_kib(user.pid) - before) / 1024
        # Each beyond the limit is told so.
        told = {error_of(stack.enter_context(Wire(user.socket)).message())["code"] for _ in range(20)}
        broken = [] if told == {"protocol.busy"} else [f"those beyond the limit were told {told}"]
    return f"{count:,}: p99 of others {p99:.1f} ms, {grown:.0f} MiB", broken


def deaf(followers: int, commands: int) -> tuple[str, list[str]]:
    """Follow without reading while much happens."""
    with running_daemon() as user, ExitStack() as stack:
        acting = stack.enter_context(greeted(user.socket))
        acting.call("timer.start", task="x" * 200)
        for _ in range(followers):
            stack.enter_context(greeted(user.socket)).request("events.subscribe")
        before, waits = memory_kib(user.pid), []
        for _ in range(commands):
            began = time.perf_counter()
            acting.call("timer.start", task="x" * 200, replace=True)
            waits.append(time.perf_counter() - began)
        grown = (memory_kib(user.pid) - before) / 1024
        most = 2.0 * followers + 16
        broken = [] if grown < most else [f"{followers} followers took {grown:.0f} MiB"]
    return f"{followers}: p99 of a command {percentile(waits, 0.99) * 1000:.1f} ms, {grown:.0f} MiB", broken


def descriptors() -> tuple[str, list[str]]:
    """Leave a daemon few descriptors, take them all, and give them back."""
    broken = []
    with somebody() as user:
        assert user.start_daemon("prlimit", "--nofile=128:128") == 0
        with greeted(user.socket) as known:
            with ExitStack() as stack:
                told = 0
                for _ in range(300):
                    wire = stack.enter_context(Wire(user.socket))
                    wire._socket.settimeout(0.05)
                    with suppress(TimeoutError):
                        told += error_of(wire.message())["code"] == "protocol.busy"
                if known.call("timer.start", task="Write report")["status"]["state"] != "focus":
                    broken.append("whoever was there already is not served")
                if not told:
                    broken.append("nobody was told that the daemon is busy")
            pid = user.pid
            if not user.pomo("status").startswith("focus") or user.pid != pid:
                broken.append("afterwards nobody is served")
    return f"{told} of 300 were told 'busy', whoever was there was served", broken


def flood(lines: int) -> tuple[str, list[str]]:
    """Log the same, and nearly the same, again and again."""
    with somebody() as user:
        folder = f"{user.env['HOME']}/log"
        subprocess.run([sys.executable, "-c", FLOOD, f"{folder}/daemon.log", str(lines)], check=True, timeout=120)
        size = sum(os.path.getsize(f"{folder}/{it}") for it in os.listdir(folder))
    broken = [] if size <= LOG_BYTES else [f"the log takes {size:,} bytes"]
    return f"{2 * lines:,} lines: {size / 1024:.0f} KiB on the disk", broken


def week(questions: int, commands: int) -> tuple[str, list[str]]:
    """Ask as often as a bar and a prompt do in a week, and start and stop as a user does."""
    with running_daemon() as user, greeted(user.socket) as wire:
        _use(user, wire, questions // 10, commands // 10)
        before = memory_kib(user.pid)
        _use(user, wire, questions, commands)
        drift = (memory_kib(user.pid) - before) / before * 100
    broken = [] if drift < 5 else [f"the memory grew by {drift:.1f} %"]
    return f"{questions:,} questions, {commands:,} commands: {drift:+.1f} %", broken


def _use(user: User, wire: Wire, questions: int, commands: int) -> None:
    each = max(questions // max(commands, 1), 1)
    lines = b"status default - plain\n" * each
    with Wire(user.socket) as bar:
        for _ in range(commands):
            wire.call("timer.start", task="Write report", replace=True)
            bar.send(lines)
            for _ in range(each):
                head = bar.line()
                assert head.startswith(b"ok "), head
                rest = int(head[3:]) - len(bar._rest)
                while rest > 0:
                    piece = bar._more()
                    bar._rest += piece
                    rest -= len(piece)
                bar._rest = bar._rest[int(head[3:]) :]


def campaign(idle_ones: int, followers: int, commands: int, lines: int, questions: int) -> Outcome:
    """Neglect a daemon in every way."""
    found = {
        IDLE: idle(idle_ones),
        DEAF: deaf(followers, commands),
        DESCRIPTORS: descriptors(),
        LOG: flood(lines),
        WEEK: week(questions, commands),
    }
    broken = [f"{figure}: {it}" for figure, (_, wrong) in found.items() for it in wrong]
    again = f"python -m tests.reliability neglect {idle_ones=} {followers=} {commands=} {lines=} {questions=}"
    return Outcome({figure: said for figure, (said, _) in found.items()}, [f"{it}: {again}" for it in broken])


CAMPAIGN: Final = Campaign(
    name="neglect",
    timed=True,
    alone=True,
    shows="Connections that ask nothing, followers that do not read, a daemon with few descriptors, a flooded log, a "
    "week of use without its pauses.",
    figures={
        IDLE: "10,000, as far as the system allows",
        DEAF: "others are served, memory bounded",
        DESCRIPTORS: "told so, and served again afterwards",
        LOG: "<= 2 MiB",
        WEEK: "drift < 5 %",
    },
    run=campaign,
    amounts={
        Scale.PART: {"idle_ones": 500, "followers": 3, "commands": 150, "lines": 2_000, "questions": 5_000},
        Scale.FULL: {"idle_ones": 10_000, "followers": 20, "commands": 1_000, "lines": 30_000, "questions": 200_000},
        Scale.LONG: {
            "idle_ones": 10_000,
            "followers": 100,
            "commands": 5_000,
            "lines": 500_000,
            "questions": 5_000_000,
        },
    },
)
