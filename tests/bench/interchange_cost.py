"""What it costs to move a long history out and in: time, memory of both sides, and the status meanwhile.

python tests/bench/interchange_cost.py [INTERVALS]      a million unless said; a twentieth of them into PostgreSQL
"""

import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.common import daemon, home, percentile, verdict
from tests.bench.report_cost import HELLO, POMO, ask, fill
from tests.fakes.servers import Postgres

#: The limits for a million intervals. PostgreSQL calls the triggers of the totals for each row, though none are kept.
SECONDS, POSTGRESQL_SECONDS, MEGABYTES = 60, 240, 300


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


def bring(file: str, form: str, count: int, url: str = "") -> bool:
    """Measure an import into an empty database whose totals are kept, the same again, and its undo.

    `url`: an empty database of a server.
    """
    name, limit = (f"import {form}, PostgreSQL", POSTGRESQL_SECONDS) if url else (f"import {form}", SECONDS)
    with home() as own:
        env = {**own, "POMO_DATABASE_URL": url} if url else own
        with daemon(env) as (pid, path):
            timed(["report", "year"], env)
            print(f"# {name}: the daemon has {peak(pid):.0f} MB before")
            watcher = Watcher(path)
            watcher.start()
            before = spent(pid)
            took, memory = timed(["import", form, file], env)
            print(f"# the daemon computed {spent(pid) - before:.1f} s")
            watcher.over.set()
            watcher.join()
            good = verdict(f"{name} of {count} intervals", took, limit * max(count / 1e6, 0.05), " s")
            good &= verdict(f"{name}, memory of the command", memory, MEGABYTES, " MB")
            good &= verdict(f"{name}, status meanwhile, 99th percentile", percentile(watcher.times, 0.99), 250, " ms")
            print(f"# slowest {max(watcher.times):.0f} ms of {len(watcher.times)}")
            before = spent(pid)
            again, _ = timed(["import", form, file], env)
            print(f"# the daemon computed {spent(pid) - before:.1f} s")
            good &= verdict(f"{name}, a second time, x the first", again / took, 1, " x")
            for verb in ("undo", "redo"):
                timed([verb], env)
            good &= verdict(f"{name}, memory of the daemon", peak(pid), MEGABYTES, " MB")
            started = time.perf_counter()
            subprocess.run([POMO, "db", "check", "-q"], env=env, check=True)
            print(f"# db check, which recounts: {time.perf_counter() - started:.1f} s")
            return good


def written(folder: str, count: int) -> tuple[dict[str, str], bool]:
    """Export a history; answer the files, and whether that was cheap enough."""
    good = True
    files = {form: f"{folder}/{count}.{form}" for form in ("json", "csv")}
    with home() as env:
        fill(f"{env['HOME']}/.local/share/pomo/pomo.db", count)
        with daemon(env) as (pid, _):
            for form, file in files.items():
                good &= export(file, form, env, pid)
    return files, good


def main() -> int:
    """Measure; answer 1 if a limit is broken."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with TemporaryDirectory(prefix="pomo-bench-") as folder, Postgres() as server:
        files, good = written(folder, count)
        for form, file in files.items():
            good &= bring(file, form, count)
        files, _ = written(folder, count // 20)
        for form, file in files.items():
            good &= bring(file, form, count // 20, server.new_database())
    return not good


if __name__ == "__main__":
    sys.exit(main())
