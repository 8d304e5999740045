"""What the segment of `pomo shell-init` adds to a prompt of bash: processor time over many calls, less an empty one."""

import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

from tests.bench.common import PYTHON, home, verdict

ROUNDS = 20_000
LIMIT_US = 50.0


def microseconds(init: Path, call: str, env: dict[str, str]) -> float:
    """Answer the processor time of a call, user's and system's, as bash itself tells it."""
    script = f". {init}\nTIMEFORMAT='%U %S'\ntime for ((i = 0; i < {ROUNDS}; i++)); do {call}; done"
    done = subprocess.run(["bash", "--norc", "-c", script], env=env, capture_output=True, text=True, check=True)
    return sum(map(float, done.stderr.split()[-2:])) * 1e6 / ROUNDS


def main() -> int:
    """Measure; answer 1 if the limit is broken."""
    if shutil.which("bash") is None:
        print("bash is not installed")
        return 0
    with home() as env:
        init = Path(env["HOME"], "init.bash")
        printed = subprocess.run(
            [PYTHON, "-m", "pomo_cli", "shell-init", "bash"], env=env, capture_output=True, text=True, check=True
        )
        init.write_text(printed.stdout, encoding="utf-8")
        files = re.findall(r"^__pomo_files=(.*)$", printed.stdout, re.MULTILINE)[0]
        file = Path(f"{files.strip(chr(39))}.status")
        file.parent.mkdir(mode=0o700, exist_ok=True)
        now = int(time.time())
        good = True
        for name, text in {
            "a focus that runs": f"down {now + 1500} {now + 9000} ● Write the yearly report\n",
            "a break long due": f"down {now - 4000} {now + 9000} ◔ short break due\n",
            "nothing": "",
        }.items():
            file.write_text(text, encoding="utf-8") if text else file.unlink()
            best = min(microseconds(init, "__pomo_prompt", env) - microseconds(init, ":", env) for _ in range(3))
            good &= verdict(f"bash prompt, {name}", best, LIMIT_US, " us")
    return not good


if __name__ == "__main__":
    sys.exit(main())
