"""Takes docs/pictures: what `watch`, `status`, `log` and `task list` draw, from the real program in a tmux.

PYTHONPATH=. .venv/bin/python docs/picture.py
"""

import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.text import Text

HERE: Final = Path(__file__).parent / "pictures"
POMO: Final = Path(sys.executable).with_name("pomo")
COLUMNS: Final = 84
#: What is typed before a picture, and in it; with the rows that it takes.
PICTURES: Final = {
    "status": ("pomo; pomo status -f '{icon} {clock} {bar} {task}'", 4),
    "log": ("pomo log", 9),
    "task-list": ("pomo task list", 8),
    "watch": ("pomo watch", 14),
}
SCENE: Final = """\
pomo config set timer.goal 8
pomo category add Work
pomo category add Study
pomo task add 'Write report' -e 4 -c Work
pomo task add 'Read two papers' -e 2 -c Study
pomo task add 'Water the plants' -e 1
pomo log add --start 00:01 --end 00:26 --task 1
pomo log add --start 00:31 --end 00:56 --task 1
pomo log add --start 01:01 --end 01:26 --task 2
pomo start 1 --ago 9m
"""


def main() -> None:
    """Set the scene in a home of its own, and take every picture."""
    HERE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="pomo-", dir="/tmp") as home:  # a socket's path must be short
        env = {"HOME": home, "PATH": f"{POMO.parent}:/usr/bin:/bin", "LANG": "C.UTF-8", "TERM": "xterm-256color"}
        env |= {"XDG_RUNTIME_DIR": home, "TZ": _early(), "SHELL": "/bin/sh", "PS1": "$ "}
        try:
            subprocess.run(["/bin/sh", "-ec", SCENE], env=env, check=True, stdout=subprocess.DEVNULL)
            for name, (line, rows) in PICTURES.items():
                (HERE / f"{name}.svg").write_text(
                    _svg(_take(env, line, rows), f"pomo {name.replace('-', ' ')}", rows), encoding="utf-8"
                )
        finally:
            subprocess.run([POMO, "daemon", "stop"], env=env, check=False, stdout=subprocess.DEVNULL)


def _early() -> str:
    """Answer a time zone in which it is about ten in the morning: a picture has a day behind it, at any hour."""
    return f"POMO{time.gmtime().tm_hour - 10:+d}"


def _take(env: dict[str, str], line: str, rows: int) -> str:
    """Type a line into a terminal; answer what stands there, with its colours."""
    tmux = [shutil.which("tmux") or "tmux", "-f", "/dev/null", "-S", f"{env['HOME']}/{rows}.tmux"]

    def run(*words: str) -> str:
        return subprocess.run([*tmux, *words], env=env, check=True, capture_output=True, text=True).stdout

    run("new-session", "-d", "-x", str(COLUMNS), "-y", str(rows + 1), "/bin/sh")
    try:
        run("send-keys", "-l", line)
        run("send-keys", "Enter")
        time.sleep(3)  # a picture is taken by hand: to wait long enough is simple, and nothing depends on it
        return run("capture-pane", "-p", "-e")
    finally:
        run("kill-server")


def _svg(seen: str, title: str, rows: int) -> str:
    console = Console(width=COLUMNS, height=rows, record=True, force_terminal=True, file=io.StringIO())
    for line in seen.rstrip("\n").split("\n")[:rows]:
        console.print(Text.from_ansi(line))
    svg = console.export_svg(title=title, unique_id=title.replace(" ", "-"))
    # No picture is to fetch a font from somewhere.
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)


if __name__ == "__main__":
    os.umask(0o022)
    main()
