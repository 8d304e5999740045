"""What the command's tests share: folders of their own, a fake daemon there, and a way to run a command line."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest

from pomo_cli import __main__ as entry
from pomo_cli import autostart, clock
from tests.unit.cli.fake_daemon import FakeDaemon


class Ran(NamedTuple):
    """What a command line did."""

    code: int
    out: str
    err: str


@pytest.fixture(autouse=True)
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Give an empty folder that all of pomo's folders lie in. Short: a socket's path may have 107 bytes."""
    folder = tempfile.mkdtemp(prefix="pomo-", dir="/tmp")
    monkeypatch.setenv("HOME", folder)
    monkeypatch.setenv("POMO_RUNTIME_DIR", f"{folder}/run")
    monkeypatch.setenv("POMO_DATA_DIR", f"{folder}/data")
    monkeypatch.setenv("POMO_STATE_DIR", f"{folder}/state")
    monkeypatch.setenv("POMO_CONFIG", f"{folder}/config/config.toml")
    monkeypatch.setenv("TZ", "Europe/Berlin")
    monkeypatch.setenv("LANG", "C.UTF-8")
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def no_start(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let nothing start a daemon; give the list of the attempts."""
    attempts: list[str] = []
    monkeypatch.setattr(autostart, "_spawn_and_wait", lambda: attempts.append("start"))
    return attempts


@pytest.fixture
def daemon(no_start: list[str]) -> Iterator[FakeDaemon]:  # noqa: ARG001
    """Give a fake daemon that listens."""
    with FakeDaemon() as running:
        yield running


@pytest.fixture
def fake_time(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Let waits of the command take no time; give the list of them."""
    waits: list[float] = []
    monkeypatch.setattr(clock, "monotonic", lambda: sum(waits))
    monkeypatch.setattr(clock, "sleep", waits.append)
    return waits


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Give a function that runs a command line, as the process would."""

    def command(*arguments: str) -> Ran:
        capfd.readouterr()
        code = entry._run(list(arguments))
        return Ran(code, *capfd.readouterr())

    return command


def write_config(text: str) -> str:
    """Write the configuration file, and answer its path."""
    path = os.environ["POMO_CONFIG"]
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as opened:
        opened.write(text)
    return path
