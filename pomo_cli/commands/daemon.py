"""`pomo daemon`: the process in the background, seen from outside."""

import os
import signal
import sys
from collections import deque
from typing import Annotated

import typer

from pomo_cli import autostart, clock, output, reach, units
from pomo_cli.client import Client, wait_until_gone
from pomo_cli.commands.shared import APP, Command, invocation
from pomo_cli.render import daemon as render
from pomo_daemon.protocol import paths
from pomo_daemon.protocol.errors import PomoError
from pomo_daemon.protocol.text import clean

app = typer.Typer(**APP, help="Run, stop and look at the process in the background.")
_FOLLOW_SECONDS = 0.25
#: Errors of a daemon that cannot be told to stop; nor can one that wants a login first.
_DEAF = ("protocol.version", "protocol.error", "daemon.unavailable", "auth.required", "auth.invalid_token")


@app.command(cls=Command)
def run() -> None:
    """Run the daemon in the foreground, as systemd and the curious do."""
    os.execv(sys.executable, [sys.executable, "-m", "pomo_daemon"])  # noqa: S606  # no shell, as it should be


@app.command(cls=Command)
def start(ctx: typer.Context) -> None:
    """Start the daemon in the background; where one runs already, say so."""
    _start(ctx, "was running already")


@app.command(cls=Command)
def stop(ctx: typer.Context) -> None:
    """Stop the daemon; a running interval goes on in the database."""
    pid = halt()
    if pid:
        invocation(ctx).tell({"stopped": True, "pid": pid}, f"The daemon (pid {pid}) has stopped.")
    else:
        invocation(ctx).tell({"stopped": False, "pid": None}, "The daemon was not running.")


@app.command(cls=Command)
def restart(ctx: typer.Context) -> None:
    """Stop the daemon and start it anew; a running interval goes on."""
    halt()
    _start(ctx, "is running")


@app.command(cls=Command)
def status(ctx: typer.Context) -> None:
    """Show what the daemon says of itself; exit 6 if there is none."""
    with Client(start=False, any_database=True) as client:
        info = client.call("daemon.info")
    invocation(ctx).tell(info, render.info(info))


@app.command(cls=Command)
def logs(
    ctx: typer.Context,
    *,
    lines: Annotated[int, typer.Option("-n", "--lines", min=1, help="So many of the last lines.")] = 20,
    follow: Annotated[bool, typer.Option("-f", "--follow", help="Go on with new ones, until Ctrl-C.")] = False,
) -> None:
    """Show the end of the daemon's log."""
    path = f"{paths.state_dir()}/daemon.log"
    try:
        with open(path, encoding="utf-8", errors="replace") as opened:
            last = deque(opened, lines)
            end = opened.tell()
    except FileNotFoundError:
        raise PomoError("daemon.unavailable", f"There is no log at {path}.", "Start the daemon first.") from None
    except OSError as error:
        raise PomoError("internal", f"{path} cannot be read: {error.strerror}.", "See whose it is.") from error
    call = invocation(ctx)
    shown = [clean(line.rstrip("\n")) for line in last]
    call.tell(shown, "\n".join(shown))
    if follow:
        _follow(path, end)


@app.command(cls=Command)
def install(ctx: typer.Context) -> None:
    """Have systemd keep the daemon, from login on."""
    units.systemctl("show-environment")
    changed = units.install()
    units.systemctl("daemon-reload")
    if changed:
        # One that was started by hand holds the lock, and an older one of systemd's has the older unit.
        halt()
    units.systemctl("enable", *units.NAMES)
    units.systemctl("start", *units.NAMES)
    said = f"systemd keeps the daemon now; its units are in {units.folder()}."
    invocation(ctx).tell({"installed": True, "changed": changed, "folder": units.folder()}, said)


@app.command(cls=Command)
def uninstall(ctx: typer.Context) -> None:
    """Have systemd keep the daemon no longer; commands start it, as before."""
    there = units.are_installed()
    if there:
        units.systemctl("disable", "--now", *units.NAMES)
    changed = units.remove()
    if there:
        units.systemctl("daemon-reload")
    said = "systemd keeps the daemon no longer." if changed else "systemd did not keep the daemon."
    invocation(ctx).tell({"installed": False, "changed": changed, "folder": units.folder()}, said)


def _follow(path: str, end: int) -> None:
    """Show what is appended; a log that was rotated is read from its beginning."""
    while True:
        clock.sleep(_FOLLOW_SECONDS)
        try:
            with open(path, encoding="utf-8", errors="replace") as opened:
                if os.fstat(opened.fileno()).st_size < end:
                    end = 0
                opened.seek(end)
                fresh = opened.read()
                end = opened.tell()
        except OSError:
            continue
        if fresh:
            output.write("\n".join(clean(line) for line in fresh.split("\n")))


def _start(ctx: typer.Context, already: str) -> None:
    call = invocation(ctx)
    there = reach.is_held()
    if not there:
        autostart.start(reach.is_held, stubborn=True)
    with Client(start=False) as client:
        info = client.call("daemon.info")
    call.tell(info, f"The daemon (pid {info['pid']}) {already if there else 'is running'}.")


def halt() -> int | None:
    """Stop the daemon by request, or by signal if it does not understand or answer; tell which pid it had."""
    if not reach.is_held():
        return None
    holder = paths.read_holder(paths.lock_file())
    pid: int | None = None
    try:
        with Client(start=False, any_database=True) as client:
            pid = client.call("daemon.stop")["pid"]
    except PomoError as error:
        if holder is None or error.code not in _DEAF:
            raise
        pid = holder.pid
        # The lock was held a moment ago, so the pid in it is that of a daemon, and nobody else's.
        if reach.is_held():
            os.kill(pid, signal.SIGTERM)
    try:
        wait_until_gone()
    except PomoError as error:
        hint = f"'kill -9 {pid}' ends it; nothing confirmed is lost."
        raise PomoError(error.code, error.message, hint) from None
    return pid
