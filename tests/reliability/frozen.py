"""Redis, PostgreSQL, the notification server and a hook stand still, all at once; whoever asks is answered."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Final

from tests.e2e.desktop import Desktop
from tests.e2e.user import User, until
from tests.fakes.servers import Postgres, Valkey
from tests.integration.server.wire import Wire
from tests.reliability.frame import Campaign, Outcome, Scale, percentile
from tests.reliability.homes import somebody

FIGURE: Final = "frozen Redis, PostgreSQL, notifier and hook: `pomo status`"


def processes(marked: str) -> list[int]:
    """Answer the processes that have a folder in their command line, or work for one that has."""
    found: dict[int, tuple[int, bytes]] = {}
    for pid in map(int, filter(str.isdecimal, os.listdir("/proc"))):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as command, open(f"/proc/{pid}/stat", "rb") as state:
                found[pid] = int(state.read().rsplit(b")", 1)[1].split()[1]), command.read()
        except OSError:
            continue
    named = {pid for pid, (_, command) in found.items() if marked.encode() in command}
    return sorted(named | {pid for pid, (parent, _) in found.items() if parent in named})


@contextmanager
def frozen(*folders: str) -> Iterator[None]:
    """Let the servers in these folders do nothing at all."""
    stopped = [pid for folder in folders for pid in processes(folder) if pid != os.getpid()]
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in stopped:
            os.kill(pid, signal.SIGCONT)


def hang_a_hook(user: User) -> None:
    """Give the user a hook that does not end."""
    folder = f"{user.env['HOME']}/.config/pomo/hooks/interval.started.d"
    os.makedirs(folder)
    path = f"{folder}/hangs"
    with open(path, "w", encoding="utf-8") as file:
        file.write('#!/bin/sh\ntouch "$HOME/hangs"\nexec sleep 60\n')
    os.chmod(path, 0o700)


def ask(user: User, asked: int, commands: int) -> tuple[list[float], list[float], list[str]]:
    """Ask the daemon, and by the command; answer how long each took, and what was answered wrong."""
    waits, whole, broken = [], [], []
    with Wire(user.socket) as wire:
        for _ in range(asked):
            began = time.perf_counter()
            code, text = wire.text("status default - plain")
            waits.append(time.perf_counter() - began)
            if code or not text.startswith("focus"):
                broken.append(f"{code}: {text}")
            time.sleep(0.005)
    for _ in range(commands):
        began = time.perf_counter()
        done = user.run("status")
        whole.append(time.perf_counter() - began)
        if done.code:
            broken.append(str(done))
    return waits, whole, broken


def campaign(asked: int, commands: int, most_ms: int) -> Outcome:
    """Let everything stand still, and ask."""
    with ExitStack() as stack:
        postgres, valkey = stack.enter_context(Postgres()), stack.enter_context(Valkey())
        user = stack.enter_context(somebody())
        stack.enter_context(Desktop(user.env["XDG_RUNTIME_DIR"], hanging=True))
        user.env["POMO_DATABASE_URL"] = postgres.new_database()
        user.write_config(f'[profiles.default]\nredis_url = "{valkey.url}"\n')
        hang_a_hook(user)
        assert user.start_daemon() == 0
        user.pomo("start", "Write report", "--duration", "1s")
        user.pomo("start", "Write report", "--replace")
        until(lambda: os.path.exists(f"{user.env['HOME']}/hangs"))
        with frozen(postgres.folder, valkey.folder):
            waits, whole, broken = ask(user, asked, commands)
    p99, command = percentile(waits, 0.99) * 1000, percentile(whole, 0.99) * 1000
    if p99 > most_ms:
        broken.append(f"p99 {p99:.1f} ms")
    measured = f"p99 {p99:.1f} ms of the answer, {command:.0f} ms of the whole command"
    again = f"python -m tests.reliability frozen {asked=} {commands=} {most_ms=}"
    return Outcome({FIGURE: f"{measured}; {len(broken)} wrong"}, [f"{it}: {again}" for it in broken])


CAMPAIGN: Final = Campaign(
    name="frozen",
    timed=True,
    alone=True,
    shows="A profile on PostgreSQL and Redis, both stopped by SIGSTOP; a notification server and a hook that hang.",
    figures={FIGURE: "p99 <= 50 ms"},
    run=campaign,
    amounts={
        Scale.PART: {"asked": 100, "commands": 3, "most_ms": 1000},
        Scale.FULL: {"asked": 1000, "commands": 50, "most_ms": 50},
        Scale.LONG: {"asked": 10_000, "commands": 500, "most_ms": 50},
    },
)
