"""What it costs to move a long history out and in: time, memory of both sides, and the status meanwhile.

python tests/bench/interchange_cost.py [INTERVALS]      a million unless said
"""

import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

from tests.bench.common import daemon, home, percentile, verdict
from tests.bench.report_cost import HELLO, POMO, ask, fill

#: The limits for a million intervals.
SECONDS, MEGABYTES = 60, 300


def peak(pid: int) -> float:
    """Answer the most memory that a process ever had, in MB."""
    [line] = [it for it in Path(f"/proc/{pid}/status").read_text().splitlines() if it.startswith("VmHWM")]
    return int(line.split()[1]) / 1024


class Watcher(threading.Thread):
    """Asks for the status all the time, and keeps how long each answer took, in milliseconds."""

    def __init__(self, path: str) -> None:
        super().__init__(daemon=True)
        self.times: list[float] = []
        self.over = threading.Event()
        self._connection = socket.socket(socket.AF_UNIX)
        self._connection.connect(path)
        self._connection.sendall(HELLO)
        self._connection.recv(65536)

    def run(self) -> None:
        while not self.over.wait(0.05):
            start = time.perf_counter()
            ask(self._connection, "timer.status")
            self.times.append((time.perf_counter() - start) * 1000)


def spent(pid: int) -> float:
    """Answer for how many seconds a process has had a processor: unlike others' load it is our doing."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def timed(words: list[str], env: dict[str, str]) -> tuple[float, float]:
    """Run a command; answer its seconds, and the most memory that it had, in MB."""
    start = time.perf_counter()
    process = subprocess.Popen([POMO, *words], env=env, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{words} ended with {process.returncode}")
    took = time.perf_counter() - start
    print(f"# {' '.join(words[:2])}: {took:.1f} s, of which the command computed {used.ru_utime + used.ru_stime:.1f} s")
    return took, used.ru_maxrss / 1024


def export(file: str, form: str, env: dict[str, str], pid: int) -> bool:
    """Measure an export."""
    took, memory = timed(["export", form, "-o", file], env)
    size = os.path.getsize(file) / 1e6
    print(f"# export {form}: {took:.1f} s, {size:.0f} MB")
    good = verdict(f"export {form}, memory of the command", memory, MEGABYTES, " MB")
    return good & verdict(f"export {form}, memory of the daemon", peak(pid), MEGABYTES, " MB")


def bring(file: str, form: str, count: int) -> bool:
    """Measure an import into an empty database whose totals are kept, then its undo."""
    with home() as env, daemon(env) as (pid, path):
        timed(["report", "year"], env)
        print(f"# import {form}: the daemon has {peak(pid):.0f} MB before")
        watcher = Watcher(path)
        watcher.start()
        before = spent(pid)
        took, memory = timed(["import", form, file], env)
        print(f"# the daemon computed {spent(pid) - before:.1f} s")
        watcher.over.set()
        watcher.join()
        good = verdict(f"import {form} of {count} intervals", took, SECONDS * max(count / 1e6, 0.05), " s")
        good &= verdict(f"import {form}, memory of the command", memory, MEGABYTES, " MB")
        good &= verdict(f"import {form}, memory of the daemon", peak(pid), MEGABYTES, " MB")
        good &= verdict(
            f"import {form}, status meanwhile, 99th percentile", percentile(watcher.times, 0.99), 250, " ms"
        )
        print(f"# slowest {max(watcher.times):.0f} ms of {len(watcher.times)}")
        took, _ = timed(["import", form, file], env)
        print(f"# a second time: {took:.1f} s")
        took, _ = timed(["undo"], env)
        print(f"# undo: {took:.1f} s; the daemon had {peak(pid):.0f} MB at most")
        took, _ = timed(["redo"], env)
        print(f"# redo: {took:.1f} s; the daemon had {peak(pid):.0f} MB at most")
        started = time.perf_counter()
        subprocess.run([POMO, "db", "check", "-q"], env=env, check=True)
        print(f"# db check, which recounts: {time.perf_counter() - started:.1f} s")
        return good


def main() -> int:
    """Measure; answer 1 if a limit is broken."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    good = True
    with home() as env:
        fill(f"{env['HOME']}/.local/share/pomo/pomo.db", count)
        files = {form: f"{env['HOME']}/all.{form}" for form in ("json", "csv")}
        with daemon(env) as (pid, _):
            for form, file in files.items():
                good &= export(file, form, env, pid)
        for form, file in files.items():
            good &= bring(file, form, count)
    return not good


if __name__ == "__main__":
    sys.exit(main())
