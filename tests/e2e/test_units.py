"""The units of systemd: what systemd itself says of them, and that pomo lives with it as it is asked to."""

import os
import plistlib
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.user import User, until

ROOT = Path(__file__).parents[2]
UNITS = ROOT / "systemd"
ANALYZE = shutil.which("systemd-analyze") or ""
ACTIVATE = shutil.which("systemd-socket-activate") or ""

# What `systemctl --user` is to a test: it notes what it is told, and starts what it is told to start.
_SYSTEMCTL = f"""#!/bin/sh
echo "$*" >>"$HOME/systemctl"
test ! -e "$HOME/refuse" || {{ echo 'Failed to connect to bus: No medium found' >&2; exit 1; }}
case $* in
'--user start '*pomo.service)
    cd / && setsid "{sys.executable}" -m pomo_daemon --detached </dev/null >/dev/null 2>"$HOME/told" &
    while ! grep -q ready "$HOME/told" 2>/dev/null; do sleep 0.02; done ;;
esac
"""


@pytest.fixture
def told(user: User) -> Path:
    """Give the user a systemd; answer the file in which stands what it was told."""
    folder = Path(user.env["HOME"]) / "bin"
    folder.mkdir()
    (folder / "systemctl").write_text(_SYSTEMCTL)
    (folder / "systemctl").chmod(0o755)
    user.env["PATH"] = f"{folder}:{user.env['PATH']}"
    return Path(user.env["HOME"]) / "systemctl"


def verify(units: list[Path], *options: str) -> None:
    done = subprocess.run(
        [ANALYZE, *options, "verify", "--man=no", *units],
        env={"PATH": os.environ["PATH"], "XDG_RUNTIME_DIR": str(units[0].parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    # It ends well even when it complains.
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not ANALYZE, reason="systemd-analyze is not installed")
@pytest.mark.parametrize(("folder", "options"), [("system", ()), ("user", ("--user",))])
def test_the_units_are_right(folder: str, options: tuple[str, ...], tmp_path: Path) -> None:
    units = []
    for source in (UNITS / folder).iterdir():
        # Only what differs by machine is changed: where the program is, and which users there are.
        text = re.sub(r"ExecStart=\S+", f"ExecStart={sys.executable}", source.read_text())
        units.append(tmp_path / source.name)
        units[-1].write_text(re.sub(r"(User|Group)=pomo", r"\1=root", text))
    verify(units, *options)


@pytest.mark.skipif(not ACTIVATE, reason="systemd-socket-activate is not installed")
def test_the_first_to_knock_at_the_socket_is_answered(user: User) -> None:
    path = f"{user.env['XDG_RUNTIME_DIR']}/given.sock"
    user.spawn(
        [ACTIVATE, f"--listen={path}", *(f"--setenv={it}" for it in user.env), sys.executable, "-m", "pomo_daemon"]
    )
    until(lambda: os.path.exists(path))
    assert not user.is_served()
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(20)
        client.connect(path)
        client.sendall(b"status - - plain\n")
        assert client.recv(100) == b"ok 4\nidle"
    assert user.socket == path
    assert user.pomo("start").startswith("Focus started")
    user.pomo("daemon", "stop")
    assert os.path.exists(path)


def test_systemd_hears_that_it_is_ready_and_then_that_it_lives(user: User) -> None:
    address = f"{user.env['XDG_RUNTIME_DIR']}/notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(address)
        manager.settimeout(20)
        assert user.start_daemon(NOTIFY_SOCKET=address, WATCHDOG_USEC="200000") == 0
        heard = [manager.recv(100) for _ in range(4)]
        assert heard == [b"READY=1", b"WATCHDOG=1", b"WATCHDOG=1", b"WATCHDOG=1"]
        user.pomo("daemon", "stop")
        while heard[-1] != b"STOPPING=1":
            heard.append(manager.recv(100))
            assert heard[-1] in (b"WATCHDOG=1", b"STOPPING=1")


def test_install_is_done_once_however_often_it_is_called(user: User, told: Path) -> None:
    user.pomo("start", "Write report")
    by_hand = user.pid
    assert user.json("daemon", "install")["changed"] is True
    calls = told.read_text().splitlines()
    units = "pomo.socket pomo.service"
    assert [it.removeprefix("--user ") for it in calls] == [
        "show-environment",
        "daemon-reload",
        f"enable {units}",
        f"start {units}",
    ]
    assert user.pid != by_hand
    assert "Write report" in user.pomo("status")
    kept = user.pid
    assert user.json("daemon", "install")["changed"] is False
    assert user.pid == kept
    folder = Path(user.env["HOME"]) / ".config/systemd/user"
    written = [folder / "pomo.socket", folder / "pomo.service"]
    assert f"ExecStart={sys.executable} -m pomo_daemon\n" in written[1].read_text()
    if ANALYZE:
        verify(written, "--user")
    assert user.json("daemon", "uninstall")["changed"] is True
    assert not any(it.exists() for it in written)
    assert f"--user disable --now {units}" in told.read_text()
    assert user.pomo("daemon", "uninstall") == "systemd did not keep the daemon.\n"


def test_once_installed_systemd_starts_the_daemon_and_nobody_else(user: User, told: Path) -> None:
    user.pomo("daemon", "install")
    user.pomo("daemon", "stop")
    told.unlink()
    user.pomo("start")
    # Once or more: the stand-in does not wait for the daemon, as systemd does.
    assert set(told.read_text().splitlines()) == {"--user start pomo.service"}
    elsewhere = f"{user.env['HOME']}/elsewhere"
    told.unlink()
    assert user.run("start", env={"POMO_DATA_DIR": elsewhere}).code == 0
    assert not told.exists()
    assert os.path.exists(f"{elsewhere}/pomo.db")


def test_a_systemd_that_refuses_keeps_nobody_from_working(user: User, told: Path) -> None:
    user.pomo("daemon", "install")
    user.pomo("daemon", "stop")
    (Path(user.env["HOME"]) / "refuse").touch()
    assert user.pomo("start").startswith("Focus started")
    assert "Failed to connect to bus: No medium found" in user.fails(6, "daemon", "install")
    assert told.exists()


def test_without_systemd_it_is_said_and_nothing_is_written(user: User) -> None:
    user.env["PATH"] = f"{user.env['HOME']}/nothing"
    said = user.fails(6, "daemon", "install")
    assert said.splitlines()[0] == "pomo: systemd does not serve this user here: there is no systemctl that answers."
    assert not os.path.exists(f"{user.env['HOME']}/.config/systemd")
    assert user.pomo("daemon", "uninstall") == "systemd did not keep the daemon.\n"


def test_the_journal_is_told_how_serious_a_line_is(user: User) -> None:
    process = user.spawn([sys.executable, "-m", "pomo_daemon"], JOURNAL_STREAM="8:1")
    assert process.stderr is not None
    assert process.stderr.readline().startswith(b"<6>pomo_daemon.bootstrap: pomo-daemon ")
    until(user.is_served)


def test_launchd_can_read_its_list() -> None:
    read = plistlib.loads((ROOT / "launchd" / "pomo.plist").read_bytes())
    assert read["ProgramArguments"] == ["/usr/local/bin/pomo-daemon"]
    assert read["Umask"] == 0o077
