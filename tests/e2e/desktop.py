"""A desktop in another process: a private bus with a notification server, whose user presses buttons."""

import json
import os
import subprocess
import sys
from typing import Any, Final, Self

from tests.e2e.user import until
from tests.fakes.notification_server import require_dbus

ROOT: Final = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Desktop:
    """A bus at `folder`/bus, and what was shown there; `hanging`: a server that answers nothing."""

    def __init__(self, folder: str, *, hanging: bool = False) -> None:
        require_dbus()
        self._folder = folder
        self._options = ["--hang"] if hanging else []
        self.address = f"unix:path={folder}/bus"

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.fakes.notification_server", "--bus-dir", self._folder, *self._options],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline().strip() == self.address
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        code = self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()
        assert code == 0

    @property
    def shown(self) -> list[dict[str, Any]]:
        """Answer every notification so far, oldest first."""
        with open(f"{self._folder}/shown.jsonl", encoding="utf-8") as file:
            return [json.loads(line) for line in file.read().splitlines(keepends=True) if line.endswith("\n")]

    def wait(self, count: int, within: float = 10.0) -> dict[str, Any]:
        """Wait until `count` notifications were shown, and answer the last of them."""
        until(lambda: len(self.shown) >= count, within)
        return self.shown[count - 1]

    def press(self, button: str) -> None:
        """Press a button of what is displayed."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"press {button}\n")
        self._process.stdin.flush()
