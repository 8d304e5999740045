"""What a login costs: reads by token beside reads by peer, on one connection and as text lines."""

import json
import subprocess
import sys
import time

from tests.bench.common import PYTHON, daemon, home, percentile, verdict
from tests.bench.daemon_cost import HELLO, STATUS, connect, rate

PASSWORD = "correct horse battery"


def milliseconds(path: str, greet: bytes, count: int = 2000) -> float:
    """Answer the median time of a read on a connection that was greeted."""
    times = []
    with connect(path, greet) as it:
        for _ in range(count):
            start = time.perf_counter()
            it.sendall(STATUS)
            it.recv(65536)
            times.append((time.perf_counter() - start) * 1000)
    return percentile(times, 0.5)


def main() -> int:
    """Measure; answer 1 if a limit is broken."""
    with home() as env, daemon(env) as (_pid, path):
        words = ("auth", "register", "--username", "ada", "--email", "a@b", "--password-stdin")
        command = [PYTHON, "-m", "pomo_cli", *words]
        subprocess.run(command, env=env, input=PASSWORD.encode(), check=True, stdout=subprocess.DEVNULL)
        with open(f"{env['HOME']}/.local/state/pomo/tokens/default", encoding="ascii") as opened:
            token = opened.readline().strip()
        hello = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "hello", "params": {"protocol": 1, "token": token}})
        greet = hello.encode() + b"\n"
        peers, tokens = [], []
        for _ in range(5):
            peers.append(milliseconds(path, HELLO))
            tokens.append(milliseconds(path, greet))
        peer, login = sorted(peers)[2], sorted(tokens)[2]
        print(f"# a read by peer {peer * 1000:.0f} us, by token {login * 1000:.0f} us")
        good = verdict("what a token adds to a request", login - peer, 1, " ms")
        plain, signed = [], []
        for _ in range(5):
            plain.append(rate(path, b"status default - plain\n", count=5000))
            signed.append(rate(path, f"status default {token} plain\n".encode(), count=5000))
        good &= verdict("text lines without a token, x those with", sorted(plain)[2] / sorted(signed)[2], 1.25, " x")
    return not good


if __name__ == "__main__":
    sys.exit(main())
