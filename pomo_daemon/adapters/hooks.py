"""Hooks as files: `<event>.d/` beside the configuration holds programs, which run in the order of their names."""

import asyncio
import os
import stat
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

import msgspec

from pomo_daemon.adapters.hook_log import HookLog
from pomo_daemon.adapters.hook_process import Ended, execute
from pomo_daemon.application.ports import Clock, Finding, Hook, HookEvent, HookRun
from pomo_daemon.domain.events import EventType
from pomo_daemon.protocol import paths

#: Seconds that a hook may take.
LIMIT: Final = 10.0
#: Not for hooks: what may hold a password, and what is between the daemon and its service manager.
_WITHHELD: Final = ("POMO_DATABASE_URL", "POMO_REDIS_URL", "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID")


class HookFolder:
    """The Hooks port on a folder. It is looked at anew for each event."""

    def __init__(self, folder: str, log: HookLog, clock: Clock, *, seconds: float = LIMIT) -> None:
        self._folder = folder
        self._log = log
        self._clock = clock
        self._seconds = seconds

    def exist(self) -> bool:
        """Tell whether there is a folder for hooks at all."""
        return os.path.isdir(self._folder)

    def list(self) -> Sequence[Hook]:
        """Answer every hook there is, those too that do not run."""
        known = list(EventType)
        found = []
        for name in _names(self._folder):
            kind = name.removesuffix(".d")
            unknown = "" if kind in known else "there is no such event"
            found += [Hook(it.event, it.path, unknown or it.problem) for it in self._of(kind)]
        return found

    async def run(self, event: HookEvent) -> Sequence[HookRun]:
        """Run the hooks for an event in order, and keep what came of each."""
        hooks = [it for it in self._of(event.type) if it.problem != _NOT_EXECUTABLE]
        runs = []
        for hook in hooks:
            runs.append(await self._run(hook, event))
            await asyncio.to_thread(self._log.append, runs[-1])
        return runs

    async def runs(self, limit: int) -> Sequence[HookRun]:
        """Answer the latest runs, oldest first."""
        return await asyncio.to_thread(self._log.last, limit)

    def _of(self, kind: str) -> Iterator[Hook]:
        folder = f"{self._folder}/{kind}.d"
        unsafe = next((it for it in map(_unsafe_folder, (self._folder, folder)) if it), "")
        for name in _names(folder):
            yield Hook(kind, f"{folder}/{name}", unsafe or _problem(f"{folder}/{name}"))

    async def _run(self, hook: Hook, event: HookEvent) -> HookRun:
        begun = self._clock.read()
        ended = Ended(f"refused: {hook.problem}") if hook.problem else await self._execute(hook.path, event)
        took = (self._clock.read().boottime - begun.boottime) // timedelta(milliseconds=1)
        output = ended.output.decode("utf-8", "replace")
        return HookRun(begun.wall, event.type, event.event_id, hook.path, ended.problem, took, output, ended.cut)

    async def _execute(self, path: str, event: HookEvent) -> Ended:
        told = msgspec.json.encode(event.document) + b"\n"
        return await execute(path, told, {**environment(os.environ), **event.variables}, self._seconds)


def environment(full: Mapping[str, str]) -> dict[str, str]:
    """Answer what a hook has of the daemon's environment; `pomo` is found there, too."""
    kept = {name: value for name, value in full.items() if name not in _WITHHELD}
    return {**kept, "PATH": f"{full.get('PATH', '/usr/bin:/bin')}:{os.path.dirname(sys.executable)}"}


_NOT_EXECUTABLE: Final = "not executable (chmod +x)"


def _names(folder: str) -> list[str]:
    """Answer the names in a folder, in order, without hidden files and what editors leave behind."""
    try:
        return sorted(it for it in os.listdir(folder) if it[0] != "." and it[-1] != "~")
    except OSError:
        return []


def _problem(path: str) -> str:
    """Say why a file must not run, or cannot; empty if it may."""
    with _status(path) as found:
        if found is None or not stat.S_ISREG(found.st_mode):
            return "not a file"
        if unsafe := _unsafe(found):
            return unsafe
        return "" if found.st_mode & 0o111 else _NOT_EXECUTABLE


def _unsafe_folder(path: str) -> str:
    with _status(path) as found:
        unsafe = _unsafe(found) if found else ""
        return f"{path}: {unsafe}" if unsafe else ""


def _unsafe(found: os.stat_result) -> str:
    """Say who else could have put something there: whoever can, would run it as this user."""
    if found.st_uid not in (os.geteuid(), 0):
        return "belongs to another user"
    return "others may write to it (chmod go-w)" if found.st_mode & (stat.S_IWGRP | stat.S_IWOTH) else ""


@contextmanager
def _status(path: str) -> Iterator[os.stat_result | None]:
    """Look at what a path leads to, without opening it for reading; None where it leads nowhere."""
    try:
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        yield None
        return
    try:
        yield os.fstat(fd)
    finally:
        os.close(fd)


def finding(folder: HookFolder) -> Finding:
    """Tell how many hooks there are, and whether one does not run though it looks as if it should."""
    found = folder.list()
    broken = [it for it in found if it.problem]
    if not broken:
        return Finding("hooks", "ok", f"{len(found)} installed" if found else "none")
    first = f"{broken[0].path}: {broken[0].problem}"
    return Finding("hooks", "warning", f"{len(broken)} of {len(found)} do not run: {first}", "See 'pomo hooks list'.")


def standard(clock: Clock) -> HookFolder:
    """Answer the user's hooks where they belong."""
    folder = os.path.dirname(paths.config_file())
    return HookFolder(f"{folder}/hooks", HookLog(f"{paths.state_dir()}/hooks.log"), clock)
