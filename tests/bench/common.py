"""What the benches share: a daemon of their own, whole processes timed in pairs, and percentiles."""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

PYTHON = sys.executable


@contextmanager
def home() -> Iterator[dict[str, str]]:
    """Give an environment of its own, and take it away with the daemon in it."""
    folder = tempfile.mkdtemp(prefix="pomo-bench-", dir="/tmp")
    runtime = Path(folder, "run")
    runtime.mkdir(mode=0o700)
    try:
        yield {"HOME": folder, "PATH": "/usr/bin:/bin", "XDG_RUNTIME_DIR": str(runtime), "LANG": "C.UTF-8"}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def daemon(env: dict[str, str], config: str = "") -> Iterator[tuple[int, str]]:
    """Run a daemon; give its pid and its socket."""
    if config:
        file = Path(env["HOME"], ".config/pomo/config.toml")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(config, encoding="utf-8")
    process = subprocess.Popen([PYTHON, "-m", "pomo_daemon"], env=env, stderr=subprocess.DEVNULL)
    lock = Path(env["HOME"], ".local/share/pomo/daemon.lock")
    lines: list[str] = []
    try:
        for _ in range(1000):
            if lock.exists() and len(lines := lock.read_text().split("\n")) > 3:
                break
            time.sleep(0.02)
        yield process.pid, lines[2]
    finally:
        process.terminate()
        process.wait(20)


def wall(command: Sequence[str], env: dict[str, str]) -> float:
    """Run a whole process; answer its wall time in milliseconds."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    actions = [(os.POSIX_SPAWN_DUP2, nowhere, fd) for fd in (0, 1, 2)]
    start = time.perf_counter()
    pid = os.posix_spawn(command[0], list(command), env, file_actions=actions)
    _, status = os.waitpid(pid, 0)
    took = time.perf_counter() - start
    os.close(nowhere)
    if status:
        raise SystemExit(f"{command} ended with {os.waitstatus_to_exitcode(status)}")
    return took * 1000


def paired(commands: dict[str, Sequence[str]], env: dict[str, str], runs: int = 40) -> dict[str, float]:
    """Time commands in turn, A B C A B C …, after three rounds of warm-up; answer the median of each."""
    times: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(runs + 3):
        for name, command in commands.items():
            took = wall(command, env)
            if number >= 3:
                times[name].append(took)
    return {name: statistics.median(values) for name, values in times.items()}


def percentile(values: Sequence[float], part: float) -> float:
    """Answer the value below which `part` of the values lie."""
    return sorted(values)[min(int(len(values) * part), len(values) - 1)]


def verdict(name: str, value: float, limit: float, unit: str = "") -> bool:
    """Print a figure beside its limit."""
    good = value <= limit
    print(f"{'ok  ' if good else 'OVER'} {name:<52} {value:8.2f}{unit}  (limit {limit}{unit})")
    return good
