"""What systemd hands over: its socket is taken by the process that is meant, and it is told how things stand."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from pomo_daemon.adapters import systemd

_TAKE = """
import os, socket, sys
from pomo_daemon.adapters import systemd
if sys.argv[1] == "mine":
    os.environ["LISTEN_PID"] = str(os.getpid())
given = systemd.inherited_socket()
print(given.getsockname() if given else None, "LISTEN_FDS" in os.environ, systemd.inherited_socket())
"""


_PASS = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.execv(sys.executable, [sys.executable, *sys.argv[2:]])
"""


@pytest.mark.parametrize(("pid", "count"), [("mine", "1"), ("1", "1"), ("mine", "0"), ("mine", "x")])
def test_a_socket_is_taken_once_by_the_process_it_is_meant_for(pid: str, count: str, tmp_path: Path) -> None:
    path = str(tmp_path / "s")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen()
        done = subprocess.run(
            [sys.executable, "-c", _PASS, str(listening.fileno()), "-c", _TAKE, pid],
            env={**os.environ, "LISTEN_PID": pid, "LISTEN_FDS": count},
            pass_fds=[listening.fileno()],
            capture_output=True,
            text=True,
            check=True,
        )
    assert done.stdout == f"{path if (pid, count) == ('mine', '1') else None} False None\n"


@pytest.mark.parametrize("prefix", ["/", "@"])
def test_the_service_manager_is_told(prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    address = str(tmp_path / "notify") if prefix == "/" else f"@pomo-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(address.replace("@", "\0"))
        monkeypatch.setenv("NOTIFY_SOCKET", address)
        systemd.tell("READY=1")
        assert manager.recv(100) == b"READY=1"


def test_without_a_service_manager_nobody_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    systemd.tell("READY=1")
