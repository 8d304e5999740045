"""The hooks of docs/hooks: each does its thing while a focus runs, and puts back what it found.

The programs they call are stand-ins that note how they were called.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.e2e.user import until

HOOKS = Path(__file__).parents[2] / "docs" / "hooks"
HOSTS = "127.0.0.1 localhost\n"


class World:
    """A home with programs in it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.bin = home / "bin"
        self.bin.mkdir()
        (home / ".config/pomo").mkdir(parents=True)
        (home / ".local/state/pomo").mkdir(parents=True)

    def program(self, name: str, script: str = "") -> None:
        path = self.bin / name
        path.write_text(f'#!/bin/sh\necho "{name} $*" >>"$HOME/calls"\n{script}\n')
        path.chmod(0o755)

    def run(self, hook: str, state: str, **changes: str) -> list[str]:
        """Run a hook while the timer is in a state; answer how it called programs."""
        (self.bin / "pomo").write_text(
            f"#!/bin/sh\ncase $* in *json*) echo '{{\"remaining_s\": 90}}';; *) echo {state}; esac"
        )
        (self.bin / "pomo").chmod(0o755)
        calls = self.home / "calls"
        calls.unlink(missing_ok=True)
        env = {"HOME": str(self.home), "PATH": f"{self.bin}:/usr/bin:/bin", **changes}
        done = subprocess.run([HOOKS / hook], env=env, capture_output=True, text=True, check=False, timeout=20)
        assert (done.returncode, done.stderr) == (0, "")
        return calls.read_text().splitlines() if calls.exists() else []


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def writes(calls: list[str]) -> list[str]:
    """Answer the calls that change something."""
    looks = ("pgrep", "dunstctl is-paused", "swaync-client --get-dnd", "gsettings get")
    return [it for it in calls if not it.startswith(looks) and it != "makoctl mode"]


DESKTOPS = {
    "dunst": ("dunstctl", "echo false", ["dunstctl set-paused true"], ["dunstctl set-paused false"]),
    "mako": ("makoctl", "echo default", ["makoctl mode -a do-not-disturb"], ["makoctl mode -r do-not-disturb"]),
    "swaync": ("swaync-client", "echo false", ["swaync-client --dnd-on"], ["swaync-client --dnd-off"]),
    "gnome-shell": (
        "gsettings",
        "echo true",
        ["gsettings set org.gnome.desktop.notifications show-banners false"],
        ["gsettings set org.gnome.desktop.notifications show-banners true"],
    ),
}
SILENT = {
    "dunst": ("echo true", ["dunstctl set-paused true"]),
    "mako": ("echo do-not-disturb", []),
    "swaync": ("echo true", []),
    "gnome-shell": ("echo false", ["gsettings set org.gnome.desktop.notifications show-banners false"]),
}


@pytest.mark.parametrize("server", DESKTOPS)
def test_a_desktop_is_silent_during_a_focus_and_then_as_before(world: World, server: str) -> None:
    program, answer, begin, end = DESKTOPS[server]
    world.program("pgrep", f'test "$4" = {server}')
    world.program(program, answer)
    assert world.run("do-not-disturb", "idle") == []
    assert writes(world.run("do-not-disturb", "focus")) == begin
    assert writes(world.run("do-not-disturb", "focus")) == []
    assert writes(world.run("do-not-disturb", "focus-paused")) == end
    assert world.run("do-not-disturb", "due") == []


@pytest.mark.parametrize("server", DESKTOPS)
def test_a_desktop_that_was_silent_stays_silent(world: World, server: str) -> None:
    answer, end = SILENT[server]
    world.program("pgrep", f'test "$4" = {server}')
    world.program(DESKTOPS[server][0], answer)
    world.run("do-not-disturb", "focus")
    assert writes(world.run("do-not-disturb", "idle")) == end


def test_kde_is_silent_for_as_long_as_a_process_lives(world: World) -> None:
    world.program("pgrep", 'test "$4" = plasmashell')
    world.program("kde-inhibit", 'echo $$ >"$HOME/pid"; exec sleep 60')
    world.run("do-not-disturb", "focus")
    _which, pid = (world.home / ".local/state/pomo/do-not-disturb").read_text().split()
    os.kill(int(pid), 0)
    world.run("do-not-disturb", "break")
    until(lambda: not _lives(int(pid)))


def _lives(pid: int) -> bool:
    """Tell whether a process runs; one that nobody has buried yet does not."""
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


def test_where_there_is_no_desktop_nothing_happens(world: World) -> None:
    world.program("pgrep", "false")
    assert writes(world.run("do-not-disturb", "focus")) == []
    assert writes(world.run("do-not-disturb", "idle")) == []


def test_music_is_paused_outside_of_a_focus_and_only_that_plays_on(world: World) -> None:
    world.program("playerctl", 'test "$1" != --all-players || printf "Playing mpv\\nPaused vlc\\nPlaying firefox.7\\n"')
    outside = world.run("pause-music", "focus-paused")
    assert outside[1:] == ["playerctl --player=mpv pause", "playerctl --player=firefox.7 pause"]
    assert world.run("pause-music", "idle") == []
    assert world.run("pause-music", "focus") == ["playerctl --player=mpv play", "playerctl --player=firefox.7 play"]
    assert world.run("pause-music", "focus") == []


def test_the_chat_is_told_until_when_and_never_by_an_argument_the_token(world: World) -> None:
    (world.home / ".config/pomo/chat-token").write_text("s3cret\n")
    world.program("curl", 'cat >>"$HOME/stdin"')
    world.program("date", "echo 1000")
    [begun] = [it for it in world.run("chat-status", "focus") if it.startswith("curl")]
    assert '"status_expiration": 1090}' in begun
    [ended] = [it for it in world.run("chat-status", "idle") if it.startswith("curl")]
    assert '"status_text": "", "status_emoji": "", "status_expiration": 0}' in ended
    assert "s3cret" not in begun + ended
    assert (world.home / "stdin").read_text() == 'header = "Authorization: Bearer s3cret"\n' * 2
    assert world.run("chat-status", "idle") == []


def test_sites_are_blocked_during_a_focus_and_hosts_is_then_as_it_was(world: World) -> None:
    hosts = world.home / "hosts"
    hosts.write_text(HOSTS)
    (world.home / ".config/pomo/blocked-sites").write_text("news.example\nbad name; rm -rf /\nvideo.example\n")
    block = {"POMO_BLOCK": str(HOOKS / "pomo-block"), "HOSTS_FILE": str(hosts)}
    for _ in range(2):
        world.run("block-sites", "focus", **block)
        assert hosts.read_text().removeprefix(HOSTS).splitlines() == [
            "# pomo: begin",
            "0.0.0.0 news.example",
            ":: news.example",
            "0.0.0.0 video.example",
            ":: video.example",
            "# pomo: end",
        ]
    world.run("block-sites", "break", **block)
    assert hosts.read_text() == HOSTS


@pytest.mark.skipif(not shutil.which("shellcheck"), reason="shellcheck is not installed")
def test_shellcheck_has_nothing_to_say() -> None:
    done = subprocess.run(["shellcheck", *HOOKS.iterdir()], capture_output=True, text=True, check=False)
    assert done.stdout == ""
