"""What a command costs as a whole process, in a clean environment made by each installer, against a bare Python.

python tests/bench/command_cost.py [pip] [uv] [pipx]      without names: those that are installed
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.bench.common import PYTHON, daemon, home, paired, verdict

ROOT = Path(__file__).resolve().parents[2]
#: What each command may cost, as a multiple of `python -I -S -c pass` in the same minute.
COMMANDS = {
    "status": 1.35,
    "start Report": 2.0,
    "toggle": 2.0,
    "pause": 2.0,
    "log": 12.0,
    "config get timer.focus": 12.0,
    "extend 1s": 12.0,
}
#: What takes a command back, where it cannot be given twice; not counted.
UNDONE_BY = {"start Report": "stop"}


def quietly(command: list[str]) -> None:
    """Run an installer; its errors are seen, its chatter is not."""
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def install(kind: str, folder: Path) -> tuple[str, str]:
    """Install the project as a user would; answer the `pomo` and the Python of it."""
    wheel = ROOT.as_uri().removeprefix("file://")
    if kind == "pipx":
        # The rest of the environment stays: it may say where packages come from.
        env = os.environ | {"PIPX_HOME": str(folder / "pipx"), "PIPX_BIN_DIR": str(folder / "bin")}
        tool = shutil.which("pipx") or ""
        subprocess.run([tool, "install", "--python", PYTHON, wheel], env=env, check=True, capture_output=True)
        return str(folder / "bin/pomo"), str(next(folder.glob("pipx/venvs/*/bin/python")))
    python = str(folder / "bin/python")
    if kind == "uv":
        tool = shutil.which("uv") or ""
        quietly([tool, "venv", "--quiet", "--python", PYTHON, str(folder)])
        command = [tool, "pip", "install", "--quiet", "--compile-bytecode", "--python", python, wheel]
    else:
        quietly([PYTHON, "-m", "venv", str(folder)])
        quietly([python, "-m", "pip", "install", "--quiet", "--upgrade", "pip"])
        command = [python, "-m", "pip", "install", "--quiet", wheel]
    quietly(command)
    return str(folder / "bin/pomo"), python


def main() -> int:
    """Measure; answer 1 if a limit is broken."""
    wanted = sys.argv[1:] or ["pip", *(it for it in ("uv", "pipx") if shutil.which(it))]
    good = True
    for kind in wanted:
        with tempfile.TemporaryDirectory(dir="/tmp") as folder, home() as env:
            pomo, python = install(kind, Path(folder, "venv"))
            with daemon(env):
                floor = [python, "-I", "-S", "-c", "pass"]
                for words, limit in COMMANDS.items():
                    turns: dict[str, Sequence[str]] = {"floor": floor, "pomo": [pomo, *words.split()]}
                    if words in UNDONE_BY:
                        turns["back"] = [pomo, UNDONE_BY[words]]
                    ms = paired(turns, env)
                    ratio = ms["pomo"] / ms["floor"]
                    name = f"{kind}: pomo {words} ({ms['pomo']:.1f} ms by {ms['floor']:.1f})"
                    good &= verdict(name, ratio, limit, " x")
    return not good


if __name__ == "__main__":
    sys.exit(main())
