"""What a command costs as a whole process, in a clean environment made by each installer, against a bare Python.

python tests/bench/command_cost.py [pip] [uv] [pipx]      without names: those that are installed
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.common import PYTHON, daemon, home, paired, verdict

ROOT = Path(__file__).resolve().parents[2]
TIMER_VERBS = 2.0
STATUS = 1.35
OTHERS = 12.0


def quietly(command: list[str]) -> None:
    """Run an installer; its errors are seen, its chatter is not."""
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def install(kind: str, folder: Path) -> tuple[str, str]:
    """Install the project as a user would; answer the `pomo` and the Python of it."""
    wheel = ROOT.as_uri().removeprefix("file://")
    if kind == "pipx":
        env = {"PIPX_HOME": str(folder / "pipx"), "PIPX_BIN_DIR": str(folder / "bin"), "PATH": "/usr/bin:/bin"}
        tool = shutil.which("pipx") or ""
        subprocess.run(
            [tool, "install", "--quiet", "--python", PYTHON, wheel], env=env, check=True, capture_output=True
        )
        return str(folder / "bin/pomo"), str(next(folder.glob("pipx/venvs/*/bin/python")))
    quietly([PYTHON, "-m", "venv", str(folder)])
    python = str(folder / "bin/python")
    if kind == "uv":
        tool = shutil.which("uv") or ""
        command = [tool, "pip", "install", "--quiet", "--compile-bytecode", "--python", python, wheel]
    else:
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
                ms = paired(
                    {
                        "floor": [python, "-I", "-S", "-c", "pass"],
                        "status": [pomo, "status"],
                        "toggle": [pomo, "toggle"],
                        "log": [pomo, "log"],
                        "config": [pomo, "config", "get", "timer.focus"],
                        "extend": [pomo, "extend", "1s"],
                    },
                    env,
                )
                floor = ms["floor"]
                print(f"# {kind}: python -I -S -c pass takes {floor:.1f} ms (median)")
                for name, limit in (
                    ("status", STATUS),
                    ("toggle", TIMER_VERBS),
                    ("log", OTHERS),
                    ("config", OTHERS),
                    ("extend", OTHERS),
                ):
                    good &= verdict(f"{kind}: pomo {name} ({ms[name]:.1f} ms)", ms[name] / floor, limit, " x")
    return not good


if __name__ == "__main__":
    sys.exit(main())
