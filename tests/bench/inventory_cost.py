"""What a long inventory costs: whole processes, with ten thousand tasks, against a bare Python in the same minute.

python tests/bench/inventory_cost.py [TASKS]
"""

import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec

from pomo_daemon.protocol.version import PROTOCOL, VERSION
from tests.bench.common import PYTHON, daemon, home, paired, verdict

#: What each may take, in milliseconds.
COMMANDS = {
    "task list": 300.0,
    "--complete bash 9 start ": 120.0,
    "--complete zsh 9 start task": 120.0,
    "--complete fish 9 start #99": 120.0,
}
_AT_ONCE = 100


def requests(count: int) -> Iterator[bytes]:
    """Answer the lines that make so many tasks, some with an estimate and a category."""
    hello = {"protocol": PROTOCOL, "client": "bench", "version": VERSION}
    asked = [("hello", hello), *(("category.add", {"name": f"Category {number}"}) for number in range(10))]
    for number in range(count):
        name = f"Task {number}: write down {'what is to be done ' * (number % 3)}".rstrip()
        fields = {"pomodoro_count": number % 7, "category": f"Category {number % 10}"} if number % 4 else {}
        asked.append(("task.add", {"name": name, **fields}))
    for number, (method, params) in enumerate(asked):
        yield msgspec.json.encode({"jsonrpc": "2.0", "id": number, "method": method, "params": params}) + b"\n"


def fill(path: str, count: int) -> None:
    """Make tasks through the daemon."""
    lines = list(requests(count))
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)
        answers = connection.makefile("rb")
        for first in range(0, len(lines), _AT_ONCE):
            sent = lines[first : first + _AT_ONCE]
            connection.sendall(b"".join(sent))
            for _ in sent:
                if b'"error"' in (answer := answers.readline()) or not answer:
                    raise SystemExit(answer.decode())


def main() -> int:
    """Measure; answer 1 if a limit is broken."""
    count = int(sys.argv[1]) if sys.argv[1:] else 10_000
    good = True
    with home() as env, daemon(env) as (_, path):
        fill(path, count)
        floor = [PYTHON, "-I", "-S", "-c", "pass"]
        pomo = str(Path(PYTHON).with_name("pomo"))
        for words, limit in COMMANDS.items():
            ms = paired({"floor": floor, "pomo": [pomo, *words.split(" ")]}, env, runs=20)
            ratio = ms["pomo"] / ms["floor"]
            good &= verdict(f"pomo {words} ({ratio:.1f} x {ms['floor']:.1f} ms)", ms["pomo"], limit, " ms")
    return not good


if __name__ == "__main__":
    sys.exit(main())
